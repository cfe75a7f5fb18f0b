"""A framework that needs no package but NumPy; copied into a toy checkout, where its modes misbehave in all known ways.

Its network is the canonical weights themselves, its training shrinks them a little, and its outputs are class 0 always:
enough for the driver, which knows nothing about what a framework computes.
"""

from __future__ import annotations

import os
import signal
import sys
import time
from types import MappingProxyType
from typing import Any

import numpy as np

from suite.frameworks import Framework, Mode, Trainer, Weights
from suite.workload import Workload

MODES = ("plain", "slow", "crash", "abort", "hang", "memory", "nan", "parameters", "leave")


class Toy(Framework):
    """Named after the file that it was copied to."""

    name = __name__.rsplit(".", maxsplit=1)[-1]
    title = name.title()
    rank = 1
    modes = tuple(Mode(name=mode, sentence=f"it is {mode}") for mode in MODES)
    default_mode = "plain"
    requirements = MappingProxyType({"cpu": ("toy==1.0",)})
    distributions = ("numpy",)

    def start(self, threads: int) -> None:
        """Note the thread count."""
        self.threads = threads

    def build(self, workload: Workload, mode: str) -> Trainer:
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
        return ToyTrainer(workload, mode, self.threads)


class ToyTrainer(Trainer):
    """Holds weights and shrinks them."""

    def __init__(self, workload: Workload, mode: str, threads: int) -> None:
        self.workload, self.mode, self.threads = workload, mode, threads
        self.weights: Weights = {}

    def load(self, weights: Weights) -> None:
        """Keep a copy."""
        self.weights = {name: array.copy() for name, array in weights.items()}

    def dump(self) -> Weights:
        """Return the weights, one array too few in mode ``parameters``."""
        return dict(list(self.weights.items())[self.mode == "parameters" :])

    def prepare(self, images: np.ndarray, labels: np.ndarray) -> tuple[Any, Any]:
        """Return them as they are."""
        return images, labels

    def train_step(self, images: Any, labels: Any) -> Any:
        """Shrink the weights; the loss is that of knowing nothing."""
        assert len(images) == len(labels)
        if self.mode == "slow":
            time.sleep(0.025)
        for array in self.weights.values():
            array *= np.float32(0.999)
        return np.nan if self.mode == "nan" else np.log(self.workload.classes)

    def logits(self, images: Any) -> np.ndarray:
        """Say class 0 of everything."""
        return np.zeros((len(images), self.workload.classes), np.float32)

    def settings(self) -> dict[str, Any]:
        """Return what a framework would."""
        return {"threads_intra": self.threads, "dtype": "float32", "device": "cpu"}

    def layer_outputs(self) -> dict[str, tuple[int, ...]]:
        """Return the shapes of the layer list."""
        return {shape.layer.name: shape.output_shape for shape in self.workload.shapes()}


FRAMEWORK = Toy()
