"""What took effect: the settings in which frameworks differ, what each does to the comparison, and what is equal."""

from __future__ import annotations

from typing import Any

from suite.frameworks import frameworks
from suite.records import Record
from suite.report import text
from suite.report.document import Block, Cell, Column, Fold, Section, Table, Text
from suite.report.material import Material, mapping, records
from suite.report.names import Name

LEAD = (
    "Every setting that can matter is read back from the live framework and its process after each run, whatever was "
    "asked for. Shown here is where the frameworks differ, and what that does to the comparison. Where a setting can "
    "be switched alone, what it does is measured by running the same mode with just that setting the other way."
)

OPTION = "--probe-settings"
"""Measures every setting that can be switched alone."""


def section(material: Material) -> Section:
    """Return the settings in which frameworks differ as a table, and the others folded."""
    lane = next(iter(material.lanes), material)
    rows = records(material.analysis.get("ledger"))
    differing = [row for row in rows if row.get("differs")]
    equal = [row for row in rows if not row.get("differs")]
    blocks: list[Block] = [_differing(lane, differing)] if differing else []
    if rows and not differing:
        blocks.append(Text(text="No setting differs between the frameworks."))
    if equal:
        title = f"{text.plural(len(equal), 'setting')} in which no two frameworks differ"
        blocks.append(Fold(title=title, tables=[_equal(lane, equal)]))
    if not rows:
        blocks.append(Text(text="No run ended well, so no setting was read back."))
    return Section(id="settings", title="What took effect", lead=LEAD, blocks=blocks, reproduce=_command(material))


def _differing(material: Material, rows: list[Record]) -> Table:
    names = list(material.defaults.values())
    titles = [Column(title=name.plain, framework=name.framework) for name in names]
    return Table(
        caption="Settings in which frameworks differ",
        columns=[Column(title="Setting"), *titles, Column(title="What it does to a comparison")],
        rows=[
            [
                Cell(text=str(row.get("title"))),
                *(_value(material, row, name) for name in names),
                Cell(text=str(row.get("sentence")), remark=_measured(row)),
            ]
            for row in rows
        ],
        wordy=True,
    )


def _value(material: Material, row: Record, name: Name) -> Cell:
    """Return what a framework's main mode read; the remark names its other modes that read something else."""
    values = mapping(row.get("values"))
    own = values.get(name.key)
    others: dict[str, list[str]] = {}
    for other in material.names:
        value = values.get(other.key)
        if other.framework == name.framework and value is not None and value != own:
            others.setdefault(text.plain(value), []).append(other.mode)
    remark = "; ".join(f"{', '.join(modes)}: {words}" for words, modes in others.items())
    return Cell(text=text.plain(own), remark=remark)


def _equal(material: Material, rows: list[Record]) -> Table:
    body = [
        [
            Cell(text=str(row.get("title")), remark=str(row.get("sentence"))),
            Cell(text=_read(material, mapping(row.get("values"))), remark=_found(row)),
        ]
        for row in rows
    ]
    return Table(
        caption="Settings in which no two frameworks differ",
        columns=[Column(title="Setting"), Column(title="Read back")],
        rows=body,
        wordy=True,
    )


def _read(material: Material, values: Record) -> str:
    """Return one value for all, or each with the framework or mode that alone told it."""
    told = {name: values[name.key] for name in material.names if values.get(name.key) is not None}
    different = list({text.plain(value): None for value in told.values()})
    everyone = {name.framework for name in told} == {name.framework for name in material.names}
    if everyone and len(different) == 1:
        return different[0]
    said: dict[str, list[str]] = {}
    for name, value in told.items():
        said.setdefault(text.plain(value), []).append(name.plain)
    return "; ".join(f"{words} ({text.listing(names)})" for words, names in said.items()) or text.MISSING


def _measured(row: Record) -> str:
    """Return what was measured of a setting that differs, or that nothing was."""
    return _found(row) or (f"not measured here ({OPTION})" if _can_be_switched(row.get("key")) else "not measured here")


def _found(row: Record) -> str:
    found = [str(item["sentence"]) for item in records(row.get("measured")) if item.get("sentence")]
    return f"measured here: {'; '.join(found)}" if found else ""


def _can_be_switched(key: Any) -> bool:
    """Tell whether any adapter can switch a setting alone."""
    adapters = frameworks().values()
    return any(probe.key == key for each in adapters for probe in each.probes) or any(
        mode.switches == key for each in adapters for mode in each.modes
    )


def _command(material: Material) -> str:
    """Return the command that measures this again, with every setting that can be switched."""
    words = material.command()
    if OPTION in words.split():
        return words
    return f"{words} {OPTION}" if " -- " in words or not words.startswith("nox") else f"{words} -- {OPTION}"
