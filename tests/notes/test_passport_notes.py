from __future__ import annotations

from typing import Any

import pytest

from tests.notes.notecase import asked, said
from tests.rawfactory import blocks, item, passport, passports, raw

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


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"made_with__lock_sha256": "other"}, "(lock)"),
        ({"made_with__code_sha256": "other"}, "(code)"),
        ({"made_with__lock_sha256": "x", "made_with__code_sha256": "y"}, "(lock and code)"),
        ({"made_with__versions": {"torch": "2.12.0", "numpy": "2.4.2"}}, "(torch)"),
        ({"made_with__lock_sha256": None}, ""),
        ({"made_with": None}, ""),
        ({"mode": "compile", "made_with__lock_sha256": "other"}, ""),  # another arm's
        ({}, ""),
    ],
)
def test_passport_of_other_program(changes: dict[str, Any], words: str) -> None:
    run = raw()
    sentence = said("passport-of-other-program", [run], passports=[passport(run, **changes)])
    assert words in sentence
    assert bool(words) is bool(sentence)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"made_with__threads": 1}, "(threads)"),
        ({"made_with__machine_class": {"virtual_machine": "kvm"}}, "(virtual_machine)"),
        ({"made_with__machine_class": {"simd": ["avx2"]}}, ""),  # not recorded of the run
        ({"made_with__machine_class": {"virtual_machine": "unknown because nobody says"}}, ""),
        ({}, ""),
    ],
)
def test_passport_of_other_machine(changes: dict[str, Any], words: str) -> None:
    run = raw()
    sentence = said("passport-of-other-machine", [run, raw(block=1)], passports=[passport(run, **changes)])
    assert words in sentence
    assert bool(words) is bool(sentence)


def test_several_stale_passports_are_counted() -> None:
    raws = [raw(), raw("keras")]
    kept = [passport(run, made_with__threads=1) for run in raws]
    assert said("passport-of-other-machine", raws, passports=kept).startswith("2 passports were made otherwise")


def test_passport_not_kept() -> None:
    rule = "passport-not-kept"
    raws = blocks(1)
    (note,) = asked(rule, raws, passports=passports(raws)[1:])
    assert note.numbers["keys"].keys() == {"pytorch-eager in cifar10-cnn3x3"}
    assert not said(rule, raws)
    assert not said(rule, [raw(passport=None)])  # names none
    assert not said(rule, [raw(lane="as-published")], passports=[])


def test_passport_narrow() -> None:
    rule = "passport-narrow"

    def kept(measured: float, *, passed: bool = True) -> list[dict[str, Any]]:
        return [passport(raw(), items=[item("steps", "float32", measured, tolerance=2e-4, passed=passed)])]

    assert "steps in float32 came within a factor of 2" in said(rule, [raw()], passports=kept(1.01e-4))
    assert not said(rule, [raw()], passports=kept(1e-4))
    assert not said(rule, [raw()], passports=kept(3e-4, passed=False))
    assert not said(rule, [raw()], passports=[passport(raw(), items=[{"item": "weights", "passed": True}])])


def test_passport_without_float64() -> None:
    rule = "passport-without-float64"
    single = passport(raw(), items=[item("forward", "float32", 1e-6)])
    assert "float32 alone: pytorch-eager in cifar10-cnn3x3" in said(rule, [raw()], passports=[single])
    assert not said(rule, [raw()])
    assert not said(rule, [raw()], passports=[dict(single, status="unmatched")])


def test_free_run_strays() -> None:
    rule = "free-run-strays"
    assert "pytorch-eager in cifar10-cnn3x3 strayed" in said(
        rule, [raw()], passports=[passport(raw(), free_run__within=False)]
    )
    assert not said(rule, [raw()])
    assert not said(rule, [raw()], passports=[passport(raw(), free_run=None)])
