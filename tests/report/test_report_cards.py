"""What stands on the cards besides who is faster: what is unfair, what other modes turn round."""

from __future__ import annotations

from pathlib import Path

import pytest
from made_up import NOTES, UNFAIR, Record
from page import Page, read
from sample import Sample, small
from test_report_parts import K, P, T, pair
from test_report_proof import material, note, unlike

from suite.report import render, trust, verdict
from suite.report.document import Caution

LAST = "PyTorch (eager-channels-last)"
OTHER = "pytorch-eager-channels-last"


def overload(severity: str) -> Record:
    words = "The machine was busy with other programs while the runs were made, and " * 5
    return {"id": "busy-machine", "severity": severity, "sentence": f"{words}so they lie.", "numbers": {}, "todo": ""}


def page(folder: Path, notes: list[Record]) -> Page:
    sample = Sample(workloads=("cifar10-cnn3x3",), blocks=5, steps=40, notes=notes)
    return read(render(folder, *sample.write(folder)).read_text(encoding="utf-8"))


def test_an_unfair_note_on_a_card_is_called_so_and_not_cut_off() -> None:
    long = "word " * 80 + "end."
    found = [note("busy-machine", severity, long) for severity in ("unfair", "caution")]
    unfair, caution = trust.cautions(found, set(), set())
    assert unfair == Caution(unfair=True, sentence=long)
    assert not caution.unfair
    assert caution.sentence.endswith("…")


def test_where_no_verdict_counts_card_tables_and_charts_say_so(tmp_path: Path) -> None:
    found = page(tmp_path, [overload("unfair")])
    words = "Not a fair comparison: no verdict of this run should be relied on."
    (unreliable,) = found.having("unreliable")
    assert words in unreliable.text
    (cautions,) = found.having("cautions")
    assert "Unfair. The machine was busy" in " ".join(cautions.text.split())
    assert "so they lie." in cautions.text
    assert "Caution." not in cautions.text
    warned = [banner for banner in found.having("banner") if banner.text == words]
    assert len(warned) == 4  # the comparison, beside published figures, times of whole trainings, step times


@pytest.mark.parametrize("notes", [[], NOTES, [overload("caution")]])
def test_otherwise_nothing_is_said_to_be_unreliable(tmp_path: Path, notes: list[Record]) -> None:
    found = page(tmp_path, notes)
    assert found.having("unreliable") == []
    assert "relied on" not in found.text


def test_what_is_unfair_in_part_spoils_no_other_verdict(tmp_path: Path) -> None:
    found = material(unlike(workloads=("cifar10-cnn3x3",), batches=(32,)), tmp_path)
    grade = trust.grade(found)
    assert grade is not None
    assert grade.grade == "Fair in part"
    assert trust.warning(grade) == ""
    assert trust.warning(None) == ""


def test_every_unfair_note_is_on_the_card_before_any_caution(tmp_path: Path) -> None:
    notes = [overload("caution"), *(overload("unfair") | {"sentence": f"Unfair thing {n}."} for n in range(4)), UNFAIR]
    (cautions,) = page(tmp_path, notes).having("cautions")
    assert all(f"Unfair. Unfair thing {n}." in " ".join(cautions.text.split()) for n in range(4))
    assert "1 more, and all fairness notes" in cautions.text


def turned(folder: Path, *pairs: Record) -> list[str]:
    sample = small()
    sample.modes = (*sample.modes, ("pytorch", "eager-channels-last"))
    found = material(sample, folder)
    found.analysis["comparisons"] = [pair(P, T, "faster"), pair(P, K, "faster"), pair(T, K, "not resolved"), *pairs]
    return verdict.verdicts(found, [])[0].turned


def test_a_mode_that_turns_verdicts_round_is_on_the_card_with_its_numbers(tmp_path: Path) -> None:
    others = pair(OTHER, T, "slower", 1.2), pair(OTHER, K, "slower", 1.3)
    (words,) = turned(tmp_path, pair(P, OTHER, "faster", 0.7), *others)
    assert words == (
        f"But {LAST}, measured in the same run, is faster than TensorFlow and Keras: TensorFlow (function) needs 1.08 "
        "to 1.32 of its time per step and Keras (fit) 1.17 to 1.43."
    )


def test_the_interval_of_a_mode_over_another_is_turned_over(tmp_path: Path) -> None:
    (words,) = turned(tmp_path, pair(T, OTHER, "faster", 0.8))
    assert words.endswith("faster than TensorFlow: TensorFlow (function) needs 1.14 to 1.39 of its time per step.")


@pytest.mark.parametrize("outcome", ["faster", "not resolved", "equal within 3 %", "too few runs", "UNMATCHED"])
def test_a_mode_that_turns_nothing_round_is_left_to_the_tables(tmp_path: Path, outcome: str) -> None:
    assert turned(tmp_path, pair(OTHER, T, outcome, 0.9)) == []


def test_other_settings_turn_nothing_round_here(tmp_path: Path) -> None:
    elsewhere = pair(OTHER, T, "slower", 1.2) | {"params": {"batch": 4, "epochs": None}}
    assert turned(tmp_path, elsewhere) == []


def test_the_card_shows_it(tmp_path: Path) -> None:
    sample = Sample(workloads=("cifar10-cnn3x3",), blocks=5, steps=40, modes=(("pytorch", "eager"), ("keras", "fit")))
    sample.modes = (*sample.modes, ("pytorch", "eager-channels-last"))
    analysis, raws, plan = sample.write(tmp_path)
    for item in analysis["comparisons"]:
        if item["quantity"] == "step":
            verdicts = {(P, K): "faster", (OTHER, K): "slower"}
            item["verdict"] = verdicts.get((item["a"], item["b"]), item["verdict"])
    (words,) = read(render(tmp_path, analysis, raws, plan).read_text(encoding="utf-8")).having("turned")
    assert words.text.startswith(f"But {LAST}, measured in the same run, is faster than Keras: Keras (fit) needs ")
