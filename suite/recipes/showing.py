"""Recipes on the terminal: a line each as they finish, a table at the end, what changed and what is not as expected."""

from __future__ import annotations

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from suite.recipes import WORDS, Recipe
from suite.recipes.causes import ended
from suite.recipes.grading import BESIDE, EXPECTED, NONE, RESOLVED, RUN, SO_FAR, UNEXPECTED
from suite.recipes.verify import Outcome
from suite.records import Record

_MARKS = {EXPECTED: "[green]ok[/]", SO_FAR: "[green]ok[/]", UNEXPECTED: "[red]NOT AS EXPECTED[/]"}


def line(recipe: Recipe, record: Record) -> str:
    """Return a finished recipe's line, with markup."""
    if record["evidence"] == NONE:
        return f"{recipe.name}  [yellow]not verified[/]"  # the reason stands at the end, once for all
    cause = f": {escape(record['cause'])}" if record.get("cause") else ""
    kind = (
        "" if record["evidence"] == RUN else f" ({record['evidence']}{', not run' * (record['evidence'] == RESOLVED)})"
    )
    return f"{recipe.name}  {_MARKS[record['verdict']]}  {_grade(recipe, record)}{kind}{cause}"


def _grade(recipe: Recipe, record: Record) -> str:
    """Return a grade in words, and with a recipe that is known to fail, that it did."""
    words = WORDS[record["grade"]]
    if recipe.expects or not record.get("cause") or record["verdict"] != EXPECTED:
        return words
    return f"{words}, then fails (expected)" if record["grade"] else f"{words} (expected)"


def table(recipes: list[Recipe], outcome: Outcome) -> Table:
    """Return what was found of every recipe."""
    made = Table(title="Installation recipes", title_justify="left", box=None, padding=(0, 1))
    made.add_column("recipe", overflow="fold")
    made.add_column("grade", overflow="fold")
    for title in ("packages", "download", "disk", "time"):
        made.add_column(title, justify="right", no_wrap=True)
    for recipe in recipes:
        record = outcome.records.get(recipe.name)
        if record is not None:
            made.add_row(*_row(recipe, record))
    return made


def _row(recipe: Recipe, record: Record) -> list[str]:
    short = {RESOLVED: ", not run", BESIDE: ", no accelerator here"}.get(record["evidence"], "")
    unlike = "[red]NOT AS EXPECTED[/], " if record["verdict"] == UNEXPECTED else ""
    seconds = record.get("seconds") if record["grade"] else None  # else they are those of looking in vain
    return [
        recipe.name,
        "not verified" if record["evidence"] == NONE else f"{unlike}{_grade(recipe, record)}{short}",
        str(record.get("packages") or "–"),
        size(record.get("download_bytes") if record["grade"] else None),
        size(record.get("disk_bytes")),
        "–" if seconds is None else f"{seconds:.0f} s",
    ]


def size(value: int | None) -> str:
    """Return bytes as people say them: "83 MB", "4.6 GB"."""
    if value is None:
        return "–"
    return f"{value / 1e9:.1f} GB" if value >= 1e9 else f"{value / 1e6:.0f} MB"


def conclude(console: Console, recipes: list[Recipe], outcome: Outcome) -> None:
    """Print the table, the changes, what is not as expected and what could not be verified."""
    console.print(table(recipes, outcome))
    for sentence in outcome.changes:
        console.print(f"[bold]changed:[/] {escape(sentence)}.", highlight=False, soft_wrap=True)
    for recipe in recipes:
        record = outcome.records.get(recipe.name, {})
        if record.get("verdict") == UNEXPECTED:
            console.print(f"[bold red]not as expected:[/] {escape(_unlike(recipe, record))}.", highlight=False)
    sentence = unverified(outcome)
    if sentence:
        console.print(escape(sentence), highlight=False, soft_wrap=True)


def unverified(outcome: Outcome) -> str:
    """Return which recipes could not be verified and why, each reason once; "" where all were, or none was."""
    without = {name: record for name, record in outcome.records.items() if record["evidence"] == NONE}
    if not without or len(without) == len(outcome.records):  # of none at all, the error speaks
        return ""
    names: dict[str, list[str]] = {}
    for name, record in without.items():
        names.setdefault(str(record["why"]), []).append(name)
    told = "; ".join(f"{', '.join(each)}: {why}" for why, each in names.items())
    return ended(f"{len(without)} of {len(outcome.records)} recipes could not be verified: {told}")


def _unlike(recipe: Recipe, record: Record) -> str:
    cause = f": {record['cause']}" if record.get("cause") else ""
    if recipe.expects:
        return f"{recipe.name} should reach '{WORDS[recipe.expects]}', but {WORDS[record['grade']]}{cause}"
    return f"{recipe.name} should fail with '{recipe.fails}', but {WORDS[record['grade']]}{cause}"
