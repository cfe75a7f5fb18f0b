"""``python -m benchmarks.mapping JOB RESULT``: depth maps by the suite and by hand, in turns, in one environment.

One pair of KITTI's size, over its disparities; the hand-written one (``bare/``) is convolutions and a cost volume.
"""

from __future__ import annotations

import importlib
import json
import sys
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np

from suite import inputs, records
from suite.frameworks import framework
from suite.worker.__main__ import peak_rss_bytes
from suite.workloads import workload

WORKLOAD = "mc-cnn-fast"
HEIGHT, WIDTH, SHIFT = 376, 1242, 30
ALIKE = 0.999
"""Share of pixels on which both have to agree; rounding decides on the others."""


def main() -> None:
    """Do the job and write its result."""
    job_path, result_path = map(Path, sys.argv[1:3])
    job = json.loads(job_path.read_text())
    chosen, task = framework(job["framework"]), workload(WORKLOAD)
    chosen.start(job["threads"])
    count = task.matching.disparities if task.matching else 0
    left = np.random.default_rng(0).normal(size=(HEIGHT, WIDTH)).astype(np.float32)
    right = np.roll(left, -SHIFT, axis=1)
    weights = inputs.weights(task, 0)
    trainer = chosen.build(task, chosen.default_mode)
    trainer.load(weights)
    bare = importlib.import_module(f"benchmarks.bare.{job['framework']}")
    ways: dict[str, Callable[[], np.ndarray]] = {
        "suite": lambda: trainer.disparities(left, right, count),
        "bare": lambda: np.asarray(bare.depth_map(list(weights.values()), left, right, count)),
    }
    ours = ways["suite"]()
    peak = peak_rss_bytes()  # what is written by hand needs more
    alike = float((ours == ways["bare"]()).mean())
    if alike < ALIKE:
        raise ValueError(f"both maps agree on {alike:.2%} of the pixels only: they do not measure the same")
    pairs = []
    for number in range(job["rounds"]):
        took = {name: _seconds(ways[name]) for name in (("suite", "bare") if number % 2 == 0 else ("bare", "suite"))}
        pairs.append([took["suite"], took["bare"]])
    record: records.Record = {"schema": records.SCHEMA, "pairs": pairs, "alike": alike, "peak_rss_bytes": peak}
    records.write_json_once(result_path, record)


def _seconds(way: Callable[[], np.ndarray]) -> float:
    since = time.perf_counter()
    way()
    return time.perf_counter() - since


if __name__ == "__main__":
    main()
