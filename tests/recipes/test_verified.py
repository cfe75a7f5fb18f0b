"""What is kept of each recipe: the best evidence is not erased by a lesser one, changes are told."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from madeup import recipe

from suite import home
from suite.errors import InputError
from suite.recipes import grading, loading, verified
from suite.recipes.grading import BESIDE, EXPECTED, NONE, RESOLVED, RUN, SO_FAR, UNEXPECTED

KINDS = (RUN, BESIDE, RESOLVED, NONE)


def record(evidence: str = RUN, grade: str = "trains", verdict: str = EXPECTED, **more: Any) -> dict[str, Any]:
    head = {"recipe": grading.digest(recipe()), "date": "2026-11-20", "cause": ""}
    return {**head, "evidence": evidence, "grade": grade, "verdict": verdict, **more}


@given(st.lists(st.sampled_from(KINDS), max_size=8))
def test_the_best_evidence_stays(kinds: list[str]) -> None:
    kept: verified.Verified = {}
    for kind in kinds:
        kept = verified.keep(kept, recipe(), record(kind))
    best = verified.best(kept, recipe())
    wanted = next((kind for kind in KINDS if kind in kinds), None)
    assert (best or {}).get("evidence") == wanted


def test_a_newer_record_replaces_one_of_its_kind() -> None:
    kept = verified.keep({}, recipe(), record())
    kept = verified.keep(kept, recipe(), record(grade="imports"))
    assert [each["grade"] for each in kept["toy"].values()] == ["imports"]


def test_records_of_what_a_recipe_was_before_are_dropped() -> None:
    kept = verified.keep({}, recipe(), record())
    changed = recipe(commands=("pip install torch",))
    assert verified.best(kept, changed) is None
    new = record(RESOLVED, recipe=grading.digest(changed))
    assert list(verified.keep(kept, changed, new)["toy"]) == [RESOLVED]


@pytest.mark.parametrize(
    ("before", "after", "told"),
    [
        (record(), record(), ""),
        (record(), record(verdict=SO_FAR), ""),
        (
            record(),
            record(grade="installs", verdict=UNEXPECTED, cause="no luck"),
            "toy installs now, on 2026-11-20 it was: trains: no luck",
        ),
        (
            record(grade="installs", verdict=UNEXPECTED),
            record(),
            "toy trains now, on 2026-11-20 it was: installs",
        ),
        (record(), record(grade="matches"), "toy matches the lock now, on 2026-11-20 it was: trains"),
        (record(RESOLVED, "resolves"), record(), ""),
        (record(), record(NONE, "", "not verified"), ""),
    ],
)
def test_changes(before: dict[str, Any], after: dict[str, Any], told: str) -> None:
    kept = verified.keep({}, recipe(), before)
    assert verified.change(kept, recipe(), after) == told


def test_what_is_written_is_read_again(folder: Path) -> None:
    assert verified.read() == {}
    kept = verified.keep({"gone": {RUN: record()}}, recipe(), record())
    verified.write(kept, ["toy"])
    assert verified.read() == {"toy": {RUN: record()}}


@pytest.mark.parametrize(
    "found",
    [
        "{",
        "[]",
        "{}",
        '{"schema": 2, "recipes": {}}',
        '{"schema": 1, "recipes": []}',
        '{"schema": 1, "recipes": {"a": 3}}',
        json.dumps({"schema": 1, "recipes": {"a": {"run": {}}}}),
    ],
)
def test_a_damaged_file_is_refused_in_one_sentence(folder: Path, found: str) -> None:
    verified.path().write_text(found)
    with pytest.raises(InputError, match=r"verified\.json") as caught:
        verified.read()
    assert "\n" not in str(caught.value)


def test_a_damaged_file_is_named_from_the_checkout(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(home, "ROOT", tmp_path)
    folder = tmp_path / "platforms" / "recipes"
    folder.mkdir(parents=True)
    monkeypatch.setattr(loading, "folder", lambda: folder)
    (folder / "verified.json").write_text("{")
    with pytest.raises(InputError, match=r"^platforms/recipes/verified\.json \(verified recipes\) is damaged"):
        verified.known()
