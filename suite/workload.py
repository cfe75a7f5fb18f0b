"""What a workload is: one model, data set, loss, optimiser and schedule, with every constant written out.

No field has a default: a default is a decision that nobody sees, and unlike defaults are what makes comparisons unfair.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, assert_never

from suite.layers import Layer, LayerShape, Shape, shapes


@dataclass(frozen=True, kw_only=True)
class InputScaling:
    """Pixel bytes x become (x / divisor - mean) / std, in float32."""

    divisor: float
    mean: float
    std: float


@dataclass(frozen=True, kw_only=True)
class SoftmaxCrossEntropy:
    """Cross-entropy of class labels against logits (softmax is applied once, inside the loss)."""

    reduction: Literal["mean"]


@dataclass(frozen=True, kw_only=True)
class Sgd:
    """Stochastic gradient descent with momentum: v = momentum v + g; w = w - learning_rate v.

    No dampening, no Nesterov step, no weight decay. At a constant learning rate this is the same path as the other
    common form, v = momentum v - learning_rate g; w = w + v.
    """

    learning_rate: float
    momentum: float


@dataclass(frozen=True, kw_only=True)
class Adam:
    """Adam: steps by the mean of gradients over the root of the mean of their squares, both corrected for their start.

    m = beta1 m + (1 - beta1) g; v = beta2 v + (1 - beta2) g^2; t = t + 1;
    w = w - learning_rate m / (1 - beta1^t) / (sqrt(v / (1 - beta2^t)) + epsilon).
    Epsilon is added after the bias correction. No weight decay.
    Source: Kingma and Ba, "Adam: A Method for Stochastic Optimization" (2015), algorithm 1.
    """

    learning_rate: float
    beta1: float
    beta2: float
    epsilon: float


Optimizer = Sgd | Adam


@dataclass(frozen=True, kw_only=True)
class ConstantRate:
    """The optimiser's learning rate, unchanged."""


@dataclass(frozen=True, kw_only=True)
class MultiStep:
    """The optimiser's learning rate, multiplied by ``factor`` once each of ``epochs`` epochs have been finished."""

    epochs: tuple[int, ...]
    factor: float


Schedule = ConstantRate | MultiStep


@dataclass(frozen=True, kw_only=True)
class Workload:
    """One training task, framework-neutral.

    ``input_shape`` is (height, width, channels); ``batches`` and ``epochs`` are the grid of the study it comes from;
    ``layer_parameters`` are the published parameter counts of the layers that have any, in order, and
    ``parameter_count`` their published sum: both are checked against the layer list when the workload is made.
    """

    name: str
    title: str
    source: str
    dataset: str
    input_shape: Shape
    input_scaling: InputScaling
    layers: tuple[Layer, ...]
    layer_parameters: tuple[int, ...]
    parameter_count: int
    classes: int
    weights: Literal["glorot-uniform"]
    biases: Literal["zeros"]
    loss: SoftmaxCrossEntropy
    optimizer: Optimizer
    schedule: Schedule
    batches: tuple[int, ...]
    epochs: tuple[int, ...]
    last_partial_batch: Literal["kept"]
    evaluation_batch: int

    def __post_init__(self) -> None:
        counts = tuple(shape.parameters for shape in self.shapes() if shape.parameters)
        if counts != self.layer_parameters or sum(counts) != self.parameter_count:
            raise ValueError(
                f"workload {self.name}: its layers have {counts} parameters, {sum(counts)} in all, "
                f"but {self.layer_parameters}, {self.parameter_count} in all, are expected"
            )

    def learning_rate(self, finished: int) -> float:
        """Return the learning rate of every step of the epoch that follows ``finished`` whole epochs."""
        match self.schedule:
            case ConstantRate():
                return self.optimizer.learning_rate
            case MultiStep(epochs=epochs, factor=factor):
                drops = sum(finished >= epoch for epoch in epochs)
                return float(self.optimizer.learning_rate * factor**drops)
            case _:
                assert_never(self.schedule)

    def shapes(self) -> list[LayerShape]:
        """Return every layer with its input, output and weight shapes."""
        return shapes(self.input_shape, self.layers)
