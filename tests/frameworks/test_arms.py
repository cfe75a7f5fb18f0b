"""Names of arms: every framework and mode comes back out of the name that it went into."""

from __future__ import annotations

import pytest

from suite.frameworks import arms, frameworks
from suite.published.programs import programs

EVERY = [
    *((each.name, mode.name) for each in frameworks().values() for mode in each.modes),
    *((each.framework, variant.name) for each in programs().values() for variant in each.variants),
]


@pytest.mark.parametrize(("framework", "mode"), EVERY)
def test_a_name_comes_apart_into_what_it_was_made_of(framework: str, mode: str) -> None:
    assert arms.split(f"{framework}-{mode}") == (framework, mode)


def test_names_of_frameworks_may_hold_hyphens_and_begin_alike() -> None:
    assert arms.split("keras-torch-fit") == ("keras-torch", "fit")
    assert arms.split("keras-fit-xla") == ("keras", "fit-xla")
    assert arms.split("keras-torches-fit") == ("keras", "torches-fit")


@pytest.mark.parametrize(
    ("arm", "parts"), [("gone-eager-fast", ("gone", "eager-fast")), ("pytorch", ("pytorch", "")), ("x", ("x", ""))]
)
def test_of_a_framework_that_is_not_known_any_more_the_first_word_is_the_name(arm: str, parts: tuple[str, str]) -> None:
    assert arms.split(arm) == parts
