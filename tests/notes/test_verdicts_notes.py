from __future__ import annotations

from tests.notes.notecase import asked, said
from tests.rawfactory import blocks, failed, raw


def test_nothing_compared() -> None:
    rule = "nothing-compared"
    assert "fewer than two framework-modes finished" in said(rule, [raw(), failed("keras")])
    assert "no two of the 2 framework-modes" in said(rule, [raw(), raw("keras", 1)])
    assert not said(rule, [raw(), raw("keras")])
    assert not said(rule, [])


def test_many_comparisons() -> None:
    rule = "many-comparisons"
    (note,) = asked(rule, blocks(6))
    assert note.numbers == {
        "comparisons": 3,
        "verdicts": 3,
        "hold_together": 0,  # 2 / 2^6 is more than 0.05 / 3
        "blocks": 6,
        "blocks_needed": 7,
    }
    assert "With 6 blocks not even the clearest could: that takes 7." in note.sentence
    assert note.todo.endswith("run 7 blocks or more.")
    (enough,) = asked(rule, blocks(7))
    assert enough.numbers["hold_together"] == 3
    assert "not even" not in enough.sentence
    assert enough.todo == "All of them may be relied on at once."  # and no advice to run what has been run
    steps = [0.01, 0.01, 0.01, 0.01, 0.01, 0.01, 0.0195]  # one of seven blocks hardly tells tensorflow from pytorch
    odd = [
        run if run["framework"] != "tensorflow" else raw("tensorflow", run["block"], step=steps[run["block"]])
        for run in blocks(7)
    ]
    (some,) = asked(rule, odd)
    assert some.numbers["hold_together"] < some.numbers["verdicts"]
    assert some.todo.endswith("run more than these 7 blocks.")
    assert not said(rule, blocks(6, frameworks=["pytorch", "keras"]))  # one comparison
    assert not said(rule, blocks(4))  # no verdict
    assert not said(rule, [dict(run, passport=None) for run in blocks(6)])


def test_not_resolved() -> None:
    rule = "not-resolved"
    steps = [0.02, 0.03, 0.01, 0.02, 0.03, 0.01]
    wild = [r for b, s in enumerate(steps) for r in (raw("pytorch", b), raw("tensorflow", b, step=s))]
    assert "1 of 1 comparison is not resolved" in said(rule, wild)
    assert not said(rule, blocks(6))
    assert not said(rule, wild[:6])  # too few runs is another rule's


def test_no_self_comparison() -> None:
    rule = "no-self-comparison"
    assert "3 verdicts rest" in said(rule, blocks(6))
    assert not said(rule, blocks(4))
    assert not said(rule, blocks(6, lane="as-published"))
