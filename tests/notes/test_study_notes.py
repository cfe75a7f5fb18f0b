from __future__ import annotations

from tests.notes.notecase import asked, said
from tests.rawfactory import blocks, failed, raw


def test_study_no_gpu() -> None:
    rule = "study-no-gpu"
    assert "(none is in this machine)" in said(rule, blocks(1))
    idle = raw(machine__identity__gpus=[{"name": "NVIDIA T4"}])
    assert "NVIDIA T4 stayed idle" in said(rule, [idle])
    assert not said(rule, [*blocks(1), raw(settings__device="cuda:0")])
    assert not said(rule, [raw(settings=...)])


def test_study_memory_use() -> None:
    rule = "study-memory-use"
    (note,) = asked(rule, [raw(peak_rss_bytes=400_000_000), raw("keras", peak_rss_bytes=700_000_000)])
    assert "pytorch 400 MB and keras 700 MB" in note.sentence
    assert note.numbers == {"peak_rss_bytes": {"pytorch": 400_000_000, "keras": 700_000_000}}
    whole = raw("keras", epochs=1, peak_rss_bytes=9_000_000_000)
    assert "keras 700 MB" in said(rule, [raw(), raw("keras", peak_rss_bytes=700_000_000), whole])
    assert "keras 9000 MB" in said(rule, [raw(epochs=1), whole])
    assert not said(rule, [raw(), raw("keras", lane="as-published")])
    assert not said(rule, [raw()])
    assert not said(rule, [raw(), raw("keras", peak_rss_bytes=None)])
    assert not said(rule, [raw(), raw("keras", probe="memory-growth-off")])


def test_study_few_networks() -> None:
    rule = "study-few-networks"
    assert said(rule, blocks(1)).startswith("1 network ran (cifar10-cnn3x3)")
    both = [*blocks(5), *blocks(5, workload="cifar10-cnn5x5", step=0.01), *blocks(1, epochs=1, step=0.9)]
    (note,) = asked(rule, both)
    moves = "Already here the step of tensorflow-function takes 0.50 to 1.00 times that of pytorch-eager."
    assert moves in note.sentence
    assert note.numbers == {"workloads": ["cifar10-cnn3x3", "cifar10-cnn5x5"]}
    assert not said(rule, [failed()])
