"""COMP5511 (2021): PyTorch against TensorFlow on CIFAR-10, two networks on the CPUs of four machines.

The three CSV files hold what the study printed, slips included: ``comp5511_runs.csv`` every run (its Fig. 16-23),
``comp5511_mean_accuracy.csv`` the mean test accuracy over machines (Fig. 24-25), ``comp5511_mean_time.csv`` the mean
time of a whole training on each machine (Fig. 26-33). Some printed means do not follow from the printed runs; nothing
is corrected here. "% TF slower" is (tensorflow - pytorch) / tensorflow x 100.
"""

from __future__ import annotations

import csv
import functools
from dataclasses import dataclass
from importlib import resources

KERNELS = {"cifar10-cnn3x3": "3x3", "cifar10-cnn5x5": "5x5"}
"""The study's name of the network behind each of our workloads."""

ENVIRONMENTS = {
    1: "macOS 12.0.1, M1 Pro (8 cores), Python 3.9.7, PyTorch 1.10.0, tensorflow-macos 2.6.0",
    2: "Windows 10 21H1, Ryzen 2600, Python 3.8, PyTorch 1.10.0, TensorFlow 2.6.1",
    3: "macOS 11.6.1, i5-7267U, Python 3.9.7, PyTorch 1.10.0, TensorFlow 2.6.0",
    4: "macOS 12.0.1, i7-6700HQ, Python 3.9, PyTorch 1.10.0, TensorFlow 2.6.0",
}
"""The study's four machines, 16 GB of memory each; the numbers are its own."""


@dataclass(frozen=True)
class PublishedTime:
    """One row of Fig. 26-33: seconds of a whole training, the mean of two runs."""

    figure: int
    environment: int
    pytorch_s: float
    tensorflow_s: float
    tf_slower_pct: float


@dataclass(frozen=True)
class PublishedAccuracy:
    """One row of Fig. 24-25: final test accuracy (0 to 1), the mean of two runs on each of four machines."""

    figure: int
    pytorch: float
    tensorflow: float


@dataclass(frozen=True)
class PublishedRun:
    """One run of Fig. 16-23: seconds of the whole training and its final test accuracy (0 to 1)."""

    figure: int
    environment: int
    kernel: str
    epochs: int
    batch: int
    framework: str
    run: int
    seconds: float
    accuracy: float


def published_time(workload: str, epochs: int, batch: int, environment: int) -> PublishedTime | None:
    """Return the study's mean times for our workload (or its kernel, "3x3"), or None where it has none."""
    return _times().get((KERNELS.get(workload, workload), epochs, batch, environment))


def published_accuracy(workload: str, epochs: int, batch: int) -> PublishedAccuracy | None:
    """Return the study's mean accuracies for our workload (or its kernel, "3x3"), or None where it has none."""
    return _accuracies().get((KERNELS.get(workload, workload), epochs, batch))


@functools.cache
def published_runs() -> tuple[PublishedRun, ...]:
    """Return the study's 256 runs, in the order printed."""
    return tuple(
        PublishedRun(
            figure=int(row["figure"]),
            environment=int(row["environment"]),
            kernel=row["kernel"],
            epochs=int(row["epochs"]),
            batch=int(row["batch_size"]),
            framework=row["framework"],
            run=int(row["run"]),
            seconds=float(row["time_s"]),
            accuracy=float(row["accuracy"]),
        )
        for row in _rows("comp5511_runs.csv")
    )


@functools.cache
def _times() -> dict[tuple[str, int, int, int], PublishedTime]:
    return {
        (*_case(row), int(row["environment"])): PublishedTime(
            figure=int(row["figure"]),
            environment=int(row["environment"]),
            pytorch_s=float(row["pytorch_s"]),
            tensorflow_s=float(row["tensorflow_s"]),
            tf_slower_pct=float(row["tf_slower_pct"]),
        )
        for row in _rows("comp5511_mean_time.csv")
    }


@functools.cache
def _accuracies() -> dict[tuple[str, int, int], PublishedAccuracy]:
    return {
        _case(row): PublishedAccuracy(int(row["figure"]), float(row["pytorch"]), float(row["tensorflow"]))
        for row in _rows("comp5511_mean_accuracy.csv")
    }


def _case(row: dict[str, str]) -> tuple[str, int, int]:
    return row["kernel"], int(row["epochs"]), int(row["batch_size"])


def _rows(name: str) -> list[dict[str, str]]:
    text = resources.files("suite.published").joinpath(name).read_text(encoding="utf-8")
    return list(csv.DictReader(text.splitlines()))
