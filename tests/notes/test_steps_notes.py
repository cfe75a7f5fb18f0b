from __future__ import annotations

from typing import Any

from tests.notes.notecase import asked, said
from tests.rawfactory import raw

CELL = "linux-cpu/matched/cifar10-cnn3x3/pytorch-eager/b32"


def paced(*ratios: float) -> list[dict[str, Any]]:
    """Runs of a cell whose first quarter took ``ratios`` times the last."""
    return [raw(block=b, steps__early_s=0.01 * ratio, steps__late_s=0.01) for b, ratio in enumerate(ratios)]


def test_warm_up_not_reached() -> None:
    rule = "warm-up-not-reached"
    assert f"{CELL} (1.11 times)" in said(rule, paced(1.11, 1.11, 1.0))
    assert not said(rule, paced(1.09, 1.09, 3.0))  # one odd run is a stall, not a warm-up
    assert not said(rule, paced(0.5))
    assert not said(rule, [raw(steps__early_s=None, steps__late_s=None), raw()])
    few, enough = ([run | {"steps": run["steps"] | {"count": n}} for run in paced(2.0)] for n in (79, 80))
    assert not said(rule, few)
    assert said(rule, enough)


def test_slows_down_within_runs() -> None:
    rule = "slows-down-within-runs"
    assert f"{CELL} (1.11 times)" in said(rule, paced(1 / 1.11))
    assert not said(rule, paced(1 / 1.09))
    assert not said(rule, paced(2.0))


def test_coarse_clock() -> None:
    rule = "coarse-clock"
    (note,) = asked(rule, [raw(step=0.001, steps__clock_tick_s=1.1e-5)])
    assert note.numbers["tick_over_step"].keys() == {CELL}
    assert not said(rule, [raw(step=0.001, steps__clock_tick_s=0.9e-5)])
    assert not said(rule, [raw(step=1e-9)])
