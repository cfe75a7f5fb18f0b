"""Framework adapters: a file or folder is a framework, found by being there; its ``FRAMEWORK`` is a :class:`Framework`.

The driver imports these files too, to list, lock and plan, in an environment that holds no framework at all: so an
adapter imports its framework inside its functions only.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np

from suite.errors import unknown
from suite.frameworks.policy import Policy
from suite.frameworks.words import (
    NCHW,
    NHWC,
    Axes,
    Device,
    Distributions,
    DType,
    Inputs,
    State,
    StepClock,
    Stretch,
    TorchBuild,
    Weights,
    precisions,
)
from suite.registry import discover

if TYPE_CHECKING:
    from suite.workload import Workload

__all__ = [
    "NCHW",
    "NHWC",
    "Axes",
    "DType",
    "Device",
    "Distributions",
    "Framework",
    "Inputs",
    "Mode",
    "Packages",
    "State",
    "StepClock",
    "Stretch",
    "TorchBuild",
    "Trainer",
    "Weights",
    "framework",
    "frameworks",
    "mean_per_example",
    "precisions",
]


@dataclass(frozen=True, kw_only=True)
class Mode:
    """One way in which a framework executes, with a sentence for people."""

    name: str
    sentence: str
    companion: bool = False
    """Run beside the default mode, so that the report can say what the default costs or saves."""
    switches: str | None = None
    """The setting, a key of the ledger, in which a companion differs from the default mode: so it measures it."""


class Trainer(ABC):
    """A network with its optimiser inside one framework, mode and precision, ready to train."""

    memory_axes: Axes = NHWC
    """The order in which images best lie in memory: :meth:`prepare` then need not copy them."""

    residues: tuple[str, ...] = ()
    """Names of the known differences that this arithmetic cannot be rid of (:mod:`suite.parity.residues`). Each is
    measured and stated in the passport, which holds the trainer to exactly that difference."""

    extra: Mapping[str, str] = MappingProxyType({})
    """Layers that the network has beyond the workload's, as programs as published may: names, and their kinds."""

    @abstractmethod
    def load(self, weights: Weights, state: State | None = None) -> None:
        """Set all parameters to ``weights`` (float32 or float64) and the optimiser to ``state``; None: its initial one.

        The learning rate goes back to the workload's own.
        """

    @abstractmethod
    def dump(self) -> Weights:
        """Return all parameters and running values in canonical layout, in the trainer's precision."""

    @abstractmethod
    def dump_state(self) -> State:
        """Return the optimiser's state in canonical layout and form, in the trainer's precision."""

    @abstractmethod
    def prepare(self, images: np.ndarray, labels: np.ndarray, masks: Mapping[str, np.ndarray]) -> tuple[Inputs, Any]:
        """Turn what every framework is given into the framework's own arrays, which can be sliced along the first axis.

        Args:
            images: (n, height, width, channels), in the trainer's precision.
            labels: (n,) int64.
            masks: by dropout layer, in network order: uint8 (n, *mask shape), 1 keeps a value.
        """

    @abstractmethod
    def train_step(self, inputs: Inputs, labels: Any) -> Any:
        """Train on one batch; return its mean loss as the framework's own scalar, without waiting for its value."""

    @abstractmethod
    def logits(self, images: Any) -> np.ndarray:
        """Return the network's outputs (n, classes), in evaluation mode, for prepared images (``inputs[0]``)."""

    @abstractmethod
    def seen(self, inputs: Inputs) -> np.ndarray:
        """Return the images as the first layer receives them by the path that training takes.

        Canonical (n, height, width, channels), the dtype as it arrives there.
        """

    @abstractmethod
    def gradients(self, inputs: Inputs, labels: Any) -> tuple[float, Weights]:
        """Return the mean loss and its gradient for every parameter, in training mode, by the code that training uses.

        Nothing is updated, except that running values of batch norms may move.
        """

    @abstractmethod
    def apply(self, gradients: Weights) -> None:
        """Let the optimiser make one update with these gradients, from the weights and state at hand."""

    @abstractmethod
    def set_learning_rate(self, rate: float) -> None:
        """Train with ``rate`` from the next step on; the path stays that of v = momentum v + g; w = w - rate v."""

    @abstractmethod
    def learning_rate(self) -> float:
        """Return the learning rate of the next step, read back from the live optimiser."""

    @abstractmethod
    def settings(self) -> dict[str, Any]:
        """Return what took effect, read back from the live framework; flat, JSON values."""

    @abstractmethod
    def layer_outputs(self) -> dict[str, tuple[int, ...]]:
        """Return each layer's output shape as the live network reports it, canonical, without the batch axis."""

    def disparities(self, left: np.ndarray, right: np.ndarray, count: int) -> np.ndarray:  # noqa: ARG002 (most match)
        """Return for every pixel of ``left`` how far to the left ``right`` shows the same: int64 (height, width).

        Both are float32 (height, width), normalised. The winner is the largest similarity of features over 0 to
        ``count`` - 1, the smallest of equals; what lies outside ``right`` is no candidate
        (:mod:`suite.parity.matching`).

        Raises:
            ValueError: the workload matches no images, or these are no pair.
        """
        raise ValueError(f"{type(self).__name__} matches no images")

    def synchronise(self) -> None:  # noqa: B027 (a processor computes in step with the program: nothing to wait for)
        """Wait until the device has finished everything asked of it."""

    def on_host(self, values: Any) -> np.ndarray:
        """Return prepared values, labels for instance, as an array of NumPy's."""
        array: np.ndarray = np.asarray(values)
        return array

    def refuse_elsewhere(self, loss: Any) -> None:  # noqa: B027 (on a processor there is nowhere else)
        """Refuse a loss that was computed on another device than the one asked for.

        Raises:
            UnsupportedError: it was; the message says where.
        """

    def train(self, stretch: Stretch, clock: StepClock) -> float:
        """Train on every batch of ``stretch`` in order, the last maybe a smaller one; return the mean loss per example.

        The clock ticks once before the first step and once after each, so that each interval holds the whole of a step:
        taking the batch, forward, backward, update.
        """
        losses = []
        self.synchronise()
        clock.tick()
        for start in range(0, stretch.examples, stretch.batch):
            losses.append(self.train_step(*stretch.slice(start, start + stretch.batch)))
            self.synchronise()
            clock.tick()
        self.refuse_elsewhere(losses[-1])
        return mean_per_example([float(loss) for loss in losses], stretch)


