from __future__ import annotations

from tests.notes.notecase import asked, said
from tests.rawfactory import blocks, plan_of, raw


def test_unlike_shared_libraries() -> None:
    rule = "unlike-shared-libraries"
    (note,) = asked(rule, [raw("pytorch"), raw("keras", versions__numpy="2.3.0")])
    assert "numpy (pytorch 2.4.2, keras 2.3.0)" in note.sentence
    assert note.numbers == {"versions": {"numpy": {"pytorch": ["2.4.2"], "keras": ["2.3.0"]}}}
    assert not said(rule, blocks(2))
    # one framework's own library is nobody else's business
    assert not said(rule, [raw("pytorch"), raw("keras", versions__h5py="3.1")])
    assert not said(rule, [raw("pytorch"), raw("pytorch", 1, versions__numpy="2.3.0")])


def test_version_changed() -> None:
    rule = "version-changed"
    assert "torch under pytorch (2.13.0+cpu and 2.12.0)" in said(rule, [raw(), raw(block=1, versions__torch="2.12.0")])
    assert not said(rule, [raw("pytorch"), raw("keras", versions__numpy="2.3.0")])


def test_mixed_locks() -> None:
    rule = "mixed-locks"
    assert "pytorch on linux-cpu (2)" in said(rule, [raw(), raw(block=1, lock_sha256="other")])
    assert not said(rule, blocks(2))
    assert not said(rule, [raw(), raw(profile="cuda", lock_sha256="other")])


def test_mixed_code() -> None:
    rule = "mixed-code"
    assert "2 different versions" in said(rule, [raw(), raw("keras", code_sha256="other")])
    assert not said(rule, blocks(2))


def test_unlike_python() -> None:
    rule = "unlike-python"
    assert "pytorch 3.11.7, keras 3.12.1" in said(rule, [raw(), raw("keras", versions__python="3.12.1")])
    assert not said("unlike-shared-libraries", [raw(), raw("keras", versions__python="3.12.1")])
    assert not said(rule, blocks(1))
    assert not said(rule, [raw(), raw("keras", batch=4, versions__python="3.12.1")])


def test_not_the_planned_program() -> None:
    rule = "not-the-planned-program"
    raws = blocks(1)
    assert "pytorch-eager (lock)" in said(rule, raws, plan_of(raws, locks__pytorch="other"))
    assert "keras-fit (code)" in said(rule, [raw("keras", code_sha256="other")], plan_of(raws))
    assert not said(rule, raws, plan_of(raws))
    assert not said(rule, raws)
    assert not said(rule, raws, plan_of(raws, locks={}, code_sha256=None))
