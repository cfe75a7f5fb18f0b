"""As-published programs: one folder is one study's program in one framework, found by being there.

Each folder has ``PROGRAM``, a :class:`Program`, in its ``__init__.py``, and in ``program.py`` the exhibit: the training
program as a beginner would write it who follows that framework's own tutorial, with that framework's defaults. The
exhibit knows nothing of this suite and imports its framework at the top, as programs do; so it is imported inside
functions only. What lets us run, time and examine it stands in the folder's other files.
"""

from __future__ import annotations

import contextlib
from abc import ABC, abstractmethod
from collections.abc import Collection
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from suite.errors import unknown
from suite.frameworks import (
    Device,
    Distributions,
    DType,
    Framework,
    Inputs,
    Packages,
    StepClock,
    Stretch,
    Trainer,
    framework,
    precisions,
)
from suite.registry import discover

if TYPE_CHECKING:
    import numpy as np

    from suite.workload import Workload

PUBLISHED = "published"
"""The variant that is the program itself, nothing switched."""

TEST_ACCURACY = "test accuracy"
TRAINING_ACCURACY = "training accuracy over the epoch"
"""What studies have called accuracy: right answers on the test set, or while training, with dropout and old weights."""

SEEDS = 2**32
"""How many seeds every framework takes; a program is given the run's seed modulo this."""


@dataclass(frozen=True, kw_only=True)
class Variant:
    """The program with one thing switched to how the study's other program does it, with a sentence for people."""

    name: str
    title: str = ""
    """What a reader calls it, "inputs in [0, 1]"; its name, if left out."""
    sentence: str
    cumulative: bool = False
    """It has several things switched: all in which the program differs from the study's other one."""


class Observer(ABC):
    """Watches a program train, without its knowledge; the time between ``end`` and the next ``begin`` is our own."""

    @abstractmethod
    def begin(self) -> None:
        """Note that an epoch begins."""

    @abstractmethod
    def step(self) -> None:
        """Note that a step is over."""

    @abstractmethod
    def end(self, loss: float) -> None:
        """Note that all steps of an epoch are over; ``loss`` is the epoch's mean as the program itself reports it."""


class ProgramTrainer(Trainer):
    """A program's own network, optimiser and input path, ready to train; its weights are its own, too."""

    reported_as: str = TEST_ACCURACY
    """What the program, and its study, calls accuracy."""

    def reported(self) -> float | None:
        """Return the accuracy that the program itself told for its last epoch; None: what :meth:`evaluate` returns."""
        return None

    def undropped(self) -> contextlib.AbstractContextManager[None]:
        """Within this, the program's dropouts drop nothing, so that its loss can be held against the definition's."""
        return contextlib.nullcontext()

    def dropped(self) -> dict[str, np.ndarray]:
        """Return what the program's live dropouts make of ones in training, canonical, by the layer they stand for."""
        return {}

    @abstractmethod
    def examples(self, pixels: np.ndarray, labels: np.ndarray) -> Any:
        """Make the program's own training or test set from bytes (n, height, width, channels) and labels (n,)."""

    @abstractmethod
    def feed(self, pixels: np.ndarray, labels: np.ndarray) -> tuple[Inputs, Any]:
        """Send examples down the program's own input path, in the order given; return what comes out of it."""

    @abstractmethod
    def run(self, examples: Any, batch: int, epochs: int, observer: Observer) -> None:
        """Train on what :meth:`examples` made, the program's own way: its loop, its shuffling, its last batch."""

    @abstractmethod
    def evaluate(self, examples: Any, batch: int) -> float:
        """Return the accuracy, 0 to 1, on what :meth:`examples` made, counted the program's own way."""

    def fix_order(self, seed: int) -> None:
        """From here on, visit examples in an order that ``seed`` decides, so that an exam comes out the same again.

        A program that takes its order from the seed of :meth:`Program.build` need not do a thing.
        """

    @abstractmethod
    def prepared(self, stretch: Stretch) -> Any:
        """Make a training set for :meth:`run` of examples that have been down the input path already."""

    def train(self, stretch: Stretch, clock: StepClock) -> float:
        """Train one epoch on ``stretch`` the program's own way: it shuffles as it would any examples of its own."""
        observer = _OneEpoch(clock)
        self.run(self.prepared(stretch), stretch.batch, 1, observer)
        return observer.loss


class _OneEpoch(Observer):
    """Hands the program's steps on to a clock."""

    def __init__(self, clock: StepClock) -> None:
        self._clock = clock
        self.loss = float("nan")

    def begin(self) -> None:
        self._clock.tick()

    def step(self) -> None:
        self._clock.tick()

    def end(self, loss: float) -> None:
        self.loss = loss


class Program(ABC):
    """One study's program in one framework: what it trains, what it needs, and what can be switched in it."""

    study: str
    framework: str
    """Name of the framework's adapter: the first word of the arm, ``pytorch`` of ``pytorch-published``."""
    workloads: tuple[str, ...]
    """Names of the workloads whose networks it trains."""
    variants: tuple[Variant, ...]
    """``published`` first."""
    own_packages: Packages | None = None
    """What it runs in; None: its framework's own environment."""
    distributions: Distributions
    """Distributions whose versions belong to every result."""
    dtypes: tuple[DType, ...] = ("float32",)
    device: Device = "cpu"
    """Where networks are built: what :meth:`start` was given."""

    def dtypes_on(self, device: Device, workload: Workload | None = None) -> tuple[DType, ...]:  # noqa: ARG002
        """Return the precisions in which a network can be built on a device."""
        return precisions(self.dtypes, device)

    @property
    def name(self) -> str:
        """The program's name."""
        return f"{self.study}-{self.framework}"

    @property
    def packages(self) -> Packages:
        """What it runs in."""
        return self.own_packages or framework(self.framework)

    @abstractmethod
    def start(self, threads: int, device: Device = "cpu") -> None:
        """Import the framework, set its thread pools and choose the device: nothing else is taken from its default.

        Raises:
            UnsupportedError: the framework does not find the device; nothing else is taken in its place.
        """

    @abstractmethod
    def build(self, workload: Workload, variant: str, dtype: DType, seed: int) -> ProgramTrainer:
        """Set the framework's seed, then let the program build its network, with initial weights of its own."""

    def variant(self, name: str) -> Variant:
        """Return the variant called ``name``.

        Raises:
            InputError: this program has no such variant.
        """
        for variant in self.variants:
            if variant.name == name:
                return variant
        raise unknown(f"variant of {self.name}", name, [variant.name for variant in self.variants])


def programs() -> dict[str, Program]:
    """Return every program by its name."""
    kind: type[Program] = Program  # type: ignore[type-abstract]
    return {program.name: program for program in discover("suite.published.programs", "PROGRAM", kind)}


def programs_for(accelerator: str, available: Collection[Framework]) -> list[Program]:
    """Return the programs of the ``available`` frameworks, in their order, that can be had for an accelerator."""
    found = {
        each.name: [program for program in programs().values() if program.framework == each.name] for each in available
    }
    return [program for group in found.values() for program in group if accelerator in program.packages.requirements]


def program(framework: str, workload: str) -> Program:
    """Return the program that trains ``workload`` in ``framework``.

    Raises:
        InputError: there is none; the nearest names are given.
    """
    known = {(program.framework, name): program for program in programs().values() for name in program.workloads}
    if (framework, workload) not in known:
        raise unknown("as-published program", f"{workload} in {framework}", [f"{w} in {f}" for f, w in known])
    return known[framework, workload]
