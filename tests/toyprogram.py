"""A program as published that needs no package but NumPy; copied into a toy checkout, beside its framework."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from suite.frameworks._numpytrainer import NumpyTrainer

from suite import inputs
from suite.frameworks import Device, DType, Inputs, Stretch
from suite.published.programs import PUBLISHED, Observer, Program, ProgramTrainer, Variant
from suite.workload import Workload


class ToyProgram(Program):
    """Divides by 255 and shuffles; or does not, in its variant."""

    study = "toystudy"
    framework = "toyone"
    workloads = ("cifar10-cnn5x5",)
    variants = (
        Variant(name=PUBLISHED, sentence="the toy as it is"),
        Variant(name="no-shuffling", sentence="as published, but examples come in file order"),
    )
    distributions = ("numpy",)

    def start(self, threads: int, device: Device = "cpu") -> None:
        """Note the thread count."""
        self.threads = threads

    def build(self, workload: Workload, variant: str, dtype: DType, seed: int) -> ProgramTrainer:
        """Draw initial weights of its own."""
        return ToyProgramTrainer(workload, variant, dtype, seed, self.threads)


class ToyProgramTrainer(NumpyTrainer, ProgramTrainer):
    """Trains by the definition, from its own weights, on inputs scaled its own way, in its own order."""

    def __init__(self, workload: Workload, variant: str, dtype: DType, seed: int, threads: int) -> None:
        super().__init__(workload, dtype)
        self.load(inputs.weights(workload, seed))
        self.seed, self.threads = seed, threads
        self.random = np.random.default_rng(seed) if variant == PUBLISHED else None

    def examples(self, pixels: np.ndarray, labels: np.ndarray) -> Any:
        """Return images in [0, 1] and labels."""
        return (pixels / 255).astype(np.float32), labels.astype(np.int64)

    def feed(self, pixels: np.ndarray, labels: np.ndarray) -> tuple[Inputs, Any]:
        """Return the same."""
        images, truth = self.examples(pixels, labels)
        return (images,), truth

    def prepared(self, stretch: Stretch) -> Any:
        """Return the arrays."""
        return stretch.inputs[0], stretch.labels

    def run(self, examples: Any, batch: int, epochs: int, observer: Observer) -> None:
        """Train on shuffled batches."""
        images, labels = examples
        for _ in range(epochs):
            observer.begin()
            order = self.random.permutation(len(labels)) if self.random else np.arange(len(labels))
            losses = []
            for step in range(math.ceil(len(order) / batch)):
                chosen = order[step * batch : (step + 1) * batch]
                losses.append(self.train_step((images[chosen],), labels[chosen]))
                observer.step()
            observer.end(float(np.mean(losses)))

    def evaluate(self, examples: Any, batch: int) -> float:
        """Count."""
        images, labels = examples
        return float((self.logits(images).argmax(axis=1) == labels).mean())

    def settings(self) -> dict[str, Any]:
        """Return what a framework would."""
        return {"threads_intra": self.threads, "dtype": self.dtype, "device": "cpu", "seed": self.seed % 2**32}


PROGRAM = ToyProgram()
