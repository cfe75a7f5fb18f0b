"""Native and in a container: what a container costs here, where both were measured side by side."""

from __future__ import annotations

from suite.analysis.switched import TOLERANCE
from suite.compare import interpreters, says, what
from suite.records import Record
from suite.report import text
from suite.report.chartdata import Forest, Interval
from suite.report.document import Block, Cell, Column, Figure, Figures, Section, Table, Text
from suite.report.material import Material, batch_of, epochs_of, records

LEAD = (
    "The same runs natively and in a container (no network, read-only, as many cores), next to each other and by "
    "turns: above 1 the container takes longer. Each ratio is formed block by block, as between frameworks, with its "
    f"interval; within {TOLERANCE:.0%} the place where workers run counts for nothing."
)


def sections(material: Material) -> list[Section]:
    """Return the section, where any run was made in both places."""
    rows = records(material.analysis.get("venues"))
    if not rows:
        return []
    shown = [_interval(material, row) for row in rows if row.get("ratio") is not None]
    figure = Figure(
        title="Time in a container over time natively",
        chart=Forest(rows=shown, band=1 + TOLERANCE),
        caption=f"The band is {TOLERANCE:.0%} around 1.",
        description="; ".join(f"{row['arm']}, {what(row)}: {says(row)[0]}" for row in rows),
    )
    blocks: list[Block] = [Figures(figures=[figure])] if shown else []
    if told := interpreters(rows):
        blocks.append(Text(text=told))
    return [
        Section(id="venues", title="Native and in a container", lead=LEAD, blocks=[*blocks, _table(material, rows)])
    ]


def answers(material: Material, workload: str, cells: list[Record]) -> tuple[str, list[str]]:
    """Return what a verdict opens with where native against container was asked: a headline, a sentence for each arm.

    It is of the same batch size and epochs as ``cells``, those that the verdict rests on, wherever these ran in both
    places; nothing where no run of the lane and workload was made in a container.
    """
    rows = [
        row
        for row in records(material.analysis.get("venues"))
        if row.get("workload") == workload and row.get("lane") == material.lane
    ]
    settings = {(batch_of(cell), epochs_of(cell)) for cell in cells}
    rows = [row for row in rows if (batch_of(row), epochs_of(row)) in settings] or rows
    if not rows:
        return "", []
    found: dict[str, list[str]] = {}
    for row in rows:
        found.setdefault(_outcome(row), []).append(material.arm(str(row["arm"])).plain)
    told = [outcome if len(found) == 1 else f"{text.listing(own)} {outcome}" for outcome, own in found.items()]
    return f"Native against container: {'; '.join(told)}", [_sentence(material, row) for row in rows]


def _outcome(row: Record) -> str:
    if row.get("within_tolerance") is None:
        return "cannot be told"
    if row["within_tolerance"]:
        return f"equal within {TOLERANCE:.0%}"
    return "slower in a container" if row["low"] > 1 else "faster in a container"


def _sentence(material: Material, row: Record) -> str:
    ratio, words = says(row)
    who = f"{material.arm(str(row['arm'])).plain}, {what(row)}"
    if row.get("ratio") is None:
        return f"{who}: native against container cannot be told: {words}."
    return f"{who}: in a container {ratio} times as long as natively; within {TOLERANCE:.0%}: {words}."


def _interval(material: Material, row: Record) -> Interval:
    name = material.arm(str(row["arm"]))
    low, high = row.get("low"), row.get("high")
    mark = "" if low is not None else "too few runs"
    return Interval(
        group=what(row),
        label=name.plain,
        framework=name.framework,
        ratio=float(row["ratio"]),
        low=low,
        high=high,
        mark=mark,
    )


def _table(material: Material, rows: list[Record]) -> Table:
    titles = ("Native", "In a container", "Ratio", f"Within {TOLERANCE:.0%}?", "Blocks")
    return Table(
        caption="The same runs natively and in a container",
        columns=[Column(title="Framework"), *(Column(title=title, number=title != titles[3]) for title in titles)],
        rows=[
            [
                Cell(text=material.arm(str(row["arm"])).plain, remark=what(row)),
                *(Cell(text=text.duration(row.get(f"{side}_s"))) for side in ("native", "container")),
                *(Cell(text=words) for words in says(row)),
                Cell(text=str(row["runs"])),
            ]
            for row in rows
        ],
        reproduce=material.command(),
    )
