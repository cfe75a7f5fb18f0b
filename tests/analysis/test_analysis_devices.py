"""Runs on unlike devices are never put together, and a GPU's profile on the processor is marked."""

from __future__ import annotations

from suite.analysis import analyse
from suite.records import Record
from tests.rawfactory import blocks, plan_of, raw

ON_CUDA: Record = {"profile": "cuda", "device": "cuda", "settings__device": "cuda:0"}
ON_CPU: Record = {"profile": "cuda", "device": "cpu"}


def row(analysis: Record, a: str, b: str) -> Record:
    (found,) = (each for each in analysis["comparisons"] if (each["a"], each["b"]) == (a, b))
    return found


def test_frameworks_on_unlike_devices_have_no_ratio() -> None:
    raws = [raw("pytorch", b, **ON_CUDA) for b in range(6)] + [raw("keras", b, **ON_CPU) for b in range(6)]
    found = row(analyse(raws), "pytorch-eager", "keras-fit")
    assert (found["ratio"], found["runs"], found["device"]) == (None, 0, None)
    assert "pytorch-eager computed on cuda, keras-fit computed on cpu" in found["sentence"]


def test_blocks_of_two_devices_are_not_one_comparison() -> None:
    raws = blocks(6, **ON_CUDA) + [dict(run, block=run["block"] + 6) for run in blocks(6, **ON_CPU)]
    analysis = analyse(raws)
    assert row(analysis, "pytorch-eager", "keras-fit")["ratio"] is None
    assert {cell["median_s"] for cell in analysis["cells"]} == {None}
    assert {cell["device"] for cell in analysis["cells"]} == {None}
    assert analysis["grade"]["grade"] == "nothing to compare"


def test_one_framework_that_computed_elsewhere_in_some_blocks_loses_those() -> None:
    raws = blocks(8, **ON_CUDA) + [raw("keras", b, **ON_CPU) for b in range(8, 10)]
    found = row(analyse(raws), "pytorch-eager", "keras-fit")
    assert (found["runs"], found["device"]) == (8, "cuda")


def test_a_gpu_profile_on_the_processor_is_marked_and_no_fair_comparison() -> None:
    raws = blocks(6, **ON_CPU)
    plan = plan_of(raws, profile="cuda", device="cpu", platform={"title": "A GPU", "accelerator": "cuda"})
    analysis = analyse(raws, plan)
    assert analysis["device"] == {"used": ["cpu"], "accelerators": ["cuda"], "mark": "on the processor, no GPU result"}
    assert analysis["grade"]["grade"] == "not a fair comparison"
    assert {found["device"] for found in analysis["comparisons"]} == {"cpu"}


def test_a_processor_s_profile_has_no_mark() -> None:
    assert analyse(blocks(6, device="cpu"))["device"] == {"used": ["cpu"], "accelerators": ["cpu"], "mark": None}
    assert analyse(blocks(6))["device"] == {"used": ["cpu"], "accelerators": ["cpu"], "mark": None}
    assert analyse(blocks(6, **ON_CUDA))["device"]["mark"] is None
