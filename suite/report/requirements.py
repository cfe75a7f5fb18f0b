"""The fifth study's table of what the frameworks require, as it is by what was last verified."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from suite.profiles import Profile
from suite.recipes import PINNED, PYTORCH_CPU, WORDS, Recipe, grading
from suite.recipes.grading import NONE, RESOLVED
from suite.records import Record
from suite.report import text
from suite.report.document import Cell, Column, Table, Text
from suite.report.names import title

FRAMEWORKS = ("pytorch", "tensorflow", "keras")
FOOT = (
    "The fifth study (CP8321-A6, 2022) compared by hand what hardware and systems each framework wants, how it is "
    "installed and what it brings along. These rows are its rows, filled from the recipes: of each platform, "
    "the documented one that got furthest."
)

INDEX = "PyTorch’s own CPU index"
INDEX_FOOT = (
    f"<{INDEX}> stands for the address of PyTorch’s builds for the processor, which its documentation names in "
    "that command (pytorch.org, Get Started)."
)
OTHERS = "What is measured is the locked version, which is not always what the documented command gives today."
OWN = {
    "pytorch": ("torch",),
    "tensorflow": ("tensorflow", "tensorflow-cpu", "tensorflow-macos"),
    "keras": ("keras",),
}
"""The packages whose version is a framework's own."""

Row = tuple[Recipe, Record | None]
"""A recipe with what is known of it."""

Official = Mapping[str, Mapping[str, Row]]
"""By platform and framework the recipe that is spoken of, with what is known of it."""


def tables(platforms: Sequence[Profile], official: Official, known: Sequence[Row]) -> list[Table]:
    """Return the requirements, a column for each framework."""
    shown: list[Row | None] = []
    cpu = next((profile for profile in platforms if profile.accelerator == "cpu" and _run(official, profile)), None)
    body = [[_where(profile), *_cells(official, profile, known)] for profile in platforms]
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
            foot=[FOOT, *foot([row[0] for row in shown if row])],
            wordy=True,
        )
    ]


def _where(profile: Profile) -> Cell:
    return Cell(text=profile.title, remark=profile.needs.removeprefix("a machine with "))


def _run(official: Official, profile: Profile) -> bool:
    found = [official[profile.name].get(framework) for framework in FRAMEWORKS]
    return any(row and row[1] and row[1]["evidence"] not in (NONE, RESOLVED) for row in found)


def _cells(official: Official, profile: Profile, known: Sequence[Row]) -> list[Cell]:
    return [_cell(official[profile.name].get(framework), known) for framework in FRAMEWORKS]


def _cell(row: Row | None, known: Sequence[Row]) -> Cell:
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
    told = [what, f"Python {recipe.python}"] if what else []
    told += [record["date"], *filter(None, [beside(row, known)])]
    return Cell(text=how, remark=", ".join(told))


def _commands(row: Row | None) -> str:
    return readable(row[0]) if row else text.MISSING


def readable(recipe: Recipe) -> str:
    """Return a recipe's commands as a reader is to take them."""
    return " && ".join(recipe.commands).replace(PYTORCH_CPU, f"<{INDEX}>")


def foot(recipes: Sequence[Recipe]) -> list[str]:
    """Return what has to be explained under a table that shows these recipes' commands."""
    return [INDEX_FOOT] if any(PYTORCH_CPU in command for each in recipes for command in each.commands) else []


def newer(platforms: Sequence[Profile], known: Sequence[Row]) -> list[Text]:
    """Return in a paragraph which documented commands give another version than the one that is locked."""
    where: dict[tuple[str, str], list[str]] = {}
    titles = {profile.name: profile.title for profile in platforms}
    for recipe, record in known:
        if recipe.kind != "official" or any(PINNED in command for command in recipe.commands):
            continue
        for package, got in ((record or {}).get("versions") or {}).items():
            locked = grading.locked(recipe).get(package)
            if package in OWN[recipe.framework] and locked and _plain(locked) != _plain(got):
                words = f"{title(recipe.framework)} ({package}): locked {_plain(locked)}; the documented command gives "
                where.setdefault((words, _plain(got)), []).append(
                    f"{titles[recipe.platform]}, {(record or {})['date']}"
                )
    told = [f"{words}{got} ({'; '.join(dict.fromkeys(places))})" for (words, got), places in where.items()]
    return [Text(text=f"{OTHERS} {'. '.join(told)}.")] if told else []


def beside(shown: Row, known: Sequence[Row]) -> str:
    """Return what to know of a recipe that is shown in place of an official one that could not be tried."""
    recipe, _ = shown
    others = [
        other
        for other, record in known
        if (other.platform, other.framework, other.kind) == (recipe.platform, recipe.framework, "official")
        and (record is None or record["evidence"] == NONE)
    ]
    if not others:
        return ""
    named = _names_versions(recipe) and not all(map(_names_versions, others))
    return "today’s not tried" if named else "other not tried"


def _names_versions(recipe: Recipe) -> bool:
    return any(PINNED in command for command in recipe.commands)


def _plain(version: str) -> str:
    return version.split("+")[0]


def _number(row: Row | None, key: str) -> str:
    return text.plain((row[1] or {}).get(key)) if row else text.MISSING


def _size(row: Row | None) -> str:
    return size((row[1] or {}).get("disk_bytes")) if row else text.MISSING


def size(value: int | None) -> str:
    """Return bytes as a reader takes them in: "83 MB", "4.6 GB"."""
    if value is None:
        return text.MISSING
    return f"{value / 1e9:.1f}{text.THIN}GB" if value >= 1e9 else f"{value / 1e6:.0f}{text.THIN}MB"
