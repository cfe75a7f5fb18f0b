"""Runs inside a framework's environment: the disparities that it finds in small stereo pairs, in every mode.

``python matching_probe.py FRAMEWORK WORK``: writes WORK/<framework>.npz; keys are ``mode|dtype|pair``.
"""

import sys
from pathlib import Path

import numpy as np

from suite.frameworks import framework
from suite.workloads import workload
from tests.contract import pairs

THREADS = 1


def main(name: str, work: Path) -> None:
    """Match every pair."""
    chosen, task = framework(name), workload(pairs.WORKLOAD)
    chosen.start(THREADS)
    found = {}
    for mode, dtype in pairs.tried(chosen):
        trainer = chosen.build(task, mode, dtype)
        for given in (pairs.weights(task, 1), pairs.weights(task, 0)):  # the weights at hand count, not the first ones
            trainer.load(given)
            for pair in pairs.PAIRS:
                found[f"{mode}|{dtype}|{pair.name}"] = trainer.disparities(pair.left, pair.right, pair.count)
    np.savez(work / f"{name}.npz", **found)


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]))
