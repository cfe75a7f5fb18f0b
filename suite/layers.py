"""The layer list: the words in which a workload describes its network, the same for every framework.

Shapes are canonical: an image is (height, width, channels); a batch axis is never written. Convolution weights are
(kernel height, kernel width, channels in, channels out), dense weights (in, out), and flattening runs over height, then
width, then channels. Adapters translate. A new kind of layer is one class here and one ``case`` in each adapter.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, assert_never

Shape = tuple[int, ...]


@dataclass(frozen=True, kw_only=True)
class Conv2d:
    """Square two-dimensional convolution (cross-correlation, as all three frameworks compute it) with a bias."""

    name: str
    filters: int
    kernel_size: int
    stride: int
    padding: Literal["valid"]


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
class Flatten:
    """(height, width, channels) to one axis, channels running fastest."""

    name: str


@dataclass(frozen=True, kw_only=True)
class Dense:
    """Fully connected layer with a bias."""

    name: str
    units: int


Layer = Conv2d | Relu | MaxPool2d | Flatten | Dense


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
    def parameters(self) -> int:
        """Number of weights and biases."""
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


def _step(layer: Layer, shape: Shape) -> tuple[Shape | None, Shape]:
    """Return a layer's weight shape (None without weights) and output shape for an input of ``shape``."""
    match layer:
        case Conv2d():
            height, width, channels = _image(layer, shape)
            out = (_windows(height, layer.kernel_size, layer.stride), _windows(width, layer.kernel_size, layer.stride))
            return (layer.kernel_size, layer.kernel_size, channels, layer.filters), (*out, layer.filters)
        case MaxPool2d():
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
        case Relu():
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
