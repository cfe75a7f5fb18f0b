"""Programs as published: found, complete, and each variant one switch away from the program itself."""

from __future__ import annotations

import dataclasses

import pytest

from suite import profiles
from suite.errors import InputError
from suite.frameworks import framework, frameworks
from suite.published.programs import (
    PUBLISHED,
    Program,
    comp5511_keras,
    comp5511_pytorch,
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


def test_both_programs_of_the_study_are_found() -> None:
    assert list(programs()) == ["comp5511-keras", "comp5511-pytorch"]


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


@pytest.mark.parametrize("module", [comp5511_keras, comp5511_pytorch], ids=lambda module: module.__name__)
def test_each_variant_switches_exactly_one_thing(module: object) -> None:
    found, switches = module.PROGRAM, module.SWITCHES  # type: ignore[attr-defined]
    assert list(switches) == [variant.name for variant in found.variants]
    published = dataclasses.asdict(switches[PUBLISHED])
    switched = []
    for name, values in switches.items():
        differing = {key for key, value in dataclasses.asdict(values).items() if value != published[key]}
        assert len(differing) == (name != PUBLISHED), name
        switched += differing
    assert sorted(switched) == sorted(published)  # and everything that can be switched is switched by one


def test_an_unknown_variant_names_the_near_ones(one: Program) -> None:
    with pytest.raises(InputError, match=rf"^unknown variant of {one.name} 'publishd': did you mean published"):
        one.variant("publishd")


def test_a_program_is_found_by_framework_and_workload() -> None:
    assert program("pytorch", "cifar10-cnn3x3").name == "comp5511-pytorch"
    with pytest.raises(InputError, match=r"^unknown as-published program 'cifar10-cnn3x3 in caffe'"):
        program("caffe", "cifar10-cnn3x3")


def test_programs_come_in_the_order_of_their_frameworks() -> None:
    available = list(frameworks().values())
    assert [each.framework for each in programs_for("cpu", available)] == ["pytorch", "keras"]
    assert programs_for("abacus", available) == []
    assert programs_for("cpu", []) == []
