"""What passports change in an analysis: nothing unmatched has a verdict, and nothing measured is hidden for it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from suite import records
from suite.analysis import analyse, load_passports
from suite.errors import InputError
from suite.records import Record
from tests.rawfactory import blocks, changed, failed, item, passport, passports, plan_of, raw

EPSILON = {
    "passport__status": "unmatched",
    "passport__failed_item": "update",
    "passport__diagnosis": "Adam's epsilon differs: updates of small gradients are off by a third.",
}


def only(raws: list[Record], framework: str, **changes: Any) -> list[Record]:
    """Change the runs of one framework."""
    return [changed(run, changes) if run["framework"] == framework else run for run in raws]


def rows(analysis: Record) -> dict[tuple[str, str], Record]:
    return {(row["a"], row["b"]): row for row in analysis["comparisons"]}


def test_matched_arms_have_verdicts() -> None:
    raws = blocks(6)
    found = analyse(raws, plan_of(raws), passports(raws))
    assert {row["passport"] for row in found["cells"]} == {"matched"}
    assert all(row["unmatched"] == [] for row in found["comparisons"])
    assert [p["key"] for p in found["passports"]] == [p["key"] for p in passports(raws)]
    assert found["grade"]["grade"] == "fair"
    records.to_json(found)


def test_an_unmatched_arm_is_shown_without_a_verdict() -> None:
    found = analyse(only(blocks(6), "keras", **EPSILON))
    row = rows(found)["pytorch-eager", "keras-fit"]
    assert (row["verdict"], row["unmatched"], row["holds_after_holm"]) == ("UNMATCHED", ["keras-fit"], None)
    assert row["ratio"] == pytest.approx(0.505)
    assert row["low"] is not None
    assert row["sentence"] == (
        "UNMATCHED, so no verdict: keras-fit fails its parity passport at update: Adam's epsilon differs: updates of "
        "small gradients are off by a third; keras-fit took 0.51 of the time of pytorch-eager in 6 blocks"
    )
    assert rows(found)["pytorch-eager", "tensorflow-function"]["verdict"] == "faster"
    assert found["grade"]["grade"] == "fair in part"


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"passport": None}, "keras-fit has no parity passport, and nothing proves that it trains alike"),
        ({"passport": ...}, "keras-fit has no parity passport"),
        ({"passport__status": "perhaps"}, "keras-fit has no parity passport"),
        ({"passport__status": "as-published"}, "keras-fit has no parity passport"),
        ({"passport__status": "error", "passport__diagnosis": "it crashed."}, "could not be examined for parity: it c"),
        ({"passport__status": "unmatched"}, "keras-fit fails its parity passport; keras-fit took"),
    ],
)
def test_whatever_is_not_matched_is_unmatched(changes: dict[str, Any], words: str) -> None:
    row = rows(analyse(only(blocks(6), "keras", **changes)))["tensorflow-function", "keras-fit"]
    assert (row["verdict"], row["unmatched"]) == ("UNMATCHED", ["keras-fit"])
    assert words in row["sentence"]


def test_one_run_without_a_passport_spoils_its_arm() -> None:
    raws = blocks(6)
    next(run for run in raws if run["framework"] == "keras" and run["block"] == 3)["passport"] = None
    found = analyse(raws)
    assert rows(found)["pytorch-eager", "keras-fit"]["verdict"] == "UNMATCHED"
    assert [row["passport"] for row in found["cells"]] == ["matched", "matched", None]


def test_failed_runs_have_no_say() -> None:
    found = analyse([*blocks(5), failed("keras", 6, passport=None)])
    assert rows(found)["pytorch-eager", "keras-fit"]["unmatched"] == []


def test_both_sides_are_named() -> None:
    row = rows(analyse([dict(run, passport=None) for run in blocks(5)]))["pytorch-eager", "keras-fit"]
    assert row["unmatched"] == ["pytorch-eager", "keras-fit"]
    found = analyse([*(dict(run, passport=None) for run in blocks(2, frameworks=["pytorch"])), raw("keras", 7)])
    assert found["comparisons"][0]["sentence"].endswith(
        "(pytorch-eager has no parity passport, and nothing proves that it trains alike)"
    )


def test_the_study_s_tables_carry_the_mark() -> None:
    raws = only(blocks(5) + blocks(2, epochs=10), "keras", passport=None)
    found = analyse(raws)
    assert [(row["unmatched"], row["runs"]) for row in found["study"]["time"]] == [(["keras"], 2), (["keras"], 5)]
    assert [(row["unmatched"], row["runs"]) for row in found["study"]["accuracy"]] == [(["keras"], 2)]
    assert {(row["framework"], *row["unmatched"]) for row in found["scaled"]} == {
        ("pytorch",),
        ("tensorflow",),
        ("keras", "keras"),
    }


def test_single_runs_are_counted_as_one() -> None:
    (row,) = analyse(blocks(1, epochs=10))["study"]["time"]
    assert row["runs"] == 1


def test_probes_enter_no_comparison_and_no_table() -> None:
    probes = blocks(6, probe="onednn-off", step=0.5) + blocks(1, probe="onednn-off", epochs=10, step=0.5)
    with_probes, without = analyse(blocks(6) + probes), analyse(blocks(6))
    assert with_probes["comparisons"] == without["comparisons"]
    assert with_probes["study"] == without["study"]
    assert with_probes["scaled"] == without["scaled"]
    assert {row["probe"] for row in with_probes["cells"]} == {None, "onednn-off"}


def test_results_of_the_first_release_are_still_read() -> None:
    raws = [changed(run, dict.fromkeys(("passport", "probe", "requested"), ...)) for run in blocks(6)]
    found = analyse(raws, plan_of(raws))
    assert {row["verdict"] for row in found["comparisons"]} == {"UNMATCHED"}
    assert {row["passport"] for row in found["cells"]} == {None}
    assert found["grade"]["grade"] == "not a fair comparison"
    assert found["passports"] == found["lanes"] == []


def test_verdicts_that_hold_together_are_marked() -> None:
    assert {row["holds_after_holm"] for row in analyse(blocks(6))["comparisons"]} == {False}  # 2/64 > 0.05/3
    assert {row["holds_after_holm"] for row in analyse(blocks(7))["comparisons"]} == {True}
    assert {row["holds_after_holm"] for row in analyse(blocks(4))["comparisons"]} == {None}


def test_passports_are_read_back(tmp_path: Path) -> None:
    assert load_passports(tmp_path) == []
    kept = passports(blocks(1))
    for number, record in enumerate(kept):
        records.write_json_once(tmp_path / "passports" / f"{number}.json", record)
    assert load_passports(tmp_path) == kept


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("{", "damaged, it is no JSON"),
        ('{"schema": 9}', "schema version 9"),
        ('{"schema": 1}', "lacks lane, workload, framework, mode, status"),
        (json.dumps(passport(raw(), status="fine")), r"lacks status \(matched, unmatched, error"),
        (json.dumps(passport(raw(), items=None)), "lacks items"),
        (json.dumps(passport(raw(), items=["forward"])), "lacks items"),
        (json.dumps(passport(raw(), framework=3)), "lacks framework"),
        ("{", "Restore it from a copy, or remove it: the numbers it stood for"),
    ],
)
def test_a_damaged_passport_is_named(tmp_path: Path, text: str, words: str) -> None:
    file = tmp_path / "passports" / "matched__x.json"
    file.parent.mkdir()
    file.write_text(text)
    with pytest.raises(InputError, match=words) as caught:
        load_passports(tmp_path)
    assert f"{file} (a parity passport)" in str(caught.value)


BAD = item("update", "float32", 0.5, passed=False)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        (
            {"items": [item("update", "float32", 0.5)]},
            "update in float32 is said to have passed with 0.5 against a tolerance of 2e-05",
        ),
        (
            {"items": [item("update", "float32", 1e-6, passed=False)]},
            "update in float32 is said to have failed with 1e-06 against a tolerance of 2e-05",
        ),
        ({"items": [BAD]}, "reads matched, but update failed"),
        ({"items": [item("loss", "float32", 1e-6) | {"passed": None, "measured": None}]}, "matched, but loss failed"),
        ({"failed_item": "loss"}, "reads matched, but loss failed"),
        ({"status": "unmatched"}, "reads unmatched, but names no item that failed"),
        ({"status": "unmatched", "items": [BAD]}, "reads unmatched, but names no item that failed"),
        ({"status": "unmatched", "failed_item": "loss", "items": [BAD]}, "reads unmatched, but loss did not fail"),
    ],
)
def test_a_passport_that_contradicts_itself_is_named(tmp_path: Path, changes: Record, words: str) -> None:
    file = tmp_path / "passports" / "matched__x.json"
    records.write_json_once(file, passport(raw(), **changes))
    with pytest.raises(InputError, match=words) as caught:
        load_passports(tmp_path)
    assert str(caught.value).startswith(f"{file} (a parity passport) is damaged: ")


@pytest.mark.parametrize(
    "changes",
    [
        {"items": [item("update", "float32", 2e-5)]},  # the tolerance itself still passes
        {"status": "unmatched", "failed_item": "update", "diagnosis": "Adam's.", "items": [BAD]},
        {"status": "unmatched", "failed_item": "update", "items": [BAD | {"measured": None}]},  # an infinite deviation
        {"status": "error", "diagnosis": "The exam could not be sat.", "items": []},
        {"status": "as-published", "items": [BAD, item("weights", "float32", 1.0) | {"measured": None}]},
    ],
)
def test_passports_that_agree_with_themselves_are_read(tmp_path: Path, changes: Record) -> None:
    records.write_json_once(tmp_path / "passports" / "x.json", passport(raw(), **changes))
    assert len(load_passports(tmp_path)) == 1
