"""The grade: which notes decide it, and that it never speaks for less than all of them."""

from __future__ import annotations

from typing import Any

import pytest

from suite import notes
from suite.analysis import analyse
from suite.notes import Note
from suite.notes.grade import CONFINED, grade
from suite.records import Record
from tests.rawfactory import blocks, changed, failed, passports, plan_of, raw


def found(*ids_and_severities: tuple[str, Any]) -> list[Note]:
    return [Note(id=i, severity=s, sentence=f"{i} it is.", numbers={}, todo="") for i, s in ids_and_severities]


def row(*unmatched: str, ratio: float | None = 0.5, lane: str = "matched") -> Record:
    return {"ratio": ratio, "unmatched": list(unmatched), "lane": lane}


CAUTION, INFO, UNFAIR = ("busy-machine", "caution"), ("scaled-times", "info"), ("unlike-threads", "unfair")
MISSING = ("passport-missing", "unfair")


@pytest.mark.parametrize(
    ("given", "comparisons", "word", "reasons"),
    [
        ([INFO], [row()], "fair", []),
        ([], [row()], "fair", []),
        ([CAUTION, INFO], [row()], "fair with cautions", ["busy-machine it is."]),
        ([UNFAIR, CAUTION], [row()], "not a fair comparison", ["unlike-threads it is."]),
        ([MISSING, CAUTION], [row("a"), row()], "fair in part", ["passport-missing it is."]),
        ([MISSING], [row("a"), row(ratio=None)], "not a fair comparison", ["passport-missing it is."]),
        ([MISSING], [row("a"), row(lane="as-published")], "not a fair comparison", ["passport-missing it is."]),
        (
            [MISSING, UNFAIR],
            [row("a"), row()],
            "not a fair comparison",
            ["passport-missing it is.", "unlike-threads it is."],
        ),
        ([UNFAIR], [row(ratio=None)], "nothing to compare", []),
        ([("runs-failed", "caution"), CAUTION], [], "nothing to compare", ["runs-failed it is."]),
    ],
)
def test_the_first_rule_that_applies_decides(
    given: list[tuple[str, Any]], comparisons: list[Record], word: str, reasons: list[str]
) -> None:
    decided = grade(found(*given), comparisons)
    assert (decided["grade"], decided["reasons"]) == (word, reasons)
    assert decided["sentence"].lower().startswith(word)
    assert decided["sentence"].endswith(".")


def test_the_notes_it_knows_by_name_exist() -> None:
    known = {rule.id for rule in notes.rules()}
    assert set(CONFINED) | {"nothing-compared", "runs-failed", "runs-missing"} <= known


def test_no_note_is_hidden_by_another() -> None:
    raws = [changed(run, {"passport": None, "data__synthetic": True}) for run in blocks(2)]
    analysis = analyse([*raws, failed("keras", 3)], plan_of(raws))
    every = {rule.id for rule in notes.rules()}
    ids = [note["id"] for note in analysis["notes"]]
    assert {"passport-missing", "synthetic-data", "runs-failed", "too-few-runs", "study-no-gpu"} <= set(ids) <= every
    sentences = {note["sentence"] for note in analysis["notes"]}
    assert set(analysis["grade"]["reasons"]) < sentences


@pytest.mark.parametrize(
    ("raws", "word"),
    [
        (blocks(6), "fair"),
        (blocks(6, data__synthetic=True), "fair with cautions"),
        ([*blocks(6), *(raw("keras", b, mode="fit-xla", passport=None) for b in range(6))], "fair in part"),
        (blocks(6, passport=None), "not a fair comparison"),
        (blocks(6, lane="as-published"), "not a fair comparison"),
        (blocks(6, frameworks=["keras"]), "nothing to compare"),
        ([failed()], "nothing to compare"),
    ],
)
def test_grades_of_whole_runs(raws: list[Record], word: str) -> None:
    kept = passports([run for run in raws if run.get("passport")])
    decided = analyse(raws, plan_of(raws), kept)["grade"]
    assert decided["grade"] == word
    assert bool(decided["reasons"]) is (word != "fair")
