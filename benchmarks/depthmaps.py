"""Depth maps of whole images: time over that of the same written by hand, and memory."""

from __future__ import annotations

import math
import tempfile
from pathlib import Path

from benchmarks.setting import Setting
from benchmarks.table import Row
from suite import records, stats

RATIO_BOUND = 1.5
MEMORY_BOUND_MB = 1500.0


def depth_maps(setting: Setting) -> list[Row]:
    """Measure each framework's default mode against its convolutions and cost volume written directly."""
    rows = []
    for name, framework in setting.frameworks.items():
        setting.say(f"{name} makes depth maps, {setting.rounds} rounds")
        with tempfile.TemporaryDirectory(prefix="evenmatch-") as folder:
            job, result = Path(folder) / "job.json", Path(folder) / "result.json"
            record: records.Record = {"framework": name, "threads": setting.threads, "rounds": setting.rounds}
            records.write_json_once(job, record)
            setting.run(name, "benchmarks.mapping", job, result)
            found = records.read_json(result, "the benchmark's result")
        rows += rows_of(f"{name}/{framework.default_mode}", found["pairs"], found["peak_rss_bytes"])
    return rows


def rows_of(subject: str, pairs: list[tuple[float, float]], peak_bytes: int) -> list[Row]:
    """Return the ratio of the seconds of each pair (suite, bare), and the suite's peak memory."""
    compared = stats.compare([(1.0, suite / bare) for suite, bare in pairs])
    interval = compared.interval or stats.Interval(0.0, math.inf, 0.0)
    peak = peak_bytes / 1e6
    return [
        Row(
            benchmark="depth map",
            subject=subject,
            measure="one of 376 x 1242 over 228 disparities, suite / bare",
            value=compared.ratio,
            low=interval.low,
            high=interval.high,
            spread=f"interval, confidence {interval.confidence:.3f}, {compared.runs} rounds",
            unit="ratio",
            bound=RATIO_BOUND,
        ),
        Row(
            benchmark="depth map",
            subject=subject,
            measure="peak memory of the process",
            value=peak,
            low=peak,
            high=peak,
            spread="one process",
            unit="MB",
            bound=MEMORY_BOUND_MB,
        ),
    ]
