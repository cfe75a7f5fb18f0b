"""From what was found to a grade, and whether that is what the recipe's file says."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from madeup import FALLING, recipe

from suite import locks, profiles, wheels
from suite.frameworks import frameworks
from suite.recipes import LADDER, grading
from suite.recipes.executing import Execution
from suite.recipes.grading import EXPECTED, SO_FAR, UNEXPECTED
from suite.recipes.resolving import Package

STATES = ("yes", "no", "none asked", "not here", "not run")
TORCH = next(
    pin.version
    for pin in wheels.pins(locks.path(profiles.load("linux-cpu"), frameworks()["pytorch"]).read_text())
    if pin.name == "torch"
)


def execution(**other: Any) -> Execution:
    probe = {"imports": {"torch": "2"}, "accelerator": False, "losses": FALLING}
    return Execution(resolved=True, installed=True, probe=probe, packages={"torch": TORCH}, **other)


def judged(found: Execution, *, here: bool = True, **about: Any) -> tuple[str, str]:
    record = grading.of_execution(recipe(**about), found, accelerator_here=here)
    return record["grade"], record["verdict"]


def test_all_the_way_up() -> None:
    assert judged(execution()) == ("matches", EXPECTED)


def test_another_version_than_locked_still_trains() -> None:
    found = execution()
    found.packages = {"torch": "9.9"}
    assert judged(found) == ("trains", EXPECTED)
    assert judged(found, expects="matches") == ("trains", UNEXPECTED)


def test_a_loss_that_does_not_fall() -> None:
    found = execution()
    found.probe = {**found.probe, "losses": [1.0] * 20}
    assert judged(found) == ("imports", UNEXPECTED)


def test_an_accelerator_that_is_not_seen() -> None:
    assert judged(execution(), platform="cuda") == ("imports", UNEXPECTED)
    assert judged(execution(), platform="cuda", here=False) == ("imports", SO_FAR)
    seen = execution()
    seen.probe = {**seen.probe, "accelerator": True}
    assert judged(seen, platform="cuda")[0] in ("trains", "matches")


def test_a_run_beside_its_accelerator_is_other_evidence() -> None:
    record = grading.of_execution(recipe(platform="cuda"), execution(), accelerator_here=False)
    assert record["evidence"] == "run without its accelerator"


def test_an_expected_failure() -> None:
    text = "RuntimeError: operator torchvision::nms does not exist"
    found = Execution(resolved=True, installed=True, failed=text)
    fails = {"expects": "", "fails": "torchvision::nms", "at": "imports"}
    assert judged(found, **fails) == ("installs", EXPECTED)
    assert judged(found, **{**fails, "fails": "are of unlike builds"}) == ("installs", EXPECTED), "words of the cause"
    assert judged(found, **{**fails, "fails": "something else"}) == ("installs", UNEXPECTED)
    assert judged(found, **{**fails, "at": "installs"}) == ("installs", UNEXPECTED)
    assert judged(execution(), **fails) == ("matches", UNEXPECTED), "it works now"


def test_the_cause_is_kept() -> None:
    found = Execution(resolved=True, installed=True, failed="ImportError: no luck")
    record = grading.of_execution(recipe(), found, accelerator_here=True)
    assert record["cause"] == "ImportError: no luck"
    assert record["verdict"] == UNEXPECTED


def test_resolved_only() -> None:
    packages = [
        Package(name="torch", version="2", wheel=True, url=""),
        Package(name="x", version="1", wheel=False, url=""),
    ]
    record = grading.of_resolution(recipe(), packages, "", 5, "it needs a Mac")
    assert (record["grade"], record["verdict"], record["packages"]) == ("resolves", SO_FAR, 2)
    assert record["steps"]["resolves"]["says"] == "built from source: x"
    record = grading.of_resolution(recipe(), [], "no solution found", None, "it needs a Mac")
    assert (record["grade"], record["verdict"]) == ("", UNEXPECTED)
    fails = recipe(expects="", fails="Symbol not found", at="imports")
    assert grading.of_resolution(fails, packages, "", 5, "x")["verdict"] == SO_FAR
    fails = recipe(expects="", fails="no wheels", at="resolves")
    assert grading.of_resolution(fails, [], "it has no wheels for this", 5, "x")["verdict"] == EXPECTED
    assert grading.of_resolution(fails, packages, "", 5, "x")["verdict"] == UNEXPECTED


@given(st.lists(st.sampled_from(STATES), min_size=6, max_size=6))
def test_a_grade_has_nothing_missing_below_it(states: list[str]) -> None:
    found: Any = dict(zip(LADDER, states, strict=True))
    reached = grading.grade(found)
    below = LADDER[: LADDER.index(reached)] if reached else ()
    assert all(found[step] in ("yes", "none asked") for step in below)
    assert not reached or found[reached] == "yes"


@given(st.lists(st.sampled_from(STATES), min_size=6, max_size=6), st.sampled_from(LADDER))
def test_a_step_that_fails_is_never_expected_to_work(states: list[str], asked: Any) -> None:
    found: Any = dict(zip(LADDER, states, strict=True))
    word = grading.verdict(recipe(expects=asked), found, "")
    assert (word == UNEXPECTED) == ("no" in states[: LADDER.index(asked) + 1])


def test_a_changed_recipe_is_another() -> None:
    assert grading.digest(recipe()) == grading.digest(recipe(title="other", note="other"))
    for other in ({"commands": ("pip install torch",)}, {"python": "3.12"}, {"imports": ("x",)}, {"platform": "cuda"}):
        assert grading.digest(recipe()) != grading.digest(recipe(**other))


@pytest.mark.parametrize("name", ["pytorch", "tensorflow", "keras"])
def test_the_locked_versions_are_those_of_the_lock(name: str) -> None:
    profile = profiles.load("linux-cpu")
    locked = {pin.name: pin.version for pin in wheels.pins(locks.path(profile, frameworks()[name]).read_text())}
    state, told = grading._matches(recipe(framework=name), profile, dict(locked))
    assert (state, told) == ("yes", "")
    other = {**locked, "packaging": "0", "numpy": "0"}
    assert grading._matches(recipe(framework=name), profile, other)[0] == "yes"
    assert grading._matches(recipe(framework=name), profile, {})[0] == "no"
