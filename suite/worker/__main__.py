"""``python -m suite.worker JOB RESULT``: do the run that the file JOB describes, write what it measured to RESULT.

Exit codes: 0 done; 1 an error, its text is on standard error; 4 the run ended in nonsense, or on a
device that is not there: RESULT says why.
"""

from __future__ import annotations

import contextlib
import importlib.metadata
import io
import os
import platform
import sys
import threading
import time
from pathlib import Path
from typing import Any

import numpy as np

from suite import inputs, quota, records
from suite.errors import UnsupportedError
from suite.frameworks import Distributions, framework
from suite.published.programs import program
from suite.worker import effective
from suite.worker.job import Job
from suite.worker.measure import Measurement, measure, read_weights
from suite.worker.nonsense import NonsenseError
from suite.worker.published import measure_program

NONSENSE = 4


def main() -> int:
    """Run one job; see the module's docstring for the exit codes."""
    die_with_the_driver()
    job_path, result_path = map(Path, sys.argv[1:3])
    job = Job.read(job_path)
    result = Measurement()
    reason = None
    try:
        (measure_program if job.lane == "as-published" else measure)(job, result)
    except (NonsenseError, UnsupportedError) as told:
        reason = str(told)
    record = _record(job, result)
    if reason is not None:
        record["reason"] = reason
    records.write_json_once(result_path, record)
    return NONSENSE if reason else 0


def die_with_the_driver() -> None:
    """End this process when the driver is gone: its end of our standard input then closes.

    Only where the driver asks for it, so that a worker can be started by hand. A blocked read costs no time.
    """
    if os.environ.get("EVENMATCH_DRIVER_PIPE") != "1":
        return

    def watch() -> None:
        os.read(0, 1)  # not sys.stdin: its lock, held by a thread, would abort the interpreter's shutdown
        os._exit(130)

    threading.Thread(target=watch, daemon=True).start()


def _record(job: Job, result: Measurement) -> records.Record:
    process = effective.settings()
    times = np.concatenate(result.steps) if result.steps else np.zeros(0)
    steady = times[result.leading :]
    data = io.BytesIO()
    np.save(data, times, allow_pickle=False)
    records.write_once(Path(job.steps_file), data.getvalue())
    phases = dict.fromkeys(("import", "build", "data", "first_step", "warmup", "steady", "evaluation"), 0.0)
    return {
        "schema": records.SCHEMA,
        "phases": phases | result.watch.phases,
        "steps": {
            "count": len(steady),
            "median_s": float(np.median(steady)) if len(steady) else None,
            "mean_s": float(np.mean(steady)) if len(steady) else None,
            "max_s": float(np.max(steady)) if len(steady) else None,
            "first_s": float(times[0]) if len(times) else None,
            **_pace(steady),
            "warmup": result.leading,
            "sha256": records.sha256_of(data.getvalue()),
        },
        "epochs": _finite(result.epochs),
        "cpu_s": cpu_s(),
        "peak_rss_bytes": peak_rss_bytes(),
        "versions": versions(_distributions(job)),
        "libc": " ".join(platform.libc_ver()).strip() or None,
        "thread_pools": _thread_pools(),
        "limits": quota.seen(),
        "inputs": _inputs(job),
        **result.facts,
        "settings": {**process, **result.facts.get("settings", {})},
    }


def _pace(steady: np.ndarray) -> dict[str, float | None]:
    """Return the median step of the first and of the last quarter, and one tick of the clock that took the times."""
    quarter = len(steady) // 4
    early, late = (float(np.median(part)) if quarter else None for part in (steady[:quarter], steady[-quarter:]))
    return {"early_s": early, "late_s": late, "clock_tick_s": time.get_clock_info("perf_counter").resolution}


def _distributions(job: Job) -> Distributions:
    if job.lane == "as-published":
        return program(job.framework, job.workload).distributions
    return framework(job.framework).distributions


def _inputs(job: Job) -> dict[str, Any]:
    """Return the digests of what every framework is given; programs as published are given no such thing."""
    if job.lane == "as-published":
        sentence = "not applicable: the program draws its own initial weights and order of examples from the seed"
        return {"weights_sha256": None, "order_sha256": None, "sentence": sentence}
    return {
        "weights_sha256": inputs.digest(read_weights(job)),
        "order_sha256": records.sha256_of_file(Path(job.order)),
    }


def cpu_s() -> float:
    """Return the processor seconds of this process and of those it started and has seen end (a compiler, say)."""
    times = os.times()
    return times.user + times.system + times.children_user + times.children_system


def _finite(epochs: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [{key: value if np.isfinite(value) else None for key, value in epoch.items()} for epoch in epochs]


def peak_rss_bytes() -> int:
    """Return the largest resident memory of this process so far, in bytes.

    On Linux from VmHWM, since ru_maxrss there starts with the size of the process that started us.
    """
    status = Path("/proc/self/status")
    if status.exists():
        for line in status.read_text().splitlines():
            if line.startswith("VmHWM:"):
                return int(line.split()[1]) * 1024
    if sys.platform == "win32":
        import psutil

        return int(psutil.Process().memory_info().peak_wset)
    import resource

    usage = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return usage if sys.platform == "darwin" else usage * 1024


def versions(distributions: Distributions) -> dict[str, str]:
    """Return the installed versions of Python, of ``distributions``, and of NumPy, by the names that are installed."""
    found = dict(_installed((each,) if isinstance(each, str) else each) for each in (*distributions, "numpy"))
    for name in _FOR_GPUS:
        with contextlib.suppress(importlib.metadata.PackageNotFoundError):
            found[name] = importlib.metadata.version(name)
    return {"python": platform.python_version(), **found}


_FOR_GPUS = (
    "tensorflow-metal",
    *(f"nvidia-{library}{cuda}" for library in ("cudnn", "cuda-runtime") for cuda in ("-cu12", "-cu13")),
    "nvidia-cuda-runtime",
)
"""What puts a framework's work on a GPU, where it is installed beside it: each framework brings its own."""


def _installed(names: tuple[str, ...]) -> tuple[str, str]:
    """Return the first of ``names`` that is installed, and its version."""
    for name in names[:-1]:
        try:
            return name, importlib.metadata.version(name)
        except importlib.metadata.PackageNotFoundError:
            continue
    return names[-1], importlib.metadata.version(names[-1])


def _thread_pools() -> list[dict[str, Any]]:
    """Return the native thread pools loaded into this process (BLAS, OpenMP), without paths of this machine."""
    import threadpoolctl

    keys = ("user_api", "internal_api", "num_threads", "version", "threading_layer", "architecture")
    return [{key: pool[key] for key in keys if key in pool} for pool in threadpoolctl.threadpool_info()]


if __name__ == "__main__":
    sys.exit(main())
