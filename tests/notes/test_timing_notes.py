from __future__ import annotations

import pytest

from tests.notes.notecase import asked, said
from tests.rawfactory import blocks, failed, plan_of, raw


def test_too_few_runs() -> None:
    rule = "too-few-runs"
    (note,) = asked(rule, blocks(4) + blocks(5, batch=4))
    assert note.sentence.startswith("3 cells had fewer than 5 runs")
    assert set(note.numbers["runs"].values()) == {4}
    assert not said(rule, blocks(5))
    assert said(rule, [*blocks(5, frameworks=["keras"])[1:], failed("keras", 5)])
    assert not said(rule, [failed("keras", 5)])


@pytest.mark.parametrize(("threads", "limit"), [(1, 1.10), (2, 1.25)])
def test_spread_between_runs(threads: int, limit: float) -> None:
    rule = "spread-between-runs"
    for factor, wide in ((limit + 0.001, True), (limit - 0.001, False)):
        raws = [raw(block=b, step=s, settings__threads_intra=threads) for b, s in enumerate((1.0, factor))]
        assert bool(said(rule, raws)) is wide
    assert "pytorch-eager/b32 (3.00 times)" in said(rule, [raw(block=b, step=1.0 + b) for b in range(3)])


def test_order_not_balanced() -> None:
    rule = "order-not-balanced"
    always = [raw(f, b, position=p) for b in range(4) for p, f in enumerate(("pytorch", "keras"))]
    (note,) = asked(rule, always)
    assert "pytorch-eager/b32 before linux-cpu/matched/cifar10-cnn3x3/keras-fit/b32 in 4 of 4 blocks" in note.sentence
    assert not said(rule, blocks(6))
    assert not said(rule, blocks(1))
    assert not said(rule, blocks(5))  # 3 of 5
    for run in always[:2]:  # 3 of 4, just balanced enough
        run["position"] = 1 - run["position"]
    assert not said(rule, always)
    unknown = [raw(f, b) for b in range(4) for f in ("pytorch", "keras")]
    for run in unknown:
        run["position"] = None
    assert not said(rule, unknown)


def test_runs_failed() -> None:
    rule = "runs-failed"
    (note,) = asked(rule, [raw(), failed("keras", 1), failed("keras", 2, status="timeout"), failed("keras", 3)])
    assert note.sentence.startswith(
        "3 runs did not end well: linux-cpu/matched/cifar10-cnn3x3/keras-fit/b32 (2 failed, 1 "
    )
    assert not said(rule, blocks(2))


def test_runs_missing() -> None:
    rule = "runs-missing"
    raws = blocks(2)
    assert "1 planned run left no result: linux-cpu/matched/cifar10-cnn3x3/pytorch-eager/b32 (1)." in said(
        rule, [r for r in raws if (r["framework"], r["block"]) != ("pytorch", 1)], plan_of(raws)
    )
    assert not said(rule, raws, plan_of(raws))
    assert not said(rule, [*raws[1:], failed(raws[0]["framework"], 0)], plan_of(raws))  # a row, not a hole
    assert not said(rule, raws)


def test_scaled_times() -> None:
    rule = "scaled-times"
    assert "for 3 cells they are" in said(rule, blocks(2) + blocks(2, epochs=1))
    assert not said(rule, blocks(2, epochs=1))
    assert not said(rule, [failed()])
