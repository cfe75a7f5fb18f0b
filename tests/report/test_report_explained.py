"""Which difference between programs accounts for the gap: what was called accuracy, and what was switched."""

from __future__ import annotations

from suite.published.programs import TEST_ACCURACY, TRAINING_ACCURACY
from suite.records import Record
from suite.report import explained
from suite.report.document import Block, Table, Text

TASK = "mnist-cnn-cp8321"


def row(framework: str, accuracy: float, told: float | None, kind: str, **switched: float) -> Record:
    return {
        "workload": TASK,
        "framework": framework,
        "params": {"batch": 64, "epochs": 1},
        "quantity": "training",
        "matched": None,
        "published": {"accuracy": accuracy, "reported": told, "reported_as": kind},
        "switched": [{"variant": name.replace("_", "-"), "accuracy": value} for name, value in switched.items()],
    }


def said(found: list[Block]) -> str:
    return " ".join(block.text for block in found if isinstance(block, Text))


def test_what_is_called_accuracy_is_told_with_its_share_of_the_gap() -> None:
    found = explained.blocks(
        TASK, [row("pytorch", 0.95, 0.95, TEST_ACCURACY), row("keras", 0.93, 0.75, TRAINING_ACCURACY)]
    )
    (table,) = [block for block in found if isinstance(block, Table)]
    assert [[cell.text for cell in cells[1:4]] for cells in table.rows] == [
        ["94 %", "0.9500", "0.9500"],
        ["72 %", "0.7500", "0.9300"],
    ]
    assert table.rows[1][2].remark == TRAINING_ACCURACY
    assert "On the same test images they reach 0.9300 and 0.9500" in said(found)
    assert "what is called accuracy accounts for 90\u202f% of the gap" in said(found)


def test_a_gap_that_turns_round_on_test_images_was_more_than_all_in_the_word() -> None:
    found = explained.blocks(
        TASK, [row("pytorch", 0.95, 0.95, TEST_ACCURACY), row("keras", 0.96, 0.75, TRAINING_ACCURACY)]
    )
    assert "accounts for more than all of the gap" in said(found)


def test_nothing_is_said_of_words_where_both_mean_test_accuracy() -> None:
    found = explained.blocks(TASK, [row("pytorch", 0.95, 0.95, TEST_ACCURACY), row("keras", 0.90, 0.90, TEST_ACCURACY)])
    assert found == []


def test_the_switch_that_moves_most_is_named_and_what_all_of_them_leave() -> None:
    keras = row(
        *("keras", 0.90, 0.90, TEST_ACCURACY),
        inputs_standardised=0.94,
        dropout_as_pytorch=0.88,
        init_of_pytorch=0.91,
        all_as_pytorch=0.948,
    )
    words = said(explained.blocks(TASK, [row("pytorch", 0.95, 0.95, TEST_ACCURACY), keras]))
    assert "“inputs standardised” moves its test accuracy most towards PyTorch’s: from 0.9000 to 0.9400" in words
    assert "80\u202f% of the gap" in words
    assert "All switched at once, it reaches 0.9480, 0.0020 from PyTorch’s 0.9500." in words


def test_a_gap_within_chance_is_not_divided() -> None:
    keras = row("keras", 0.949, 0.949, TEST_ACCURACY, inputs_standardised=0.96)
    words = said(explained.blocks(TASK, [row("pytorch", 0.95, 0.95, TEST_ACCURACY), keras]))
    assert words.endswith("are 0.0010 apart on test images, too little to be divided.")


def test_switches_that_lead_away_are_said_to() -> None:
    keras = row("keras", 0.90, 0.90, TEST_ACCURACY, inputs_standardised=0.85)
    words = said(explained.blocks(TASK, [row("pytorch", 0.95, 0.95, TEST_ACCURACY), keras]))
    assert "Nothing that was switched in Keras’s program moves it towards PyTorch’s accuracy." in words
