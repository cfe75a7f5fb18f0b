"""The analysis of made-up raw results whose answers are known."""

from __future__ import annotations

import json
import math
import random
import time
from pathlib import Path

import pytest

from suite import records
from suite.analysis import analyse, load_run
from suite.errors import InputError
from suite.records import Record
from tests.rawfactory import blocks, failed, plan_of, raw

same = pytest.approx


def cell(analysis: Record, part: str) -> Record:
    (found,) = [c for c in analysis["cells"] if part in c["cell"]]
    return dict(found)


def comparison(analysis: Record, a: str, b: str) -> Record:
    (found,) = [c for c in analysis["comparisons"] if (c["a"], c["b"]) == (a, b)]
    return dict(found)


def test_a_plain_run_from_end_to_end() -> None:
    raws = blocks(6)
    found = analyse(raws, plan_of(raws))
    assert (found["schema"], found["run"], found["preset"]) == (1, "quick-20261121-053000", "quick")
    assert found["synthetic"] is False
    assert found["counts"] == {"ok": 18, "failed": 0, "timeout": 0, "killed": 0, "planned": 18, "missing": 0}
    row = comparison(found, "pytorch-eager", "tensorflow-function")
    assert row["ratio"] == row["low"] == row["high"] == same(0.5)
    assert (row["confidence"], row["runs"], row["verdict"], row["quantity"]) == (0.96875, 6, "faster", "step")
    assert row["params"] == {"batch": 32, "epochs": None}
    assert row["sentence"] == "tensorflow-function takes 0.50 of the time of pytorch-eager: faster"
    assert comparison(found, "tensorflow-function", "keras-fit")["verdict"] == "equal within 3 %"
    assert len(found["comparisons"]) == 3
    assert found["machines"] == [{"id": "abcd", "identity": {"virtual_machine": "none"}}]
    assert found["versions"]["pytorch"] == {"python": "3.11.7", "numpy": "2.4.2", "torch": "2.13.0+cpu"}
    assert found["settings"]["keras-fit"]["threads_intra"] == 2
    assert found["failures"] == []
    records.to_json(found)  # refuses NaN


def test_a_cell_of_sampled_steps() -> None:
    steps = [0.011, 0.010, 0.012, 0.030]
    raws = [raw("tensorflow", b, step=s, cpu_s=6.0 + b, peak_rss_bytes=100 + b) for b, s in enumerate(steps)]
    raws.append(failed("tensorflow", 4))
    row = cell(analyse(raws), "tensorflow")
    assert row["values_s"] == steps
    assert (row["median_s"], row["min_s"], row["max_s"]) == (same(0.0115), 0.010, 0.030)
    assert row["spread"] == same(3.0)
    assert (row["runs_ok"], row["runs_not_ok"]) == (4, 1)
    assert row["first_step_s"] == 0.5
    assert row["peak_rss_bytes"] == 101.5
    assert row["cpu_per_wall"] == same(7.5 / 6.0)
    assert row["parameter_count"] == 122570
    assert (row["epochs"], row["final_accuracy"]) == ([], [])


def test_a_cell_of_whole_trainings() -> None:
    raws = [raw("keras", b, epochs=2, accuracy=0.70 + 0.01 * b) for b in range(3)]
    row = cell(analyse(raws), "keras")
    assert row["cell"].endswith("b32-e2")
    assert row["quantity"] == "training"
    assert row["values_s"] == [same(2 * 1563 * 0.0101)] * 3
    assert row["final_accuracy"] == [same(0.70), same(0.71), same(0.72)]
    assert [e["epoch"] for e in row["epochs"]] == [1, 2]
    assert row["epochs"][0]["test_accuracy"] == same(0.66)
    assert row["epochs"][1]["train_loss"] == same(1.8)
    assert row["epochs"][1]["eval_s"] == 1.0


def test_failures_leave_rows_and_their_blocks_are_not_paired() -> None:
    raws = [r for r in blocks(6) if (r["framework"], r["block"]) != ("pytorch", 2)]
    raws.append(failed("pytorch", 2, status="timeout"))
    found = analyse(raws)
    assert comparison(found, "pytorch-eager", "tensorflow-function")["runs"] == 5
    assert comparison(found, "tensorflow-function", "keras-fit")["runs"] == 6
    (failure,) = found["failures"]
    assert failure == {
        "cell": "linux-cpu/matched/cifar10-cnn3x3/pytorch-eager/b32",
        "block": 2,
        "status": "timeout",
        "reason": "the worker ended with exit code -9",
        "exit_code": -9,
        "log": "logs/pytorch-2.log",
        "log_tail": ["Killed"],
    }
    assert found["counts"]["timeout"] == 1
    assert (found["counts"]["planned"], found["counts"]["missing"]) == (None, None)


