from __future__ import annotations

from tests.notes.notecase import asked, said
from tests.rawfactory import blocks, raw

LANE = "as-published"


def test_as_published() -> None:
    rule = "as-published"
    assert "(keras-published and pytorch-published)" in said(
        rule, [raw(), raw(lane=LANE, epochs=1), raw("keras", lane=LANE, epochs=1)]
    )
    assert not said(rule, blocks(1))
    assert not said(rule, [raw(lane=LANE)])  # the other rule's


def test_as_published_alone() -> None:
    rule = "as-published-alone"
    assert "pytorch-published" in said(rule, [raw(lane=LANE)])
    assert not said(rule, [raw(lane=LANE), raw()])
    assert not said(rule, blocks(1))


def test_published_differences() -> None:
    rule = "published-differences"
    (note,) = asked(rule, [raw(lane=LANE), raw(block=1, lane=LANE)])
    who = "pytorch-published in cifar10-cnn3x3"
    assert note.numbers == {"differences": {who: ["pytorch-published scales its images"]}}
    assert f"{who}: pytorch-published scales its images." in note.sentence
    assert not said(rule, [raw(lane=LANE, passport__differences=[]), raw()])


def test_published_accuracies() -> None:
    rule = "published-accuracies"
    scaled = [raw(b, lane=LANE, epochs=2, accuracy=a) for b, a in (("pytorch", 0.71), ("keras", 0.67))]
    assert "cifar10-cnn3x3: pytorch-published 0.7100, keras-published 0.6700" in said(rule, scaled)
    assert not said(rule, scaled[:1])
    assert not said(rule, [raw(lane=LANE), raw("keras", lane=LANE)])  # sampled steps have no accuracy
    assert not said(rule, blocks(1, epochs=2))
