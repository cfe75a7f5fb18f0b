"""An exam as a process: started in a framework's own environment, waited for, its answers read, however it ended."""

from __future__ import annotations

import errno
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from suite import home, records
from suite.environments import Environment
from suite.errors import InputError
from suite.frameworks import Device, DType
from suite.outcome import explain
from suite.parity.answers import Answers
from suite.runner import worker_environment
from suite.workload import Workload

TIMEOUT_S = 600
"""How long an exam may take, for each mode of the framework."""


@dataclass(frozen=True, kw_only=True)
class Subject:
    """What sits an exam: an arm of a lane, with a workload; ``packages`` names its environment."""

    lane: str
    workload: str
    framework: str
    mode: str
    packages: str
    batches: tuple[int, ...]
    """The batch sizes that it is proved with."""

    @property
    def arm(self) -> str:
        """Framework and mode: ``pytorch-eager``."""
        return f"{self.framework}-{self.mode}"

    @property
    def name(self) -> str:
        """The name of its passport's file."""
        return f"{self.lane}__{self.workload}__{self.arm}"


Answered = tuple[dict[DType, Answers], dict[str, Any]]
"""The answers of one subject in each precision, and the facts beside them."""

_DISK_FULL = "No space left on device"


@dataclass(frozen=True, kw_only=True)
class Sat:
    """How the modes of one framework sat their exam, up to the first that left no answers, if one did."""

    answers: Mapping[Subject, Answered]
    reason: str
    """Why the first without answers left none; empty where all answered."""
    seconds: float

    def seconds_of(self, subject: Subject) -> float:
        """Return how long one took: its own time, and its share of the framework's start where all have answered."""
        own = [float(facts["seconds"]) for _, facts in self.answers.values()]
        start = 0.0 if self.reason else max(0.0, self.seconds - sum(own))
        return float(self.answers[subject][1]["seconds"]) + start / len(own)


@dataclass(frozen=True, kw_only=True)
class Exams:
    """Where and how exams are sat."""

    environments: Mapping[str, Environment]
    threads: int
    device: Device = "cpu"
    timeout_s: float | None = None

    def sit(self, task: Workload, folder: Path, todo: Sequence[Subject]) -> Sat:
        """Let the modes of one framework sit, one after another in one process, over the questions in ``folder``.

        Raises:
            InputError: the environment's Python cannot be started.
            OSError: the disk is full.
        """
        since = time.perf_counter()
        exit_code = self._start(task, folder, todo)
        seconds = time.perf_counter() - since
        answers = self._answers(folder, todo)
        if len(answers) == len(todo):
            return Sat(answers=answers, reason="", seconds=seconds)
        log = folder / f"{todo[0].packages}.log"
        reason = home.without_user(explain(exit_code, log, self._limit(todo)))
        if _DISK_FULL in reason:
            raise OSError(errno.ENOSPC, _DISK_FULL)
        return Sat(answers=answers, reason=reason, seconds=seconds)

    def _start(self, task: Workload, folder: Path, todo: Sequence[Subject]) -> int | None:
        """Start the worker and wait for it; whatever happens here, no process of it is left behind."""
        first = todo[0]
        job = {
            "schema": records.SCHEMA,
            "lane": first.lane,
            "workload": task.name,
            "framework": first.framework,
            "modes": [subject.mode for subject in todo],
            "threads": self.threads,
            "device": self.device,
            "batches": list(first.batches),
            "folder": str(folder.resolve()),
        }
        path = folder / "job.json"
        path.write_bytes(records.to_json(job))
        with (folder / f"{first.packages}.log").open("wb") as log:
            worker = self.environments[first.packages].start(
                ["-m", "suite.worker.exam", str(path.resolve())],
                variables=worker_environment(self.device),
                folder=folder,
                reads=[],
                log=log,
            )
            try:
                return worker.wait(self._limit(todo))
            finally:
                worker.stop()

    def _limit(self, todo: Sequence[Subject]) -> float:
        return (self.timeout_s or TIMEOUT_S) * len(todo)

    def _answers(self, folder: Path, todo: Sequence[Subject]) -> dict[Subject, Answered]:
        found: dict[Subject, Answered] = {}
        for subject in todo:
            answered = _read(folder, subject)
            if answered is None:
                break
            found[subject] = answered
        return found


def _read(folder: Path, subject: Subject) -> Answered | None:
    place = folder / subject.arm
    try:
        facts = records.read_json(place.with_name(f"{place.name}.json"), "the answers")
        with np.load(place.with_name(f"{place.name}.npz"), allow_pickle=False) as file:
            arrays = {name: file[name] for name in file.files}
    except (InputError, OSError, ValueError):
        return None
    return {dtype: Answers(dtype, facts, arrays) for dtype in facts["dtypes"]}, facts