def test_a_framework_that_always_failed_is_shown_without_numbers() -> None:
    raws = [*blocks(5, frameworks=["tensorflow"]), *(failed("pytorch", b) for b in range(5))]
    found = analyse(raws)
    row = comparison(found, "pytorch-eager", "tensorflow-function")
    assert [row[k] for k in ("ratio", "low", "high", "confidence", "runs")] == [None, None, None, None, 0]
    assert row["verdict"] == "too few runs"
    assert "never both measured" in row["sentence"]
    dead = cell(found, "pytorch")
    assert (dead["runs_ok"], dead["runs_not_ok"], dead["values_s"]) == (0, 5, [])
    assert all(dead[k] is None for k in ("median_s", "spread", "first_step_s", "peak_rss_bytes", "parameter_count"))


def test_nothing_but_failures_is_still_an_analysis() -> None:
    raws = [failed("pytorch", b, status="killed") for b in range(2)]
    found = analyse(raws, plan_of(raws))
    assert found["counts"]["killed"] == 2
    assert found["study"] == {"time": [], "accuracy": []}
    records.to_json(found)


def test_missing_runs_are_counted() -> None:
    raws = blocks(5)
    assert analyse(raws[:-2], plan_of(raws))["counts"]["missing"] == 2


def test_runs_are_paired_by_block_not_by_their_place() -> None:
    pace = [1.0, 1.5, 2.0, 3.0, 0.5, 1.2]  # the machine's, the same for both within a block
    raws = [raw(f, b, step=s * pace[b]) for f, s in (("pytorch", 0.02), ("tensorflow", 0.01)) for b in range(6)]
    random.Random(1).shuffle(raws)
    row = comparison(analyse(raws), "pytorch-eager", "tensorflow-function")
    assert (row["low"], row["high"]) == (same(0.5), same(0.5))


def test_machines_are_never_paired_with_each_other_nor_their_seconds_pooled() -> None:
    raws = [raw("pytorch", b) for b in range(6)] + [raw("tensorflow", b, machine__id="other") for b in range(6)]
    found = analyse(raws)
    assert comparison(found, "pytorch-eager", "tensorflow-function")["runs"] == 0
    assert "mixed-machines" in {note["id"] for note in found["notes"]}
    both = blocks(3) + blocks(3, machine__id="other", step=9.0)
    pooled = analyse(both)
    assert comparison(pooled, "pytorch-eager", "tensorflow-function")["runs"] == 6
    assert cell(pooled, "pytorch")["median_s"] is None
    assert len(cell(pooled, "pytorch")["values_s"]) == 6
    assert pooled["scaled"] == []


def test_only_cells_alike_in_all_else_are_compared() -> None:
    raws = blocks(5) + blocks(5, batch=4) + blocks(5, workload="cifar10-cnn5x5") + blocks(5, epochs=1)
    raws += [raw("pytorch", b, mode="compile") for b in range(5)]
    rows = analyse(raws)["comparisons"]
    assert len(rows) == 3 * 3 + 6  # one group has four framework-modes
    pairs = [(r["a"], r["b"]) for r in rows if r["params"] == {"batch": 32, "epochs": None} and "3x3" in r["workload"]]
    assert pairs[:3] == [
        ("pytorch-eager", "pytorch-compile"),
        ("pytorch-eager", "tensorflow-function"),
        ("pytorch-eager", "keras-fit"),
    ]
    assert [r["params"]["batch"] for r in rows if r["quantity"] == "step" and "3x3" in r["workload"]][:3] == [4, 4, 4]


def test_two_runs_of_a_cell_in_one_block_count_once() -> None:
    raws = blocks(5) + blocks(5)
    assert comparison(analyse(raws), "pytorch-eager", "keras-fit")["runs"] == 5


