"""What differs between the libraries that Keras computes with; the rest of the adapter is Keras's own interface."""

from __future__ import annotations

import contextlib
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from suite.frameworks import Device

Slopes = Callable[[Any, Any], tuple[float, list[np.ndarray]]]
"""From inputs and labels to the mean loss and its gradient for every trainable variable."""

Updates = Callable[[list[np.ndarray]], None]
"""One update of the live model by its optimiser, from gradients for every trainable variable."""


class Engine(ABC):
    """One of Keras's backends, as far as it has to be handled by hand."""

    name: str
    """As ``KERAS_BACKEND`` has it."""
    rounds_scalars: bool = False
    """An optimiser's scalars become float32 on it, in a float64 model, too."""
    asynchronous: bool = False
    """A step's call returns before the step is done."""

    @abstractmethod
    def start(self, asked: Mapping[str, Any], device: Device) -> None:
        """Import the library, set what is asked for of it, and make ``device`` the one that it computes on.

        Raises:
            UnsupportedError: the library does not find the device.
        """

    def synchronise(self, device: Device) -> None:  # noqa: B027 (most wait when a step's loss is fetched)
        """Wait until ``device`` has done what was asked of it; called where the loss is known already."""

    @abstractmethod
    def device_of(self, variable: Any) -> str:
        """Return our name of the device on which a live variable of Keras's lies, or the library's own for others."""

    def feeding(self) -> contextlib.AbstractContextManager[Any]:
        """Return the context in which tensors are made that ``fit`` takes in without a copy at its beginning."""
        return contextlib.nullcontext()

    def set_precision(self, dtype: str) -> None:  # noqa: B027 (most libraries need not be told)
        """Make ready to compute in ``dtype``."""

    @abstractmethod
    def slopes(self, model: Any, *, compiled: bool) -> Slopes:
        """Return what the model's training step does before its update."""

    @abstractmethod
    def updates(self, model: Any, *, compiled: bool) -> Updates:
        """Return what the model's training step does with gradients."""

    @abstractmethod
    def giving_back(self, images: Any, outputs: Any) -> Any:
        """Return a model whose training step does nothing but report what reached its outputs, as ``seen``."""

    @abstractmethod
    def settings(self, model: Any) -> dict[str, Any]:
        """Return what took effect, read back from the library and the live model."""


def giving_back(images: Any, outputs: Any) -> Any:
    """Return the model of :meth:`Engine.giving_back` where ``train_step`` is given the data alone."""
    import keras

    class GivingBack(keras.Model):  # type: ignore[misc]
        def train_step(self, data: Any) -> Any:
            return {"seen": self(data[0], training=True)}

    return GivingBack(images, outputs)
