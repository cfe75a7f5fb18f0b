from __future__ import annotations

from typing import Any

import pytest

from tests.notes.notecase import asked, said
from tests.rawfactory import blocks, item, passport, passports, raw


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"made_with__lock_sha256": "other"}, "(lock)"),
        ({"made_with__versions": {"torch": "2.12.0", "numpy": "2.4.2"}}, "(torch)"),
        ({"made_with__lock_sha256": "x", "made_with__versions": {"python": "3.12.0"}}, "(lock and python)"),
        ({"made_with__code_sha256": "more than the run's, for what proves is more"}, ""),
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


def test_passports_made_by_unlike_code() -> None:
    raws = blocks(1)
    kept = passports(raws)
    kept[1]["made_with"]["code_sha256"] = "older"
    assert "tensorflow-function in cifar10-cnn3x3 (code)" in said("passport-of-other-program", raws, passports=kept)


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
