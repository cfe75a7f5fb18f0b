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
from decimal import Decimal
from importlib import resources

from suite.published.figures import SECONDS, SHARE, Figure, read

KERNELS = {"cifar10-cnn3x3": "3x3", "cifar10-cnn5x5": "5x5"}
"""The study's name of the network behind each of our workloads."""

MACHINES = read("comp5511").machines
"""The study's four machines, as it numbers them from 1."""

ENVIRONMENTS = {number: machine.words for number, machine in enumerate(MACHINES, 1)}
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
        for row in rows("runs")
    )


def figures() -> tuple[Figure, ...]:
    """Return the mean times and mean accuracies as figures of our workloads, exactly as printed."""
    ours = {kernel: workload for workload, kernel in KERNELS.items()}

    def made(row: dict[str, str], quantity: str, unit: str, ending: str) -> Figure:
        params = {"epochs": int(row["epochs"]), "batch": int(row["batch_size"])}
        return Figure(
            study="comp5511",
            workload=ours[row["kernel"]],
            quantity=quantity,
            unit=unit,
            where=f"Fig. {row['figure']}",
            params=params | ({"machine": int(row["environment"])} if "environment" in row else {}),
            pytorch=Decimal(row[f"pytorch{ending}"]),
            tensorflow=Decimal(row[f"tensorflow{ending}"]),
        )

    return (
        *(made(row, "training", SECONDS, "_s") for row in rows("mean_time")),
        *(made(row, "test accuracy", SHARE, "") for row in rows("mean_accuracy")),
    )


def rows(table: str) -> list[dict[str, str]]:
    """Return the rows of ``runs``, ``mean_time`` or ``mean_accuracy``, every field as it was printed."""
    text = resources.files("suite.published").joinpath(f"comp5511_{table}.csv").read_text(encoding="utf-8")
    return list(csv.DictReader(text.splitlines()))


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
        for row in rows("mean_time")
    }


@functools.cache
def _accuracies() -> dict[tuple[str, int, int], PublishedAccuracy]:
    return {
        _case(row): PublishedAccuracy(int(row["figure"]), float(row["pytorch"]), float(row["tensorflow"]))
        for row in rows("mean_accuracy")
    }


def _case(row: dict[str, str]) -> tuple[str, int, int]:
    return row["kernel"], int(row["epochs"]), int(row["batch_size"])
