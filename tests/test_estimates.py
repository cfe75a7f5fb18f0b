"""Estimates: what was learnt here, else a guess; nothing that is kept can break a run."""

from __future__ import annotations

import json
import math
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from suite.cells import Cell
from suite.estimates import Estimates, flop_per_image
from suite.presets import preset
from suite.workloads import workload


def cell(**changes: object) -> Cell:
    values = {"profile": "p", "lane": "matched", "workload": "cifar10-cnn3x3", "framework": "f", "mode": "m"}
    return Cell(**(values | {"batch": 32, "epochs": None, "examples": None} | changes))  # type: ignore[arg-type]


def fresh(name: str = "quick", threads: int = 2) -> Estimates:
    return Estimates(preset=preset(name), threads=threads)


def test_the_work_of_the_5x5_network_by_hand() -> None:
    multiply_adds = 28 * 28 * 6 * 75 + 10 * 10 * 16 * 150 + 400 * 120 + 120 * 84 + 84 * 10
    assert flop_per_image(workload("cifar10-cnn5x5")) == 6 * multiply_adds


def test_guesses_grow_with_the_work() -> None:
    guess = fresh()
    assert 0 < guess.seconds(cell()) < guess.seconds(cell(epochs=1)) < guess.seconds(cell(epochs=10))
    assert guess.seconds(cell(epochs=1, examples=2048)) < guess.seconds(cell(epochs=1))
    assert guess.seconds(cell(epochs=1)) < guess.seconds(cell(epochs=1, batch=4))
    assert guess.seconds(cell(workload="cifar10-cnn5x5", epochs=10)) < guess.seconds(cell(epochs=10))
    assert guess.seconds(cell(epochs=10)) < guess.seconds(cell(epochs=10, lane="as-published"))  # one by one
    assert guess.seconds(cell(epochs=10)) < fresh(threads=1).seconds(cell(epochs=10))


def test_what_was_learnt_is_kept_for_the_same_cell_alone(own_home: Path) -> None:
    estimates = Estimates.load(preset("quick"), 2)
    other = estimates.seconds(cell(batch=4))
    estimates.learn(cell(), 10.0)
    estimates.learn(cell(), 20.0)
    estimates.save()
    again = Estimates.load(preset("quick"), 2)
    assert again.seconds(cell()) == 15.0
    assert again.seconds(cell(batch=4)) == other
    for unlike in (("paper", 2), ("quick", 1)):
        assert Estimates.load(preset(unlike[0]), *unlike[1:]).seconds(cell()) != 15.0


@pytest.mark.parametrize(
    "content",
    [
        *("", "{", "[]", "null", "{}", '{"seconds": []}', '{"seconds": null}', '{"seconds": 3}'),
        *(f'{{"seconds": {{"KEY": {value}}}}}' for value in ('"x"', "null", "NaN", "Infinity", "-1", "0", "[]", "{}")),
    ],
)
def test_damaged_knowledge_is_none(own_home: Path, content: str) -> None:
    own_home.mkdir()
    key = fresh().key(cell())
    (own_home / "durations.json").write_text(content.replace("KEY", key))
    estimates = Estimates.load(preset("quick"), 2)
    assert estimates.seconds(cell()) == fresh().seconds(cell())
    estimates.learn(cell(), 3.0)
    estimates.save()
    assert json.loads((own_home / "durations.json").read_text())["seconds"] == {key: 3.0}


@given(st.integers(1, 4096), st.none() | st.integers(1, 100), st.integers(1, 256), st.sampled_from(["smoke", "full"]))
def test_every_estimate_is_positive_and_finite(batch: int, epochs: int | None, threads: int, name: str) -> None:
    seconds = fresh(name, threads).seconds(cell(batch=batch, epochs=epochs))
    assert 0 < seconds < math.inf
