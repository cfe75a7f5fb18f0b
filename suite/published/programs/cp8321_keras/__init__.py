"""CP8321's program in Keras: what it trains, and what can be switched in it."""

from __future__ import annotations

import importlib

from suite.frameworks import Device, DType
from suite.published.programs import Program, ProgramTrainer, Variant
from suite.published.programs import _keras as keras
from suite.published.programs._keras.cp8321 import VARIANTS, Switches, switches
from suite.workload import Workload

SWITCHES = {
    **switches(Switches),
    "all-as-pytorch": Switches(softmax="once", standardised=True, dropout_as_pytorch=True, pytorchs_init=True),
}


class Cp8321Keras(Program):
    """The program's facts and its start."""

    study = "cp8321"
    framework = "keras"
    workloads = ("mnist-cnn-cp8321",)
    variants = (
        *VARIANTS,
        Variant(
            name="all-as-pytorch",
            title="all as in PyTorch",
            sentence="as published, but with logits, standardised inputs, dropout and initial weights, as in PyTorch",
            cumulative=True,
        ),
    )
    distributions = ("keras", ("tensorflow-macos", "tensorflow-cpu", "tensorflow"))

    def start(self, threads: int, device: Device = "cpu") -> None:
        """Import the program with Keras on TensorFlow, whose thread pools and devices are set first."""
        self.device = device
        keras.start(threads, device, "Keras")
        importlib.import_module(f"{__name__}.program")

    def build(self, workload: Workload, variant: str, dtype: DType, seed: int) -> ProgramTrainer:
        """Build the program's network with its loss and optimiser."""
        from suite.published.programs.cp8321_keras.trainer import Cp8321KerasTrainer

        assert dtype in self.dtypes
        return Cp8321KerasTrainer(workload, SWITCHES[self.variant(variant).name], seed, self.device)


PROGRAM = Cp8321Keras()
