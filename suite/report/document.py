"""What a report is made of: plain values, ready to be put into words and pictures by any renderer.

Nothing here knows HTML or LaTeX. Texts are Unicode and final (numbers are formatted, units attached); charts are
described, not drawn.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import ClassVar, Literal

from suite.report.chartdata import Bar, Chart

Tone = Literal["", "good", "bad", "even", "muted", "marked", "total", "matched", "unmatched"]
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
    """A table whose first column names the rows; a ``wordy`` one holds sentences, and stacks its cells on a phone."""

    kind: ClassVar[str] = "table"
    caption: str
    columns: list[Column]
    rows: list[list[Cell]]
    groups: list[Group] = field(default_factory=list)
    synthetic: bool = False
    foot: list[str] = field(default_factory=list)
    reproduce: str = ""
    wordy: bool = False


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
    commands: bool = False
    """Whether the values are commands."""


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


@dataclass(frozen=True, kw_only=True)
class Fold:
    """Tables that are there for those who want them: shown folded, with ``title`` to open them by."""

    kind: ClassVar[str] = "fold"
    title: str
    tables: list[Table]


@dataclass(frozen=True, kw_only=True)
class Scale:
    """What the colours of a picture mean: a strip of them as a PNG file, and its two ends in words."""

    png: bytes
    low: str
    high: str


@dataclass(frozen=True, kw_only=True)
class Picture:
    """Pixels, as a PNG file shown ``width`` units wide at most; ``description`` is for those who cannot see it.

    ``sharp`` ones keep hard edges between their pixels when they are enlarged.
    """

    png: bytes
    width: int
    caption: str
    description: str
    scale: Scale | None = None
    synthetic: bool = False
    sharp: bool = True


@dataclass(frozen=True, kw_only=True)
class Gallery:
    """Pictures that belong together, with a title and what is to be known to read them."""

    kind: ClassVar[str] = "gallery"
    title: str
    caption: str
    pictures: list[Picture]
    synthetic: bool = False


@dataclass(frozen=True, kw_only=True)
class Guess:
    """One answer to what a picture shows, and its probability: as a share of 1, and in words."""

    label: str
    share: float
    text: str
    right: bool


@dataclass(frozen=True, kw_only=True)
class Answers:
    """What one framework's network says of a picture, the most probable answer first."""

    name: str
    framework: str
    guesses: list[Guess]


@dataclass(frozen=True, kw_only=True)
class Predictions:
    """One picture, and what each framework's network takes it for."""

    kind: ClassVar[str] = "predictions"
    title: str
    caption: str
    picture: Picture
    answers: list[Answers]
    synthetic: bool = False


@dataclass(frozen=True, kw_only=True)
class Code:
    """A program's text as it stands in its file: shown folded, with ``title`` to open it by."""

    kind: ClassVar[str] = "code"
    title: str
    language: str
    text: str


Block = Code | Table | Text | Facts | Figures | Fold | Gallery | Predictions


@dataclass(frozen=True, kw_only=True)
class Section:
    """A part of the report: what it says, how to read it, how to make it again."""

    id: str
    title: str
    lead: str
    blocks: list[Block] = field(default_factory=list)
    reproduce: str = ""
    warning: str = ""
    """Stands above everything in it that somebody might take for a verdict."""


@dataclass(frozen=True, kw_only=True)
class Caution:
    """A fairness note as it stands on a card: an unfair one in full, any other one short."""

    unfair: bool
    sentence: str


@dataclass(frozen=True, kw_only=True)
class Verdict:
    """The answer for one workload: sentences, most important first, and the times they rest on.

    ``warning`` says where no verdict of the run counts, ``turned`` which other modes turn a verdict round.
    """

    workload: str
    setting: str
    measure: str
    headline: str
    sentences: list[str]
    bars: list[Bar]
    remark: str = ""
    details: list[str] = field(default_factory=list)
    turned: list[str] = field(default_factory=list)
    cautions: list[Caution] = field(default_factory=list)
    warning: str = ""


@dataclass(frozen=True, kw_only=True)
class Note:
    """A fairness note; ``facts`` are its numbers as label and value."""

    id: str
    severity: Literal["unfair", "caution", "info"]
    sentence: str
    facts: list[tuple[str, str]]
    todo: str


@dataclass(frozen=True, kw_only=True)
class Grade:
    """How far the whole comparison can be believed: a word, what it means, and why not better."""

    grade: str
    sentence: str
    reasons: list[str]


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
    """The whole report, in reading order: ``evidence`` comes before the fairness notes, ``sections`` after them."""

    title: str
    run: str
    facts: list[tuple[str, str]]
    counts: str
    synthetic: bool
    data: str
    device: str
    """Stands at the top where the runs did not compute on what their profile is for, else empty."""
    verdicts: list[Verdict]
    grade: Grade | None
    fairness: str
    alerts: list[Note]
    evidence: list[Section]
    sections: list[Section]
    notes: list[Note]
    failures: list[Failure]
    version: str
