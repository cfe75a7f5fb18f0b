from __future__ import annotations

from suite.records import Record
from tests.notes.notecase import asked, said
from tests.rawfactory import blocks, gpu_state, on_gpu, raw


def test_gpu_slowed_down() -> None:
    rule = "gpu-slowed-down"
    cool, capped = gpu_state(), gpu_state(slowed_s={"power cap": 3.5, "heat, by hardware": 0.0})
    (note,) = asked(rule, [on_gpu(machine__before__gpu_state=[cool], machine__after__gpu_state=[capped])])
    assert "During 1 run of 1 the GPU was slowed down (power cap)" in note.sentence
    assert not said(rule, [on_gpu(machine__before__gpu_state=[capped], machine__after__gpu_state=[capped])])
    short = gpu_state(slowed_s={"power cap": 1.53, "heat, by hardware": 0.0})  # 0.03 s of 6
    assert not said(rule, [on_gpu(machine__before__gpu_state=[cool], machine__after__gpu_state=[short])])


def test_without_counters_it_counts_what_held_right_after_the_run() -> None:
    def after(**changes: object) -> list[Record]:
        state = gpu_state(slowed_s=..., **changes)
        return [on_gpu(machine__before__gpu_state=[gpu_state(slowed_s=...)], machine__after__gpu_state=[state])]

    assert "(heat, by hardware)" in said("gpu-slowed-down", after(slowed_by=["heat, by hardware"]))
    assert not said("gpu-slowed-down", after())
    assert not said("gpu-slowed-down", [raw(machine__after__gpu_state=[gpu_state(slowed_by=["power cap"])])])


def test_gpu_shared() -> None:
    rule = "gpu-shared"
    assert "up to 2 of them" in said(rule, [on_gpu(machine__before__gpu_processes=2), on_gpu(block=1)])
    assert not said(rule, [on_gpu(), on_gpu(machine__before__gpu_processes="unknown because it died")])
    assert not said(rule, [raw(machine__before__gpu_processes=2)]), "nothing of ours ran there"


def test_gpu_memory_errors() -> None:
    rule = "gpu-memory-errors"
    assert "had 2 errors" in said(rule, [on_gpu(machine__after__gpu_state=[gpu_state(memory_errors=2)])])
    assert not said(rule, [on_gpu()])


def test_gpu_power_limit() -> None:
    rule = "gpu-power-limit"
    held = [on_gpu(machine__before__gpu_state=[gpu_state(power_limit_w=450.0)])]
    assert "450 W instead of 700 W" in said(rule, held)
    assert not said(rule, [on_gpu()])


def test_gpu_part() -> None:
    rule = "gpu-part"
    assert "1 run had a GPU that is divided" in said(
        rule, [on_gpu(machine__before__gpu_state=[gpu_state(mig="Enabled")])]
    )
    assert not said(rule, [on_gpu()])


def test_unlike_gpu_memory() -> None:
    rule = "unlike-gpu-memory"
    unlike = [on_gpu(settings__memory_growth=True), on_gpu("keras", settings__memory_growth=False)]
    assert "pytorch True, keras False" in said(rule, unlike)
    assert not said(rule, [on_gpu(settings__memory_growth=True), on_gpu("keras", settings__memory_growth="no GPU")])
    assert not said(rule, [raw(settings__memory_growth=True), raw("keras", settings__memory_growth=False)])


def test_unlike_cuda() -> None:
    rule = "unlike-cuda"
    unlike = [on_gpu(settings__build_accelerator="CUDA 13.0"), on_gpu("keras", settings__build_accelerator="CUDA 12.5")]
    assert "CUDA, cifar10-cnn3x3 b32 (matched): pytorch 13.0, keras 12.5" in said(rule, unlike)
    beside = {"pytorch": "versions__nvidia-cudnn-cu13", "keras": "versions__nvidia-cudnn-cu12"}
    libraries = [on_gpu(name, **{path: f"9.{len(name)}"}) for name, path in beside.items()]
    assert "cuDNN, cifar10-cnn3x3 b32 (matched): pytorch 9.7, keras 9.5" in said(rule, libraries)
    assert not said(rule, [dict(run, settings=run["settings"] | {"device": "cpu"}) for run in unlike])
    assert not said(rule, blocks(1, on_gpu))
