"""What the parity passports say: read from a run's folder, and of each framework-mode whether it may enter a verdict.

A raw result carries its passport's outcome, so that nothing but raw results decides what is compared; the passports
themselves hold every item measured, and are shown.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from suite.errors import InputError
from suite.notes import PUBLISHED, at, number
from suite.records import Record, read_json

STATUSES = ("matched", "unmatched", "error", "as-published")
"""How a passport can read."""

_WORDS = ("lane", "workload", "framework", "mode")
_REMEDY = "Restore it from a copy, or remove it: the numbers it stood for are then shown without proof at hand."
_GRAVEST = ("unmatched", "error", None, "matched", "as-published")


def load_passports(folder: Path) -> list[Record]:
    """Return the passports kept in a run's folder, in the order of their file names; none where there are none.

    Raises:
        InputError: one is damaged, or lacks what every passport has; it is named.
    """
    return [_read(file) for file in sorted((folder / "passports").glob("*.json"))]


def status(runs: Iterable[Record]) -> str | None:
    """Return how the passports of one arm's runs read, the gravest where they differ; None where one has none."""
    found = {at(run, "passport.status") for run in runs}
    known = {value if value in STATUSES else None for value in found}
    return next((value for value in _GRAVEST if value in known), None)


def objection(runs: list[Record]) -> str | None:
    """Return why one arm's runs cannot enter a verdict, in words that follow its name; None where they can.

    In the as-published lane nothing is claimed to be alike, so there is nothing to object to.
    """
    if all(run.get("lane") == PUBLISHED for run in runs):
        return None
    found = status(runs)
    if found == "matched":
        return None
    passport = next((run.get("passport") or {} for run in runs if at(run, "passport.status") == found), {})
    diagnosis = str(passport.get("diagnosis") or "").rstrip(".")
    if found == "unmatched":
        item = f" at {passport['failed_item']}" if passport.get("failed_item") else ""
        return f"fails its parity passport{item}{f': {diagnosis}' if diagnosis else ''}"
    if found == "error":
        return f"could not be examined for parity{f': {diagnosis}' if diagnosis else ''}"
    return "has no parity passport, and nothing proves that it trains alike"


def _read(file: Path) -> Record:
    passport = read_json(file, "a parity passport", _REMEDY)
    missing = [field for field in _WORDS if not isinstance(passport.get(field), str)]
    missing += [] if passport.get("status") in STATUSES else [f"status ({', '.join(STATUSES)})"]
    items = passport.get("items")
    if not isinstance(items, list) or not all(isinstance(item, dict) and "item" in item for item in items):
        missing.append("items")
    if missing:
        raise InputError(f"{file} (a parity passport) is damaged: it lacks {', '.join(missing)}. {_REMEDY}")
    if contradiction := _contradiction(passport):
        raise InputError(f"{file} (a parity passport) is damaged: {contradiction}. {_REMEDY}")
    return passport


def _contradiction(passport: Record) -> str | None:
    """Return in what a passport contradicts itself, or None: its status is worked out from its items, these from sizes.

    A program as published may pass its weights without a measured value, and items that fail are its differences.
    """
    for item in passport["items"]:
        measured, tolerance = number(item.get("measured")), number(item.get("tolerance"))
        if measured is not None and tolerance is not None and (measured <= tolerance) != (item.get("passed") is True):
            passed = "passed" if item.get("passed") is True else "failed"
            where = f"{item['item']} in {item.get('dtype')}"
            return f"{where} is said to have {passed} with {measured:g} against a tolerance of {tolerance:g}"
    failed = [item["item"] for item in passport["items"] if item.get("passed") is not True]
    named = passport.get("failed_item")
    if passport["status"] == "matched" and (failed or named):
        return f"it reads matched, but {failed[0] if failed else named} failed"
    if passport["status"] == "unmatched" and named not in failed:
        return f"it reads unmatched, but {f'{named} did not fail' if named else 'names no item that failed'}"
    return None
