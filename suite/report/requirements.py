"""The fifth study's table of what the frameworks require, as it is by what was last verified."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from suite.profiles import Profile
from suite.recipes import WORDS, Recipe
from suite.recipes.grading import NONE, RESOLVED
from suite.records import Record
from suite.report import text
from suite.report.document import Cell, Column, Table
from suite.report.names import title

FRAMEWORKS = ("pytorch", "tensorflow", "keras")
FOOT = (
    "The fifth study (CP8321-A6, 2022) compared by hand what hardware and systems each framework wants, how it is "
    "installed and what it brings along. These rows are its rows, filled from the recipes: of each platform, "
    "the documented one that got furthest."
)

Official = Mapping[str, Mapping[str, tuple[Recipe, Record | None]]]
"""By platform and framework the recipe that is spoken of, with what is known of it."""


def tables(platforms: Sequence[Profile], official: Official) -> list[Table]:
    """Return the requirements, a column for each framework."""
    cpu = next((profile for profile in platforms if profile.accelerator == "cpu" and _run(official, profile)), None)
    body = [[_where(profile), *_cells(official, profile)] for profile in platforms]
    if cpu is not None:
        shown = [official[cpu.name].get(framework) for framework in FRAMEWORKS]
        body += [
            [Cell(text="How it is installed", remark=cpu.title), *(Cell(text=_commands(row)) for row in shown)],
            [
                Cell(text="Packages installed", remark=cpu.title),
                *(Cell(text=_number(row, "packages")) for row in shown),
            ],
            [Cell(text="On disk", remark=cpu.title), *(Cell(text=_size(row)) for row in shown)],
        ]
    columns = [Column(title="Where it runs"), *(Column(title=title(each), framework=each) for each in FRAMEWORKS)]
    return [
        Table(
            caption="What each framework requires: the fifth study’s table, as it is now",
            columns=columns,
            rows=body,
            foot=[FOOT],
            wordy=True,
        )
    ]


def _where(profile: Profile) -> Cell:
    return Cell(text=profile.title, remark=profile.needs.removeprefix("a machine with "))


def _run(official: Official, profile: Profile) -> bool:
    found = [official[profile.name].get(framework) for framework in FRAMEWORKS]
    return any(row and row[1] and row[1]["evidence"] not in (NONE, RESOLVED) for row in found)


def _cells(official: Official, profile: Profile) -> list[Cell]:
    return [_cell(official[profile.name].get(framework)) for framework in FRAMEWORKS]


def _cell(row: tuple[Recipe, Record | None] | None) -> Cell:
    if row is None:
        return Cell(text="no documented recipe", tone="muted")
    recipe, record = row
    if record is None or record["evidence"] == NONE:
        return Cell(text="not verified", remark=f"Python {recipe.python}", tone="muted")
    versions = record.get("versions") or {}
    own = [name for name in ("torch", "tensorflow", "tensorflow-cpu", "tensorflow-macos", "keras") if name in versions]
    if recipe.framework != "keras" and len(own) > 1:
        own = [name for name in own if name != "keras"]
    what = ", ".join(f"{name} {versions[name]}" for name in own)
    if record["evidence"] == RESOLVED:
        how = "resolved only, not run"
    elif record["steps"]["accelerator"]["state"] == "not here":
        how = "trains on the processor; GPU not seen"
    else:
        how = WORDS[record["grade"]]
    return Cell(text=how, remark=f"{what}, Python {recipe.python}, {record['date']}" if what else record["date"])


def _commands(row: tuple[Recipe, Record | None] | None) -> str:
    return " && ".join(row[0].commands) if row else text.MISSING


def _number(row: tuple[Recipe, Record | None] | None, key: str) -> str:
    return text.plain((row[1] or {}).get(key)) if row else text.MISSING


def _size(row: tuple[Recipe, Record | None] | None) -> str:
    return size((row[1] or {}).get("disk_bytes")) if row else text.MISSING


def size(value: int | None) -> str:
    """Return bytes as a reader takes them in: "83 MB", "4.6 GB"."""
    if value is None:
        return text.MISSING
    return f"{value / 1e9:.1f}{text.THIN}GB" if value >= 1e9 else f"{value / 1e6:.0f}{text.THIN}MB"
