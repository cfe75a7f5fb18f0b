"""The programs as published, side by side: how large they are, how much of a framework they use, and their code."""

from __future__ import annotations

from suite.published import size
from suite.published.programs import Program, programs
from suite.report import text
from suite.report.document import Block, Cell, Code, Column, Section, Table
from suite.report.material import Material
from suite.report.names import AS_PUBLISHED, rank, title

LEAD = (
    "One program for each framework, written the way the study describes it, with that framework’s defaults. Logical "
    "lines are statements as Radon counts them; calls and names are those that the source spells by a name of the "
    "framework, so methods of objects are left out. A short program is not a simple one: what a framework does unseen "
    "is in none of these numbers."
)


def sections(material: Material) -> list[Section]:
    """Return the section on the programs of this run's workloads, where any ran as published."""
    workloads = material.of_lane(AS_PUBLISHED).workloads
    found = [each for each in programs().values() if set(each.workloads) & set(workloads) and size.exhibit(each)]
    found.sort(key=lambda each: (each.study, rank(each.framework)))
    blocks: list[Block] = []
    for study in dict.fromkeys(each.study for each in found):
        own = [each for each in found if each.study == study]
        blocks += [_table(study, own), *(_code(each) for each in own)]
    return [Section(id="programs", title="Programs side by side", lead=LEAD, blocks=blocks)] if blocks else []


def _table(study: str, found: list[Program]) -> Table:
    sizes = [size.measured(size.exhibit(each), size.ROOTS[each.framework]) for each in found]
    rows = [
        ("Logical lines", [text.count(each.logical) for each in sizes]),
        ("Lines with code", [text.count(each.source) for each in sizes]),
        ("Calls into the framework", [text.count(each.calls) for each in sizes]),
        ("Names of the framework used", [text.count(len(each.names)) for each in sizes]),
    ]
    used = [Cell(text=", ".join(each.names)) for each in sizes]
    return Table(
        caption=f"{study}: size and shape of its programs",
        columns=[
            Column(title="Measure"),
            *(Column(title=title(each.framework), number=False, framework=each.framework) for each in found),
        ],
        rows=[
            *([Cell(text=what), *(Cell(text=value) for value in values)] for what, values in rows),
            [Cell(text="Which names"), *used],
        ],
        wordy=True,
    )


def _code(program: Program) -> Code:
    source = size.exhibit(program)
    lines = len(source.splitlines())
    return Code(title=f"{title(program.framework)}: the program, {lines} lines", language="python", text=source)
