"""What a study published: its machines and versions, and its figures as printed, each with where it stands.

One TOML file for each study (``ecai2021.toml``) holds what it printed, slips included; nothing is corrected. Numbers
are kept exactly, as :class:`~decimal.Decimal`. The first study's many rows lie in CSV files of their own
(:mod:`suite.published.comp5511`).
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from importlib import resources
from typing import Any

SECONDS, SHARE, PERCENT, GIGABYTES = "s", "share", "%", "GB"
"""Units of figures: ``share`` is 0 to 1."""

TIMES = ("training", "epoch", "step", "depth map")
"""Quantities that are times, in the order of tables: of these ratios are formed."""

COMPARED = ("pytorch", "tensorflow", "keras")
"""The frameworks of the five studies."""

NOT_STATED, NONE = "not stated", "none used"
"""Stand for what a study does not say of its machine or versions, and for an accelerator that it did without."""


@dataclass(frozen=True, kw_only=True)
class Machine:
    """One machine of a study; an empty string or a missing framework is something it does not state."""

    name: str
    """The processor as the study calls it."""
    detail: str = ""
    system: str = ""
    accelerator: str = ""
    memory: str = ""
    python: str = ""
    versions: Mapping[str, str] = field(default_factory=dict)
    """For each framework its package and version, as "tensorflow-macos 2.6.0"."""

    @property
    def words(self) -> str:
        """Everything stated, as "Windows 10 21H1, Ryzen 2600, Python 3.8, PyTorch 1.10.0, TensorFlow 2.6.1"."""
        processor = f"{self.name} ({self.detail})" if self.detail else self.name
        python = f"Python {self.python}" if self.python else ""
        accelerator = "" if self.accelerator == NONE else self.accelerator
        parts = (self.system, processor, accelerator, python, *self.versions.values())
        return ", ".join(part for part in parts if part)


@dataclass(frozen=True, kw_only=True)
class Figure:
    """One printed row: a quantity of up to three frameworks.

    ``params`` are the epochs and batch size where it has any, and the number of the ``machine`` where there are
    several; ``where`` is the figure, table or page; ``remark`` is what has to be known to read it.
    """

    study: str
    workload: str
    quantity: str
    unit: str
    where: str
    params: Mapping[str, int] = field(default_factory=dict)
    pytorch: Decimal | None = None
    tensorflow: Decimal | None = None
    keras: Decimal | None = None
    printed: Mapping[str, str] = field(default_factory=dict)
    """How it was printed, by framework, where it is kept in another unit ("16 h 58 m 51.032 s")."""
    remark: str = ""

    def value(self, framework: str) -> Decimal | None:
        """Return what was printed for a framework, None where nothing was."""
        found: Decimal | None = getattr(self, framework) if framework in COMPARED else None
        return found

    @property
    def frameworks(self) -> tuple[str, ...]:
        """The frameworks that a number was printed for."""
        return tuple(framework for framework in COMPARED if self.value(framework) is not None)

    def ratio(self, framework: str, over: str = "pytorch") -> float | None:
        """Return the framework's number over another's, None where one was not printed."""
        above, below = self.value(framework), self.value(over)
        return None if above is None or not below else float(above / below)

    def difference(self, framework: str, less: str = "pytorch") -> float | None:
        """Return the framework's number less another's, None where one was not printed."""
        one, other = self.value(framework), self.value(less)
        return None if one is None or other is None else float(one - other)


@dataclass(frozen=True, kw_only=True)
class Study:
    """One study: what it is, on what it was made, what it printed.

    ``topics`` and ``questions`` are what a study without measurements compares and asks; ``remarks`` are this project's
    own notes on how its figures came about.
    """

    name: str
    short: str
    title: str
    year: int
    source: str
    workloads: tuple[str, ...]
    machines: tuple[Machine, ...]
    figures: tuple[Figure, ...]
    remarks: tuple[str, ...] = ()
    topics: tuple[str, ...] = ()
    questions: tuple[str, ...] = ()

    def of(self, workload: str, *quantities: str) -> tuple[Figure, ...]:
        """Return the figures of a workload, in the order printed: of these ``quantities``, or all."""
        return tuple(
            figure
            for figure in self.figures
            if figure.workload == workload and (not quantities or figure.quantity in quantities)
        )


def read(name: str) -> Study:
    """Return a study from its TOML file.

    Raises:
        TypeError: the file names something that a study, machine or figure does not have, or leaves something out.
    """
    text = resources.files("suite.published").joinpath(f"{name}.toml").read_text(encoding="utf-8")
    content = tomllib.loads(text, parse_float=Decimal)
    machines = tuple(Machine(**machine) for machine in content.pop("machines", []))
    figures = tuple(_figure(name, row) for row in content.pop("figures", []))
    lists = {key: tuple(value) for key, value in content.items() if isinstance(value, list)}
    return Study(**{**content, **lists, "name": name, "machines": machines, "figures": figures})


def _figure(study: str, row: Mapping[str, Any]) -> Figure:
    values = {framework: Decimal(row[framework]) for framework in COMPARED if framework in row}
    return Figure(**{**row, **values, "study": study})
