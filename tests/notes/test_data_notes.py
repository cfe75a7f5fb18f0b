from __future__ import annotations

from tests.notes.notecase import asked, said
from tests.rawfactory import blocks, failed, plan_of, raw


def test_synthetic_data() -> None:
    rule = "synthetic-data"
    twin = blocks(1, data__synthetic=True, data__name="cifar10-twin")
    assert "synthetic (cifar10-twin)" in said(rule, twin)
    assert "synthetic" in said(rule, [failed()], plan_of(twin, data__synthetic=True))
    assert not said(rule, blocks(1), plan_of(twin))


def test_different_data() -> None:
    rule = "different-data"
    (note,) = asked(rule, [raw("pytorch"), raw("keras", data__sha256="d2")])
    assert note.numbers == {"digests": {"cifar10-cnn3x3 b32 (matched)": {"pytorch": ["d1"], "keras": ["d2"]}}}
    assert said(rule, [raw("pytorch"), raw("pytorch", 1, data__sha256="d2")])
    assert not said(rule, [raw("pytorch"), raw("keras")])
    # unlike workloads may well have unlike data
    assert not said(rule, [raw("pytorch"), raw("keras", workload="mnist-cnn", data__sha256="d2")])
