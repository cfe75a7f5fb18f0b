"""Programs as published: found, complete, and each variant one switch away from the program itself."""

from __future__ import annotations

import dataclasses
import importlib

import pytest

from suite import profiles
from suite.errors import InputError
from suite.frameworks import framework, frameworks
from suite.published.programs import (
    PUBLISHED,
    Program,
    program,
    programs,
    programs_for,
)
from suite.workloads import workloads

ALL = list(programs().values())
LINUX = profiles.load("linux-cpu")


@pytest.fixture(params=ALL, ids=[each.name for each in ALL])
def one(request: pytest.FixtureRequest) -> Program:
    found: Program = request.param
    return found


def test_every_studys_programs_are_found() -> None:
    assert list(programs()) == [
        *("comp5511-keras", "comp5511-pytorch", "cp8321-keras", "cp8321-pytorch", "cp8321-tensorflow"),
        *("pl2021-keras", "pl2021-pytorch"),
    ]


def test_a_programs_facts_fit_the_rest(one: Program) -> None:
    assert one.framework in frameworks()
    assert set(one.workloads) <= set(workloads())
    assert LINUX.accelerator in one.packages.requirements
    assert one.dtypes == ("float32",)


def test_the_program_itself_is_the_first_variant_and_all_have_a_sentence(one: Program) -> None:
    names = [variant.name for variant in one.variants]
    assert names[0] == PUBLISHED
    assert len(set(names)) == len(names)
    for variant in one.variants[1:]:
        assert variant.sentence.startswith("as published, but ")


def test_no_variant_can_be_taken_for_a_mode(one: Program) -> None:
    modes = {mode.name for mode in framework(one.framework).modes}
    assert modes.isdisjoint(variant.name for variant in one.variants)


def switches(one: Program) -> dict[str, object]:
    found: dict[str, object] = importlib.import_module(type(one).__module__).SWITCHES
    return found


def test_each_variant_switches_exactly_one_thing_or_says_that_it_is_cumulative(one: Program) -> None:
    found = switches(one)
    assert list(found) == [variant.name for variant in one.variants]
    published = dataclasses.asdict(found[PUBLISHED])  # type: ignore[call-overload]
    by_one: set[str] = set()
    by_several: set[str] = set()
    for variant in one.variants:
        values = dataclasses.asdict(found[variant.name])  # type: ignore[call-overload]
        differing = {key for key, value in values.items() if value != published[key]}
        if variant.cumulative:
            assert len(differing) > 1
            by_several |= differing
        else:
            assert len(differing) == (variant.name != PUBLISHED), variant.name
            by_one |= differing
    assert by_one == set(published)  # everything that can be switched is switched by one
    assert by_several in (set(), set(published))  # and all of it at once, where that is


def test_a_variants_name_has_one_title_whatever_the_program() -> None:
    """Readers are shown a variant by its name alone."""
    titles: dict[str, set[str]] = {}
    for each in ALL:
        for variant in each.variants:
            titles.setdefault(variant.name, set()).add(variant.title)
    assert [name for name, found in titles.items() if len(found) != 1 or not all(found)] == []


def test_an_unknown_variant_names_the_near_ones(one: Program) -> None:
    with pytest.raises(InputError, match=rf"^unknown variant of {one.name} 'publishd': did you mean published"):
        one.variant("publishd")


def test_a_program_is_found_by_framework_and_workload() -> None:
    assert program("pytorch", "cifar10-cnn3x3").name == "comp5511-pytorch"
    assert program("tensorflow", "mnist-cnn-cp8321").name == "cp8321-tensorflow"
    with pytest.raises(InputError, match=r"^unknown as-published program 'cifar10-cnn3x3 in caffe'"):
        program("caffe", "cifar10-cnn3x3")


def test_programs_come_in_the_order_of_their_frameworks() -> None:
    available = list(frameworks().values())
    found = [each.framework for each in programs_for("cpu", available)]
    assert found == ["pytorch"] * 3 + ["tensorflow"] + ["keras"] * 3
    assert programs_for("abacus", available) == []
    assert programs_for("cpu", []) == []
