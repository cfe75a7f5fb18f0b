from __future__ import annotations

from tests.notes.notecase import asked, said
from tests.rawfactory import blocks, raw

CHANNELS = {"failed_item": "update", "diagnosis": "Adam's epsilon differs."}


def test_passport_missing() -> None:
    rule = "passport-missing"
    (note,) = asked(rule, [raw(), raw("keras", passport=None), raw("keras", 1, passport__status="who knows")])
    assert "nothing proves that keras-fit in cifar10-cnn3x3 train alike" in note.sentence
    assert note.numbers == {"runs": {"keras-fit in cifar10-cnn3x3": 2}}
    assert not said(rule, blocks(2))
    assert not said(rule, [raw(passport=None)])  # compared with nothing
    assert not said(rule, [raw(passport=None), raw("keras", lane="as-published")])
    assert not said(rule, [raw(), raw("keras", passport__status="unmatched")])  # another rule's


def test_passport_unmatched() -> None:
    rule = "passport-unmatched"
    bad = raw("keras", passport__status="unmatched", **{f"passport__{key}": value for key, value in CHANNELS.items()})
    assert "keras-fit in cifar10-cnn3x3 (update: Adam's epsilon differs)" in said(rule, [raw(), bad])
    assert "it does not say why" in said(rule, [raw(), raw("keras", passport__status="unmatched")])
    assert not said(rule, [raw(), raw("keras")])
    assert not said(rule, [bad])


def test_passport_error() -> None:
    rule = "passport-error"
    bad = raw("keras", passport__status="error", passport__diagnosis="the worker crashed")
    assert "(the worker crashed)" in said(rule, [raw(), bad])
    assert not said(rule, [raw(), raw("keras", passport__status="unmatched")])


def test_passport_residues() -> None:
    rule = "passport-residues"
    scalars = "Learning rates are kept as float32: updates differ by 1e-8."
    (note,) = asked(rule, [raw("keras", b, passport__residues=[scalars]) for b in range(2)])
    assert note.numbers == {"residues": {"keras-fit in cifar10-cnn3x3": [scalars]}}
    assert "keras-fit in cifar10-cnn3x3: Learning rates are kept as float32: updates differ by 1e-8." in note.sentence
    assert not said(rule, blocks(1))
    assert not said(rule, [raw("keras", lane="as-published", passport__residues=[scalars])])
