"""The benchmarks of data: their rows, and the loops they run, with a toy in the place of a framework."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from benchmarks import setting, twins
from suite import data
from suite.workloads import workload, workloads


def shared(source: Path | None, said: list[str] | None = None) -> setting.Setting:
    say = (said if said is not None else []).append
    frameworks: dict[str, Any] = {"toy": None}
    return setting.Setting(
        frameworks=frameworks, pythons={}, data_folder=Path(), source=source, threads=1, rounds=6, say=say
    )


def rounds(*ratios: float) -> list[Any]:
    """Rounds of one pair each, the stand-in's time over the real data's."""
    return [[{"step": [ratio, 1.0], "total": [ratio, 1.0]}] for ratio in ratios]


def test_what_is_within_the_noise_breaks_no_bound() -> None:
    row = twins.agreement("x", rounds(0.8, 1.3, 1.2, 0.9, 1.1, 1.25))
    assert row.value > twins.APART
    assert row.low <= 1 <= row.high
    assert not row.broken


@pytest.mark.parametrize(("ratio", "words"), [(1.1, "step, stand-in / real"), (1 / 1.1, "step, real / stand-in")])
def test_a_difference_beyond_the_noise_is_broken_whoever_is_slower(ratio: float, words: str) -> None:
    row = twins.agreement("x", rounds(*(ratio * (1 + 0.001 * number) for number in range(6))))
    assert row.value == pytest.approx(1.1, rel=0.01)
    assert 1 < row.low <= row.value <= row.high
    assert row.measure == words
    assert row.broken
    small = twins.agreement("x", rounds(*(ratio**0.1 * (1 + 0.0001 * number) for number in range(6))))
    assert small.value < twins.APART
    assert not small.broken


def test_too_few_rounds_settle_nothing() -> None:
    row = twins.agreement("x", rounds(1.1))
    assert (row.low, row.high) == (0.0, math.inf)


def test_without_real_data_nothing_is_compared_and_it_is_said() -> None:
    said: list[str] = []
    assert twins.twins(shared(None, said)) == []
    assert said == ["twins: left out, it needs real data: name their folder with --data or EVENMATCH_DATA"]


def test_every_workload_is_compared_on_both(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[tuple[str, Path | None]] = []

    class Made:
        def __init__(self, name: str) -> None:
            self.folder = Path(f"/{name}")
            self.train_examples = 10

    def prepare(name: str, *, source: Path | None, **_rest: Any) -> Made:
        asked.append((name, source))
        return Made(name)

    given: dict[str, Any] = {}

    def measure(_setting: Any, framework: str, what: str, folders: Any, available: int = 0) -> Any:
        given[what] = folders
        if what == "sampling":
            assert available == 10
            return {name: [[1.0, 20.0], [1.0, 5.0], [1.0, 10.0]] for name in folders}
        return {name: rounds(1.0, 1.0, 1.0, 1.0, 1.0, 1.0) for name in folders}

    monkeypatch.setattr(data, "prepare", prepare)
    monkeypatch.setattr(twins, "measure", measure)
    rows = twins.twins(shared(Path("/real")))
    assert [row.subject for row in rows] == [f"toy {name}" for name in workloads()]
    for name, task in workloads().items():
        assert given["twins"][name] == {"a": f"/{task.dataset}-twin", "b": f"/{task.dataset}"}
        assert (task.dataset, Path("/real")) in asked
        assert (f"{task.dataset}-twin", None) in asked
    (row,) = twins.sampling(shared(None))
    assert list(given["sampling"]) == ["mc-cnn-fast"]
    assert (row.value, row.low, row.high, row.bound) == (0.1, 0.05, 0.2, 0.1)
    assert not row.broken


class Trainer:
    """Notes what it is trained on, and from which weights."""

    memory_axes = (0, 1, 2, 3)

    def __init__(self) -> None:
        self.seen: list[tuple[float, float]] = []
        self.weight = -1.0

    def load(self, weights: dict[str, np.ndarray]) -> None:
        self.weight = float(weights["conv1/weight"].sum())

    def prepare(self, images: np.ndarray, labels: np.ndarray, masks: Any) -> tuple[tuple[np.ndarray], np.ndarray]:
        assert masks == {}
        return (images,), labels

    def train(self, stretch: Any, clock: Any) -> float:
        (images,) = stretch.inputs
        assert len(images) == stretch.examples
        self.seen.append((float(images.sum()), self.weight))
        for _ in range(1 + stretch.examples // stretch.batch):
            clock.tick()
        self.weight = 0.0
        return 0.0


def test_both_sides_train_one_network_from_the_same_weights(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from benchmarks import feeding

    made: list[Trainer] = []

    def build(_job: Any, _task: Any) -> Trainer:
        made.append(Trainer())
        return made[-1]

    class Given:
        def __init__(self, value: float) -> None:
            self.value = value

        def train(self, order: np.ndarray, *_rest: Any) -> tuple[np.ndarray, np.ndarray]:
            return np.full((len(order), 1, 1, 1), self.value, np.float32), np.zeros(len(order), np.int64)

    monkeypatch.setattr(feeding, "build", build)
    monkeypatch.setattr(feeding, "examples", lambda folder, _task: Given(1.0 if folder.name == "a" else 2.0))
    task = workload("cifar10-cnn5x5")
    job = {"folders": {task.name: {"a": "/a", "b": "/b"}}, "rounds": 2, "windows": 2, "steps": 3, "available": 40}
    found = feeding.twins(job, task, 4)
    assert [len(pairs) for pairs in found] == [2, 2]
    sums = [[total for total, _ in trainer.seen] for trainer in made]
    assert sums == [[12.0, 24.0, 12.0, 24.0, 12.0, 24.0, 24.0, 12.0], [24.0, 12.0, 24.0, 12.0, 12.0, 24.0, 24.0, 12.0]]
    weights = {weight for trainer in made for _, weight in trainer.seen}
    assert len(weights) == 1
    assert weights != {0.0}
    assert [len(pair) for pair in feeding.sampling(job, task, 4)] == [2, 2]
