"""CP8321's program in TensorFlow: what it trains, and what can be switched in it."""

from __future__ import annotations

import importlib
from dataclasses import dataclass

from suite.frameworks import Device, DType
from suite.published.programs import Program, ProgramTrainer, Variant
from suite.published.programs import _keras as keras
from suite.published.programs._keras import cp8321
from suite.workload import Workload


@dataclass(frozen=True, kw_only=True)
class Switches(cp8321.Switches):
    """The loop of its own can be switched, too."""

    shuffled_whole: bool = False
    """Examples are shuffled within 10 000 of them; or all at once."""


SWITCHES = {
    **cp8321.switches(Switches),
    "shuffled-whole": Switches(shuffled_whole=True),
    "all-as-pytorch": Switches(
        softmax="once", standardised=True, dropout_as_pytorch=True, pytorchs_init=True, shuffled_whole=True
    ),
}


class Cp8321TensorFlow(Program):
    """The program's facts and its start."""

    study = "cp8321"
    framework = "tensorflow"
    workloads = ("mnist-cnn-cp8321",)
    variants = (
        *cp8321.VARIANTS,
        Variant(
            name="shuffled-whole",
            title="shuffled as a whole",
            sentence="as published, but all examples are shuffled at once, not within 10 000 of them",
        ),
        Variant(
            name="all-as-pytorch",
            title="all as in PyTorch",
            sentence="as published, but with logits, standardised inputs, dropout, initial weights and shuffling, "
            "as in PyTorch",
            cumulative=True,
        ),
    )
    distributions = (("tensorflow-macos", "tensorflow-cpu", "tensorflow"), "keras")

    def start(self, threads: int, device: Device = "cpu") -> None:
        """Import the program with TensorFlow, whose thread pools and devices are set first."""
        self.device = device
        keras.start(threads, device, "TensorFlow")
        importlib.import_module(f"{__name__}.program")

    def build(self, workload: Workload, variant: str, dtype: DType, seed: int) -> ProgramTrainer:
        """Build the program's network with its loss and optimiser."""
        from suite.published.programs.cp8321_tensorflow.trainer import Cp8321TensorFlowTrainer

        assert dtype in self.dtypes
        return Cp8321TensorFlowTrainer(workload, SWITCHES[self.variant(variant).name], seed, self.device)


PROGRAM = Cp8321TensorFlow()
