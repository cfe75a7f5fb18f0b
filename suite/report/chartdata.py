"""What charts show: plain values, described and not drawn, so that any renderer can draw them."""

from __future__ import annotations

from dataclasses import dataclass, field

from suite.report.names import Name


@dataclass(frozen=True, kw_only=True)
class Interval:
    """One row of a forest chart: the time of b over that of a, and its interval where that is known.

    ``mark`` says why the ratio is no verdict, where it is none.
    """

    group: str
    label: str
    framework: str
    ratio: float
    low: float | None
    high: float | None
    mark: str = ""


@dataclass(frozen=True, kw_only=True)
class Forest:
    """Ratios with their intervals; ratios from 1 / ``band`` to ``band`` count as equal."""

    rows: list[Interval]
    band: float


@dataclass(frozen=True, kw_only=True)
class Strip:
    """The steady steps of one run: evenly spaced quantiles in seconds (ascending) and the median in seconds."""

    name: Name
    quantiles: list[float]
    median: float


@dataclass(frozen=True, kw_only=True)
class Strips:
    """Step times, one strip for each run, the runs of one framework and mode together."""

    strips: list[Strip]


@dataclass(frozen=True, kw_only=True)
class Line:
    """A line with points (xs, ys), and where known the range (lows, highs) over runs."""

    name: Name
    xs: list[float]
    ys: list[float]
    lows: list[float] = field(default_factory=list)
    highs: list[float] = field(default_factory=list)


@dataclass(frozen=True, kw_only=True)
class Lines:
    """Lines over a common axis; ``powers`` spaces the x axis by powers of two."""

    lines: list[Line]
    x_label: str
    y_label: str
    powers: bool = False
    from_zero: bool = False


@dataclass(frozen=True, kw_only=True)
class Bar:
    """One bar, as long as ``value``, with ``text`` written at its end."""

    name: Name
    value: float
    text: str


@dataclass(frozen=True, kw_only=True)
class Bars:
    """Horizontal bars from zero."""

    bars: list[Bar]
    x_label: str


@dataclass(frozen=True, kw_only=True)
class Points:
    """One dot for each run of a framework and mode; ``hollow`` ones are not of this run, but published."""

    name: Name
    values: list[float]
    text: str
    hollow: bool = False


@dataclass(frozen=True, kw_only=True)
class Dots:
    """A row of dots for each framework and mode; the axis spans at least ``least``: small differences look small."""

    rows: list[Points]
    x_label: str
    least: float


@dataclass(frozen=True, kw_only=True)
class Margin:
    """How far one framework and mode is from a tolerance: ``share`` is the measured value over it."""

    name: Name
    share: float
    passed: bool


@dataclass(frozen=True, kw_only=True)
class MarginRow:
    """One item of the passports in one precision, with what every framework and mode measured there."""

    label: str
    margins: list[Margin]


@dataclass(frozen=True, kw_only=True)
class Margins:
    """Measured values over their tolerances, on a logarithmic axis with a line at 1: beyond it lies a mismatch."""

    rows: list[MarginRow]


@dataclass(frozen=True, kw_only=True)
class FreeRun:
    """Differences by step of one framework left to run freely, and the largest so far that rounding alone makes."""

    name: Name
    difference: list[float]
    envelope: list[float]


@dataclass(frozen=True, kw_only=True)
class FreeRuns:
    """Free runs, one panel for each framework and mode, on one logarithmic axis."""

    runs: list[FreeRun]


@dataclass(frozen=True, kw_only=True)
class Ladder:
    """How far one recipe got: the state of each step in order, and the grade in words."""

    states: list[str]
    text: str
    remark: str = ""
    """Which recipe it is, where another one of the documentation's could not be tried."""


@dataclass(frozen=True, kw_only=True)
class LadderRow:
    """One platform, with a ladder for each framework."""

    label: str
    ladders: list[Ladder]


@dataclass(frozen=True, kw_only=True)
class Ladders:
    """Installation recipes: platforms by frameworks."""

    frameworks: list[str]
    rows: list[LadderRow]


Chart = Forest | Strips | Lines | Bars | Dots | Margins | FreeRuns | Ladders
