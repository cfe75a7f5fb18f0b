"""What is held side by side: a study's figures of one quantity and setting, and this run's numbers for it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal

from suite.published.figures import TIMES, Figure, Study
from suite.report import text
from suite.report.beside.ours import Ours
from suite.report.material import Material, epochs_of

QUANTITIES = {
    "training": "whole training",
    "epoch": "mean epoch",
    "step": "one step",
    "depth map": "one depth map",
    "accuracy": "accuracy",
    "test accuracy": "test accuracy",
    "error rate, one image": "error rate, one pair",
    "error rate": "error rate, all pairs",
    "memory": "memory",
    "papers": "papers",
}
"""What the quantities of figures are called in tables."""

Setting = tuple[str, int | None, int | None]
"""(quantity, batch size, epochs), as far as a figure has them."""


@dataclass(frozen=True, kw_only=True)
class Case:
    """What one row is about: figures of one quantity and setting, one for each of the study's machines, and ours."""

    figures: tuple[Figure, ...]
    ours: list[Ours]

    @property
    def first(self) -> Figure:
        """The figure whose quantity and setting are those of all."""
        return self.figures[0]

    @property
    def what(self) -> str:
        """The quantity in words."""
        return QUANTITIES.get(self.first.quantity, self.first.quantity)

    @property
    def setting(self) -> str:
        """Batch size and epochs in words, as far as the study gives them."""
        return setting_of(self.first)


def setting_of(figure: Figure) -> str:
    """Return a figure's batch size and epochs in words, as far as the study gives them."""
    batch, epochs = figure.params.get("batch"), figure.params.get("epochs")
    words = [f"batch {batch}"] if batch else []
    return ", ".join(words + ([text.plural(epochs, "epoch")] if epochs else []))


def is_time(figure: Figure) -> bool:
    """Tell whether ratios are formed of a figure's numbers."""
    return figure.quantity in TIMES


def cases(
    material: Material, figures: Sequence[Figure], measure: Callable[[Material, Figure], list[Ours]]
) -> list[Case]:
    """Return the cases to show: at the run's batch sizes, with the lengths that were trained whole or the shortest.

    A study's batch sizes that were not run have no number of ours, so they are left out where any other was run.
    """
    groups: dict[Setting, list[Figure]] = {}
    for figure in figures:
        key = figure.quantity, figure.params.get("batch"), figure.params.get("epochs")
        groups.setdefault(key, []).append(figure)
    ran = {batch for figure in figures for batch in material.batches(figure.workload)}
    keys = [key for key in groups if key[1] is None or key[1] in ran] or list(groups)
    keys = [key for key in keys if key[0] not in TIMES or _length_shown(material, groups, keys, key)]
    return [Case(figures=tuple(groups[key]), ours=measure(material, groups[key][0])) for key in keys]


def _length_shown(
    material: Material,
    groups: dict[Setting, list[Figure]],
    keys: list[Setting],
    key: Setting,
) -> bool:
    """Tell whether a time's length is shown: it was trained whole, or none was and it is the study's shortest."""
    lengths = [epochs or 0 for quantity, batch, epochs in keys if (quantity, batch) == key[:2]]
    trained = {epochs_of(cell) for cell in material.cells_of(groups[key][0].workload, "training")}
    return key[2] in trained or (not trained.intersection(lengths) and (key[2] or 0) == min(lengths))


def group_of(case: Case) -> str:
    """Return what a case is about, with its setting."""
    return f"{case.what}{f', {case.setting}' if case.setting else ''}"


def over(figure: Figure) -> str:
    """Return the framework whose time stands over PyTorch's."""
    return next(framework for framework in figure.frameworks if framework != "pytorch")


def machine_of(study: Study, figure: Figure) -> str:
    """Return the machine of a figure, or the study itself where it does not say."""
    place = figure.params.get("machine", 1) - 1
    return study.machines[place].name if place < len(study.machines) else study.short


def quality(figure: Figure, value: Decimal | float) -> str:
    """Return an accuracy with at most four decimals, no more than were printed, or an error rate in percent."""
    if figure.unit == "%":
        return f"{float(value):.2f}{text.THIN}%"
    if isinstance(value, Decimal) and -int(value.as_tuple().exponent) <= 4:
        return str(value)
    return text.accuracy(float(value))
