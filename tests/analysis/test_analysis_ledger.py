"""The ledger of the analysis: values by framework-mode, where they differ, what switching one was measured to do."""

from __future__ import annotations

from typing import Any

import pytest

from suite import analysis, ledger
from suite.analysis.ledger import differs
from suite.records import Record, to_json
from tests.rawfactory import blocks, failed, plan_of, raw


def rows(raws: list[Record]) -> dict[str, Record]:
    return {row["key"]: row for row in analysis.analyse(raws, plan_of(raws))["ledger"]}


def settings(**values: Any) -> list[Record]:
    """Return one block in which the frameworks read these values: ``layout=("NCHW", "NHWC", "NHWC")``."""
    frameworks = ("pytorch", "tensorflow", "keras")
    each = [{key: value[place] for key, value in values.items()} for place in range(3)]
    return [raw(framework, settings=own) for framework, own in zip(frameworks, each, strict=True)]


def test_a_row_holds_what_the_contract_says() -> None:
    row = rows(settings(layout=("NCHW", "NHWC", "NHWC")))["layout"]
    assert row == {
        "key": "layout",
        "title": ledger.entry("layout").title,
        "sentence": ledger.entry("layout").sentence,
        "comparable": True,
        "values": {"pytorch-eager": "NCHW", "tensorflow-function": "NHWC", "keras-fit": "NHWC"},
        "differs": True,
        "measured": [],
    }


def test_what_is_equal_everywhere_does_not_differ() -> None:
    found = rows(settings(threads_intra=(2, 2, 2), onednn=(True, True, True)))
    assert not found["threads_intra"]["differs"]
    assert not found["onednn"]["differs"]


@pytest.mark.parametrize("missing", [None, "unknown because TensorFlow does not tell"])
def test_what_is_not_known_is_no_difference(missing: str | None) -> None:
    assert not rows(settings(onednn_version=("3.12.0", missing, missing)))["onednn_version"]["differs"]


def test_modes_of_one_framework_do_not_make_a_row_differ() -> None:
    raws = [raw("pytorch", settings={"layout": "NCHW"}), raw("pytorch", mode="compile", settings={"layout": "NHWC"})]
    assert not rows(raws)["layout"]["differs"]
    assert not differs({"a": 1, "b": 2}, {"a": "one", "b": "one"})
    assert differs({"a": 1, "b": 2}, {"a": "one", "b": "two"})


def test_rows_in_which_default_modes_differ_come_first() -> None:
    raws = settings(layout=("NCHW", "NHWC", "NHWC"), compiler=("none", "none", "none"), threads_intra=(2, 2, 2))
    raws.append(raw("tensorflow", mode="xla", settings={"layout": "NHWC", "compiler": "XLA", "threads_intra": 2}))
    assert list(rows(raws)) == ["layout", "compiler", "threads_intra"]
    assert [row["differs"] for row in rows(raws).values()] == [True, True, False]


def test_what_differs_by_its_nature_comes_behind_what_matters() -> None:
    assert list(rows(settings(process_threads=(4, 7, 9), layout=("NCHW", "NHWC", "NHWC"), device=("cpu",) * 3))) == [
        "layout",
        "process_threads",
        "device",
    ]


def test_an_unknown_setting_still_shows() -> None:
    row = rows(settings(zeal=(1, 2, 2)))["zeal"]
    assert row["differs"]
    assert row["title"] == "zeal"
    assert "not in the catalogue" in row["sentence"]


def test_runs_that_disagree_show_every_value() -> None:
    raws = [raw(block=0, settings={"process_threads": 7}), raw(block=1, settings={"process_threads": 9})]
    assert rows(raws)["process_threads"]["values"] == {"pytorch-eager": [7, 9]}


def test_failed_runs_and_programs_as_published_are_left_out() -> None:
    raws = [*settings(onednn=(True, True, True)), failed("keras", 1)]
    raws.append(raw("keras", lane="as-published", settings={"onednn": False}))
    row = rows(raws)["onednn"]
    assert not row["differs"]
    assert row["values"].keys() == {"pytorch-eager", "tensorflow-function", "keras-fit"}


def test_programs_as_published_alone_have_a_ledger_of_their_own() -> None:
    raws = [raw(name, lane="as-published", settings={"seed": seed}) for name, seed in (("pytorch", 1), ("keras", 2))]
    assert rows(raws)["seed"]["values"] == {"pytorch-published": 1, "keras-published": 2}


TOO_FEW = "oneDNN off: TensorFlow took 1.60 times as long in 2 blocks, too few runs for a verdict (cifar10-cnn3x3, b32)"


