from __future__ import annotations

from tests.notes.notecase import asked, said
from tests.rawfactory import blocks, plan_of, raw


def test_unlike_threads() -> None:
    rule = "unlike-threads"
    (note,) = asked(rule, [raw("pytorch"), raw("keras", settings__threads_intra=1)])
    assert "pytorch 2, keras 1" in note.sentence
    assert note.numbers == {"threads": {"cifar10-cnn3x3 b32 (matched)": {"pytorch": [2], "keras": [1]}}}
    assert not said(rule, blocks(2))
    assert not said(rule, [raw("pytorch"), raw("keras", batch=4, settings__threads_intra=1)])  # not compared
    assert not said(rule, [raw("pytorch"), raw("keras", settings__threads_intra=...)])  # not known


def test_threads_not_as_planned() -> None:
    rule = "threads-not-as-planned"
    plan = plan_of([raw()])
    (note,) = asked(rule, [raw(), raw("keras", settings__threads_inter=8)], plan)
    assert "asked for 2 threads, but keras-fit reports threads_inter 8" in note.sentence
    assert note.numbers["reported"] == {"keras-fit": {"threads_inter": 8}}
    assert "asked for 1 thread, but" in said(rule, [raw()], plan_of([raw()], threads=1))
    assert not said(rule, blocks(1), plan)
    assert not said(rule, [raw(settings__threads_intra=1)])  # nothing planned


def test_no_passport() -> None:
    rule = "no-passport"
    assert "(1 run without a parity passport)" in said(rule, [raw(), raw("keras", passport="p1")])
    assert not said(rule, [raw(passport="p1"), raw("keras", lane="as-published")])
