"""The program's model, optimiser and input path, opened up: for the clock, and for examination."""

from __future__ import annotations

from typing import Any

import numpy as np

from suite.frameworks import Device
from suite.published.programs._keras.trainer import OnKeras
from suite.published.programs.comp5511_keras import Switches
from suite.workload import Workload


class KerasProgramTrainer(OnKeras):
    """The program itself, with a hand on every part of it."""

    def __init__(self, workload: Workload, switches: Switches, seed: int, on: Device = "cpu") -> None:
        from suite.published.programs.comp5511_keras import program

        self.switches = switches
        self.names = tuple(layer.name for layer in workload.layers)
        self.more = {} if switches.shuffled else {"shuffle": False}
        self.more |= {} if switches.progress_bar else {"verbose": 0}
        networks = {"cifar10-cnn3x3": program.net3x3, "cifar10-cnn5x5": program.net5x5}
        super().__init__(workload, program, networks[workload.name], seed, on, pytorchs=switches.pytorchs_init)

    def compile(self) -> None:
        """Let the program compile its model, with its metrics or without."""
        self.program.learner(self.model, self.program.METRICS if self.switches.accuracy_in_training else ())

    def examples(self, pixels: np.ndarray, labels: np.ndarray) -> Any:
        """Divide all images now; the labels keep the shape in which Keras's own reader gives them."""
        images = pixels if self.switches.float64_inputs else pixels.astype(np.float32)
        images = self.program.prepare(images)
        if self.switches.minus_one_to_one:
            images = images * 2 - 1
        return images, labels.astype(np.uint8).reshape(-1, 1)

    def evaluate(self, examples: Any, batch: int) -> float:
        """Let the program count; where it computes no accuracy, count its largest outputs."""
        if self.switches.accuracy_in_training:
            return super().evaluate(examples, batch)
        images, labels = examples
        outputs = self.model.predict(images, batch_size=batch)
        return float((outputs.argmax(axis=1) == labels.ravel()).mean())