@pytest.mark.parametrize(
    ("steps", "verdict", "words"),
    [
        ([0.04] * 6, "slower", "takes 2.00 times the time of pytorch-eager: slower"),
        ([0.0203, 0.0198, 0.02, 0.0201, 0.0199, 0.0202], "equal within 3 %", "takes 0.99 to 1.01 times the time"),
        ([0.02, 0.03, 0.01, 0.02, 0.03, 0.01], "not resolved", "takes 0.50 to 1.50 times the time"),
        ([0.04] * 4, "too few runs", "took 2.00 times the time of pytorch-eager in 4 blocks: too few runs"),
        ([0.0004] * 6, "faster", "takes 0.02 of the time"),
        ([0.00004] * 6, "faster", "takes 0.002 of the time"),
    ],
)
def test_sentences(steps: list[float], verdict: str, words: str) -> None:
    raws = [r for b, s in enumerate(steps) for r in (raw("pytorch", b), raw("tensorflow", b, step=s))]
    row = comparison(analyse(raws), "pytorch-eager", "tensorflow-function")
    assert row["verdict"] == verdict
    assert words in row["sentence"]


def test_scaling_to_whole_trainings() -> None:
    raws = blocks(5)
    rows = [r for r in analyse(raws)["scaled"] if r["framework"] == "pytorch"]
    assert [(r["epochs"], r["steps"]) for r in rows] == [(10, 15630), (20, 31260)]
    assert rows[0]["seconds"] == same(0.5 + 15629 * 0.02)
    assert "evaluation excluded" in rows[0]["formula"]
    planned = analyse(raws, plan_of(raws, scale_epochs=[3]))["scaled"]
    assert {(r["epochs"], r["steps"]) for r in planned} == {(3, 4689)}


def test_the_study_s_tables_from_scaled_times() -> None:
    (row, _) = analyse(blocks(5))["study"]["time"]
    assert (row["workload"], row["epochs"], row["batch"], row["scaled"]) == ("cifar10-cnn3x3", 10, 32, True)
    assert row["pytorch_s"] == same(0.5 + 15629 * 0.02)
    assert row["tf_slower_pct"] == same((row["tensorflow_s"] - row["pytorch_s"]) / row["tensorflow_s"] * 100)
    assert row["keras_slower_pct"] == same((row["keras_s"] - row["pytorch_s"]) / row["keras_s"] * 100)


def test_the_study_s_tables_prefer_measured_trainings_and_never_mix_a_row() -> None:
    whole = blocks(2, epochs=10)
    study = analyse(blocks(5) + whole)["study"]
    assert [(r["epochs"], r["scaled"]) for r in study["time"]] == [(10, False), (20, True)]
    assert study["time"][0]["pytorch_s"] == same(15630 * 0.02)
    (accuracy,) = study["accuracy"]
    assert [accuracy[f] for f in ("pytorch", "tensorflow", "keras")] == [same(0.70)] * 3
    assert (accuracy["epochs"], accuracy["batch"], accuracy["runs"]) == (10, 32, 2)
    half = analyse(blocks(5) + [r for r in whole if r["framework"] == "keras"])["study"]
    assert [(r["epochs"], r["scaled"]) for r in half["time"]] == [(10, True), (20, True)]
    assert half["accuracy"][0]["pytorch"] is None
    alone = analyse([r for r in whole if r["framework"] == "keras"])["study"]["time"]
    assert [(r["keras_s"], r["pytorch_s"], r["keras_slower_pct"]) for r in alone] == [
        (same(15630 * 0.0101), None, None)
    ]


def test_only_default_modes_enter_the_study_s_tables() -> None:
    raws = [raw("pytorch", b, mode="compile", epochs=10) for b in range(2)]
    assert analyse(raws)["study"] == {"time": [], "accuracy": []}
    assert len(analyse([*raws, raw("pytorch", 0, mode="eager", epochs=10)])["study"]["time"]) == 1


def test_trainings_on_a_part_of_the_examples_are_no_case_of_the_study_but_are_compared() -> None:
    found = analyse(blocks(5, epochs=1, examples=2048) + blocks(5, epochs=1))
    assert len(found["study"]["time"]) == len(found["study"]["accuracy"]) == 1
    assert [c["params"].get("examples") for c in found["comparisons"]] == [None] * 3 + [2048] * 3


def test_the_study_s_accuracies_are_means() -> None:
    raws = [raw(block=b, epochs=10, accuracy=a) for b, a in enumerate((0.5, 0.7, 0.9, 0.9))]
    assert analyse(raws)["study"]["accuracy"][0]["pytorch"] == same(0.75)


def test_disagreeing_versions_and_settings_are_all_shown() -> None:
    raws = [raw(block=0), raw(block=1, versions__numpy="2.4.9", settings__threads_intra=1, parameter_count=7)]
    found = analyse(raws)
    assert found["versions"]["pytorch"]["numpy"] == ["2.4.2", "2.4.9"]
    assert found["settings"]["pytorch-eager"]["threads_intra"] == [2, 1]
    assert cell(found, "pytorch")["parameter_count"] is None


