"""A whole small run of the suite, report included: what each run costs beside its work, and the driver's memory."""

from __future__ import annotations

import functools
import itertools
import os
import statistics
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

from benchmarks.setting import Setting
from benchmarks.table import Row
from suite import home, records
from suite.errors import CellsFailedError

FIXED_BOUND_S = 1.0
DRIVER_BOUND_MB = 300.0
BLOCKS = 5
WORK = ("import", "data", "first_step", "warmup", "steady", "evaluation")
"""Phases of a run that are not its fixed cost: importing the framework, and what was asked for."""


@dataclass(frozen=True)
class Whole:
    """The driver's peak memory, and each sampled run's fixed cost by framework: all of it, and its process's part."""

    peak_rss_bytes: int
    fixed_s: dict[str, list[float]]
    process_s: dict[str, list[float]]


def fixed(setting: Setting) -> list[Row]:
    """Return what a run costs beside import and work, by framework: the median over its runs."""
    whole = run(setting)
    rows = []
    for values, words, bound in (
        (whole.fixed_s, "from one run kept to the next, beside import and work", FIXED_BOUND_S),
        (whole.process_s, "of that, inside the worker's process", None),
    ):
        for name, seconds in values.items():
            rows.append(
                Row(
                    benchmark="fixed",
                    subject=name,
                    measure=words,
                    value=statistics.median(seconds),
                    low=min(seconds),
                    high=max(seconds),
                    spread=f"smallest and largest of {len(seconds)} runs",
                    unit="s",
                    bound=bound,
                )
            )
    return rows


def driver(setting: Setting) -> list[Row]:
    """Return the driver's peak memory over data, runs, analysis and report."""
    megabytes = run(setting).peak_rss_bytes / 1e6
    row = Row(
        benchmark="driver",
        subject="driver",
        measure="peak resident memory, smoke run with report",
        value=megabytes,
        low=megabytes,
        high=megabytes,
        spread="one run",
        unit="MB",
        bound=DRIVER_BOUND_MB,
    )
    return [row]


@functools.lru_cache(maxsize=1)
def run(setting: Setting) -> Whole:
    """Run preset smoke with :data:`BLOCKS` blocks in a cache of its own, so that the twin images are made anew in it.

    Raises:
        CellsFailedError: it failed; the message has the end of what it printed.
    """
    setting.say(f"a smoke run of {BLOCKS} blocks, with report")
    with tempfile.TemporaryDirectory(prefix="evenmatch-") as folder:
        place = Path(folder)
        (place / "cache").mkdir()
        (place / "cache" / "environments").symlink_to(home.cache() / "environments", target_is_directory=True)
        env = {key: value for key, value in os.environ.items() if key != "EVENMATCH_DATA"}
        env |= {"EVENMATCH_HOME": str(place / "cache")}
        options = ["--preset", "smoke", "--blocks", str(BLOCKS), "--out", str(place / "run")]
        options += ["--threads", str(setting.threads)]
        command = [sys.executable, "-m", "benchmarks.driven", str(place / "peak.json"), "run", *options]
        done = subprocess.run(command, env=env, cwd=home.ROOT, capture_output=True, text=True, check=False)
        if done.returncode:
            raise CellsFailedError(f"the smoke run failed: {(done.stdout + done.stderr).strip()[-800:]}")
        peak = records.read_json(place / "peak.json", "the driver's peak memory")["peak_rss_bytes"]
        return read(place / "run" / "raw", peak)


def read(raw: Path, peak_rss_bytes: int) -> Whole:
    """Work out the fixed costs from the raw results of a run and the times at which they were kept.

    The first run has no time at which the one before it was kept, and whole trainings do other work: both are left out.
    """
    files = sorted(raw.glob("*.json"), key=lambda path: path.stat().st_mtime_ns)
    whole = Whole(peak_rss_bytes, {}, {})
    for before, path in itertools.pairwise(files):
        record = records.read_json(path, "a raw result")
        if record["params"]["epochs"] is not None:
            continue
        between = (path.stat().st_mtime_ns - before.stat().st_mtime_ns) / 1e9
        work = sum(record["phases"][phase] for phase in WORK)
        whole.fixed_s.setdefault(record["framework"], []).append(between - work)
        whole.process_s.setdefault(record["framework"], []).append(record["wall_s"] - work)
    return whole
