from __future__ import annotations

import re

import pytest

from suite.notes import releases
from tests.notes.notecase import asked, said
from tests.rawfactory import blocks, raw


@pytest.mark.parametrize("version", ["2.16.0rc1", "2.15.0.dev20260101+cpu", "2.16.0a0", "2.16.0-dev1", "nightly"])
def test_pre_release(version: str) -> None:
    rule = "pre-release"
    assert f"torch {version}" in said(rule, [raw(versions__torch=version)])
    assert not said(rule, [raw("keras", versions__torchless=version)])


def test_releases_are_no_pre_releases() -> None:
    raws = [*blocks(1), raw(versions__torch="2.9.1+cu128"), raw(versions__torch="2.5.1.post1")]
    assert not said("pre-release", raws)


def test_old_release() -> None:
    rule = "old-release"
    (note,) = asked(rule, [raw(versions__torch="2.13.0+cpu"), raw("tensorflow", versions__tensorflow="2.18.1")])
    assert "tensorflow 2.18.1 came out in 2024-10, torch 2.13.0+cpu in 2026-07" in note.sentence
    year = [raw(versions__torch="2.9.1"), raw("tensorflow", versions__tensorflow="2.18.0")]  # 2025-10, 2024-10
    assert not said(rule, year)
    assert not said(rule, blocks(1))
    assert not said(rule, [raw(versions__torch="7.0"), raw("tensorflow", versions__tensorflow="2.6.0")])  # not listed


def test_the_list_of_releases_is_whole() -> None:
    for months in releases.RELEASED.values():
        assert list(months.values()) == sorted(months.values())
        assert all(re.fullmatch(r"20\d\d-[01]\d", month) for month in months.values())
    assert (len(releases.RELEASED["torch"]), len(releases.RELEASED["tensorflow"])) == (20, 16)
