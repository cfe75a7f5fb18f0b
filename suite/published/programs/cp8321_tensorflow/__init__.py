"""CP8321's program in TensorFlow: what it trains, and what can be switched in it."""

from __future__ import annotations

import importlib
from dataclasses import dataclass

from suite.frameworks import Device, DType
from suite.published.programs import PUBLISHED, Program, ProgramTrainer, Variant
from suite.published.programs import _keras as keras
from suite.published.programs._keras.softmax import Softmax
from suite.workload import Workload


@dataclass(frozen=True, kw_only=True)
class Switches:
    """How the program is run; as published unless said otherwise."""

    softmax: Softmax = "as written"
    standardised: bool = False
    dropout_as_pytorch: bool = False
    """Single values are dropped, once; or whole channels, and single values once more before the last layer."""
    pytorchs_init: bool = False
    shuffled_whole: bool = False
    """Examples are shuffled within 10 000 of them; or all at once."""


SWITCHES = {
    PUBLISHED: Switches(),
    "softmax-once": Switches(softmax="once"),
    "softmax-twice": Switches(softmax="twice"),
    "inputs-standardised": Switches(standardised=True),
    "dropout-as-pytorch": Switches(dropout_as_pytorch=True),
    "init-of-pytorch": Switches(pytorchs_init=True),
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
        Variant(
            name=PUBLISHED,
            title="as published",
            sentence="the program as its study describes it: a softmax at the end and a loss told that it gets logits, "
            "inputs in [0, 1], single values dropped once",
        ),
        Variant(
            name="softmax-once",
            title="no softmax in the model",
            sentence="as published, but the model gives logits, as its loss is told",
        ),
        Variant(
            name="softmax-twice",
            title="softmax applied twice",
            sentence="as published, but the loss really applies a softmax to the model's own, which Keras prevents",
        ),
        Variant(
            name="inputs-standardised",
            title="inputs standardised",
            sentence="as published, but images are standardised with mean 0.1307 and deviation 0.3081",
        ),
        Variant(
            name="dropout-as-pytorch",
            title="dropout as in PyTorch",
            sentence="as published, but whole channels are dropped, and single values once more before the last layer",
        ),
        Variant(
            name="init-of-pytorch",
            title="initial weights as in PyTorch",
            sentence="as published, but weights and biases start uniform within 1 / sqrt(fan in), as PyTorch's do",
        ),
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
