"""What of a published gap is the frameworks' own: said from what was measured best, and only where it can be."""

from __future__ import annotations

from pathlib import Path

import pytest
from made_up import Record
from sample import both
from test_report_proof import material

from suite.report import gaps
from suite.report.document import Table, Text
from suite.report.material import records

Ratio = tuple[float, float | None, float | None, int]
"""(ratio, low, high, runs)."""


def blocks(folder: Path, published: Ratio, matched: Ratio, *, quantity: str = "step") -> tuple[str, list[list[str]]]:
    """Return the sentence and the rows where Keras over PyTorch is like this in one quantity and single runs in the
    other."""
    found = material(both(), folder)
    single = (0.95, None, None, 1), (1.5, None, None, 1)
    for item in found.analysis["comparisons"]:
        own = (published, matched) if item["quantity"] == quantity else single
        values = own[0] if item["lane"] == "as-published" else own[1]
        item |= dict(zip(("ratio", "low", "high", "runs"), values, strict=True))
    rows: list[Record] = records(found.analysis["lanes"])
    for row in rows:
        for item in row["against"]:
            own = (published, matched) if row["quantity"] == quantity else single
            item["matched"], item["remaining"] = own[1][0], -9.0 if own is single else 0.25
            item["published"] = None if item["published"] is None else own[0][0]
    made = gaps.blocks(found, "cifar10-cnn3x3", rows)
    (sentence,) = [block.text for block in made if isinstance(block, Text)]
    (table,) = [block for block in made if isinstance(block, Table)]
    return sentence, [[cell.text for cell in cells] for cells in table.rows]


def test_the_sentence_is_that_of_the_setting_with_intervals(tmp_path: Path) -> None:
    sentence, rows = blocks(tmp_path, (0.55, 0.53, 0.57, 10), (0.84, 0.83, 0.85, 10))
    assert sentence.startswith(
        "Keras as published takes 0.55 (0.53 to 0.57) of PyTorch’s time (per step, batch 32), matched 0.84 (0.83 to "
        "0.85): 25\u202f% of the gap is the frameworks’ own, 75\u202f% their defaults’."
    )
    assert "Its accuracy (batch 32, 10 epochs, one run each) is" in sentence
    assert [row[1:5] for row in rows] == [["0.55", "0.84", "25\u202f%", "75\u202f%"], ["0.95", "1.50", "–", "–"]]


@pytest.mark.parametrize(
    ("published", "matched", "words", "shares"),
    [
        ((0.95, None, None, 1), (1.5, None, None, 1), "; it takes more runs to tell what is", ["–", "–"]),
        ((0.55, 0.53, 0.57, 10), (1.5, None, None, 3), "; it takes more runs to tell what is", ["–", "–"]),
        ((0.95, 0.94, 0.96, 10), (1.5, 1.4, 1.6, 10), ", too small a gap to divide.", ["–", "–"]),
        ((0.55, 0.53, 0.57, 10), (1.01, 0.99, 1.02, 10), "the defaults made all of it.", ["none", "all"]),
        ((0.55, 0.53, 0.57, 10), (1.02, 0.95, 1.1, 10), "is not resolved.", ["–", "–"]),
    ],
)
def test_no_share_without_intervals_or_near_one(
    tmp_path: Path, published: Ratio, matched: Ratio, words: str, shares: list[str]
) -> None:
    sentence, rows = blocks(tmp_path, published, matched)
    assert words in sentence
    assert "%" not in sentence
    assert [row[3:5] for row in rows] == [shares, ["–", "–"]]


def test_a_training_measured_well_goes_before_single_steps(tmp_path: Path) -> None:
    sentence, _ = blocks(tmp_path, (0.55, 0.53, 0.57, 6), (0.84, 0.83, 0.85, 6), quantity="training")
    assert "(batch 32, 10 epochs), matched 0.84" in sentence


@pytest.mark.parametrize(
    ("share", "words"),
    [(-0.5, "the gap turns round"), (1.2, "nothing of it was made by the defaults"), (None, "is not resolved")],
)
def test_gaps_that_do_not_narrow_are_said_in_words(share: float | None, words: str) -> None:
    side = gaps.Side(ratio=0.5, low=0.49, high=0.51, runs=6)
    gap = gaps.Gap(row={}, item={"remaining": share}, published=side, matched=side)
    assert words in gaps._remaining(gap)
