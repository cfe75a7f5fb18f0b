"""Every recipe of this project: it is read, was verified as it stands, and names no package registry."""

from __future__ import annotations

import json
import re

import pytest

from suite import home, profiles
from suite.recipes import Recipe, loading, verified

NAMES = loading.names()
FRAMEWORKS = ("pytorch", "tensorflow", "keras")
REGISTRY = re.compile(r"py(?:pi|thonhosted)\.org|download[\w-]*\.pytorch", re.IGNORECASE)


@pytest.mark.parametrize("name", NAMES)
def test_a_recipe_loads_and_its_name_says_its_platform(name: str) -> None:
    recipe = loading.load(name)
    assert recipe.platform in profiles.names()
    assert name.startswith(f"{recipe.platform}-")


@pytest.mark.parametrize("platform", profiles.names())
def test_every_platform_has_an_official_way_to_each_framework(platform: str) -> None:
    found = {recipe.framework for recipe in map(loading.load, NAMES) if recipe.platform == platform}
    assert found >= set(FRAMEWORKS)


@pytest.mark.parametrize("name", NAMES)
def test_a_recipe_was_verified_as_it_stands(name: str) -> None:
    record = verified.best(verified.read(), loading.load(name))
    assert record is not None, f"{name} was changed since it was verified: nox -s verify-recipes -- {name}"
    assert record["verdict"] != "not as expected", record["cause"]


def test_no_file_names_a_registry_or_a_place_of_the_machine() -> None:
    for path in sorted(loading.folder().rglob("*")):
        if path.is_file():
            text = path.read_text(encoding="utf-8")
            assert not REGISTRY.search(text), path
            assert "/root/" not in text, path
            assert str(home.ROOT) not in text, path


def test_what_is_kept_says_when_and_on_what() -> None:
    kept = json.loads(verified.path().read_text())["recipes"]
    assert set(kept) <= set(NAMES)
    for records in kept.values():
        for kind, record in records.items():
            assert kind == record["evidence"]
            assert re.fullmatch(r"20\d\d-\d\d-\d\d", record["date"])
            assert record["machine"]


def test_what_was_run_has_a_transcript() -> None:
    kept = verified.read()
    for recipe in map(loading.load, NAMES):
        ran = any(kind.startswith("run") for kind in verified.current(kept, recipe))
        assert not ran or verified.transcript(recipe.name).read_text().startswith("$ python -m venv"), recipe.name


def broken(recipe: Recipe) -> bool:
    return bool(recipe.fails)


def test_known_breakages_are_tested() -> None:
    text = {recipe.name: f"{recipe.fails} {' '.join(recipe.commands)}" for recipe in map(loading.load, NAMES)}
    for words in ("torchvision::nms", "tensorflow-macos==2.6.0 --no-dep", "Symbol not found", "tensorflow[and-cuda]"):
        assert any(words in each for each in text.values()), words
