"""One grade for a whole run, worked out from its notes and passports alone, with the sentences that decided it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, assert_never

from suite.notes import PUBLISHED, Note, plural
from suite.records import Record

Grade = Literal["fair", "fair with cautions", "fair in part", "not a fair comparison", "nothing to compare"]

CONFINED = ("passport-missing", "passport-unmatched", "passport-error")
"""Unfair notes on single framework-modes whose every number is marked UNMATCHED: they spoil no other comparison."""


def grade(notes: Sequence[Note], comparisons: Sequence[Record], venues: Sequence[Record] = ()) -> Record:
    """Return ``grade`` (a word of :data:`Grade`), a ``sentence`` that says what it means here, and its ``reasons``.

    The first that applies, in this order:

    - nothing to compare: no pair of framework-modes has a ratio, and none was held against itself in a container;
    - fair in part: the only unfair notes are of :data:`CONFINED`, and a matched pair has a ratio all the same;
    - not a fair comparison: there is any unfair note;
    - fair with cautions: there is any note of caution;
    - fair.

    The reasons are the sentences of the notes that decided; every note stays in the list of notes, whatever the grade.
    """
    decided = _decide(notes, comparisons, places=any(row["ratio"] is not None for row in venues))
    reasons = [note.sentence for note in notes if _decided_by(decided, note)]
    return {"grade": decided, "sentence": _sentence(decided, notes), "reasons": reasons}


def _decide(notes: Sequence[Note], comparisons: Sequence[Record], *, places: bool) -> Grade:
    found = [row for row in comparisons if row["ratio"] is not None]
    if not found and not places:
        return "nothing to compare"
    unfair = {note.id for note in notes if note.severity == "unfair"}
    if unfair:
        standing = any(not row["unmatched"] and row["lane"] != PUBLISHED for row in found)
        return "fair in part" if standing and unfair <= set(CONFINED) else "not a fair comparison"
    return "fair with cautions" if any(note.severity == "caution" for note in notes) else "fair"


def _decided_by(decided: Grade, note: Note) -> bool:
    match decided:
        case "nothing to compare":
            return note.id in ("nothing-compared", "runs-failed", "runs-missing")
        case "not a fair comparison" | "fair in part":
            return note.severity == "unfair"
        case "fair with cautions":
            return note.severity == "caution"
        case "fair":
            return False
        case _:
            assert_never(decided)


def _sentence(decided: Grade, notes: Sequence[Note]) -> str:
    cautions = sum(note.severity == "caution" for note in notes)
    unfair = sum(note.severity == "unfair" for note in notes)
    beside = f"; {plural(cautions, 'caution')} should be read as well" if cautions else ""
    match decided:
        case "nothing to compare":
            return "Nothing to compare: no two framework-modes have a finished run in common."
        case "not a fair comparison":
            return f"Not a fair comparison: frameworks were not measured alike, for {plural(unfair, 'reason')}{beside}."
        case "fair in part":
            return f"Fair in part: what is marked UNMATCHED is not proved to train alike, the rest is{beside}."
        case "fair with cautions":
            return f"Fair with cautions: nothing was found unlike, but {plural(cautions, 'caution')} should be read."
        case "fair":
            return "Fair: no rule found anything that was unlike or that could mislead."
        case _:
            assert_never(decided)
