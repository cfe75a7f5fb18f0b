"""PL2021's program in PyTorch: what it trains, and what can be switched in it."""

from __future__ import annotations

import importlib
from dataclasses import dataclass
from typing import Literal

from suite.frameworks import Device, DType
from suite.published.programs import PUBLISHED, Program, ProgramTrainer, Variant
from suite.published.programs import _pytorch as pytorch
from suite.workload import Workload


@dataclass(frozen=True, kw_only=True)
class Switches:
    """How the program is run; as published unless said otherwise."""

    shuffled: bool = False
    extra_relu: Literal["none", "behind the second pooling", "behind the last layer"] = "behind the second pooling"
    """Where the one ReLU stands that Keras's network does not have. The study does not say. Behind the last layer it
    silences whole classes, which the published accuracy rules out; behind a pooling it does nothing."""
    kerass_init: bool = False
    kerass_epsilon: bool = False


SWITCHES = {
    PUBLISHED: Switches(),
    "shuffled": Switches(shuffled=True),
    "without-extra-relu": Switches(extra_relu="none"),
    "extra-relu-last": Switches(extra_relu="behind the last layer"),
    "init-of-keras": Switches(kerass_init=True),
    "epsilon-of-keras": Switches(kerass_epsilon=True),
    "all-as-keras": Switches(shuffled=True, extra_relu="none", kerass_init=True, kerass_epsilon=True),
}


class Pl2021PyTorch(Program):
    """The program's facts and its start."""

    study = "pl2021"
    framework = "pytorch"
    workloads = ("mnist-cnn-pl2021",)
    variants = (
        Variant(
            name=PUBLISHED,
            title="as published",
            sentence="the program as its study describes it: examples in file order, one ReLU more, Adam's defaults",
        ),
        Variant(
            name="shuffled",
            title="shuffled",
            sentence="as published, but every epoch visits the examples in another order",
        ),
        Variant(
            name="without-extra-relu",
            title="without the extra ReLU",
            sentence="as published, but no ReLU stands behind the second pooling, where one changes nothing",
        ),
        Variant(
            name="extra-relu-last",
            title="extra ReLU behind the last layer",
            sentence="as published, but the one ReLU more stands behind the last layer, where classes can fall silent",
        ),
        Variant(
            name="init-of-keras",
            title="initial weights as in Keras",
            sentence="as published, but initial weights are Glorot-uniform, biases zero",
        ),
        Variant(
            name="epsilon-of-keras",
            title="Adam's epsilon as in Keras",
            sentence="as published, but Adam's epsilon is 1e-7, not 1e-8",
        ),
        Variant(
            name="all-as-keras",
            title="all as in Keras",
            sentence="as published, but shuffled, without the extra ReLU, with initial weights and epsilon of Keras",
            cumulative=True,
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
        from suite.published.programs.pl2021_pytorch.trainer import Pl2021PyTorchTrainer

        assert dtype in self.dtypes
        return Pl2021PyTorchTrainer(workload, SWITCHES[self.variant(variant).name], seed, self.device)


PROGRAM = Pl2021PyTorch()
