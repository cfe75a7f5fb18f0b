"""COMP5511's program in Keras, the study's TensorFlow: what it trains, and what can be switched in it."""

from __future__ import annotations

import importlib
from dataclasses import dataclass

from suite.frameworks import Device, DType
from suite.published.programs import PUBLISHED, Program, ProgramTrainer, Variant
from suite.published.programs import _keras as keras
from suite.workload import Workload


@dataclass(frozen=True, kw_only=True)
class Switches:
    """How the program is run; as published unless said otherwise."""

    minus_one_to_one: bool = False
    float64_inputs: bool = True
    pytorchs_init: bool = False
    shuffled: bool = True
    accuracy_in_training: bool = True
    progress_bar: bool = True


SWITCHES = {
    PUBLISHED: Switches(),
    "inputs-minus1-to-1": Switches(minus_one_to_one=True),
    "inputs-float32": Switches(float64_inputs=False),
    "init-of-pytorch": Switches(pytorchs_init=True),
    "no-shuffling": Switches(shuffled=False),
    "no-accuracy": Switches(accuracy_in_training=False),
    "no-progress-bar": Switches(progress_bar=False),
}


class Comp5511Keras(Program):
    """The program's facts and its start."""

    study = "comp5511"
    framework = "keras"
    workloads = ("cifar10-cnn3x3", "cifar10-cnn5x5")
    variants = (
        Variant(
            name=PUBLISHED,
            title="as published",
            sentence="the program as a beginner writes it, with Keras's own defaults",
        ),
        Variant(
            name="inputs-minus1-to-1",
            title="inputs in [-1, 1]",
            sentence="as published, but images are scaled to [-1, 1], not to [0, 1]",
        ),
        Variant(
            name="inputs-float32",
            title="inputs divided in float32",
            sentence="as published, but images are divided in float32, not in float64",
        ),
        Variant(
            name="init-of-pytorch",
            title="initial weights as in PyTorch",
            sentence="as published, but weights and biases start uniform within 1 / sqrt(fan in), as PyTorch's do",
        ),
        Variant(
            name="no-shuffling",
            title="no shuffling",
            sentence="as published, but every epoch visits the examples in file order",
        ),
        Variant(
            name="no-accuracy",
            title="no accuracy in training",
            sentence="as published, but fit does not compute the accuracy beside the loss",
        ),
        Variant(
            name="no-progress-bar", title="no progress bar", sentence="as published, but fit prints no progress bar"
        ),
    )
    distributions = ("keras", ("tensorflow-macos", "tensorflow-cpu", "tensorflow"))

    def start(self, threads: int, device: Device = "cpu") -> None:
        """Import the program with Keras on TensorFlow, whose thread pools and devices are set first."""
        self.device = device
        keras.start(threads, device, "Keras")
        importlib.import_module(f"{__name__}.program")

    def build(self, workload: Workload, variant: str, dtype: DType, seed: int) -> ProgramTrainer:
        """Build and compile the program's model."""
        from suite.published.programs.comp5511_keras.trainer import KerasProgramTrainer

        assert dtype in self.dtypes
        return KerasProgramTrainer(workload, SWITCHES[self.variant(variant).name], seed, self.device)


PROGRAM = Comp5511Keras()
