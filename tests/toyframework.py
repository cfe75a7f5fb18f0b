"""A framework that needs no package but NumPy; copied into a toy checkout, where its modes misbehave in all known ways.

It computes what the definition says, so that its passports are real, but in mode ``unlike``, which has Nesterov on.
"""

from __future__ import annotations

import os
import signal
import sys
import time
from dataclasses import replace
from types import MappingProxyType
from typing import Any

import numpy as np
from suite.frameworks._numpytrainer import NumpyTrainer

from suite.frameworks import Device, DType, Framework, Inputs, Mode, Trainer, Weights
from suite.frameworks.policy import Probe
from suite.workload import Workload

MODES = ("plain", "slow", "crash", "abort", "hang", "memory", "nan", "parameters", "leave", "unlike")


class Toy(Framework):
    """Named after the file that it was copied to."""

    name = __name__.rsplit(".", maxsplit=1)[-1]
    title = name.title()
    rank = 1
    modes = tuple(Mode(name=mode, sentence=f"it is {mode}") for mode in MODES)
    default_mode = "plain"
    requirements = MappingProxyType({"cpu": ("toy==1.0",)})
    distributions = ("numpy",)
    probes = (
        Probe(
            name="onednn-off",
            key="onednn",
            sentence="oneDNN off",
            asks={"onednn": False},
            environment={"TOY_ONEDNN": "0"},
        ),
    )

    def process_policy(self, threads: int) -> dict[str, Any]:
        """The thread count."""
        return {"threads_intra": threads}

    def start(self, threads: int, device: Device = "cpu") -> None:
        """Note the thread count."""
        self.threads = threads

    def build(self, workload: Workload, mode: str, dtype: DType = "float32") -> Trainer:
        """Build the trainer, or misbehave."""
        if mode == "crash":
            sys.stderr.write("about to crash\n")
            os.kill(os.getpid(), signal.SIGSEGV)
        if mode == "abort":
            os.abort()
        if mode == "hang":
            time.sleep(600)
        if mode == "memory":
            raise MemoryError("cannot allocate 99 TB")
        if mode == "leave":
            os._exit(0)
        trainer = ToyTrainer(workload, mode, dtype, self.threads)
        if mode == "unlike":
            trainer.program = replace(trainer.program, rule=replace(trainer.program.rule, nesterov=True))
        return trainer


class ToyTrainer(NumpyTrainer):
    """Trains by the definition itself, and misbehaves where its mode says so."""

    def __init__(self, workload: Workload, mode: str, dtype: DType, threads: int) -> None:
        super().__init__(workload, dtype)
        self.mode, self.threads = mode, threads

    def dump(self) -> Weights:
        """Return the weights, one array too few in mode ``parameters``."""
        return dict(list(super().dump().items())[self.mode == "parameters" :])

    def train_step(self, fed: Inputs, labels: Any) -> Any:
        """Train; slowly in mode ``slow``, to no avail in mode ``nan``, otherwise than all others in mode ``unlike``."""
        if self.mode == "slow":
            time.sleep(0.025)
        loss = super().train_step(fed, labels)
        return np.nan if self.mode == "nan" else loss

    def settings(self) -> dict[str, Any]:
        """Return what a framework would."""
        onednn = os.environ.get("TOY_ONEDNN") != "0"
        return {"threads_intra": self.threads, "dtype": self.dtype, "device": "cpu", "onednn": onednn}


FRAMEWORK = Toy()
