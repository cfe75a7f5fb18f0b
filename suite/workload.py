"""What a workload is: one model, data set, loss, optimiser and schedule, with every constant written out.

No field has a default: a default is a decision that nobody sees, and unlike defaults are what makes comparisons unfair.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, assert_never

from suite.layers import Flatten, L2Normalize, Layer, LayerShape, Shape, Views, shapes


@dataclass(frozen=True, kw_only=True)
class InputScaling:
    """Pixel bytes x become (x / divisor - mean) / std, in float32."""

    divisor: float
    mean: float
    std: float


@dataclass(frozen=True, kw_only=True)
class PerImage:
    """Pixel bytes of each whole image become (x - mean) / std with that image's own mean and standard deviation.

    In float32; an image of one colour, whose deviation is 0, becomes zeros. Patches are cut from normalised images.
    """


Scaling = InputScaling | PerImage


@dataclass(frozen=True, kw_only=True)
class SoftmaxCrossEntropy:
    """Cross-entropy of class labels against logits (softmax is applied once, inside the loss)."""

    reduction: Literal["mean"]


@dataclass(frozen=True, kw_only=True)
class HingeRanking:
    """Hinge loss over two candidates' scores s, of which the label names the right one.

    max(0, margin - s[label] + s[1 - label]), reduced over the batch.
    Source: Zbontar and LeCun, "Stereo Matching by Training a Convolutional Neural Network to Compare Image Patches"
    (2016), section 3.2.
    """

    margin: float
    reduction: Literal["mean"]


Loss = SoftmaxCrossEntropy | HingeRanking


@dataclass(frozen=True, kw_only=True)
class Matching:
    """What a stereo workload draws its patches by, and over which disparities it matches whole images.

    The right image's patch lies within ``positive_within`` pixels of the true place, the wrong one's at least
    ``negative_from`` and at most ``negative_to`` pixels away from it. Disparities are 0 to ``disparities`` - 1.
    """

    positive_within: int
    negative_from: int
    negative_to: int
    disparities: int


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

    ``input_shape`` is (height, width, channels); ``study`` is the study that it comes from, ``batches`` and ``epochs``
    its grid, ``examples`` the training examples in the publisher's data; only stereo workloads have a ``matching``;
    ``layer_parameters`` are the published parameter counts of the layers that have any, in order, and
    ``parameter_count`` their published sum: both are checked against the layer list when the workload is made.
    """

    name: str
    title: str
    study: str
    source: str
    dataset: str
    examples: int
    input_shape: Shape
    input_scaling: Scaling
    layers: tuple[Layer, ...]
    layer_parameters: tuple[int, ...]
    parameter_count: int
    classes: int
    weights: Literal["glorot-uniform"]
    biases: Literal["zeros"]
    loss: Loss
    optimizer: Optimizer
    schedule: Schedule
    batches: tuple[int, ...]
    epochs: tuple[int, ...]
    last_partial_batch: Literal["kept"]
    evaluation_batch: int
    matching: Matching | None

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

    def trunk(self) -> tuple[tuple[Layer, ...], L2Normalize]:
        """Return the layers of a stereo network that make one image's features, and what normalises these.

        The layers between :class:`~suite.layers.Views` and :class:`~suite.layers.Flatten`: convolutions and what stands
        between them, so that they take whole images as well as patches.

        Raises:
            ValueError: this is no stereo workload.
        """
        kinds = [type(layer) for layer in self.layers]
        if Views not in kinds or L2Normalize not in kinds:
            raise ValueError(f"workload {self.name} matches no images")
        (normalize,) = (layer for layer in self.layers if isinstance(layer, L2Normalize))
        return self.layers[kinds.index(Views) + 1 : kinds.index(Flatten)], normalize
