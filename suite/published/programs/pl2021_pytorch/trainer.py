"""The program's network, optimiser and input path, opened up: for the clock, and for examination."""

from __future__ import annotations

from types import MappingProxyType
from typing import Any

import numpy as np

from suite.frameworks import Device, Inputs
from suite.published.programs._pytorch.trainer import OnPyTorch
from suite.published.programs.pl2021_pytorch import Switches
from suite.workload import Workload

EXTRA = "relu_more"


class Pl2021PyTorchTrainer(OnPyTorch):
    """The program itself, with a hand on every part of it."""

    extra = MappingProxyType({EXTRA: "Relu"})

    def __init__(self, workload: Workload, switches: Switches, seed: int, on: Device = "cpu") -> None:
        from suite.published.programs.pl2021_pytorch import program

        self.switches = switches
        self.shuffled = switches.shuffled
        place = {"none": (), "behind the second pooling": (6,), "behind the last layer": (10,)}[switches.extra_relu]
        names = [layer.name for layer in workload.layers]
        for index in place:
            names.insert(index, EXTRA)
        self.names = tuple(names)
        super().__init__(workload, program, self._network, seed, on, glorot=switches.kerass_init)

    def _network(self) -> Any:
        """Let the program make its network, and put its extra ReLU where it is switched to."""
        from torch import nn

        layers = list(self.program.network())
        if self.switches.extra_relu != "behind the second pooling":
            del layers[6]
        if self.switches.extra_relu == "behind the last layer":
            layers.append(nn.ReLU())
        return nn.Sequential(*layers)

    def learner(self) -> tuple[Any, Any]:
        """Return the program's loss and a new optimiser, with Keras's epsilon where that is switched."""
        criterion, optimizer = self.program.learner(self.net)
        if self.switches.kerass_epsilon:
            optimizer.param_groups[0]["eps"] = 1e-7
        return criterion, optimizer

    def feed(self, pixels: np.ndarray, labels: np.ndarray) -> tuple[Inputs, Any]:
        """Take the tensors of the program's data set."""
        images, targets = self.program.digits(pixels, labels).tensors
        return (images,), targets
