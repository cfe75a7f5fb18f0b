"""Where things live."""

from __future__ import annotations

from pathlib import Path

import pytest

from suite import home
from suite.errors import InputError


def test_the_cache_is_named_or_in_the_checkout(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EVENMATCH_HOME", str(tmp_path))
    assert home.cache() == tmp_path
    monkeypatch.setenv("EVENMATCH_HOME", "")
    assert home.cache() == home.ROOT / ".evenmatch"
    monkeypatch.delenv("EVENMATCH_HOME")
    assert home.cache() == home.ROOT / ".evenmatch"


def test_a_relative_cache_becomes_absolute(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("EVENMATCH_HOME", "cache")
    assert home.cache() == tmp_path / "cache"


def test_the_users_name_is_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", "/home/somebody")
    assert home.without_user("/home/somebody/run and /home/somebody") == "~/run and ~"
    monkeypatch.setenv("HOME", "/")
    assert home.without_user("/tmp/run") == "/tmp/run"


def test_without_its_checkout_it_refuses(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    home.require_checkout()
    monkeypatch.setattr(home, "PLATFORMS", tmp_path / "platforms")
    with pytest.raises(InputError, match=r"platforms is missing: evenmatch runs from its checkout; clone it"):
        home.require_checkout()
