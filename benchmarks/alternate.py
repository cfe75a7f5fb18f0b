"""``python -m benchmarks.alternate JOB RESULT``: two ways to train, taking turns inside one framework's environment.

Two processes on a shared machine differ by 5 to 30 % without any reason that is ours, two short windows that follow
each other in one process by about 1 %. So both ways live in one process and take turns, a b b a, which also cancels
drift. Where a network's arrays happen to lie in memory favours one of the two for as long as they live: so both are
built anew, in the other order, every round, and a round, not a window, is what counts as one measurement.
"""

from __future__ import annotations

import gc
import importlib
import json
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import numpy as np

from suite import inputs, records
from suite.frameworks import Stretch, framework
from suite.worker.clock import PerfClock
from suite.workload import Workload
from suite.workloads import workload

USUAL_BATCH = 32
BARE = "bare"


def batch_of(task: Workload) -> int:
    """Return the batch size at which a workload's loops are compared."""
    return USUAL_BATCH if USUAL_BATCH in task.batches else task.batches[0]


def drawn(task: Workload, count: int) -> tuple[np.ndarray, np.ndarray]:
    """Return so many images, of noise, and labels: times do not depend on what images show."""
    values = np.random.default_rng(0)
    images = values.normal(size=(count, *task.input_shape)).astype(np.float32)
    return images, values.integers(0, task.classes, count)


@dataclass(frozen=True)
class Window:
    """One stretch of training: the time around all of it, and each step's where it was taken (seconds)."""

    total: float
    steps: np.ndarray


class Way(Protocol):
    """One of the two ways to train."""

    def window(self) -> Window:
        """Train on all examples once."""


class SuiteWay:
    """The loop that the suite's worker runs and times: ``Trainer.train`` under a ``PerfClock``."""

    def __init__(self, task: Workload, name: str, images: np.ndarray, labels: np.ndarray) -> None:
        framework_name, mode = name.split("/")
        self._trainer = framework(framework_name).build(task, mode)
        self._trainer.load(inputs.weights(task, 0))
        prepared, truth = self._trainer.prepare(images, labels, inputs.masks(task, len(labels), 0, 0))
        self._stretch = Stretch(inputs=prepared, labels=truth, examples=len(labels), batch=batch_of(task))

    def window(self) -> Window:
        """Train on all examples once."""
        clock = PerfClock()
        since = time.perf_counter()
        self._trainer.train(self._stretch, clock)
        return Window(time.perf_counter() - since, clock.steps())


class BareWay:
    """The hand-written loop of the same framework."""

    def __init__(self, task: Workload, framework_name: str, images: np.ndarray, labels: np.ndarray) -> None:
        kept = inputs.masks(task, len(labels), 0, 0).values()
        module = importlib.import_module(f"benchmarks.bare.{framework_name}")
        self._loop = module.Loop(task.name, images, labels, *kept, batch=batch_of(task))

    def window(self) -> Window:
        """Train on all examples once; a loop that took no time inside (Keras) has no steps."""
        since = time.perf_counter()
        stamps = self._loop.train()
        total = time.perf_counter() - since
        return Window(total, np.diff(np.asarray(stamps)) / 1e9 if len(stamps) > 2 else np.zeros(0))


def step_times(a: Window, b: Window, steps: int) -> tuple[float, float]:
    """Return the seconds per step of two neighbouring windows.

    The median of the steps where both have them. Else (``fit`` without a callback) the mean, after taking from both the
    time that the one with steps spent before its first one: ``fit`` takes tens of milliseconds to get going.
    """
    if len(a.steps) and len(b.steps):
        return float(np.median(a.steps)), float(np.median(b.steps))
    timed = a if len(a.steps) else b
    start_up = float(timed.steps[0] - np.median(timed.steps[1:]))
    return (a.total - start_up) / steps, (b.total - start_up) / steps


def alternate(ways: dict[str, Way], windows: int, steps: int) -> list[dict[str, list[float]]]:
    """Let ways ``a`` and ``b`` take turns, a b b a ...; return each pair's ``step`` and ``total`` seconds."""
    pairs = []
    for turn in range(windows):
        order = "ab" if turn % 2 == 0 else "ba"
        done = {name: ways[name].window() for name in order}
        pairs.append(
            {"step": list(step_times(done["a"], done["b"], steps)), "total": [done["a"].total, done["b"].total]}
        )
    return pairs


def rounds(job: dict[str, Any], task: Workload, images: np.ndarray, labels: np.ndarray) -> list[Any]:
    """Build both ways and let them take turns, ``job["rounds"]`` times; return the pairs of each round."""
    result = []
    for number in range(job["rounds"]):
        ways: dict[str, Way] = {}
        for name in "ab" if number % 2 == 0 else "ba":
            if job[name] == BARE:
                ways[name] = BareWay(task, job["framework"], images, labels)
            else:
                ways[name] = SuiteWay(task, job[name], images, labels)
        for way in (*ways.values(), *ways.values()):
            way.window()  # traces, compiles, fills caches, twice: the first steps after tracing are slower
        result.append(alternate(ways, job["windows"], job["steps"]))
        del ways
        gc.collect()
    return result


def main() -> None:
    """Do the job and write its result."""
    job_path, result_path = map(Path, sys.argv[1:3])
    job = json.loads(job_path.read_text())
    framework(job["framework"]).start(job["threads"])
    result: records.Record = {"schema": records.SCHEMA, "workloads": {}}
    for name in job["workloads"]:
        task = workload(name)
        images, labels = drawn(task, job["steps"] * batch_of(task))
        result["workloads"][name] = rounds(job, task, images, labels)
    records.write_json_once(result_path, result)


if __name__ == "__main__":
    main()
