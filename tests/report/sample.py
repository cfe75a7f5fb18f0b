"""Made-up runs for the tests of the report: records as plan, runner and analysis write them, sane or strange.

The analysis is worked out by the suite itself from the made-up times, so that numbers in it agree.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from suite.analysis import analyse

Record = dict[str, Any]

DEFAULTS = (("pytorch", "eager"), ("tensorflow", "function"), ("keras", "fit"))
SPEED = {
    "pytorch-eager": (1.0, 0.00046),
    "pytorch-eager-channels-last": (0.9, 0.00043),
    "pytorch-compile": (1.6, 0.0006),
    "tensorflow-function": (1.15, 0.0002),
    "tensorflow-xla": (1.2, 0.0005),
    "keras-fit": (1.6, 0.00033),
}
"""Milliseconds per step of each framework and mode: a fixed part, and seconds for each image of a batch."""

KINDS = {
    "pytorch": {"conv": "Conv2d", "pool": "MaxPool2d", "flatten": "Flatten", "dense": "Linear"},
    "tensorflow": {"conv": "nn.conv2d", "pool": "nn.max_pool2d", "flatten": "reshape", "dense": "matmul"},
    "keras": {"conv": "Conv2D", "pool": "MaxPooling2D", "flatten": "Flatten", "dense": "Dense"},
}
LAYERS = {
    "cifar10-cnn3x3": [
        ("conv1", [30, 30, 32], 896),
        ("pool1", [15, 15, 32], 0),
        ("conv2", [13, 13, 64], 18496),
        ("pool2", [6, 6, 64], 0),
        ("conv3", [4, 4, 64], 36928),
        ("flatten", [1024], 0),
        ("dense1", [64], 65600),
        ("dense2", [10], 650),
    ],
    "cifar10-cnn5x5": [
        ("conv1", [28, 28, 6], 456),
        ("pool1", [14, 14, 6], 0),
        ("conv2", [10, 10, 16], 2416),
        ("pool2", [5, 5, 16], 0),
        ("flatten", [400], 0),
        ("dense1", [120], 48120),
        ("dense2", [84], 10164),
        ("dense3", [10], 850),
    ],
}
IDENTITY = {
    "cpu_vendor": "AuthenticAMD", "cpu_model": "AMD EPYC 9B14", "microarchitecture": "zen4", "physical_cores": 1, "logical_cores": 2,
    "core_kinds": "all alike", "smt": True, "usable_cores": 2, "base_mhz": "unknown because the kernel does not say", "max_mhz": 2600.0,
    "l1d_bytes": 32768, "l1i_bytes": 32768, "l2_bytes": 1048576, "l3_bytes": 33554432, "simd": ["avx2", "avx512f"], "ram_bytes": 25_200_000_000,
    "os_name": "Debian GNU/Linux", "os_version": "12 (bookworm)", "kernel": "6.1.0-28-amd64", "architecture": "x86_64", "translated": False,
    "virtual_machine": "kvm", "container": "docker", "wsl": False, "cpu_quota": 2.0, "memory_limit_bytes": None, "gpus": [],
    "governor": "unknown because /sys/devices/system/cpu/cpu0/cpufreq is not there", "python_implementation": "CPython", "python_version": "3.11.7",
    "numpy_version": "2.4.2", "blas": "openblas 0.3.30", "thread_pools": "openblas 2",
}  # fmt: skip
VERSIONS = {
    "pytorch": {"python": "3.11.7", "torch": "2.13.0+cpu", "numpy": "2.4.2"},
    "tensorflow": {"python": "3.11.7", "tensorflow": "2.21.0", "keras": "3.15.1", "numpy": "2.4.2"},
    "keras": {"python": "3.11.7", "tensorflow": "2.21.0", "keras": "3.15.1", "numpy": "2.4.2"},
}


@dataclass(kw_only=True)
class Sample:
    """A run to make up; :meth:`write` puts its step files into a folder and returns the three records."""

    preset: str = "quick"
    workloads: tuple[str, ...] = ("cifar10-cnn3x3", "cifar10-cnn5x5")
    modes: tuple[tuple[str, str], ...] = DEFAULTS
    batches: tuple[int, ...] = (32,)
    blocks: int = 6
    steps: int = 100
    trainings: tuple[tuple[int, int], ...] = ((1, 1),)
    """(epochs, runs) of whole trainings."""
    synthetic: bool = True
    failing: tuple[str, ...] = ()
    """Names of runs (as ``keras-fit/3``: framework-mode / block) that crash instead."""
    all_fail: bool = False
    notes: list[Record] | None = None
    """Fairness notes to show instead of those that the rules find."""
    seed: int = 7

    def write(self, folder: Path) -> tuple[Record, list[Record], Record]:
        """Write the step files and return analysis, raw results and plan."""
        (folder / "raw").mkdir(parents=True, exist_ok=True)
        raws = [self._raw(folder, *planned) for planned in self._planned()]
        plan = {
            "schema": 1, "run": f"{self.preset}-20261121-053000", "created_at": "2026-11-21T05:30:00+00:00", "preset": self.preset,
            "profile": "linux-cpu", "seed": 0, "blocks": self.blocks, "threads": 2, "data": self.data(), "code_sha256": "c0de" * 16,
            "locks": {framework: lock(framework) for framework, _ in self.modes},
            "command": ["nox", "-s", "bench-linux-cpu", "--", "--preset", self.preset, "--out", "reports/somewhere"],
            "steps": {"warmup": 10, "steady": self.steps},
            "runs": [{key: raw[key] for key in ("cell", "workload", "framework", "mode", "params", "block", "position", "seed")} for raw in raws],
        }  # fmt: skip
        analysis = analyse(raws, plan)
        if self.notes is not None:
            analysis["notes"] = self.notes
        return analysis, raws, plan

    def data(self) -> Record:
        name = "cifar10-twin" if self.synthetic else "cifar10"
        return {
            "name": name,
            "synthetic": self.synthetic,
            "sha256": "da7a" * 16,
            "train_examples": 50000,
            "test_examples": 10000,
        }

    def _planned(self) -> list[tuple[str, str, str, int, int | None, int, int]]:
        found = []
        settings = [(None, self.blocks), *self.trainings] if self.steps else list(self.trainings)
        for workload in self.workloads:
            for epochs, blocks in settings:
                for batch in self.batches:
                    for block in range(blocks):
                        order = self.modes if block % 2 == 0 else self.modes[::-1]
                        for position, (framework, mode) in enumerate(order):
                            found.append((workload, framework, mode, batch, epochs, block, position))
        return found

    def _raw(
        self,
        folder: Path,
        workload: str,
        framework: str,
        mode: str,
        batch: int,
        epochs: int | None,
        block: int,
        position: int,
    ) -> Record:
        key = f"{framework}-{mode}"
        ending = f"b{batch}" if epochs is None else f"b{batch}-e{epochs}"
        record: Record = {
            "schema": 1, "run": f"{self.preset}-20261121-053000", "preset": self.preset,
            "cell": f"linux-cpu/matched/{workload}/{key}/{ending}", "profile": "linux-cpu", "lane": "matched", "workload": workload,
            "framework": framework, "mode": mode, "params": {"batch": batch, "epochs": epochs}, "block": block, "position": position,
            "seed": 812700 + block, "status": "ok", "reason": None, "exit_code": 0, "log": f"logs/{workload}-{key}-{ending}-{block}.log",
            "log_tail": [], "started_at": f"2026-11-21T05:3{block % 10}:01+00:00", "lock_sha256": lock(framework), "code_sha256": "c0de" * 16,
            "machine": {"id": "5eed0123abcd", "identity": IDENTITY, "before": {"load_1m": 0.2}, "after": {"load_1m": 1.9}},
        }  # fmt: skip
        if self.all_fail or f"{key}/{block}" in self.failing:
            return record | {
                "status": "failed", "reason": "The worker was killed by signal 9 (out of memory?).", "exit_code": -9, "wall_s": 2.0,
                "log_tail": ["Traceback (most recent call last):", '  File "suite/worker/measure.py", line 88, in measure', "MemoryError: <unable> & unwilling"],
            }  # fmt: skip
        return record | self._measured(folder, workload, framework, mode, batch, epochs, block)

    def _measured(
        self, folder: Path, workload: str, framework: str, mode: str, batch: int, epochs: int | None, block: int
    ) -> Record:
        key = f"{framework}-{mode}"
        random = np.random.default_rng([self.seed, block, batch, epochs or 0, *map(ord, key + workload)])
        size = 0.35 if workload.endswith("5x5") else 1.0
        base = (SPEED[key][0] * 1e-3 + SPEED[key][1] * batch) * size * random.uniform(0.97, 1.06)
        count = (self.steps if epochs is None else min(600, 50000 // batch)) + 11
        times = base * random.lognormal(0, 0.03, count)
        times[random.random(count) < 0.03] *= 1.8
        times[0] = 0.4 if framework != "pytorch" else 0.03
        name = f"raw/{workload}-{key}-b{batch}-e{epochs}-{block}.steps.npy"
        np.save(folder / name, times)
        middle = float(np.median(times[11:]))
        train_s = middle * 50000 / batch
        growth = {"pytorch": 0.0, "tensorflow": 0.004, "keras": -0.003}[framework] + random.normal(0, 0.004)
        trained = [
            {"epoch": epoch, "train_loss": round(float(0.62 + 1.25 * 0.82**epoch + random.normal(0, 0.01)), 4),
             "test_accuracy": round(float(0.735 - 0.38 * 0.78**epoch + growth), 4), "train_s": train_s, "eval_s": 1.1}
            for epoch in range(1, (epochs or 0) + 1)
        ]  # fmt: skip
        layers = [
            {
                "name": layer,
                "kind": KINDS[framework][layer.rstrip("0123456789")],
                "output_shape": shape,
                "parameters": parameters,
            }
            for layer, shape, parameters in LAYERS[workload]
        ]
        imported = {"pytorch": 1.1, "tensorflow": 1.9, "keras": 2.1}[framework]
        steady = sum(epoch["train_s"] for epoch in trained) or float(times[11:].sum())
        return {
            "wall_s": imported + 1 + steady, "cpu_s": (imported + 1 + steady) * 1.7,
            "peak_rss_bytes": {"pytorch": 431_000_000, "tensorflow": 655_000_000, "keras": 702_000_000}[framework] + 1_000_000 * block,
            "parameter_count": sum(layer["parameters"] for layer in layers), "layers": layers, "data": self.data(),
            "inputs": {"weights_sha256": "ab" * 32, "order_sha256": "cd" * 32}, "versions": VERSIONS[framework],
            "settings": settings(framework),
            "phases": {"import": imported, "build": 0.05, "data": 0.21, "first_step": float(times[0]), "warmup": float(times[1:11].sum()),
                       "steady": steady, "evaluation": 1.1 * len(trained)},
            "steps": {"count": count - 11, "median_s": middle, "warmup": 11, "file": name, "sha256": "00" * 32},
            "epochs": trained,
        }  # fmt: skip


def lock(framework: str) -> str:
    return {"pytorch": "1a", "tensorflow": "2b", "keras": "3c"}[framework] * 32


def settings(framework: str) -> Record:
    return {
        "threads_intra": 2, "threads_inter": 2, "dtype": "float32", "layout": "NCHW" if framework == "pytorch" else "NHWC",
        "device": "cpu", "deterministic": False, **({"onednn": True} if framework != "pytorch" else {"mkldnn": True}),
    }  # fmt: skip


NOTES: list[Record] = [
    {"id": "synthetic-data", "severity": "info", "sentence": "The images are synthetic (cifar10-twin): times are real, accuracies hold for these images alone.",
     "numbers": {}, "todo": "Name a data set with --data DIR, or let it be fetched with --download."},
    {"id": "spread-between-runs", "severity": "caution",
     "sentence": "In 1 cell the slowest run took much longer than the fastest of the same cell: linux-cpu/matched/cifar10-cnn3x3/keras-fit/b32 (1.43 times).",
     "numbers": {"spread": {"linux-cpu/matched/cifar10-cnn3x3/keras-fit/b32": 1.43}}, "todo": "Close other programs and run again."},
]  # fmt: skip
UNFAIR: Record = {
    "id": "unlike-threads", "severity": "unfair", "sentence": "The frameworks did not run with the same number of threads: PyTorch 2, TensorFlow 4.",
    "numbers": {"pytorch": 2, "tensorflow": 4}, "todo": "Set --threads 2.",
}  # fmt: skip
ALL_MODES = (
    ("pytorch", "eager"), ("pytorch", "eager-channels-last"), ("pytorch", "compile"), ("tensorflow", "function"), ("tensorflow", "xla"), ("keras", "fit"),
)  # fmt: skip


def quick() -> Sample:
    return Sample(notes=NOTES)


def small() -> Sample:
    """The smallest run that has something to say everywhere; the golden file is made of it."""
    return Sample(workloads=("cifar10-cnn3x3",), blocks=5, steps=40, notes=NOTES, failing=("keras-fit/4",))


def paper() -> Sample:
    return Sample(preset="paper", batches=(4, 8, 16, 32), modes=ALL_MODES, steps=300, trainings=(), synthetic=False)


def full() -> Sample:
    return Sample(
        preset="full", batches=(4, 32), steps=0, trainings=((10, 2),), synthetic=False, notes=[UNFAIR, *NOTES[1:]]
    )
