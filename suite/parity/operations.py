"""What each layer computes, forward and backward; see :mod:`suite.parity.reference`, which strings them together."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, assert_never

import numpy as np

from suite.layers import (
    AveragePool2d,
    BatchNorm,
    Conv2d,
    Dense,
    Dropout,
    Flatten,
    L2Normalize,
    LayerShape,
    MaxPool2d,
    Relu,
    Similarities,
    Views,
)
from suite.parity.rounding import rounded

if TYPE_CHECKING:
    from suite.parity.reference import Pass

Backward = Callable[[np.ndarray], np.ndarray]
"""From the gradient of what left a layer to the gradient of what entered it; parameters' gradients are noted aside."""


def softmax(outputs: np.ndarray) -> np.ndarray:
    """Return the softmax of each row."""
    powers = np.exp(outputs - outputs.max(axis=1, keepdims=True))
    return np.asarray(powers / powers.sum(axis=1, keepdims=True))


def softmax_layer(value: np.ndarray) -> tuple[np.ndarray, Backward]:
    """Return the softmax of each row, and the way back through it."""
    output = softmax(value)
    return output, lambda gradient: output * (gradient - (gradient * output).sum(axis=1, keepdims=True))


def apply(through: Pass, shape: LayerShape, value: np.ndarray) -> tuple[np.ndarray, Backward]:  # noqa: C901 (one case each)
    """Return what leaves a layer, and the way back through it."""
    layer = shape.layer
    match layer:
        case Conv2d():
            return _convolve(through, layer, value)
        case Dense():
            return _multiply(through, layer.name, value)
        case BatchNorm():
            return _normalise(through, layer, value)
        case MaxPool2d():
            return _pool_max(through, layer, shape, value)
        case AveragePool2d():
            return _pool_mean(layer, shape, value)
        case Dropout():
            return _drop(through, layer, value)
        case Relu():
            return _rectify(through, layer, value)
        case Flatten():
            return _flatten(value, channels_first=through.program.channels_first_flatten)
        case Views():
            return _views(value)
        case L2Normalize():
            return _shorten(layer, value)
        case Similarities():
            return _compare(layer, value)
        case _:
            assert_never(layer)


def _weight(through: Pass, name: str) -> tuple[np.ndarray, np.ndarray | float]:
    weight = np.asarray(through.weights[f"{name}/weight"], np.float64)
    bias = np.asarray(through.weights[f"{name}/bias"], np.float64) if through.program.biases else 0.0
    return weight, bias


def _convolve(through: Pass, layer: Conv2d, value: np.ndarray) -> tuple[np.ndarray, Backward]:
    """Cross-correlation: sum over the window's taps and channels of input times weight, plus bias."""
    weight, bias = _weight(through, layer.name)
    size, channels, filters = layer.kernel_size, weight.shape[2], weight.shape[3]
    margin = (size - 1) // 2 if layer.padding == "same" else 0
    padded = np.pad(value, ((0, 0), (margin, margin), (margin, margin), (0, 0)))
    padded, flat = rounded(padded, through.program.rounding), rounded(weight, through.program.rounding)
    columns, out_shape = _windows(padded, size, layer.stride)
    flat = flat.reshape(-1, filters)
    output = (columns @ flat).reshape(*out_shape, filters) + bias

    def backward(gradient: np.ndarray) -> np.ndarray:
        rows = rounded(gradient, through.program.rounding).reshape(-1, filters)
        through.gradients[f"{layer.name}/weight"] = (columns.T @ rows).reshape(weight.shape)
        through.gradients[f"{layer.name}/bias"] = gradient.sum(axis=(0, 1, 2))
        if not any(isinstance(each.layer, Conv2d | Dense | BatchNorm) for each in _before(through, layer.name)):
            return np.zeros(0)  # nothing before this layer learns
        taps = (rows @ flat.T).reshape(*out_shape, size, size, channels)
        inside = np.zeros_like(padded)
        height, width = out_shape[1:]
        for i in range(size):
            for j in range(size):
                _tap(inside, i, j, height, width, layer.stride)[...] += taps[..., i, j, :]
        return inside[:, margin : inside.shape[1] - margin, margin : inside.shape[2] - margin]

    return output, backward


