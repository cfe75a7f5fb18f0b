"""Runs inside a framework's environment: every mismatch planted there sits the exam, one after another.

``python planted_probe.py FRAMEWORK WORK``: WORK holds a folder of questions for each network; answers go to
WORK/<framework>-<number of the plant>.json and .npz.
"""

import contextlib
import importlib
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np

from suite.frameworks import framework
from suite.parity import questions
from suite.worker import exam
from tests.contract.planted.expected import FURTHER, STEPS, Planted, planted_in

THREADS = 1


def main(name: str, work: Path) -> None:
    """Plant, sit, keep."""
    questions.STEPS = exam.STEPS = STEPS
    framework(name).start(THREADS)
    expected, further = planted_in(name), name in FURTHER
    plants = importlib.import_module(f"tests.contract.planted.in_{'keras' if further else name}").PLANTS
    if further:
        plants = {each.name: plants[each.name] for each in expected}
    assert plants.keys() == {each.name for each in expected}, "every plant has its expectation, and the other way about"
    for number, planted in enumerate(expected):
        facts, arrays = sat(name, planted, plants[planted.name], work)
        exam.keep(work / f"{name}-{number}", facts, arrays)


def sat(name: str, planted: Planted, plant: Any, work: Path) -> tuple[dict[str, Any], dict[str, np.ndarray]]:
    """Return the facts and arrays of one plant's exam in its precisions."""
    since, chosen = time.perf_counter(), framework(name)
    facts: dict[str, Any] = {"dtypes": list(planted.dtypes(name))}
    arrays = {}
    asked = questions.draw(planted.task, work / planted.task.name)
    for dtype in planted.dtypes(name):
        trainer = chosen.build(planted.task, chosen.default_mode, dtype)
        with plant(trainer) or contextlib.nullcontext():
            facts[dtype], found = exam.Exam(planted.task, asked, lambda trainer=trainer: trainer, dtype).sit()
        arrays |= {f"{dtype}|{each}": values for each, values in found.items()}
    facts["seconds"] = time.perf_counter() - since
    return facts, arrays


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]))
