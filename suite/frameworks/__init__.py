"""Framework adapters: one file is one framework, found by being there; each has ``FRAMEWORK``, a :class:`Framework`.

The driver imports these files too, to list, lock and plan, in an environment that holds no framework at all: so an
adapter imports its framework inside its functions only.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from suite.errors import unknown
from suite.registry import discover

if TYPE_CHECKING:
    import numpy as np

    from suite.workload import Workload

Weights = dict[str, "np.ndarray"]
"""Canonical float32 arrays: ``conv1/weight`` (height, width, in, out), ``dense1/weight`` (in, out), biases (out,)."""

Axes = tuple[int, int, int, int]
"""An order of the axes (n, height, width, channels)."""

NHWC: Axes = (0, 1, 2, 3)
NCHW: Axes = (0, 3, 1, 2)


@dataclass(frozen=True, kw_only=True)
class Mode:
    """One way in which a framework executes, with a sentence for people."""

    name: str
    sentence: str
    companion: bool = False
    """Run beside the default mode, so that the report can say what the default costs or saves."""


@dataclass(frozen=True, kw_only=True)
class Stretch:
    """Consecutive batches to train on, in visiting order and in the framework's own array layout.

    ``images`` and ``labels`` are what :meth:`Trainer.prepare` returned; ``examples`` is their length.
    """

    images: Any
    labels: Any
    examples: int
    batch: int


class StepClock(ABC):
    """Notes the time after each step; see :class:`suite.worker.clock.PerfClock`."""

    @abstractmethod
    def tick(self) -> None:
        """Note the time now."""


class Trainer(ABC):
    """A network with its optimiser inside one framework and mode, ready to train."""

    memory_axes: Axes = NHWC
    """The order in which images best lie in memory: :meth:`prepare` then need not copy them."""

    @abstractmethod
    def load(self, weights: Weights) -> None:
        """Set all parameters to ``weights`` (canonical) and the optimiser to its initial state."""

    @abstractmethod
    def dump(self) -> Weights:
        """Return all parameters in canonical layout, float32."""

    @abstractmethod
    def prepare(self, images: np.ndarray, labels: np.ndarray) -> tuple[Any, Any]:
        """Turn ``images`` (n, height, width, channels) float32 and ``labels`` (n,) int64 into the framework's layout.

        What is returned can be sliced along its first axis.
        """

    @abstractmethod
    def train_step(self, images: Any, labels: Any) -> Any:
        """Train on one batch; return its mean loss as the framework's own scalar, without waiting for its value."""

    @abstractmethod
    def logits(self, images: Any) -> np.ndarray:
        """Return the network's outputs (n, classes), float32, in evaluation mode, for one prepared batch."""

    @abstractmethod
    def settings(self) -> dict[str, Any]:
        """Return what took effect, read back from the live framework; flat, JSON values."""

    @abstractmethod
    def layer_outputs(self) -> dict[str, tuple[int, ...]]:
        """Return each layer's output shape as the live network reports it, canonical, without the batch axis."""

    def synchronise(self) -> None:  # noqa: B027 (a processor computes in step with the program: nothing to wait for)
        """Wait until the device has finished everything asked of it."""

    def train(self, stretch: Stretch, clock: StepClock) -> float:
        """Train on every batch of ``stretch`` in order, the last maybe a smaller one; return the mean loss per example.

        The clock ticks once before the first step and once after each, so that each interval holds the whole of a step:
        taking the batch, forward, backward, update.
        """
        losses = []
        clock.tick()
        for start in range(0, stretch.examples, stretch.batch):
            end = start + stretch.batch
            losses.append(self.train_step(stretch.images[start:end], stretch.labels[start:end]))
            self.synchronise()
            clock.tick()
        return mean_per_example([float(loss) for loss in losses], stretch)


def mean_per_example(losses: list[float], stretch: Stretch) -> float:
    """Weigh each batch's mean loss by the number of its examples (the last batch may be smaller)."""
    sizes = [min(stretch.batch, stretch.examples - start) for start in range(0, stretch.examples, stretch.batch)]
    return sum(loss * size for loss, size in zip(losses, sizes, strict=True)) / stretch.examples


class Framework(ABC):
    """One framework: its names, its packages, and how to start it and build a network in it."""

    name: str
    title: str
    rank: int
    """Place in tables, lowest first: the order of the studies, then whatever came later."""
    modes: tuple[Mode, ...]
    default_mode: str
    requirements: Mapping[str, tuple[str, ...]]
    """Exact packages by accelerator ("cpu", ...), as requirement lines; no entry: there is no such build."""
    distributions: tuple[str, ...]
    """Distributions whose versions belong to every result."""

    @abstractmethod
    def start(self, threads: int) -> None:
        """Import the framework and set its thread pools to ``threads``; called once, before anything else."""

    @abstractmethod
    def build(self, workload: Workload, mode: str) -> Trainer:
        """Build the workload's network and optimiser for ``mode``."""

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
