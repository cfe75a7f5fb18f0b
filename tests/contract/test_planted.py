"""Mismatches planted in the live frameworks, one at a time: each is caught, at its item, and named."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from suite import home, locks, profiles, runner
from suite.environments import native
from suite.frameworks import framework
from suite.parity import passport, questions
from suite.parity.answers import Answers
from suite.parity.questions import Questions, Trajectory
from tests.contract.planted.expected import ALL, EXPECTED, FURTHER, STEPS, Planted, planted_in

pytestmark = pytest.mark.frameworks

EVERY = [(name, number, each) for name in (*ALL, *FURTHER) for number, each in enumerate(planted_in(name))]


@pytest.fixture(scope="module", autouse=True)
def few_steps() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(questions, "STEPS", STEPS)
        patch.setattr(passport, "STEPS", STEPS)
        yield


@pytest.fixture(scope="module")
def work(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("planted")


@pytest.fixture(scope="module")
def asked(few_steps: None, work: Path) -> dict[str, Questions]:
    drawn = {}
    for task in {each.task.name: each.task for each in EXPECTED}.values():
        (work / task.name).mkdir()
        drawn[task.name] = questions.draw(task, work / task.name)
        Trajectory(task, drawn[task.name]).make(task, drawn[task.name])
    return drawn


@pytest.fixture(scope="module")
def sat(asked: dict[str, Questions], work: Path) -> Path:
    """Let all frameworks sit all exams, side by side, and return where their answers are."""
    profile = profiles.of_this_machine()
    probe = Path(__file__).with_name("planted_probe.py")
    env = runner.worker_environment() | {"EVENMATCH_DRIVER_PIPE": "0", "PYTHONPATH": str(home.ROOT)}
    processes = {}
    for each in locks.available(profile):
        if each.name in (*ALL, *FURTHER):
            python = native.ensure(profile, framework(each.name), print).python
            with (work / f"{each.name}.log").open("wb") as log:
                processes[each.name] = subprocess.Popen(
                    [python, probe, each.name, work], env=env, stdout=log, stderr=log
                )
    for name, process in processes.items():
        assert process.wait() == 0, (work / f"{name}.log").read_text()[-3000:]
    return work


@pytest.mark.parametrize(("name", "number", "planted"), EVERY, ids=[f"{name}-{each.name}" for name, _, each in EVERY])
def test_planted_mismatch_is_caught_and_named(
    name: str, number: int, planted: Planted, sat: Path, asked: dict[str, Questions]
) -> None:
    place = sat / f"{name}-{number}"
    facts = json.loads(place.with_suffix(".json").read_text())
    with np.load(place.with_suffix(".npz")) as file:
        arrays = dict(file)
    answers = {dtype: Answers(dtype, facts, arrays) for dtype in planted.dtypes(name)}
    found = passport.matched(answers, planted.task, asked[planted.task.name])
    sys.stdout.write(f"{facts['seconds']:.1f} s, {found['failed_item']}: {found['diagnosis']}\n")
    assert found["status"] == ("matched" if planted.item is None else "unmatched"), found["diagnosis"]
    assert found["failed_item"] == planted.item, found["diagnosis"]
    assert [word for word in planted.words if word not in (found["diagnosis"] or "")] == [], found["diagnosis"]
