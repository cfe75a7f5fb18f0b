"""PL2021's program in Keras, the study's TensorFlow: what it trains, and what can be switched in it."""

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

    shuffled: bool = True
    float64_inputs: bool = True
    pytorchs_init: bool = False
    pytorchs_epsilon: bool = False


SWITCHES = {
    PUBLISHED: Switches(),
    "no-shuffling": Switches(shuffled=False),
    "inputs-float32": Switches(float64_inputs=False),
    "init-of-pytorch": Switches(pytorchs_init=True),
    "epsilon-of-pytorch": Switches(pytorchs_epsilon=True),
    "all-as-pytorch": Switches(shuffled=False, float64_inputs=False, pytorchs_init=True, pytorchs_epsilon=True),
}


class Pl2021Keras(Program):
    """The program's facts and its start."""

    study = "pl2021"
    framework = "keras"
    workloads = ("mnist-cnn-pl2021",)
    variants = (
        Variant(
            name=PUBLISHED,
            title="as published",
            sentence="the program as its study describes it: inputs in float64, shuffled by fit, Adam's defaults",
        ),
        Variant(
            name="no-shuffling",
            title="no shuffling",
            sentence="as published, but every epoch visits the examples in file order",
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
            name="epsilon-of-pytorch",
            title="Adam's epsilon as in PyTorch",
            sentence="as published, but Adam's epsilon is 1e-8, not 1e-7",
        ),
        Variant(
            name="all-as-pytorch",
            title="all as in PyTorch",
            sentence="as published, but in file order, in float32, with initial weights and epsilon of PyTorch",
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
        """Build and compile the program's model."""
        from suite.published.programs.pl2021_keras.trainer import Pl2021KerasTrainer

        assert dtype in self.dtypes
        return Pl2021KerasTrainer(workload, SWITCHES[self.variant(variant).name], seed, self.device)


PROGRAM = Pl2021Keras()
