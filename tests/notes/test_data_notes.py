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


def test_unlike_inputs() -> None:
    rule = "unlike-inputs"
    (note,) = asked(rule, [raw(), raw("keras", inputs__order_sha256="other"), raw("keras", 1)])
    assert "cifar10-cnn3x3 b32, block 0 (order)" in note.sentence
    assert note.numbers == {"inputs": {"cifar10-cnn3x3 b32, block 0": ["order"]}}
    assert not said(rule, blocks(2))  # each block draws its own
    assert not said(rule, [raw(), raw("keras", inputs=...), raw("keras", inputs={"masks_sha256": "m0"})])
    assert not said(rule, [raw(), raw("keras", lane="as-published", inputs__weights_sha256="other")])


def test_part_of_the_examples() -> None:
    rule = "part-of-the-examples"
    assert "cifar10-cnn3x3 (2048 examples)" in said(rule, [raw(epochs=1, examples=2048)])
    assert not said(rule, [raw(epochs=1, examples=50000), raw(epochs=1), raw()])


def test_data_cache_cold() -> None:
    rule = "data-cache-cold"

    def runs(first: float) -> list[dict[str, object]]:
        return [raw(block=b, phases__data=s) for b, s in enumerate((first, 0.5, 0.6, 0.4))]

    assert "The first run (pytorch-eager) read its data in 1.6 s, later ones in 0.5 s" in said(rule, runs(1.6))
    assert not said(rule, runs(1.49))  # 1 s longer it has to be
    assert not said(rule, [raw(block=b, phases__data=s) for b, s in enumerate((2.9, 1.0))])  # and three times
    assert not said(rule, [raw(phases__data=9.0), raw("keras", 1, phases__data=0.1)])  # another cell's
    assert not said(rule, [raw(block=b, phases__data=s) for b, s in enumerate((0.5, 9.0))])  # not the first
