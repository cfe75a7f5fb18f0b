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


def test_setting_did_not_take() -> None:
    rule = "setting-did-not-take"
    (note,) = asked(rule, [raw(), raw("keras", requested__onednn=True, settings__onednn=False)])
    assert "keras-fit onednn (asked for True, took False)" in note.sentence
    assert note.numbers == {"asked_and_took": {"keras-fit": {"onednn": [True, False]}}}
    assert not said(rule, [raw(requested__onednn=True, settings__onednn=True)])
    assert not said(rule, [raw(requested__onednn=True)])  # not read back: another rule's
    assert not said(rule, [raw(requested__onednn=True, settings__onednn="unknown because it does not tell")])
    assert not said(rule, [raw(requested=..., settings__onednn=False)])


def test_setting_not_read_back() -> None:
    rule = "setting-not-read-back"
    assert "pytorch-eager (onednn)" in said(rule, [raw(requested__onednn=True), raw(requested__onednn=True)])
    assert said(rule, [raw(requested__onednn=True, settings__onednn="unknown because it does not tell")])
    assert not said(rule, [raw(requested__onednn=True, settings__onednn=False)])
    assert not said(rule, [raw(requested=...)])


def test_unlike_networks() -> None:
    rule = "unlike-networks"
    assert "parameters, cifar10-cnn3x3 b32 (matched): pytorch 122570, keras 122571" in said(
        rule, [raw(), raw("keras", parameter_count=122571)]
    )
    wide = [{"name": "conv1", "kind": "Conv2D", "output_shape": [32, 32, 32], "parameters": 896}]
    assert "layers, cifar10-cnn3x3 b32 (matched): pytorch conv1 [30, 30, 32], keras conv1 [32, 32, 32]" in said(
        rule, [raw(), raw("keras", layers=wide)]
    )
    assert not said(rule, [raw(), raw("keras"), raw("keras", workload="cifar10-cnn5x5", parameter_count=62006)])
    assert not said(rule, [raw(), raw("keras", parameter_count=None, layers=None)])
    assert not said(rule, [raw(), raw("keras", lane="as-published", parameter_count=7)])


def test_cores_over_threads() -> None:
    rule = "cores-over-threads"
    (note,) = asked(rule, [raw("keras", b, cpu_s=13.9, settings__threads_intra=t) for b, t in enumerate((2, 1))])
    assert "keras-fit (2.32 cores)" in note.sentence
    assert note.numbers == {"cores": {"keras-fit": 2.32}}
    assert not said(rule, [raw(cpu_s=13.79)])
    assert not said(rule, [raw(cpu_s=None), raw(wall_s=0.0), raw(cpu_s=99.0, settings__threads_intra=...)])
