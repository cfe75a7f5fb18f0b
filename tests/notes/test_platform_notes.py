from __future__ import annotations

from tests.notes.notecase import asked, said
from tests.rawfactory import blocks, raw


def test_unlike_platforms() -> None:
    rule = "unlike-platforms"
    inside = {"machine__identity__container": "docker"}
    (note,) = asked(rule, [raw(machine__identity__container="none"), raw("keras", **inside)])
    assert "container, cifar10-cnn3x3 b32 (matched): pytorch none, keras docker" in note.sentence
    assert not said(rule, [raw(**inside), raw("keras", **inside)])
    assert not said(rule, [raw(**inside), raw("keras", machine__identity__container="unknown because no file")])
    assert not said(rule, blocks(1))


def test_metal() -> None:
    rule = "metal"
    assert "(pytorch-eager)" in said(rule, [raw(settings__device="mps")])
    plugin = {"versions__tensorflow-metal": "1.2.0"}
    assert said(rule, [raw("keras", settings__device="GPU:0", **plugin)])
    assert not said(rule, [raw("keras", settings__device="cpu", **plugin), raw(settings__device="cuda:0")])


def test_windows_subsystem() -> None:
    rule = "windows-subsystem"
    assert "under WSL 2" in said(rule, [raw(machine__identity__wsl="WSL 2")])
    assert not said(rule, [raw(machine__identity__wsl="none"), raw()])


def test_translated_programs() -> None:
    rule = "translated-programs"
    assert "(pytorch-eager)" in said(rule, [raw(machine__identity__translated=True)])
    assert not said(rule, [raw(machine__identity__translated=False), raw("keras", machine__identity__translated="unk")])