def mean_per_example(losses: list[float], stretch: Stretch) -> float:
    """Weigh each batch's mean loss by the number of its examples (the last batch may be smaller)."""
    sizes = [min(stretch.batch, stretch.examples - start) for start in range(0, stretch.examples, stretch.batch)]
    return sum(loss * size for loss, size in zip(losses, sizes, strict=True)) / stretch.examples


class Packages(Protocol):
    """What an environment and its lock are made of: a :class:`Framework`, or what a program needs beyond it."""

    @property
    def name(self) -> str:
        """The name of the environment's folder and of its lock."""

    @property
    def title(self) -> str:
        """The name for people."""

    @property
    def requirements(self) -> Mapping[str, tuple[str, ...]]:
        """Exact packages by accelerator, as requirement lines; no entry: there is no such build."""

    @property
    def torch_build(self) -> TorchBuild:
        """Which build of PyTorch is meant, where it is among the requirements."""


class Framework(Policy, ABC):
    """One framework: its names, its packages, and how to start it and build a network in it."""

    name: str
    title: str
    rank: int
    """Place in tables, lowest first: the order of the studies, then whatever came later."""
    further: bool = False
    """Runs only when it is named, or when everything is asked for: it answers another question than the others do."""
    modes: tuple[Mode, ...]
    default_mode: str
    requirements: Mapping[str, tuple[str, ...]]
    """Exact packages by accelerator ("cpu", ...), as requirement lines; no entry: there is no such build."""
    torch_build: TorchBuild = "profile"
    distributions: Distributions
    """Distributions whose versions belong to every result."""
    dtypes: tuple[DType, ...] = ("float32", "float64")
    """The precisions in which a network can be built on a processor."""
    device: Device = "cpu"
    """Where networks are built: what :meth:`start` was given."""

    def dtypes_on(self, device: Device, workload: Workload | None = None) -> tuple[DType, ...]:  # noqa: ARG002
        """Return the precisions in which a network, of ``workload`` if that matters, can be built on a device."""
        return precisions(self.dtypes, device)

    @abstractmethod
    def start(self, threads: int, device: Device = "cpu") -> None:
        """Import the framework, set its thread pools to ``threads`` and make ``device`` the one that networks lie on.

        Called once, before anything else. With "cpu" no accelerator is seen, whatever the machine has.

        Raises:
            UnsupportedError: the framework does not find the device; nothing else is taken in its place.
        """

    @abstractmethod
    def build(self, workload: Workload, mode: str, dtype: DType = "float32") -> Trainer:
        """Build the workload's network and optimiser for ``mode`` in precision ``dtype``."""

    def mode(self, name: str) -> Mode:
        """Return the mode called ``name``.

        Raises:
            InputError: this framework has no such mode.
        """
        for mode in self.modes:
            if mode.name == name:
                return mode
        raise unknown(f"mode of {self.name}", name, [mode.name for mode in self.modes])


def frameworks() -> dict[str, Framework]:
    """Return every framework by its name, in the order of their rank."""
    kind: type[Framework] = Framework  # type: ignore[type-abstract]
    found = discover("suite.frameworks", "FRAMEWORK", kind)
    return {framework.name: framework for framework in sorted(found, key=lambda framework: framework.rank)}


def framework(name: str) -> Framework:
    """Return the framework called ``name``.

    Raises:
        InputError: there is none; the nearest names are given.
    """
    known = frameworks()
    if name not in known:
        raise unknown("framework", name, known)
    return known[name]
