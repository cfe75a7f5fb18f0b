"""Two ways to train, compared by letting them take turns inside one environment: the step tax, and our choices."""

from __future__ import annotations

import math
import statistics
import tempfile
from pathlib import Path
from typing import Any

from benchmarks.alternate import BARE
from benchmarks.setting import Setting
from benchmarks.table import Row
from suite import records, stats
from suite.presets import preset
from suite.workloads import workloads

BOUND = 1.02
WINDOWS = 4
"""Pairs of windows in a round, an even number: each way goes first as often as the other."""
STEPS = 20
"""Steps in a window: short, so that whatever else the machine does falls on both ways alike."""

CHOICES = (
    ("pytorch", "pytorch/eager", "pytorch/eager-channels-last"),
    ("keras", "tensorflow/function", "keras/fit"),
)
"""Environment, our default, what it must not be slower than (Keras's environment holds TensorFlow, too)."""


def harness(setting: Setting) -> list[Row]:
    """Measure each framework's default mode, as the worker runs and times it, against the bare loop."""
    rows = []
    for name, framework in setting.frameworks.items():
        ours = f"{name}/{framework.default_mode}"
        for task, rounds in compare(setting, name, ours, BARE).items():
            for measure, words in (("step", "step"), ("total", "whole window")):
                rows.append(_row("harness", f"{ours} {task}", f"{words}, suite / bare", rounds, measure))
    return rows


def layouts(setting: Setting) -> list[Row]:
    """Measure our default modes against the other choice we could have made."""
    rows = []
    for environment, ours, other in CHOICES:
        for task, rounds in compare(setting, environment, ours, other).items():
            unless = "reports say what both give" if _reported(setting, other) else None
            rows.append(_row("layouts", f"{ours} {task}", f"step, default / {other}", rounds, "step", unless))
    return rows


def compare(setting: Setting, environment: str, a: str, b: str) -> dict[str, list[Any]]:
    """Return, by workload, the rounds in which ``a`` and ``b`` took turns: see :func:`benchmarks.alternate.rounds`."""
    setting.say(f"{a} and {b} take turns, {setting.rounds} rounds")
    with tempfile.TemporaryDirectory(prefix="evenmatch-") as folder:
        job, result = Path(folder) / "job.json", Path(folder) / "result.json"
        record: records.Record = {"framework": environment, "a": a, "b": b, "workloads": list(workloads())}
        record |= {"threads": setting.threads}
        record |= {"rounds": setting.rounds, "windows": WINDOWS, "steps": STEPS}
        records.write_json_once(job, record)
        setting.run(environment, "benchmarks.alternate", job, result)
        found: dict[str, list[Any]] = records.read_json(result, "the benchmark's result")["workloads"]
        return found


def ratio(rounds: list[Any], measure: str) -> stats.Comparison:
    """Return time of ``a`` over time of ``b``: each round gives the median ratio of its pairs, rounds are compared."""
    ratios = [
        math.exp(statistics.median(math.log(a) - math.log(b) for a, b in (pair[measure] for pair in pairs)))
        for pairs in rounds
    ]
    return stats.compare([(1.0, each) for each in ratios])


def _row(benchmark: str, subject: str, words: str, rounds: list[Any], measure: str, unless: str | None = None) -> Row:
    compared = ratio(rounds, measure)
    interval = compared.interval or stats.Interval(0.0, math.inf, 0.0)
    return Row(
        benchmark=benchmark,
        subject=subject,
        measure=words,
        value=compared.ratio,
        low=interval.low,
        high=interval.high,
        spread=f"interval, confidence {interval.confidence:.3f}, {compared.runs} rounds",
        unit="ratio",
        bound=BOUND,
        unless=unless,
    )


def _reported(setting: Setting, name: str) -> bool:
    """Return whether quick and paper run the mode ``name`` beside our default, so that their reports say what it gives.

    A mode that is a framework's own default is always there, but that is no excuse for ours to be slower.
    """
    framework, mode = name.split("/")
    companions = all(preset(each).companions for each in ("quick", "paper"))
    return companions and setting.frameworks[framework].mode(mode).companion
