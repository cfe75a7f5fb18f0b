"""Every planted mismatch is caught, at the item where it belongs, and named; what is no mismatch is not called one."""

from __future__ import annotations

import functools
from pathlib import Path
from typing import get_args

import pytest

from suite.frameworks import DType
from suite.parity import questions
from suite.parity.answers import Answers, Expected
from suite.parity.diagnosis import Case, diagnose
from suite.parity.items import Item
from suite.parity.judge import judge
from suite.parity.program import Program
from suite.parity.questions import Questions, Trajectory
from suite.worker.exam import Exam
from suite.workload import Workload
from tests.parity.plants import PLANTS, Plant


@pytest.fixture(scope="session")
def asked(tmp_path_factory: pytest.TempPathFactory):
    @functools.cache
    def ask(workload: Workload) -> Questions:
        folder: Path = tmp_path_factory.mktemp("exam")
        drawn = questions.draw(workload, folder)
        Trajectory(workload, drawn).make(workload, drawn)
        return drawn

    return ask


def examined(plant: Plant, drawn: Questions, dtype: DType) -> list[tuple[Item, Case]]:
    facts, arrays = Exam(plant.workload, drawn, lambda: plant.build(plant.workload, dtype), dtype).sit()
    assert plant.item == "parameters" or facts["errors"] == {}
    answers = Answers(dtype, {dtype: facts}, {f"{dtype}|{name}": array for name, array in arrays.items()})
    expected = Expected(Program.of(plant.workload), plant.workload, drawn)
    return [(item, Case(item, answers, expected)) for item in judge(answers, expected)]


@pytest.mark.parametrize("dtype", get_args(DType))
@pytest.mark.parametrize("plant", PLANTS, ids=lambda plant: plant.name)
def test_mismatch_is_caught_and_named(plant: Plant, dtype: DType, asked) -> None:
    failed = [(item, case) for item, case in examined(plant, asked(plant.workload), dtype) if not item.passed]
    if plant.item is None or (plant.name == "float64 inputs" and dtype == "float64"):
        assert failed == []
        return
    item, case = failed[0]
    said = diagnose(case)
    assert (item.item, [word for word in plant.words if word not in said]) == (plant.item, []), said
    assert said[0].isupper()
    assert said.endswith(".")
