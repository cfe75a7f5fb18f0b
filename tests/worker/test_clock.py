"""The clock of the steps and the stopwatch of the phases."""

from __future__ import annotations

import time

import numpy as np
import pytest

from suite.worker import clock
from suite.worker.clock import PerfClock, Stopwatch


def test_steps_are_the_time_between_ticks(monkeypatch: pytest.MonkeyPatch) -> None:
    stamps = iter([5_000_000_000, 5_250_000_000, 5_250_000_001, 7_000_000_000])
    monkeypatch.setattr(clock.time, "perf_counter_ns", lambda: next(stamps))
    perf = PerfClock()
    for _ in range(4):
        perf.tick()
    assert perf.steps().dtype == np.float64
    assert perf.steps().tolist() == [0.25, 1e-9, 1.749999999]


@pytest.mark.parametrize("ticks", [0, 1])
def test_without_two_ticks_there_is_no_step(ticks: int) -> None:
    perf = PerfClock()
    for _ in range(ticks):
        perf.tick()
    assert perf.steps().shape == (0,)


def test_real_time_is_measured() -> None:
    perf = PerfClock()
    perf.tick()
    time.sleep(0.02)
    perf.tick()
    assert 0.019 < perf.steps()[0] < 1


def test_a_phase_entered_twice_adds_up(monkeypatch: pytest.MonkeyPatch) -> None:
    times = iter([11.0, 23.0, 31.0])
    monkeypatch.setattr(clock.time, "perf_counter", lambda: next(times))
    watch = Stopwatch()
    watch.lap("data", 10.0)
    watch.lap("build", 20.0)
    watch.lap("data", 30.0)
    assert watch.phases == {"data": 2.0, "build": 3.0}
