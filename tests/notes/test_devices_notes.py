from __future__ import annotations

import pytest

from suite.notes.devices import accelerator, device
from suite.records import Record
from tests.notes.notecase import asked, said
from tests.rawfactory import blocks, plan_of, raw

ON_CUDA: Record = {"profile": "cuda", "device": "cuda", "settings__device": "cuda:0"}
SMOKE: Record = {"profile": "cuda", "device": "cpu"}


def test_gpu_profile_on_processor() -> None:
    rule = "gpu-profile-on-processor"
    (note,) = asked(rule, blocks(2, **SMOKE))
    assert note.severity == "unfair"
    assert "6 runs of profile cuda, for an NVIDIA GPU (CUDA), computed on the processor (--device cpu)" in note.sentence
    assert "no GPU result" in note.sentence
    assert not said(rule, blocks(2))
    assert not said(rule, blocks(2, **ON_CUDA))
    assert not said(rule, blocks(2, device="cpu"))


def test_a_gpu_that_was_asked_for_and_not_used_is_no_gpu_result_either() -> None:
    fallen = [raw(**ON_CUDA), raw("keras", profile="cuda", device="cuda", settings__device="cpu")]
    assert "1 run of profile cuda" in said("gpu-profile-on-processor", fallen)
    assert "which nobody asked for" in said("gpu-profile-on-processor", fallen)
    assert "pytorch cuda, keras cpu" in said("unlike-devices", fallen)


def test_the_plan_says_what_a_profile_is_for_that_is_not_known_any_more() -> None:
    raws = blocks(1, profile="gone", device="cpu")
    plan = plan_of(raws, profile="gone", platform={"title": "Gone", "accelerator": "metal"})
    assert "Apple GPU (Metal)" in said("gpu-profile-on-processor", raws, plan)
    assert not said("gpu-profile-on-processor", raws)
    assert accelerator(raws[0]) is None


@pytest.mark.parametrize(
    ("changes", "found"),
    [
        ({"settings__device": "cpu"}, "cpu"),
        ({"settings__device": "cuda:0"}, "cuda"),
        ({"settings__device": "mps:0"}, "metal"),
        ({"settings__device": "/job:localhost/replica:0/task:0/device:GPU:0"}, "cuda"),
        ({"settings__device": "/device:GPU:0", "device": "metal"}, "metal"),
        ({"settings__device": "/device:GPU:0", "versions__tensorflow-metal": "1.2.0"}, "metal"),
        ({"settings__device": "unknown because it died", "device": "cuda"}, "cuda"),
        ({"settings__device": ...}, None),
    ],
)
def test_one_word_for_each_device(changes: Record, found: str | None) -> None:
    assert device(raw(**changes)) == found


def test_frameworks_may_call_one_gpu_by_names_of_their_own() -> None:
    alike = [
        raw(**ON_CUDA, requested__device="cuda"),
        raw("tensorflow", **ON_CUDA | {"settings__device": "/device:GPU:0"}, requested__device="cuda"),
    ]
    assert not said("unlike-devices", alike)
    assert not said("setting-did-not-take", alike)
    assert "device (asked for cuda, took cpu)" in said(
        "setting-did-not-take", [raw(device="cuda", requested__device="cuda")]
    )
