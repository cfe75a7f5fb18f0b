"""CP8321's program in PyTorch: what it trains, and what can be switched in it."""

from __future__ import annotations

import importlib
from dataclasses import dataclass

from suite.frameworks import Device, DType
from suite.published.programs import PUBLISHED, Program, ProgramTrainer, Variant
from suite.published.programs import _pytorch as pytorch
from suite.workload import Workload


@dataclass(frozen=True, kw_only=True)
class Switches:
    """How the program is run; as published unless said otherwise."""

    softmax_twice: bool = False
    standardised: bool = True
    dropout_as_pytorch: bool = True
    """Whole channels are dropped, and single values once more before the last layer; or single values, once."""
    kerass_init: bool = False


SWITCHES = {
    PUBLISHED: Switches(),
    "inputs-0-to-1": Switches(standardised=False),
    "init-of-keras": Switches(kerass_init=True),
    "dropout-as-keras": Switches(dropout_as_pytorch=False),
    "softmax-twice": Switches(softmax_twice=True),
}


class Cp8321PyTorch(Program):
    """The program's facts and its start."""

    study = "cp8321"
    framework = "pytorch"
    workloads = ("mnist-cnn-cp8321",)
    variants = (
        Variant(
            name=PUBLISHED,
            title="as published",
            sentence="the program as its study describes it: standardised inputs, whole channels dropped, softmax once",
        ),
        Variant(
            name="inputs-0-to-1",
            title="inputs in [0, 1]",
            sentence="as published, but images are only divided by 255, not standardised",
        ),
        Variant(
            name="init-of-keras",
            title="initial weights as in Keras",
            sentence="as published, but initial weights are Glorot-uniform, biases zero",
        ),
        Variant(
            name="dropout-as-keras",
            title="dropout as in Keras",
            sentence="as published, but single values are dropped, once, not whole channels and again before the end",
        ),
        Variant(
            name="softmax-twice",
            title="softmax applied twice",
            sentence="as published, but the loss applies a softmax to the network's probabilities once more",
        ),
    )
    distributions = ("torch",)

    def start(self, threads: int, device: Device = "cpu") -> None:
        """Import the program with torch, and set both thread counts."""
        self.device = device
        pytorch.start(threads, device)
        importlib.import_module(f"{__name__}.program")

    def build(self, workload: Workload, variant: str, dtype: DType, seed: int) -> ProgramTrainer:
        """Build the program's network with its loss and optimiser."""
        from suite.published.programs.cp8321_pytorch.trainer import Cp8321PyTorchTrainer

        assert dtype in self.dtypes
        return Cp8321PyTorchTrainer(workload, SWITCHES[self.variant(variant).name], seed, self.device)


PROGRAM = Cp8321PyTorch()
