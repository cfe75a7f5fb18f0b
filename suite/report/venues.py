"""Native and in a container: what a container costs here, where both were measured side by side."""

from __future__ import annotations

from suite.analysis.switched import TOLERANCE
from suite.compare import says, what
from suite.records import Record
from suite.report import text
from suite.report.chartdata import Forest, Interval
from suite.report.document import Block, Cell, Column, Figure, Figures, Section, Table
from suite.report.material import Material, records

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
    return [
        Section(id="venues", title="Native and in a container", lead=LEAD, blocks=[*blocks, _table(material, rows)])
    ]


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