def _before(through: Pass, name: str) -> list[LayerShape]:
    found = through.program.shapes()
    return found[: [each.layer.name for each in found].index(name)]


def _windows(images: np.ndarray, size: int, stride: int) -> tuple[np.ndarray, tuple[int, ...]]:
    """Return every window as a row (taps, then channels), and (n, height, width) of where they stand."""
    view = np.lib.stride_tricks.sliding_window_view(images, (size, size), axis=(1, 2))[:, ::stride, ::stride]
    columns = view.transpose(0, 1, 2, 4, 5, 3)
    return columns.reshape(-1, size * size * images.shape[3]), view.shape[:3]


def _tap(images: np.ndarray, i: int, j: int, height: int, width: int, stride: int) -> np.ndarray:
    """Return a view of what the tap (i, j) of every window reads."""
    return images[:, i : i + (height - 1) * stride + 1 : stride, j : j + (width - 1) * stride + 1 : stride]


def _multiply(through: Pass, name: str, value: np.ndarray) -> tuple[np.ndarray, Backward]:
    """Inputs times weights, plus bias."""
    weight, bias = _weight(through, name)
    inputs, factors = rounded(value, through.program.rounding), rounded(weight, through.program.rounding)

    def backward(gradient: np.ndarray) -> np.ndarray:
        rows = rounded(gradient, through.program.rounding)
        through.gradients[f"{name}/weight"] = inputs.T @ rows
        through.gradients[f"{name}/bias"] = gradient.sum(axis=0)
        return np.asarray(rows @ factors.T)

    return inputs @ factors + bias, backward


def _normalise(through: Pass, layer: BatchNorm, value: np.ndarray) -> tuple[np.ndarray, Backward]:
    weight, bias = _weight(through, layer.name)
    axes = tuple(range(value.ndim - 1))
    count = value.size // value.shape[-1]
    if through.training:
        mean, variance = value.mean(axis=axes), value.var(axis=axes)
        through.statistics |= {f"{layer.name}/mean": mean, f"{layer.name}/variance": variance}
        through.counts[layer.name] = count
    else:
        mean = np.asarray(through.weights[f"{layer.name}/mean"], np.float64)
        variance = np.asarray(through.weights[f"{layer.name}/variance"], np.float64)
    root = np.sqrt(variance + layer.epsilon)
    normal = (value - mean) / root

    def backward(gradient: np.ndarray) -> np.ndarray:
        through.gradients[f"{layer.name}/weight"] = (gradient * normal).sum(axis=axes)
        through.gradients[f"{layer.name}/bias"] = gradient.sum(axis=axes)
        inner = gradient * weight
        if not through.training:
            return np.asarray(inner / root)
        return np.asarray((inner - inner.mean(axis=axes) - normal * (inner * normal).mean(axis=axes)) / root)

    return normal * weight + bias, backward


def _rectify(through: Pass, layer: Relu, value: np.ndarray) -> tuple[np.ndarray, Backward]:
    positive = value > 0
    if through.training:
        # what is exactly zero was dropped, or made of nothing but zeros: it is so in float32, too, and turns nowhere
        through.note_ties(layer.name, np.where(value == 0, np.inf, np.abs(value)), float(value.std()))
        for place in through.flipped(layer.name):
            positive.flat[place] = not positive.flat[place]
    return value * positive, lambda gradient: np.asarray(gradient * positive)


def _pool_max(through: Pass, layer: MaxPool2d, shape: LayerShape, value: np.ndarray) -> tuple[np.ndarray, Backward]:
    """The largest of each window; the gradient goes to the first of equals, row by row."""
    height, width = shape.output_shape[:2]
    places = [(i, j) for i in range(layer.size) for j in range(layer.size)]
    output = _tap(value, *places[0], height, width, layer.stride).copy()
    for i, j in places[1:]:
        np.maximum(output, _tap(value, i, j, height, width, layer.stride), out=output)
    winner = output
    if through.training:
        winner = _second_where_flipped(through, layer, [_tap(value, *p, height, width, layer.stride) for p in places])

    def backward(gradient: np.ndarray) -> np.ndarray:
        result = np.zeros_like(value)
        free = np.ones(output.shape, bool)
        for i, j in places:
            here = (_tap(value, i, j, height, width, layer.stride) == winner) & free
            free &= ~here
            _tap(result, i, j, height, width, layer.stride)[...] += gradient * here
        return result

    return output, backward