def both_ways(count: int, factor: float, framework: str = "tensorflow", probe: str = "onednn-off") -> list[Record]:
    """Return blocks of all frameworks, and one of them with a setting switched that takes ``factor`` times as long."""
    plain = blocks(count)
    usual = next(each for each in plain if each["framework"] == framework)["steps"]["median_s"]
    return plain + [raw(framework, block, probe=probe, step=factor * usual, position=3) for block in range(count)]


@pytest.mark.parametrize(
    ("count", "factor", "verdict", "words"),
    [
        (6, 1.6, "slower", "oneDNN off: TensorFlow takes 1.60 times as long (cifar10-cnn3x3, b32)"),
        (6, 0.8, "faster", "oneDNN off: TensorFlow takes 0.80 times as long (cifar10-cnn3x3, b32)"),
        (6, 1.001, "equal within 3 %", "oneDNN off: TensorFlow takes as long, within 3 % (cifar10-cnn3x3, b32)"),
        (2, 1.6, "too few runs", TOO_FEW),
    ],
)
def test_a_setting_run_both_ways_is_measured_block_by_block(
    count: int, factor: float, verdict: str, words: str
) -> None:
    (found,) = rows(both_ways(count, factor))["onednn"]["measured"]
    assert found["ratio"] == pytest.approx(factor)
    assert {key: found[key] for key in ("arm", "probe", "verdict", "runs", "sentence", "workload")} == {
        "arm": "tensorflow-function",
        "probe": "onednn-off",
        "verdict": verdict,
        "runs": count,
        "sentence": words,
        "workload": "cifar10-cnn3x3",
    }
    assert (found["low"] is None) == (count < 5)


def test_a_probe_that_ran_in_no_common_block_says_so() -> None:
    raws = [raw("tensorflow", 0), raw("tensorflow", 1, probe="onednn-off")]
    (found,) = rows(raws)["onednn"]["measured"]
    assert (found["ratio"], found["runs"]) == (None, 0)
    assert "was never measured both ways in one block" in found["sentence"]


def test_each_workload_and_batch_is_measured_by_itself() -> None:
    raws = []
    for block in range(6):
        for batch, factor in ((4, 1.5), (32, 2.0)):
            raws += [raw("keras", block, batch=batch, step=0.01)]
            raws += [raw("keras", block, batch=batch, step=0.01 * factor, probe="onednn-off")]
    found = rows(raws)["onednn"]["measured"]
    assert [(each["params"]["batch"], each["ratio"]) for each in found] == [
        (4, pytest.approx(1.5)),
        (32, pytest.approx(2.0)),
    ]


def test_a_companion_measures_the_setting_that_it_switches() -> None:
    raws = blocks(6)
    raws += [raw("pytorch", block, mode="eager-channels-last", step=0.015, position=3) for block in range(6)]
    (found,) = rows(raws)["layout"]["measured"]
    assert (found["arm"], found["probe"]) == ("pytorch-eager", "eager-channels-last")
    assert found["ratio"] == pytest.approx(0.75)
    assert found["sentence"].startswith("mode eager-channels-last instead of eager: PyTorch takes 0.75 times as long")


def test_a_probe_that_no_adapter_knows_any_more_still_shows() -> None:
    (found,) = rows(both_ways(6, 2.0, probe="gone"))["gone"]["measured"]
    assert found["sentence"].startswith("gone: TensorFlow takes 2.00 times as long")


def test_probes_enter_nothing_else() -> None:
    raws = both_ways(6, 1.6)
    for run in raws:
        if run["probe"]:
            run["settings"]["onednn"] = False
        else:
            run["settings"]["onednn"] = True
    with_probes, without = analysis.analyse(raws), analysis.analyse(blocks(6))
    assert with_probes["comparisons"] == without["comparisons"]
    assert with_probes["scaled"] == without["scaled"]
    assert with_probes["study"] == without["study"]
    assert with_probes["settings"]["tensorflow-function"]["onednn"] is True
    row = next(row for row in with_probes["ledger"] if row["key"] == "onednn")
    assert row["values"] == dict.fromkeys(("pytorch-eager", "tensorflow-function", "keras-fit"), True)
    assert [cell["probe"] for cell in with_probes["cells"]].count("onednn-off") == 1


def test_the_ledger_is_plain_json() -> None:
    to_json({"ledger": list(rows(both_ways(6, 1.6)).values())})


def test_nothing_ran_well_and_nothing_is_made_up() -> None:
    assert rows([failed("pytorch"), failed("keras")]) == {}
