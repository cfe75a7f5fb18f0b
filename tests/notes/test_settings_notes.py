from __future__ import annotations

from typing import Any

import pytest

from tests.notes.notecase import asked, said
from tests.rawfactory import raw

UNLIKE: dict[str, list[tuple[str, Any, Any]]] = {
    "unlike-dtypes": [("dtype", "float32", "float64"), ("amp", False, True)],
    "unlike-matmul-precision": [("float32_kept_matmul", True, False), ("float32_kept_convolutions", True, False)],
    "unlike-determinism": [("deterministic", False, True)],
    "unlike-devices": [("device", "cpu", "cuda"), ("device", "cuda", "cuda:1")],
    "unlike-affinity": [("affinity", "0-1", "0")],
    "unlike-denormals": [("denormals_flushed", True, False)],
    "unlike-onednn": [("onednn", True, False)],
    "unlike-allocators": [("allocator", "glibc", "jemalloc")],
}


@pytest.mark.parametrize(("rule", "key", "one", "other"), [(r, *each) for r, keys in UNLIKE.items() for each in keys])
def test_settings_read_back_unlike(rule: str, key: str, one: Any, other: Any) -> None:
    setting = f"settings__{key}"
    (note,) = asked(rule, [raw(**{setting: one}), raw("keras", **{setting: other})])
    assert f"{key.replace('_', ' ')}, cifar10-cnn3x3 b32 (matched): pytorch {one}, keras {other}" in note.sentence
    assert note.numbers == {"settings": {key: {"cifar10-cnn3x3 b32 (matched)": {"pytorch": [one], "keras": [other]}}}}
    assert not said(rule, [raw(**{setting: other}), raw("keras", **{setting: other})])
    assert not said(rule, [raw(**{setting: one}), raw("keras", batch=4, **{setting: other})])  # not compared
    assert not said(rule, [raw(**{setting: one}), raw("keras", lane="as-published", **{setting: other})])
    assert not said(rule, [raw(**{setting: one}), raw(probe="switched", **{setting: other})])
    assert not said(rule, [raw(**{setting: one}), raw("keras", **{setting: "unknown because it does not tell"})])
    assert not said(rule, [raw(settings=...), raw("keras", **{setting: one})])


def test_unlike_autotuning() -> None:
    rule = "unlike-autotuning"

    def runs(device: str) -> list[dict[str, Any]]:
        return [raw(f, settings__device=device, settings__cudnn_autotune=f == "keras") for f in ("pytorch", "keras")]

    assert "cudnn autotune" in said(rule, runs("cuda:0"))
    assert not said(rule, runs("cpu"))  # there is no cuDNN


def test_environment_steers_one() -> None:
    rule = "environment-steers-one"
    (note,) = asked(rule, [raw(**{"settings__env:OMP_NUM_THREADS": "1", "settings__env:TF_NUM_INTRAOP_THREADS": "1"})])
    assert "OMP_NUM_THREADS=1 (PyTorch) and TF_NUM_INTRAOP_THREADS=1 (TensorFlow and Keras)" in note.sentence
    assert note.numbers["variables"]["PyTorch"] == {"OMP_NUM_THREADS": "1"}
    for harmless in ("TF_CPP_MIN_LOG_LEVEL", "TF2_BEHAVIOR", "TORCHINDUCTOR_CACHE_DIR", "LD_PRELOAD", "DNNL_VERBOSE"):
        assert not said(rule, [raw(**{f"settings__env:{harmless}": "2"})])
    assert not said(rule, [raw("keras", **{"settings__env:TF_FORCE_GPU_ALLOW_GROWTH": "true"})])  # Keras sets it itself
    assert not said(rule, [raw(settings__TF_NUM_INTRAOP_THREADS="1")])  # no variable
    assert not said(rule, [raw(probe="passive", **{"settings__env:OMP_WAIT_POLICY": "PASSIVE"})])