def test_numbers_that_cannot_be_had_are_none() -> None:
    raws = [raw(block=b, epochs=1, cpu_s=None, peak_rss_bytes=None) for b in range(2)]
    for record in raws:
        record["epochs"][0] |= {"train_loss": math.nan, "test_accuracy": None}
    row = cell(analyse(raws), "pytorch")
    assert (row["cpu_per_wall"], row["peak_rss_bytes"], row["final_accuracy"]) == (None, None, [])
    assert row["epochs"][0]["train_loss"] is None
    assert row["epochs"][0]["train_s"] > 0


def test_synthetic_data_marks_the_whole_analysis() -> None:
    assert analyse([raw(data__synthetic=True)])["synthetic"] is True
    assert analyse([failed()], plan_of([raw()], data__synthetic=True))["synthetic"] is True


def test_analysis_does_not_depend_on_the_order_of_the_files() -> None:
    raws = blocks(6) + blocks(2, epochs=1)
    shuffled = list(raws)
    random.Random(3).shuffle(shuffled)
    assert json.dumps(analyse(shuffled)) == json.dumps(analyse(raws))


def test_a_thousand_runs_take_under_two_seconds() -> None:
    grid = [(w, b) for w in ("cifar10-cnn3x3", "cifar10-cnn5x5") for b in (4, 8, 16, 32)]
    raws = [run for w, b in grid for run in blocks(42, workload=w, batch=b)]
    assert len(raws) > 1000
    plan = plan_of(raws)
    since = time.perf_counter()
    analyse(raws, plan)
    assert time.perf_counter() - since < 2


def write_run(folder: Path, raws: list[Record]) -> None:
    records.write_json_once(folder / "plan.json", plan_of(raws))
    for n, record in enumerate(raws):
        records.write_json_once(folder / "raw" / f"{n:03}.json", record)


def test_a_run_is_read_back_as_it_was_written(tmp_path: Path) -> None:
    raws = [*blocks(2), failed("pytorch", 2)]
    write_run(tmp_path, raws)
    (tmp_path / "raw" / ".003.json.x.part").write_text("{")  # what a killed driver leaves behind
    plan, read = load_run(tmp_path)
    for run in raws:
        if run["status"] == "ok":  # these name step times that do not lie beside them
            run["steps"]["file_missing"] = True
    assert read == raws
    assert plan == plan_of(raws)
    (tmp_path / "plan.json").unlink()
    assert load_run(tmp_path)[0] is None


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("{", "damaged"),
        ("[]", "damaged"),
        ("{", "damaged, it is no JSON: .* Remove it and repeat that run with --resume, or restore it from a copy"),
        ("{}", "does not say its schema version. Remove it"),
        ('{"schema": 9}', "schema version 9"),
        ('{"schema": 1, "status": "ok"}', "lacks cell"),
        (json.dumps(raw(status="fine")), r"lacks status \(ok, failed"),
        (json.dumps(raw() | {"block": "0"}), "has '0' under block, which is no number"),
        (json.dumps(raw(steps__median_s="abc")), r"it has 'abc' under steps\.median_s, which is no number\. Remove it"),
        (json.dumps(raw(mode=["eager"]) | {"cell": 3}), "it has 3 under cell, which is no text; it has .* under mode"),
        (json.dumps(raw(epochs=1) | {"epochs": [3]}), "under epochs, no list of them"),
        (json.dumps(raw(epochs=1) | {"epochs": [{"epoch": 1, "train_s": "1"}]}), r"has '1' under epochs\.train_s"),
        (json.dumps(raw(steps__median_s=None)), r"lacks steps\.median_s"),
        (json.dumps(raw(epochs=1) | {"epochs": []}), "lacks epochs"),
    ],
)
def test_a_damaged_result_is_named(tmp_path: Path, text: str, words: str) -> None:
    write_run(tmp_path, blocks(1))
    file = tmp_path / "raw" / "001.json"
    file.write_text(text)
    with pytest.raises(InputError, match=words) as caught:
        load_run(tmp_path)
    assert str(file) in str(caught.value)


def test_a_folder_without_results_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no raw result"):
        load_run(tmp_path)
    with pytest.raises(InputError, match="is no folder"):
        load_run(tmp_path / "nowhere")
    records.write_json_once(tmp_path / "plan.json", {"schema": 1, "runs": None})
    with pytest.raises(InputError, match="does not list its runs"):
        load_run(tmp_path)
