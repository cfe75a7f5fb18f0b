from __future__ import annotations

from tests.notes.notecase import asked, said
from tests.rawfactory import blocks, failed, plan_of, raw


def test_plan_missing() -> None:
    rule = "plan-missing"
    raws = blocks(2)
    assert "The plan (plan.json) is missing: whether 6 results here are all" in said(rule, raws)
    assert "the one result here" in said(rule, [failed()])
    assert not said(rule, raws, plan_of(raws))
    assert not said(rule, [])


def test_step_times_missing() -> None:
    rule = "step-times-missing"
    gone = [raw(block=n, steps__file=f"raw/{n}.steps.npy", steps__file_missing=True) for n in range(2)]
    (note,) = asked(rule, [*gone, raw(block=2)])
    assert note.numbers == {"files": ["raw/0.steps.npy", "raw/1.steps.npy"]}
    assert "The step times of 2 runs are missing (raw/0.steps.npy and raw/1.steps.npy)" in note.sentence
    assert not said(rule, [raw(), failed()])
