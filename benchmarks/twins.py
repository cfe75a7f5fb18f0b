"""What data do to times: stand-ins beside real data, and what cutting patches from stereo pairs takes."""

from __future__ import annotations

import math
import statistics
import tempfile
from pathlib import Path
from typing import Any

from benchmarks import turns
from benchmarks.setting import Setting
from benchmarks.table import Row
from suite import data, home, records, stats
from suite.data import Prepared
from suite.workload import Workload
from suite.workloads import workloads

APART = 1.02
"""So much may times on a stand-in and on real data differ where the difference is more than noise."""
SAMPLING_BOUND = 0.1
WINDOWS = 4
STEPS = 20


def twins(setting: Setting) -> list[Row]:
    """Compare step times on real data with those on the stand-in, for every workload and framework."""
    if setting.source is None:
        setting.say(f"twins: left out, it needs real data: name their folder with --data or {data.VARIABLE}")
        return []
    folders = {}
    for name, task in workloads().items():
        real = data.prepare(task.dataset, source=setting.source, cache=home.cache(), say=setting.say)
        folders[name] = {"a": str(stand_in(task, setting).folder), "b": str(real.folder)}
    rows = []
    for framework in setting.frameworks:
        setting.say(f"{framework} trains on stand-ins and real data by turns, {setting.rounds} rounds")
        found = measure(setting, framework, "twins", folders)
        rows += [agreement(f"{framework} {name}", rounds) for name, rounds in found.items()]
    return rows


def sampling(setting: Setting) -> list[Row]:
    """Measure how long making stereo examples takes, over training on them, in every framework."""
    tasks = {name: task for name, task in workloads().items() if task.matching is not None}
    rows = []
    for name, task in tasks.items():
        made = stand_in(task, setting)
        for framework in setting.frameworks:
            setting.say(f"{framework} trains on patches of stereo pairs, {setting.rounds} rounds")
            found = measure(setting, framework, "sampling", {name: {"a": str(made.folder)}}, made.train_examples)
            shares = [made_s / trained_s for made_s, trained_s in found[name]]
            rows.append(
                Row(
                    benchmark="sampling",
                    subject=f"{framework} {name}",
                    measure="cutting patches / training on them",
                    value=statistics.median(shares),
                    low=min(shares),
                    high=max(shares),
                    spread=f"smallest and largest of {len(shares)} rounds",
                    unit="ratio",
                    bound=SAMPLING_BOUND,
                )
            )
    return rows


def agreement(subject: str, rounds: list[Any]) -> Row:
    """Return how far apart both are, the slower over the faster; a difference within the noise breaks no bound."""
    compared = turns.ratio(rounds, "step")
    interval = compared.interval or stats.Interval(0.0, math.inf, 0.0)
    low, value, high = interval.low, compared.ratio, interval.high
    words = "step, stand-in / real"
    if value < 1:
        low, value, high = 1 / high, 1 / value, 1 / low if low else math.inf
        words = "step, real / stand-in"
    return Row(
        benchmark="twins",
        subject=subject,
        measure=words,
        value=value,
        low=low,
        high=high,
        spread=f"interval, confidence {interval.confidence:.3f}, {compared.runs} rounds",
        unit="ratio",
        bound=APART,
        unless="the interval holds 1: no more than noise" if low <= 1 else None,
    )


def stand_in(task: Workload, setting: Setting) -> Prepared:
    """Make the stand-in for a workload's data, or find it made."""
    (name,) = (each.name for each in data.datasets().values() if each.twin_of == task.dataset)
    return data.prepare(name, source=None, cache=home.cache(), say=setting.say)


def measure(
    setting: Setting, framework: str, what: str, folders: dict[str, dict[str, str]], available: int = 0
) -> dict[str, list[Any]]:
    """Return what :mod:`benchmarks.feeding` measured, by workload: one entry per round."""
    with tempfile.TemporaryDirectory(prefix="evenmatch-") as folder:
        job, result = Path(folder) / "job.json", Path(folder) / "result.json"
        record: records.Record = {"framework": framework, "what": what, "folders": folders, "available": available}
        record |= {"threads": setting.threads, "rounds": setting.rounds, "windows": WINDOWS, "steps": STEPS}
        records.write_json_once(job, record)
        setting.run(framework, "benchmarks.feeding", job, result)
        found: dict[str, list[Any]] = records.read_json(result, "the benchmark's result")["workloads"]
        return found
