"""The program's network, optimiser and input path, opened up: for the clock, and for examination."""

from __future__ import annotations

from types import MappingProxyType
from typing import Any

import numpy as np

from suite.frameworks import Device, Inputs
from suite.published.programs._pytorch.trainer import OnPyTorch
from suite.published.programs.cp8321_pytorch import Switches
from suite.workload import Workload

LAYERS = ("conv1", "pool1", "relu1", "conv2", "dropout1", "pool2", "relu2")
DENSE = ("flatten", "dense1", "relu3", "dropout2", "dense2", "log_softmax")


class Cp8321PyTorchTrainer(OnPyTorch):
    """The program itself, with a hand on every part of it."""

    extra = MappingProxyType({"log_softmax": "LogSoftmax"})

    def __init__(self, workload: Workload, switches: Switches, seed: int, on: Device = "cpu") -> None:
        from suite.published.programs.cp8321_pytorch import program

        self.switches = switches
        self.names = (*LAYERS, *(name for name in DENSE if name != "dropout2" or switches.dropout_as_pytorch))
        super().__init__(workload, program, self._network, seed, on, glorot=switches.kerass_init)

    def _network(self) -> Any:
        """Let the program make its network; single values are dropped, once, where that is switched."""
        from torch import nn

        from suite.published.programs.cp8321_pytorch import program

        net = program.Net()
        if not self.switches.dropout_as_pytorch:
            net.conv2_drop, net.fc1_drop = nn.Dropout(net.conv2_drop.p), nn.Identity()
        return net

    def learner(self) -> tuple[Any, Any]:
        """Return the program's loss and a new optimiser; where softmax is to be applied twice, by another loss."""
        from torch.nn import functional

        criterion, optimizer = self.program.learner(self.net)
        if self.switches.softmax_twice:
            return lambda outputs, labels: functional.cross_entropy(outputs.exp(), labels), optimizer
        return criterion, optimizer

    def feed(self, pixels: np.ndarray, labels: np.ndarray) -> tuple[Inputs, Any]:
        """Take the tensors of the program's data set; standardised or not."""
        images, targets = self.program.digits(pixels, labels).tensors
        if not self.switches.standardised:
            images = images * self.program.STD + self.program.MEAN
        return (images,), targets
