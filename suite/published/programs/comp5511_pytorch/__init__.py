"""COMP5511's program in PyTorch: what it trains, what it runs in, and what can be switched in it."""

from __future__ import annotations

import importlib
from dataclasses import dataclass
from types import MappingProxyType

from suite.frameworks import Device, DType, TorchBuild
from suite.published.programs import PUBLISHED, Program, ProgramTrainer, Variant
from suite.published.programs import _pytorch as pytorch
from suite.workload import Workload


@dataclass(frozen=True, kw_only=True)
class Switches:
    """How the program is run; as published unless said otherwise."""

    minus_one_to_one: bool = True
    kerass_init: bool = False
    shuffled: bool = True
    one_by_one: bool = True
    """Each image is made into a PIL image and transformed whenever it is asked for; or all of them once, before."""


SWITCHES = {
    PUBLISHED: Switches(),
    "inputs-0-to-1": Switches(minus_one_to_one=False),
    "init-of-keras": Switches(kerass_init=True),
    "no-shuffling": Switches(shuffled=False),
    "inputs-prepared-once": Switches(one_by_one=False),
}


class PyTorchWithTorchvision:
    """Both from the main index: torchvision from there cannot be imported beside a build of PyTorch from elsewhere."""

    name = "pytorch-torchvision"
    title = "PyTorch with torchvision"
    requirements = MappingProxyType(dict.fromkeys(("cpu", "cuda", "metal"), ("torch", "torchvision")))
    torch_build: TorchBuild = "main index"


class Comp5511PyTorch(Program):
    """The program's facts and its start."""

    study = "comp5511"
    framework = "pytorch"
    workloads = ("cifar10-cnn3x3", "cifar10-cnn5x5")
    variants = (
        Variant(
            name=PUBLISHED,
            title="as published",
            sentence="the program as a beginner writes it, with PyTorch's own defaults",
        ),
        Variant(
            name="inputs-0-to-1",
            title="inputs in [0, 1]",
            sentence="as published, but images are scaled to [0, 1], not to [-1, 1]",
        ),
        Variant(
            name="init-of-keras",
            title="initial weights as in Keras",
            sentence="as published, but initial weights are Glorot-uniform, biases zero",
        ),
        Variant(
            name="no-shuffling",
            title="no shuffling",
            sentence="as published, but every epoch visits the examples in file order",
        ),
        Variant(
            name="inputs-prepared-once",
            title="inputs prepared once",
            sentence="as published, but all images are transformed once before training, not one by one in every epoch",
        ),
    )
    own_packages = PyTorchWithTorchvision()
    distributions = ("torch", "torchvision", "pillow")

    def start(self, threads: int, device: Device = "cpu") -> None:
        """Import the program with torch and torchvision, and set both thread counts."""
        self.device = device
        pytorch.start(threads, device)
        importlib.import_module(f"{__name__}.program")

    def build(self, workload: Workload, variant: str, dtype: DType, seed: int) -> ProgramTrainer:
        """Build the program's network with its loss and optimiser."""
        from suite.published.programs.comp5511_pytorch.trainer import PyTorchProgramTrainer

        assert dtype in self.dtypes
        return PyTorchProgramTrainer(workload, SWITCHES[self.variant(variant).name], seed, self.device)


PROGRAM = Comp5511PyTorch()
