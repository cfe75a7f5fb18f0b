"""The program's model, optimiser and input path, opened up: for the clock, and for examination."""

from __future__ import annotations

from typing import Any

import numpy as np

from suite.frameworks import Device
from suite.published.programs._keras.trainer import OnKeras
from suite.published.programs.pl2021_keras import Switches
from suite.workload import Workload


class Pl2021KerasTrainer(OnKeras):
    """The program itself, with a hand on every part of it."""

    def __init__(self, workload: Workload, switches: Switches, seed: int, on: Device = "cpu") -> None:
        from suite.published.programs.pl2021_keras import program

        self.switches = switches
        self.names = tuple(layer.name for layer in workload.layers)
        self.more = {} if switches.shuffled else {"shuffle": False}
        super().__init__(workload, program, program.network, seed, on, pytorchs=switches.pytorchs_init)

    def compile(self) -> None:
        """Let the program compile its model, with PyTorch's epsilon where that is switched."""
        super().compile()
        if self.switches.pytorchs_epsilon:
            self.model.optimizer.epsilon = 1e-8

    def examples(self, pixels: np.ndarray, labels: np.ndarray) -> Any:
        """Divide all images now, in the precision that is switched."""
        return super().examples(pixels if self.switches.float64_inputs else pixels.astype(np.float32), labels)