def _second_where_flipped(through: Pass, layer: MaxPool2d, taps: list[np.ndarray]) -> np.ndarray:
    """Return the value that wins each window: the largest, or, where a tie is turned, the next."""
    first = taps[0].copy()
    second = np.full_like(first, -np.inf)
    for tap in taps[1:]:
        np.maximum(second, np.minimum(first, tap), out=second)
        np.maximum(first, tap, out=first)
    distance = np.where(first > 0, first - second, np.inf)  # below a ReLU, what is not positive moves nothing
    through.note_ties(layer.name, distance, float(first.std()))
    for place in through.flipped(layer.name):
        first.flat[place] = second.flat[place]
    return first


def _pool_mean(layer: AveragePool2d, shape: LayerShape, value: np.ndarray) -> tuple[np.ndarray, Backward]:
    height, width = shape.output_shape[:2]
    places = [(i, j) for i in range(layer.size) for j in range(layer.size)]
    share = 1 / len(places)
    output = sum(_tap(value, i, j, height, width, layer.stride) for i, j in places) * share

    def backward(gradient: np.ndarray) -> np.ndarray:
        result = np.zeros_like(value)
        for i, j in places:
            _tap(result, i, j, height, width, layer.stride)[...] += gradient * share
        return result

    return np.asarray(output), backward


def _drop(through: Pass, layer: Dropout, value: np.ndarray) -> tuple[np.ndarray, Backward]:
    if not through.training or through.program.ignore_masks or layer.name not in through.masks:
        return value, lambda gradient: gradient
    factor = through.masks[layer.name] / (1 - layer.rate)
    return value * factor, lambda gradient: gradient * factor


def _flatten(value: np.ndarray, *, channels_first: bool) -> tuple[np.ndarray, Backward]:
    order = (0, 3, 1, 2) if channels_first and value.ndim == 4 else tuple(range(value.ndim))
    moved = value.transpose(order)
    back = tuple(np.argsort(order))
    return moved.reshape(len(value), -1), lambda gradient: gradient.reshape(moved.shape).transpose(back)


def _views(value: np.ndarray) -> tuple[np.ndarray, Backward]:
    count, height, width, channels = value.shape
    output = value.transpose(0, 3, 1, 2).reshape(-1, height, width, 1)
    return output, lambda gradient: gradient.reshape(count, channels, height, width).transpose(0, 2, 3, 1)


def _shorten(layer: L2Normalize, value: np.ndarray) -> tuple[np.ndarray, Backward]:
    """Vectors of length 1; those that are all but zero are divided by a constant, and so are their gradients."""
    squares = np.square(value).sum(axis=-1, keepdims=True)
    length = np.sqrt(np.maximum(squares, layer.epsilon))
    output = value / length

    def backward(gradient: np.ndarray) -> np.ndarray:
        along = (gradient * output).sum(axis=-1, keepdims=True) * (squares > layer.epsilon)
        return np.asarray((gradient - output * along) / length)

    return output, backward


def _compare(layer: Similarities, value: np.ndarray) -> tuple[np.ndarray, Backward]:
    """Inner products of the first view's vector with each other view's."""
    vectors = value.reshape(-1, layer.views, value.shape[-1])
    first, others = vectors[:, :1], vectors[:, 1:]

    def backward(gradient: np.ndarray) -> np.ndarray:
        shares = gradient[:, :, None]
        return np.concatenate([(shares * others).sum(axis=1, keepdims=True), shares * first], axis=1).reshape(
            value.shape
        )

    return (first * others).sum(axis=-1), backward
