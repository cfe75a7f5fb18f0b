"""What users are told, and the exit code that goes with it."""

from __future__ import annotations

import pytest

from suite import errors


@pytest.mark.parametrize(
    ("kind", "code"),
    [
        (errors.CellsFailedError, 1),
        (errors.InputError, 2),
        (errors.UnsupportedError, 3),
        (errors.InterruptedRunError, 130),
    ],
)
def test_each_kind_has_its_exit_code(kind: type[errors.EvenmatchError], code: int) -> None:
    assert kind.exit_code == code
    assert issubclass(kind, errors.EvenmatchError)


def test_an_unknown_name_comes_with_the_near_ones() -> None:
    told = str(errors.unknown("preset", "quik", ["smoke", "quick", "paper"]))
    assert told == "unknown preset 'quik': did you mean quick?"


def test_a_name_near_to_none_comes_with_all_there_are() -> None:
    assert str(errors.unknown("profile", "zzz", ["b", "a"])) == "unknown profile 'zzz': there is a, b."


def test_where_there_is_none_at_all_it_says_so() -> None:
    assert str(errors.unknown("profile", "x", [])) == "unknown profile 'x': there is none."
