"""``python -m benchmarks.feeding JOB RESULT``: what data do to times, inside one framework's environment.

``twins``: one network trains on the stand-in and on the real data by turns, always from the same weights, so that
nothing but the data differs between two neighbouring windows. ``sampling``: examples are made and then trained on, each
timed apart.
"""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.alternate import Way, Window, alternate
from suite import inputs, records
from suite.frameworks import Stretch, Trainer, framework
from suite.worker.clock import PerfClock
from suite.worker.inputs import Examples, examples
from suite.workload import Workload
from suite.workloads import workload


class DataWay:
    """Trains a network that it shares with another way, on examples of its own, from the initial weights each time."""

    def __init__(self, task: Workload, trainer: Trainer, given: Examples, visited: np.ndarray, batch: int) -> None:
        self._trainer = trainer
        self._weights = inputs.weights(task, 0)
        self._stretch = stretch(task, trainer, given, visited, batch)

    def window(self) -> Window:
        """Train on all examples once."""
        self._trainer.load(self._weights)
        clock = PerfClock()
        since = time.perf_counter()
        self._trainer.train(self._stretch, clock)
        return Window(time.perf_counter() - since, clock.steps())


def stretch(task: Workload, trainer: Trainer, given: Examples, visited: np.ndarray, batch: int) -> Stretch:
    """Prepare the examples ``visited`` as the worker does."""
    images, labels = given.train(visited, trainer.memory_axes)
    prepared, truth = trainer.prepare(images, labels, inputs.masks(task, len(visited), 0, 0))
    return Stretch(inputs=prepared, labels=truth, examples=len(visited), batch=batch)


def twins(job: dict[str, Any], task: Workload, batch: int) -> list[Any]:
    """Return the pairs of each round: ``a`` is the stand-in, ``b`` the real data."""
    sources = {name: examples(Path(job["folders"][task.name][name]), task) for name in "ab"}
    visited = np.arange(job["steps"] * batch)
    result = []
    for number in range(job["rounds"]):
        trainer = build(job, task)
        order = "ab" if number % 2 == 0 else "ba"
        ways: dict[str, Way] = {name: DataWay(task, trainer, sources[name], visited, batch) for name in order}
        for way in (*ways.values(), *ways.values()):
            way.window()  # traces, compiles, fills caches
        result.append(alternate(ways, job["windows"], job["steps"]))
    return result


def sampling(job: dict[str, Any], task: Workload, batch: int) -> list[Any]:
    """Return of each round the seconds that making the examples took and the seconds that training on them took."""
    given = examples(Path(job["folders"][task.name]["a"]), task)
    trainer = build(job, task)
    order = np.random.default_rng(0).permutation(job["available"])
    count = job["steps"] * batch
    result = []
    for number in range(job["rounds"] + 1):
        visited = order[number * count : (number + 1) * count]
        since = time.perf_counter()
        given.train(visited, trainer.memory_axes, number, 0)
        made = time.perf_counter() - since
        feed = stretch(task, trainer, given, visited, batch)
        since = time.perf_counter()
        trainer.train(feed, PerfClock())
        result.append([made, time.perf_counter() - since])
    return result[1:]  # the first traces and compiles


def build(job: dict[str, Any], task: Workload) -> Trainer:
    """Build the network in the framework's default mode, with the initial weights of seed 0."""
    chosen = framework(job["framework"])
    trainer = chosen.build(task, chosen.default_mode)
    trainer.load(inputs.weights(task, 0))
    return trainer


def main() -> None:
    """Do the job and write its result."""
    job_path, result_path = map(Path, sys.argv[1:3])
    job = json.loads(job_path.read_text())
    framework(job["framework"]).start(job["threads"])
    result: records.Record = {"schema": records.SCHEMA, "workloads": {}}
    for name in job["folders"]:
        task = workload(name)
        measure = {"twins": twins, "sampling": sampling}[job["what"]]
        result["workloads"][name] = measure(job, task, task.batches[-1])
    records.write_json_once(result_path, result)


if __name__ == "__main__":
    main()
