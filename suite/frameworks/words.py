"""What adapters and their callers have between them: arrays, precisions, devices, batches, names of packages."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    import numpy as np

Weights = dict[str, "np.ndarray"]
"""Canonical arrays by name: ``conv1/weight`` (height, width, in, out), ``dense1/weight`` (in, out), ``conv1/bias``
(out,); of a batch norm ``bn1/weight`` and ``bn1/bias`` (channels,) and the running ``bn1/mean``, ``bn1/variance``."""

State = dict[str, "np.ndarray"]
"""An optimiser's state, canonical: by parameter ``conv1/weight/velocity`` for SGD with momentum, in the form
v = momentum v + g; ``.../first_moment`` and ``.../second_moment`` for Adam, and ``step`` (int64, shape ()), the number
of updates made. Shapes are the parameter's. SGD without momentum has no state."""

Device = Literal["cpu", "cuda", "metal"]
"""What trains: the processor, an NVIDIA GPU, or an Apple GPU."""

DType = Literal["float32", "float64"]
"""The precision of a network, its optimiser and its loss. Everything is timed in float32; float64 is for proofs."""

Distributions = tuple[str | tuple[str, ...], ...]
"""Names of distributions; where one goes by several, according to the platform, they stand in a tuple of their own, and
the first that is installed counts."""

Axes = tuple[int, int, int, int]
"""An order of the axes (n, height, width, channels)."""

NHWC: Axes = (0, 1, 2, 3)
NCHW: Axes = (0, 3, 1, 2)

Inputs = tuple[Any, ...]
"""What a network is fed, in the framework's own arrays: the images, then the mask of each dropout layer in order."""

TorchBuild = Literal["profile", "main index"]
"""Which build of PyTorch is installed: the profile's own (:func:`suite.locks.torch_source`), or that of the main
package index, which on Linux is a CUDA build that runs on a processor, too."""


def precisions(dtypes: tuple[DType, ...], device: Device) -> tuple[DType, ...]:
    """Return those of ``dtypes`` that a device has: Metal has no float64 (PyTorch's and Apple's documentation)."""
    return tuple(dtype for dtype in dtypes if device != "metal" or dtype != "float64")


@dataclass(frozen=True, kw_only=True)
class Stretch:
    """Consecutive batches to train on, in visiting order and in the framework's own array layout.

    ``inputs`` (the images, then a mask for each dropout layer) and ``labels`` are what :meth:`Trainer.prepare`
    returned; ``examples`` is their length.
    """

    inputs: Inputs
    labels: Any
    examples: int
    batch: int

    def slice(self, start: int, end: int) -> tuple[Inputs, Any]:
        """Return the inputs and labels of the examples from ``start`` up to ``end``."""
        return tuple(values[start:end] for values in self.inputs), self.labels[start:end]


class StepClock(ABC):
    """Notes the time after each step; see :class:`suite.worker.clock.PerfClock`."""

    @abstractmethod
    def tick(self) -> None:
        """Note the time now."""
