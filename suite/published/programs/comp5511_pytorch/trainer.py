"""The program's network, optimiser and input path, opened up: for the clock, and for examination."""

from __future__ import annotations

from typing import Any

import numpy as np

from suite.frameworks import Device, Inputs
from suite.published.programs._pytorch.trainer import OnPyTorch
from suite.published.programs.comp5511_pytorch import Switches
from suite.workload import Workload


class PyTorchProgramTrainer(OnPyTorch):
    """The program itself, with a hand on every part of it."""

    def __init__(self, workload: Workload, switches: Switches, seed: int, on: Device = "cpu") -> None:
        from suite.published.programs.comp5511_pytorch import program

        self.switches = switches
        self.shuffled = switches.shuffled
        self.names = tuple(layer.name for layer in workload.layers)
        networks: dict[str, Any] = {"cifar10-cnn3x3": program.Net3x3, "cifar10-cnn5x5": program.Net5x5}
        super().__init__(workload, program, networks[workload.name], seed, on, glorot=switches.kerass_init)

    def examples(self, pixels: np.ndarray, labels: np.ndarray) -> Any:
        """Make the program's data set, of which every access transforms one image, or all of them now."""
        if self.switches.one_by_one:
            return self._dataset(pixels, labels)
        return super().examples(pixels, labels)

    def _dataset(self, pixels: np.ndarray, labels: np.ndarray) -> Any:
        from torchvision import transforms

        transform = self.program.TRANSFORM if self.switches.minus_one_to_one else transforms.ToTensor()
        return self.program.Cifar10(pixels, labels.tolist(), transform)

    def feed(self, pixels: np.ndarray, labels: np.ndarray) -> tuple[Inputs, Any]:
        """Take every item of the program's data set, and join them as its loader does."""
        from torch.utils.data import default_collate

        dataset = self._dataset(pixels, labels)
        images, targets = default_collate([dataset[index] for index in range(len(dataset))])
        return (images,), targets
