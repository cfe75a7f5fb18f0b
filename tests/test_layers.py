"""The layer list: shapes and parameter counts, worked out by hand and compared by rule."""

from __future__ import annotations

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from suite.layers import Conv2d, Dense, Flatten, Layer, MaxPool2d, Relu, shapes
from suite.workloads import workload


def conv(name: str = "conv", *, filters: int = 8, kernel: int = 3, stride: int = 1) -> Conv2d:
    return Conv2d(name=name, filters=filters, kernel_size=kernel, stride=stride, padding="valid")


def test_a_small_network_by_hand() -> None:
    layers: list[Layer] = [
        conv(filters=8, kernel=3),
        Relu(name="relu"),
        MaxPool2d(name="pool", size=2, stride=2),
        Flatten(name="flat"),
        Dense(name="dense", units=10),
    ]
    found = shapes((9, 8, 3), layers)
    assert [shape.output_shape for shape in found] == [(7, 6, 8), (7, 6, 8), (3, 3, 8), (72,), (10,)]
    assert [shape.weight_shape for shape in found] == [(3, 3, 3, 8), None, None, None, (72, 10)]
    assert [shape.bias_shape for shape in found] == [(8,), None, None, None, (10,)]
    assert [shape.parameters for shape in found] == [3 * 3 * 3 * 8 + 8, 0, 0, 0, 730]


@pytest.mark.parametrize(
    ("name", "outputs"),
    [
        (
            "cifar10-cnn3x3",
            {"conv1": (30, 30, 32), "pool1": (15, 15, 32), "conv2": (13, 13, 64), "pool2": (6, 6, 64)}
            | {"conv3": (4, 4, 64), "flatten": (1024,), "dense1": (64,), "dense2": (10,)},
        ),
        (
            "cifar10-cnn5x5",
            {"conv1": (28, 28, 6), "pool1": (14, 14, 6), "conv2": (10, 10, 16), "pool2": (5, 5, 16)}
            | {"flatten": (400,), "dense1": (120,), "dense2": (84,), "dense3": (10,)},
        ),
    ],
)
def test_the_studys_networks_have_its_shapes(name: str, outputs: dict[str, tuple[int, ...]]) -> None:
    found = {shape.layer.name: shape.output_shape for shape in workload(name).shapes()}
    assert {layer: found[layer] for layer in outputs} == outputs


@given(st.integers(1, 40), st.integers(1, 7), st.integers(1, 4))
def test_windows_are_those_that_fit(length: int, size: int, stride: int) -> None:
    assume(length >= size)
    (found,) = shapes((length, length, 1), [MaxPool2d(name="pool", size=size, stride=stride)])
    assert found.output_shape == (len(range(0, length - size + 1, stride)),) * 2 + (1,)


@pytest.mark.parametrize(
    ("layers", "complaint"),
    [
        ([conv("a"), Relu(name="a")], "two layers share a name"),
        ([conv(kernel=9)], "a window of 9 does not fit into 8"),
        ([Dense(name="dense", units=2)], r"dense needs a flat input, not \(8, 8, 3\)"),
        ([Flatten(name="flat"), conv()], r"conv needs an image \(height, width, channels\), not \(192,\)"),
    ],
)
def test_layers_that_do_not_fit_are_refused(layers: list[Layer], complaint: str) -> None:
    with pytest.raises(ValueError, match=complaint):
        shapes((8, 8, 3), layers)
