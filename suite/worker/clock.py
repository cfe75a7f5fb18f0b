"""The clock of the steps: a list of time stamps, so that noting one costs next to nothing."""

from __future__ import annotations

import time

import numpy as np

from suite.frameworks import StepClock


class PerfClock(StepClock):
    """Keeps every reading of the monotonic performance counter, in nanoseconds."""

    def __init__(self) -> None:
        self._stamps: list[int] = []

    def tick(self) -> None:
        """Note the time now."""
        self._stamps.append(time.perf_counter_ns())

    def steps(self) -> np.ndarray:
        """Return the time between consecutive ticks in seconds, float64, one value per step."""
        return np.diff(np.asarray(self._stamps, dtype=np.int64)) / 1e9


class Stopwatch:
    """Seconds spent in each named phase; a phase entered twice adds up."""

    def __init__(self) -> None:
        self.phases: dict[str, float] = {}

    def lap(self, name: str, since: float) -> None:
        """Add the time since ``since`` (a reading of ``time.perf_counter``) to phase ``name``."""
        self.phases[name] = self.phases.get(name, 0.0) + time.perf_counter() - since
