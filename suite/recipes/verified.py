"""What was found out about each recipe, kept in ``platforms/recipes/verified.json`` with its date and machine.

Of each recipe the last record of every kind of evidence is kept, so that resolving on one machine erases nothing that
running found out on another; the best evidence is what is shown. Records of a recipe whose file says something else
since are dropped.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from suite import home, records
from suite.errors import InputError
from suite.recipes import WORDS, Recipe, loading
from suite.recipes.grading import BESIDE, EXPECTED, NONE, RESOLVED, RUN, SO_FAR, digest
from suite.records import Record

SCHEMA = 1
REMEDY = "Take it from version control again, or delete it and run nox -s verify-recipes."
BEST_FIRST = (RUN, BESIDE, RESOLVED, NONE)

Verified = dict[str, dict[str, Record]]
"""Records by recipe's name and kind of evidence."""


def path() -> Path:
    """Return where the file lies."""
    return loading.folder() / "verified.json"


def transcript(name: str) -> Path:
    """Return where the transcript of a recipe's last run lies."""
    return loading.folder() / "transcripts" / f"{name}.txt"


def read() -> Verified:
    """Return what is kept; nothing where there is no file yet.

    Raises:
        InputError: the file is damaged or of another version.
    """
    if not path().exists():
        return {}
    found = records.read_json(path(), "verified recipes", REMEDY)
    kept = found.get("recipes")
    if found.get("schema") != SCHEMA or not _sound(kept):
        raise InputError(f"{path()} is not what this version writes (schema {SCHEMA}): {REMEDY}")
    return kept if isinstance(kept, dict) else {}


def _sound(kept: Any) -> bool:
    return isinstance(kept, dict) and all(
        isinstance(found, dict) and all(isinstance(each, dict) and "grade" in each for each in found.values())
        for found in kept.values()
    )


def known() -> list[tuple[Recipe, Record | None]]:
    """Return every recipe with the best that is known of it.

    Raises:
        InputError: the file, or one of a recipe, is damaged; no local folder is named.
    """
    try:
        kept = read()
        return [(recipe, best(kept, recipe)) for recipe in map(loading.load, loading.names())]
    except InputError as error:
        raise InputError(home.in_checkout(str(error))) from None


def keep(verified: Verified, recipe: Recipe, record: Record) -> Verified:
    """Return what is kept once ``record`` is known, too; a record of nothing replaces no other."""
    own = current(verified, recipe)
    if record["evidence"] == NONE and own:
        return verified
    own.pop(NONE, None)
    return {**verified, recipe.name: {**own, record["evidence"]: record}}


def write(verified: Verified, known: Iterable[str]) -> None:
    """Write the file, recipes that are gone left out.

    Raises:
        InputError: it cannot be written.
    """
    names = set(known)
    kept = {name: verified[name] for name in sorted(verified) if name in names}
    records.replace_json(path(), {"schema": SCHEMA, "recipes": kept})


def current(verified: Verified, recipe: Recipe) -> dict[str, Record]:
    """Return the records that speak of the recipe as its file is now."""
    found = verified.get(recipe.name, {})
    return {kind: record for kind, record in found.items() if record.get("recipe") == digest(recipe)}


def best(verified: Verified, recipe: Recipe) -> Record | None:
    """Return the record on the best evidence there is, or None."""
    found = current(verified, recipe)
    return next((found[kind] for kind in BEST_FIRST if kind in found), None)


def change(verified: Verified, recipe: Recipe, record: Record) -> str:
    """Return in a sentence what is other than at the last verification on the same kind of evidence; "" if nothing."""
    before = current(verified, recipe).get(record["evidence"])
    if before is None or record["evidence"] == NONE:
        return ""
    good = (EXPECTED, SO_FAR)
    same = (before["verdict"] in good) == (record["verdict"] in good)
    if same and before["grade"] == record["grade"]:
        return ""
    cause = f": {record['cause']}" if record.get("cause") else ""
    return f"{recipe.name} {WORDS[record['grade']]} now, on {before['date']} it was: {WORDS[before['grade']]}{cause}"
