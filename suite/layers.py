"""The layer list: the words in which a workload describes its network, the same for every framework.

Shapes are canonical: an image is (height, width, channels); a batch axis is never written. Convolution weights are
(kernel height, kernel width, channels in, channels out), dense weights (in, out), and flattening runs over height, then
width, then channels. Adapters translate. A new kind of layer is one class here, one ``case`` in each adapter, and one
in the reference (:mod:`suite.parity.reference`), which says in NumPy what the layer computes.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, assert_never

Shape = tuple[int, ...]


@dataclass(frozen=True, kw_only=True)
class Conv2d:
    """Square two-dimensional convolution (cross-correlation, as all three frameworks compute it) with a bias.

    ``padding`` "same" puts (kernel_size - 1) / 2 zeros on every side; only for odd kernels at stride 1, where all
    frameworks agree on it.
    """

    name: str
    filters: int
    kernel_size: int
    stride: int
    padding: Literal["valid", "same"]


@dataclass(frozen=True, kw_only=True)
class Relu:
    """max(x, 0)."""

    name: str


@dataclass(frozen=True, kw_only=True)
class MaxPool2d:
    """Square maximum pooling; rows and columns that do not fill a window are dropped ('valid')."""

    name: str
    size: int
    stride: int


@dataclass(frozen=True, kw_only=True)
class AveragePool2d:
    """Square mean over windows; rows and columns that do not fill a window are dropped ('valid')."""

    name: str
    size: int
    stride: int


@dataclass(frozen=True, kw_only=True)
class Dropout:
    """Values dropped in training and the rest divided by 1 - ``rate``; nothing in evaluation.

    In the matched lane the masks are drawn once and given to every framework (:func:`suite.inputs.masks`), so that
    trajectories can be compared. ``per_channel`` drops whole channels of an image instead of single values.
    """

    name: str
    rate: float
    per_channel: bool


@dataclass(frozen=True, kw_only=True)
class BatchNorm:
    """Normalisation over the batch (and the image), by channel, with a learned scale (weight) and shift (bias).

    In training: (x - mean) / sqrt(variance + epsilon) with the batch's mean and biased variance. The running mean and
    variance keep the share ``momentum`` of their old value in each step; the running variance takes in the biased one.
    In evaluation the running values are used.
    Source: Ioffe and Szegedy, "Batch Normalization" (2015), algorithms 1 and 2.
    """

    name: str
    momentum: float
    epsilon: float


@dataclass(frozen=True, kw_only=True)
class Flatten:
    """(height, width, channels) to one axis, channels running fastest."""

    name: str


@dataclass(frozen=True, kw_only=True)
class Dense:
    """Fully connected layer with a bias."""

    name: str
    units: int


@dataclass(frozen=True, kw_only=True)
class Views:
    """An image's channels as so many images of one channel: what follows sees each of them, through the same weights.

    n images (height, width, channels) become channels * n images (height, width, 1), all those of the first image
    first. So a Siamese network is an ordinary list of layers.
    """

    name: str


@dataclass(frozen=True, kw_only=True)
class L2Normalize:
    """Each vector v along the last axis becomes v / sqrt(max(sum of v squared, ``epsilon``)).

    A vector of zeros, as of an image without any texture, stays zeros; unguarded it would be 0 / 0.
    """

    name: str
    epsilon: float


@dataclass(frozen=True, kw_only=True)
class Similarities:
    """Inner products of the first of ``views`` vectors of each example with each of its others.

    views * n vectors (features,), as :class:`Views` orders them, become n vectors (views - 1,). Of normalised vectors
    these are the cosines of the angles between them.
    """

    name: str
    views: int


Layer = (
    Conv2d
    | Relu
    | MaxPool2d
    | AveragePool2d
    | Dropout
    | BatchNorm
    | Flatten
    | Dense
    | Views
    | L2Normalize
    | Similarities
)


@dataclass(frozen=True, kw_only=True)
class LayerShape:
    """One layer with what goes in, what comes out (without the batch axis) and its parameter arrays' shapes."""

    layer: Layer
    input_shape: Shape
    output_shape: Shape
    weight_shape: Shape | None

    @property
    def bias_shape(self) -> Shape | None:
        """One bias per filter or unit, where the layer has weights."""
        return None if self.weight_shape is None else self.weight_shape[-1:]

    @property
    def mask_shape(self) -> Shape | None:
        """The shape of one example's dropout mask, where the layer has one: (1, 1, channels) for whole channels."""
        if not isinstance(self.layer, Dropout):
            return None
        if self.layer.per_channel and len(self.input_shape) == 3:
            return (1, 1, self.input_shape[-1])
        return self.input_shape

    @property
    def parameters(self) -> int:
        """Number of weights and biases (the running values of a batch norm are not learned and do not count)."""
        return sum(math.prod(shape) for shape in (self.weight_shape, self.bias_shape) if shape is not None)


def shapes(input_shape: Shape, layers: Sequence[Layer]) -> list[LayerShape]:
    """Follow an input of ``input_shape`` (height, width, channels) through ``layers``.

    Raises:
        ValueError: a layer does not fit what reaches it, or two layers share a name.
    """
    if len({layer.name for layer in layers}) != len(layers):
        raise ValueError("two layers share a name")
    result: list[LayerShape] = []
    shape = input_shape
    for layer in layers:
        weight, output = _step(layer, shape)
        result.append(LayerShape(layer=layer, input_shape=shape, output_shape=output, weight_shape=weight))
        shape = output
    return result


def _step(layer: Layer, shape: Shape) -> tuple[Shape | None, Shape]:  # noqa: C901 (one case for each kind)
    """Return a layer's weight shape (None without weights) and output shape for an input of ``shape``."""
    match layer:
        case Conv2d():
            height, width, channels = _image(layer, shape)
            weight = (layer.kernel_size, layer.kernel_size, channels, layer.filters)
            if layer.padding == "same":
                if layer.stride != 1 or layer.kernel_size % 2 == 0:
                    raise ValueError(f"{layer.name}: padding 'same' needs stride 1 and an odd kernel")
                return weight, (height, width, layer.filters)
            out = (_windows(height, layer.kernel_size, layer.stride), _windows(width, layer.kernel_size, layer.stride))
            return weight, (*out, layer.filters)
        case MaxPool2d() | AveragePool2d():
            height, width, channels = _image(layer, shape)
            return None, (
                _windows(height, layer.size, layer.stride),
                _windows(width, layer.size, layer.stride),
                channels,
            )
        case Flatten():
            return None, (math.prod(shape),)
        case Dense():
            if len(shape) != 1:
                raise ValueError(f"{layer.name} needs a flat input, not {shape}")
            return (shape[0], layer.units), (layer.units,)
        case BatchNorm():
            return shape[-1:], shape
        case Views():
            height, width, _ = _image(layer, shape)
            return None, (height, width, 1)
        case Similarities():
            return None, (layer.views - 1,)
        case Relu() | Dropout() | L2Normalize():
            return None, shape
        case _:
            assert_never(layer)


def _image(layer: Layer, shape: Shape) -> Shape:
    if len(shape) != 3:
        raise ValueError(f"{layer.name} needs an image (height, width, channels), not {shape}")
    return shape


def _windows(length: int, size: int, stride: int) -> int:
    if length < size:
        raise ValueError(f"a window of {size} does not fit into {length}")
    return (length - size) // stride + 1
