"""The ledger's catalogue: every setting that was ever read back on a real machine has its sentence."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from suite import ledger
from suite.frameworks import arms, frameworks

LIVE: dict[str, dict[str, dict[str, Any]]] = json.loads(Path(__file__).with_name("live_settings.json").read_text())
"""What every mode read back, and was asked for, on a 2-core x86-64 Linux machine."""


def test_every_mode_was_captured() -> None:
    assert LIVE.keys() == {f"{each.name}-{mode.name}" for each in frameworks().values() for mode in each.modes}


@pytest.mark.parametrize("arm", LIVE)
def test_every_setting_read_back_has_its_sentence(arm: str) -> None:
    unknown = [key for key in LIVE[arm]["settings"] if not ledger.entry(key).known]
    assert unknown == []


@pytest.mark.parametrize("arm", LIVE)
def test_settings_are_flat_and_what_was_asked_for_took_effect(arm: str) -> None:
    settings, requested = LIVE[arm]["settings"], LIVE[arm]["requested"]
    assert all(isinstance(value, str | int | float | bool) for value in settings.values())
    assert {key: settings.get(key) for key in requested} == requested


@pytest.mark.parametrize("arm", LIVE)
def test_an_adapter_asks_for_what_it_was_captured_asking_for(arm: str) -> None:
    framework, mode = arms.split(arm)
    assert frameworks()[framework].requested(2, mode) == LIVE[arm]["requested"]


def test_every_entry_is_of_something_that_is_read_back() -> None:
    read = {key for arm in LIVE.values() for key in arm["settings"]}
    elsewhere = {"seed", "env"}  # of programs as published alone; of processes without any variable of ours
    elsewhere |= {"device_name"}  # of GPUs
    assert ledger.ENTRIES.keys() - read <= elsewhere


@pytest.mark.parametrize("key", [*ledger.ENTRIES, *(f"env:{name}X" for name in ledger.VARIABLES)])
def test_entries_are_one_plain_sentence_with_a_source(key: str) -> None:
    entry = ledger.entry(key)
    assert entry.title
    assert entry.source
    assert re.fullmatch(r"[A-Z].*[^.]\.", entry.sentence)
    assert not re.search(r"[.] [A-Z]", entry.sentence), "one sentence, not two"


def test_probes_and_companions_measure_rows_of_the_catalogue() -> None:
    for framework in frameworks().values():
        keys = {probe.key for probe in framework.probes} | {mode.switches for mode in framework.modes if mode.switches}
        assert keys <= ledger.ENTRIES.keys()


def test_names_of_optimisers_are_not_comparable_and_say_so() -> None:
    entry = ledger.entry("optimizer")
    assert not entry.comparable
    assert "passport" in entry.sentence


@given(st.text(max_size=30))
def test_any_key_has_a_row(key: str) -> None:
    for each in (key, f"env:{key}"):
        entry = ledger.entry(each)
        assert entry.key == each
        assert entry.sentence
        variable = each.startswith("env:") and each.removeprefix("env:").startswith(tuple(ledger.VARIABLES))
        assert entry.known == (each in ledger.ENTRIES or variable)


def test_the_catalogues_order_comes_before_unknown_names() -> None:
    keys = ["zzz", "compiled", "aaa", "threads_intra"]
    assert sorted(keys, key=ledger.place) == ["threads_intra", "compiled", "aaa", "zzz"]
