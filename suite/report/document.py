"""What a report is made of: plain values, ready to be put into words and pictures by any renderer.

Nothing here knows HTML or LaTeX. Texts are Unicode and final (numbers are formatted, units attached); charts are
described, not drawn.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import ClassVar, Literal

from suite.report.names import Name

Tone = Literal["", "good", "bad", "even", "muted", "marked", "total"]
"""How a cell is set off; every tone also has its own words in the cell's text, for those who do not see colours."""


@dataclass(frozen=True, kw_only=True)
class Cell:
    """One cell of a table; ``remark`` is small print under the text."""

    text: str
    remark: str = ""
    tone: Tone = ""


@dataclass(frozen=True, kw_only=True)
class Column:
    """One column; numbers are set right-aligned, and the column of a framework carries that framework's colour."""

    title: str
    number: bool = False
    framework: str = ""


@dataclass(frozen=True, kw_only=True)
class Group:
    """A heading over ``span`` columns; without a title the columns stand alone."""

    title: str
    span: int
    framework: str = ""


@dataclass(frozen=True, kw_only=True)
class Table:
    """A table whose first column names the rows."""

    kind: ClassVar[str] = "table"
    caption: str
    columns: list[Column]
    rows: list[list[Cell]]
    groups: list[Group] = field(default_factory=list)
    synthetic: bool = False
    foot: list[str] = field(default_factory=list)
    reproduce: str = ""


@dataclass(frozen=True, kw_only=True)
class Text:
    """A paragraph between tables and charts."""

    kind: ClassVar[str] = "text"
    text: str


@dataclass(frozen=True, kw_only=True)
class Facts:
    """Labels and values, one pair to a row."""

    kind: ClassVar[str] = "facts"
    title: str
    rows: list[tuple[str, str]]


@dataclass(frozen=True, kw_only=True)
class Interval:
    """One row of a forest chart: the time of b over that of a, and its interval where that is known."""

    group: str
    label: str
    framework: str
    ratio: float
    low: float | None
    high: float | None


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
    """One dot for each run of a framework and mode."""

    name: Name
    values: list[float]
    text: str


@dataclass(frozen=True, kw_only=True)
class Dots:
    """A row of dots for each framework and mode; the axis spans at least ``least``: small differences look small."""

    rows: list[Points]
    x_label: str
    least: float


Chart = Forest | Strips | Lines | Bars | Dots


@dataclass(frozen=True, kw_only=True)
class Figure:
    """A chart with its title, its caption, and what it shows in words for those who cannot see it."""

    title: str
    chart: Chart
    caption: str
    description: str
    synthetic: bool = False


@dataclass(frozen=True, kw_only=True)
class Figures:
    """Charts that belong side by side."""

    kind: ClassVar[str] = "figures"
    figures: list[Figure]


Block = Table | Text | Facts | Figures


@dataclass(frozen=True, kw_only=True)
class Section:
    """A part of the report: what it says, how to read it, how to make it again."""

    id: str
    title: str
    lead: str
    blocks: list[Block] = field(default_factory=list)
    reproduce: str = ""


@dataclass(frozen=True, kw_only=True)
class Verdict:
    """The answer for one workload: sentences, most important first, and the times they rest on."""

    workload: str
    setting: str
    measure: str
    headline: str
    sentences: list[str]
    bars: list[Bar]
    remark: str = ""
    details: list[str] = field(default_factory=list)


@dataclass(frozen=True, kw_only=True)
class Note:
    """A fairness note; ``facts`` are its numbers as label and value."""

    id: str
    severity: Literal["unfair", "caution", "info"]
    sentence: str
    facts: list[tuple[str, str]]
    todo: str


@dataclass(frozen=True, kw_only=True)
class Failure:
    """A run that did not end well."""

    cell: str
    block: str
    status: str
    reason: str
    exit_code: str
    log: str
    tail: list[str]


@dataclass(frozen=True, kw_only=True)
class Report:
    """The whole report, in reading order."""

    title: str
    run: str
    facts: list[tuple[str, str]]
    counts: str
    synthetic: bool
    data: str
    verdicts: list[Verdict]
    fairness: str
    alerts: list[Note]
    sections: list[Section]
    notes: list[Note]
    failures: list[Failure]
    version: str
