"""Matched beside as-published: two lanes, never compared with each other, and what is left of a gap."""

from __future__ import annotations

import math
from typing import Any

import pytest

from suite import records
from suite.analysis import analyse
from suite.records import Record
from tests.rawfactory import blocks, raw

same = pytest.approx
LANE = "as-published"


def trainings(
    lane: str, steps: dict[str, float], accuracies: dict[str, float], count: int = 2, **more: Any
) -> list[Record]:
    return [
        raw(framework, block, lane=lane, epochs=10, step=step, accuracy=accuracies[framework], **more)
        for block in range(count)
        for framework, step in steps.items()
    ]


def both() -> list[Record]:
    """Published: Keras takes a quarter of PyTorch's time and learns less; matched: half of it, and as much."""
    matched = trainings("matched", {"pytorch": 0.02, "keras": 0.01}, {"pytorch": 0.71, "keras": 0.71})
    published = trainings(LANE, {"pytorch": 0.04, "keras": 0.01}, {"pytorch": 0.71, "keras": 0.67})
    return matched + published


def test_lanes_are_never_compared_with_each_other() -> None:
    found = analyse(both())
    assert [(row["lane"], row["a"], row["b"]) for row in found["comparisons"]] == [
        ("matched", "pytorch-eager", "keras-fit"),
        (LANE, "pytorch-published", "keras-published"),
    ]


def test_as_published_rows_say_so_and_need_no_passport() -> None:
    published = analyse(blocks(6, lane=LANE, epochs=1))["comparisons"][0]
    assert (published["verdict"], published["unmatched"]) == ("faster", [])
    assert published["sentence"].startswith("as published, tensorflow-published takes 0.50 of the time")
    bare = analyse(blocks(6, lane=LANE, epochs=1, passport=None))["comparisons"][0]
    assert (bare["verdict"], bare["unmatched"]) == ("faster", [])


def test_matched_beside_as_published() -> None:
    first, second = analyse(both())["lanes"]
    assert (first["framework"], first["workload"], first["params"]["epochs"]) == ("pytorch", "cifar10-cnn3x3", 10)
    assert first["matched"] == {
        "cell": "linux-cpu/matched/cifar10-cnn3x3/pytorch-eager/b32-e10",
        "arm": "pytorch-eager",
        "seconds": same(15630 * 0.02),
        "runs": 2,
        "accuracy": same(0.71),
        "reported": None,
        "reported_as": None,
        "passport": "matched",
    }
    assert (first["published"]["arm"], first["published"]["passport"]) == ("pytorch-published", "as-published")
    assert first["differences"] == ["pytorch-published scales its images"]
    assert first["against"] == []
    (against,) = second["against"]
    assert (against["framework"], against["unmatched"]) == ("pytorch", [])
    assert (against["matched"], against["published"]) == (same(0.5), same(0.25))
    assert against["remaining"] == same(math.log(0.5) / math.log(0.25)) == same(0.5)
    assert against["accuracy_gap"] == {"matched": same(0.0), "published": same(-0.04)}
    records.to_json({"lanes": [first, second]})


def test_nothing_is_made_of_what_was_not_measured() -> None:
    raws = [run for run in both() if (run["lane"], run["framework"]) != ("matched", "keras")]
    (against,) = analyse(raws)["lanes"][1]["against"]
    assert (against["matched"], against["published"], against["remaining"]) == (None, same(0.25), None)
    assert against["accuracy_gap"]["matched"] is None
    assert analyse(raws)["lanes"][1]["matched"] is None
    assert analyse(blocks(2, epochs=10))["lanes"] == []
    steps = trainings(LANE, {"pytorch": 0.04}, {"pytorch": 0.71}) + blocks(2)  # matched has other parameters
    assert [(row["framework"], row["matched"]) for row in analyse(steps)["lanes"]] == [("pytorch", None)]


def test_a_framework_without_its_default_mode_has_no_row() -> None:
    raws = [raw("keras", lane=LANE), raw("pytorch", mode="eager-channels-last"), raw("tensorflow")]
    assert [row["framework"] for row in analyse(raws)["lanes"]] == ["tensorflow", "keras"]


def test_no_share_of_a_gap_that_is_none() -> None:
    close = trainings(LANE, {"pytorch": 0.0100, "keras": 0.0102}, {"pytorch": 0.7, "keras": 0.7})
    raws = [run for run in both() if run["lane"] == "matched"] + close
    assert analyse(raws)["lanes"][1]["against"][0]["remaining"] is None


def test_no_share_of_a_gap_whose_matched_side_is_not_proved() -> None:
    raws = [run | {"passport": None} if run["lane"] == "matched" else run for run in both()]
    (against,) = analyse(raws)["lanes"][1]["against"]
    assert (against["matched"], against["remaining"]) == (same(0.5), None)
    assert against["unmatched"] == ["pytorch-eager", "keras-fit"]


def test_a_switched_difference_is_held_against_the_program_as_published() -> None:
    switched = trainings(LANE, {"keras": 0.02}, {"keras": 0.71}, mode="inputs-minus-one-to-one")
    rows = analyse(both() + switched)["lanes"]
    assert rows[0]["switched"] == []
    (found,) = rows[1]["switched"]
    assert (found["variant"], found["arm"]) == ("inputs-minus-one-to-one", "keras-inputs-minus-one-to-one")
    assert found["seconds_over_published"] == same(2.0)
    assert found["accuracy_minus_published"] == same(0.04)
    (alone,) = analyse(switched)["lanes"]
    assert alone["published"] is None
    assert alone["switched"][0]["seconds_over_published"] is None


def test_the_study_s_tables_keep_lanes_apart() -> None:
    switched = trainings(LANE, {"keras": 0.5}, {"keras": 0.9}, mode="other")
    study = analyse(both() + switched)["study"]
    times = {row["lane"]: row for row in study["time"]}
    assert times["matched"]["keras_s"] == times[LANE]["keras_s"] == same(15630 * 0.01)
    assert (times["matched"]["pytorch_s"], times[LANE]["pytorch_s"]) == (same(15630 * 0.02), same(15630 * 0.04))
    assert {row["lane"]: row["keras"] for row in study["accuracy"]} == {"matched": same(0.71), LANE: same(0.67)}


def test_scaled_times_have_a_lane() -> None:
    found = analyse(blocks(5) + blocks(5, lane=LANE))["scaled"]
    assert {row["lane"] for row in found} == {"matched", LANE}


def test_what_a_program_calls_its_accuracy_stands_beside_the_test_accuracy() -> None:
    raws = both()
    for run in raws:
        if (run["lane"], run["framework"]) == (LANE, "keras"):
            run["reported_as"] = "training accuracy over the epoch"
            run["epochs"][-1]["reported_accuracy"] = 0.5 + 0.02 * run["block"]
    pytorch, keras = analyse(raws)["lanes"]
    assert (keras["published"]["reported"], keras["published"]["accuracy"]) == (same(0.51), same(0.67))
    assert keras["published"]["reported_as"] == "training accuracy over the epoch"
    assert keras["matched"]["reported"] is pytorch["published"]["reported"] is None
