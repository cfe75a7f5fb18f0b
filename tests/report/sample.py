"""Made-up runs for the tests of the report: records as plan, runner and analysis write them, sane or strange.

The analysis is worked out by the suite itself from the made-up times, so that numbers in it agree.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from examined import as_published, brief, passport
from made_up import GAIN, IDENTITY, KINDS, LAYERS, NOTES, SPEED, UNFAIR, VERSIONS, Record

from suite.analysis import analyse
from suite.notes import Note
from suite.notes.grade import grade

Arm = tuple[str, str, str, str]
"""(lane, workload, framework, mode)."""

DEFAULTS = (("pytorch", "eager"), ("tensorflow", "function"), ("keras", "fit"))


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
    passports: dict[str, str] | None = field(default_factory=dict)
    """How passports read that are not "matched", by framework-mode; None: there are none at all, as in old runs."""
    variants: tuple[tuple[str, str], ...] = ()
    """Programs of the as-published lane."""
    matched: bool = True
    """Whether there is a matched lane."""

    def write(self, folder: Path) -> tuple[Record, list[Record], Record]:
        """Write the step files and return analysis, raw results and plan."""
        (folder / "raw").mkdir(parents=True, exist_ok=True)
        raws = [self._raw(folder, *planned) for planned in self._planned()]
        plan = {
            "schema": 1,
            "run": f"{self.preset}-20261121-053000",
            "created_at": "2026-11-21T05:30:00+00:00",
            "preset": self.preset,
            "profile": "linux-cpu",
            "seed": 0,
            "blocks": self.blocks,
            "threads": 2,
            "data": self.data(),
            "code_sha256": "c0de" * 16,
            "locks": {framework: lock(framework) for framework, _ in self.modes},
            "command": ["nox", "-s", "bench-linux-cpu", "--", "--preset", self.preset, "--out", "reports/somewhere"],
            "steps": {"warmup": 10, "steady": self.steps},
            "runs": [
                {
                    key: raw[key]
                    for key in ("cell", "lane", "workload", "framework", "mode", "params", "block", "position", "seed")
                }
                for raw in raws
            ],
        }
        analysis = analyse(raws, plan, [*self._examined().values()])
        if self.notes is not None:
            analysis["notes"] = self.notes
            analysis["grade"] = grade([Note(**item) for item in self.notes], analysis["comparisons"])
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

    def _examined(self) -> dict[Arm, Record]:
        """Return the passport of every arm."""
        if self.passports is None:
            return {}
        found = {}
        for workload in self.workloads:
            for framework, mode in self.modes if self.matched else ():
                status = self.passports.get(f"{framework}-{mode}", "matched")
                found["matched", workload, framework, mode] = passport(workload, framework, mode, status)
            for framework, mode in self.variants:
                found["as-published", workload, framework, mode] = as_published(workload, framework, mode)
        return found

    def _planned(self) -> list[tuple[Arm, int, int | None, int, int]]:
        found = []
        settings = [(None, self.blocks), *self.trainings] if self.steps else list(self.trainings)
        lanes = [("matched", self.modes)] * self.matched + [("as-published", self.variants)]
        for workload in self.workloads:
            for lane, arms in lanes:
                for epochs, blocks in settings:
                    for batch in self.batches:
                        for block in range(blocks):
                            order = arms if block % 2 == 0 else arms[::-1]
                            for position, (framework, mode) in enumerate(order):
                                found.append(((lane, workload, framework, mode), batch, epochs, block, position))
        return found

    def _raw(self, folder: Path, arm: Arm, batch: int, epochs: int | None, block: int, position: int) -> Record:
        lane, workload, framework, mode = arm
        key = f"{framework}-{mode}"
        ending = f"b{batch}" if epochs is None else f"b{batch}-e{epochs}"
        record: Record = {
            "schema": 1,
            "run": f"{self.preset}-20261121-053000",
            "preset": self.preset,
            "cell": f"linux-cpu/{lane}/{workload}/{key}/{ending}",
            "profile": "linux-cpu",
            "lane": lane,
            "workload": workload,
            "framework": framework,
            "mode": mode,
            "params": {"batch": batch, "epochs": epochs},
            "block": block,
            "position": position,
            "seed": 812700 + block,
            "status": "ok",
            "reason": None,
            "exit_code": 0,
            "log": f"logs/{lane}-{workload}-{key}-{ending}-{block}.log",
            "log_tail": [],
            "started_at": f"2026-11-21T05:3{block % 10}:01+00:00",
            "lock_sha256": lock(framework),
            "code_sha256": "c0de" * 16,
            "machine": {
                "id": "5eed0123abcd",
                "identity": IDENTITY,
                "before": {"load_1m": 0.2},
                "after": {"load_1m": 1.9},
            },
        }
        if examined := self._examined().get(arm):
            record["passport"] = brief(examined)
        if self.all_fail or f"{key}/{block}" in self.failing:
            return record | {
                "status": "failed",
                "reason": "The worker was killed by signal 9 (out of memory?).",
                "exit_code": -9,
                "wall_s": 2.0,
                "log_tail": [
                    "Traceback (most recent call last):",
                    '  File "suite/worker/measure.py", line 88, in measure',
                    "MemoryError: <unable> & unwilling",
                ],
            }
        return record | self._measured(folder, arm, batch, epochs, block)

    def _measured(self, folder: Path, arm: Arm, batch: int, epochs: int | None, block: int) -> Record:
        lane, workload, framework, mode = arm
        key = f"{framework}-{mode}"
        random = np.random.default_rng([self.seed, block, batch, epochs or 0, *map(ord, key + workload)])
        size = 0.35 if workload.endswith("5x5") else 1.0
        base = (SPEED[key][0] * 1e-3 + SPEED[key][1] * batch) * size * random.uniform(0.97, 1.06)
        count = (self.steps if epochs is None else min(600, 50000 // batch)) + 11
        times = base * random.lognormal(0, 0.03, count)
        times[random.random(count) < 0.03] *= 1.8
        times[0] = 0.4 if framework != "pytorch" else 0.03
        name = f"raw/{lane}-{workload}-{key}-b{batch}-e{epochs}-{block}.steps.npy"
        np.save(folder / name, times)
        middle = float(np.median(times[11:]))
        train_s = middle * 50000 / batch
        growth = {"pytorch": 0.0, "tensorflow": 0.004}.get(framework, -0.003) + random.normal(0, 0.004)
        growth += GAIN.get(key, 0.0)
        trained = [
            {
                "epoch": epoch,
                "train_loss": round(float(0.62 + 1.25 * 0.82**epoch + random.normal(0, 0.01)), 4),
                "test_accuracy": round(float(0.735 - 0.38 * 0.78**epoch + growth), 4),
                "train_s": train_s,
                "eval_s": 1.1,
            }
            for epoch in range(1, (epochs or 0) + 1)
        ]
        layers = [
            {
                "name": layer,
                "kind": KINDS[framework][layer.rstrip("0123456789")],
                "output_shape": shape,
                "parameters": parameters,
            }
            for layer, shape, parameters in LAYERS[workload]
        ]
        imported = {"pytorch": 1.1, "tensorflow": 1.9}.get(framework, 2.1)
        steady = sum(epoch["train_s"] for epoch in trained) or float(times[11:].sum())
        return {
            "wall_s": imported + 1 + steady,
            "cpu_s": (imported + 1 + steady) * 1.7,
            "peak_rss_bytes": {"pytorch": 431_000_000, "tensorflow": 655_000_000}.get(framework, 702_000_000)
            + 1_000_000 * block,
            "parameter_count": sum(layer["parameters"] for layer in layers),
            "layers": layers,
            "data": self.data(),
            "inputs": {"weights_sha256": "ab" * 32, "order_sha256": "cd" * 32},
            "versions": VERSIONS[framework],
            "settings": settings(framework),
            "phases": {
                "import": imported,
                "build": 0.05,
                "data": 0.21,
                "first_step": float(times[0]),
                "warmup": float(times[1:11].sum()),
                "steady": steady,
                "evaluation": 1.1 * len(trained),
            },
            "steps": {"count": count - 11, "median_s": middle, "warmup": 11, "file": name, "sha256": "00" * 32},
            "epochs": trained,
        }


def lock(framework: str) -> str:
    return {"pytorch": "1a", "tensorflow": "2b", "keras": "3c", "keras-torch": "4d", "keras-jax": "5e"}[framework] * 32


def settings(framework: str) -> Record:
    return {
        "threads_intra": 2,
        "threads_inter": 2,
        "dtype": "float32",
        "layout": "NCHW" if framework == "pytorch" else "NHWC",
        "device": "cpu",
        "deterministic": False,
        **({"onednn": True} if framework != "pytorch" else {"mkldnn": True}),
    }


ALL_MODES = (
    ("pytorch", "eager"),
    ("pytorch", "eager-channels-last"),
    ("pytorch", "compile"),
    ("tensorflow", "function"),
    ("tensorflow", "xla"),
    ("keras", "fit"),
)


def quick() -> Sample:
    return Sample(notes=NOTES)


def small() -> Sample:
    """The smallest run that has something to say everywhere; the golden file is made of it."""
    return Sample(workloads=("cifar10-cnn3x3",), blocks=5, steps=40, notes=NOTES, failing=("keras-fit/4",))


def paper() -> Sample:
    return Sample(preset="paper", batches=(4, 8, 16, 32), modes=ALL_MODES, steps=300, trainings=(), synthetic=False)


VARIANTS = (
    ("pytorch", "published"),
    ("pytorch", "inputs-0-to-1"),
    ("keras", "published"),
    ("keras", "inputs-minus1-to-1"),
)


def both() -> Sample:
    """Both lanes, sampled and trained whole."""
    return Sample(workloads=("cifar10-cnn3x3",), blocks=5, steps=40, trainings=((10, 2),), variants=VARIANTS)


FIVE = (*DEFAULTS, ("keras-torch", "fit"), ("keras-jax", "fit"))
"""Every framework there is, some with hyphens in their names."""


def five() -> Sample:
    return Sample(workloads=("cifar10-cnn3x3",), blocks=5, steps=40, modes=FIVE)


def full() -> Sample:
    return Sample(
        preset="full", batches=(4, 32), steps=0, trainings=((10, 2),), synthetic=False, notes=[UNFAIR, *NOTES[1:]]
    )
