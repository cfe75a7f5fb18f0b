from __future__ import annotations

from suite.records import Record
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
    said_of = ["pytorch-published scales its images"]
    assert note.numbers == {"differences": {"pytorch-published": said_of}, "switched": {}}
    assert note.sentence.endswith("the matched workload: pytorch-published: pytorch-published scales its images.")
    assert not said(rule, [raw(lane=LANE, passport__differences=[]), raw()])


def test_what_is_said_of_a_program_is_said_once_for_all_its_networks() -> None:
    def ran(workload: str, *sentences: str) -> Record:
        return raw("keras", lane=LANE, workload=workload, passport__differences=list(sentences))

    three = ran("cifar10-cnn3x3", "Inputs are scaled: to [0, 1].", "The stored order is not followed: 3, 5.")
    five = ran("cifar10-cnn5x5", "Inputs are scaled: to [0, 1].", "The stored order is not followed: 4, 1.", "Odd.")
    (note,) = asked("published-differences", [three, five])
    said_of = ["Inputs are scaled: to [0, 1].", "The stored order is not followed.", "Odd (cifar10-cnn5x5 only)."]
    assert note.numbers["differences"] == {"keras-published": said_of}


def test_a_variant_is_told_by_its_switch_alone() -> None:
    found = asked("published-differences", [raw(lane=LANE), raw(lane=LANE, mode="inputs-0-to-1")])
    switch = "as published, but images are scaled to [0, 1], not to [-1, 1]"
    assert found[0].numbers["switched"] == {"pytorch-inputs-0-to-1": switch}
    assert found[0].sentence.endswith(f"With one thing switched: pytorch-inputs-0-to-1 is the program {switch}.")
    assert found[0].sentence.count("scales its images") == 1
    assert "x-new is the program with new." in said(
        "published-differences", [raw(lane=LANE), raw(lane=LANE, mode="new") | {"framework": "x"}]
    )
    assert not said("published-differences", [raw(lane=LANE, mode="inputs-0-to-1")])


def test_published_accuracies() -> None:
    rule = "published-accuracies"
    scaled = [raw(b, lane=LANE, epochs=2, accuracy=a) for b, a in (("pytorch", 0.71), ("keras", 0.67))]
    assert "cifar10-cnn3x3: pytorch-published 0.7100, keras-published 0.6700" in said(rule, scaled)
    assert not said(rule, scaled[:1])
    assert not said(rule, [raw(lane=LANE), raw("keras", lane=LANE)])  # sampled steps have no accuracy
    assert not said(rule, blocks(1, epochs=2))
