"""Loss and accuracy over the epochs of whole trainings."""

from __future__ import annotations

from collections.abc import Callable

from suite.records import Record
from suite.report import text
from suite.report.document import Block, Dots, Figure, Figures, Line, Lines, Points, Section, Text
from suite.report.material import Material, epochs_of, name_of, records, setting, setting_key
from suite.report.names import Name
from suite.stats import median

LEAD = (
    "Every run is a line of its own. In the matched lane all frameworks start from the same weights and see the same "
    "batches, so their lines should lie together; where they do not, the difference is more than rounding."
)
LEAD_SHORT = (
    "Each dot is one run. The frameworks started from the same weights and saw the same batches, so the dots should "
    "lie together."
)


def section(material: Material) -> Section:
    """Return the curves of every workload and setting that was trained whole."""
    blocks: list[Block] = []
    trained = [raw for raw in material.ok if records(raw.get("epochs"))]
    for workload in material.workloads:
        own = sorted((raw for raw in trained if raw.get("workload") == workload), key=setting_key)
        keys = dict.fromkeys(setting_key(raw) for raw in own)
        blocks += [_figures(material, workload, [raw for raw in own if setting_key(raw) == key]) for key in keys]
    if not blocks:
        blocks.append(Text(text="No whole training was run, so there is no loss and no accuracy to show."))
    curves = any((epochs_of(raw) or 0) > 1 for raw in trained)
    return Section(
        id="curves",
        title="Loss and accuracy over epochs",
        lead=LEAD if curves or not trained else LEAD_SHORT,
        blocks=blocks,
        reproduce=material.command("*-e[0-9]*") if trained else "",
    )


def _figures(material: Material, workload: str, raws: list[Record]) -> Figures:
    place = {name: index for index, name in enumerate(material.names)}
    raws = sorted(raws, key=lambda raw: place.get(name_of(raw), len(place)))
    long = any(len(records(raw.get("epochs"))) > 1 for raw in raws)
    draw = _lines if long else _dots
    return Figures(
        figures=[
            draw(material, workload, raws, "train_loss", "training loss", text.loss),
            draw(material, workload, raws, "test_accuracy", "test accuracy", text.accuracy),
        ]
    )


def _lines(
    material: Material, workload: str, raws: list[Record], key: str, what: str, write: Callable[[float | None], str]
) -> Figure:
    lines = []
    for raw in raws:
        known = [epoch for epoch in records(raw.get("epochs")) if epoch.get(key) is not None]
        if known:
            xs = [float(epoch["epoch"]) for epoch in known]
            lines.append(Line(name=name_of(raw), xs=xs, ys=[float(epoch[key]) for epoch in known]))
    ends: dict[Name, list[float]] = {}
    for line in lines:
        ends.setdefault(line.name, []).append(line.ys[-1])
    return Figure(
        title=f"{workload}: {what}",
        chart=Lines(lines=lines, x_label="epoch", y_label=what),
        caption=f"{setting(raws[0])}.",
        description=f"{what.capitalize()} over epochs; at the end {_listed(ends, write)}.",
        synthetic=material.synthetic and key == "test_accuracy",
    )


def _dots(
    material: Material, workload: str, raws: list[Record], key: str, what: str, write: Callable[[float | None], str]
) -> Figure:
    found: dict[Name, list[float]] = {}
    for raw in raws:
        values = [epoch[key] for epoch in records(raw.get("epochs")) if epoch.get(key) is not None]
        if values:
            found.setdefault(name_of(raw), []).append(float(values[-1]))
    rows = [Points(name=name, values=values, text=write(median(values))) for name, values in found.items()]
    return Figure(
        title=f"{workload}: {what}",
        chart=Dots(rows=rows, x_label=what, least=0.1),
        caption=f"{setting(raws[0])}; the number is the median of the runs.",
        description=f"{what.capitalize()} after one epoch: {_listed(found, write)}.",
        synthetic=material.synthetic and key == "test_accuracy",
    )


def _listed(values: dict[Name, list[float]], write: Callable[[float | None], str]) -> str:
    return text.listing([f"{name.text} {write(median(own))}" for name, own in values.items()]) or "nothing was recorded"
