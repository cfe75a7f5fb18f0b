from __future__ import annotations

from typing import Any

import pytest

from tests.notes.notecase import asked, said
from tests.rawfactory import blocks, failed, raw


def test_single_runs() -> None:
    rule = "single-runs"
    (note,) = asked(rule, [raw(epochs=1), raw("keras", epochs=1), raw("keras", 1, epochs=1), raw()])
    cell = "linux-cpu/matched/cifar10-cnn3x3/pytorch-eager/b32-e1"
    assert note.numbers == {"cells": [cell], "largest_spread": 1.0}
    assert "where cells of this run had several, the slowest took up to 1.00 times" in note.sentence
    (alone,) = asked(rule, [raw(epochs=1)])
    assert alone.numbers == {"cells": [cell], "largest_spread": None}
    assert "nothing in this run shows how far two of them lie apart" in alone.sentence
    assert said(rule, [raw(epochs=1), failed(block=1, epochs=1)])
    assert not said(rule, [raw(), *blocks(2, epochs=1)])


def drifting(factor: float, count: int = 4, *others: float) -> list[dict[str, Any]]:
    """Blocks whose later half is ``factor`` times slower in all frameworks."""
    runs = []
    for block in range(count):
        slower = factor if block >= count / 2 else 1.0
        runs += [raw(f, block, step=0.01 * slower, position=p) for p, f in enumerate(("pytorch", "keras"))]
    return runs


@pytest.mark.parametrize(
    ("raws", "words"),
    [
        (drifting(1.11), "(1.11 times)"),
        (drifting(0.9), "(0.90 times)"),
        (drifting(1.09), ""),
        (drifting(2.0, count=2), ""),  # too few to tell
        ([r for r in drifting(2.0) if r["framework"] == "keras"], ""),  # one cell alone: perhaps it itself
        ([*blocks(4, frameworks=["tensorflow"]), *drifting(1.0)], ""),
    ],
)
def test_drift_between_runs(raws: list[dict[str, Any]], words: str) -> None:
    sentence = said("drift-between-runs", raws)
    assert words in sentence
    assert bool(sentence) is bool(words)


def test_interrupted_blocks() -> None:
    rule = "interrupted-blocks"

    def apart(clock: object, start: str = "2026-11-21T05:00:00+00:00") -> list[dict[str, Any]]:
        return [raw(started_at=start), raw("keras", position=1, started_at=clock)]

    (note,) = asked(rule, apart("2026-11-21T05:10:07+00:00"))  # 6 s of the run itself, 601 s of nothing
    assert note.numbers == {"gap_s": {"cifar10-cnn3x3 b32 (matched), block 0": 601}}
    assert "(10 minutes)" in note.sentence
    assert not said(rule, apart("2026-11-21T05:10:06+00:00"))
    assert not said(rule, apart("2026-11-22T05:00:00", start="2026-11-21T05:00:00+00:00"))  # not comparable
    assert not said(rule, apart(None))
    other_block = raw("keras", 1, started_at="2026-11-23T05:00:00+00:00")
    assert not said(rule, [*apart("2026-11-21T05:00:10+00:00"), other_block])


def test_repeated_seeds() -> None:
    rule = "repeated-seeds"
    assert "seed 7 in blocks 0 and 1" in said(rule, blocks(2, seed=7))
    assert not said(rule, blocks(2))
    assert not said(rule, [raw(seed=None), raw(block=1, seed=None)])
    assert not said(rule, [raw(seed=7), raw(block=1, batch=4, seed=7)])
