"""The layer list: shapes and parameter counts, worked out by hand and compared by rule."""

from __future__ import annotations

from typing import Literal

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from suite.layers import AveragePool2d, BatchNorm, Conv2d, Dense, Dropout, Flatten, Layer, MaxPool2d, Relu, shapes
from suite.workloads import workload


def conv(
    name: str = "conv",
    *,
    filters: int = 8,
    kernel: int = 3,
    stride: int = 1,
    padding: Literal["valid", "same"] = "valid",
) -> Conv2d:
    return Conv2d(name=name, filters=filters, kernel_size=kernel, stride=stride, padding=padding)


def dropout(name: str = "drop", *, per_channel: bool = False) -> Dropout:
    return Dropout(name=name, rate=0.5, per_channel=per_channel)


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


def test_norms_dropouts_and_padding_by_hand() -> None:
    layers: list[Layer] = [
        conv(filters=6, kernel=5, padding="same"),
        BatchNorm(name="norm1", momentum=0.9, epsilon=1e-3),
        dropout("drop1", per_channel=True),
        AveragePool2d(name="pool", size=3, stride=2),
        dropout("drop2"),
        Flatten(name="flat"),
        dropout("drop3", per_channel=True),
        BatchNorm(name="norm2", momentum=0.9, epsilon=1e-3),
    ]
    found = {shape.layer.name: shape for shape in shapes((9, 8, 3), layers)}
    assert [shape.output_shape for shape in found.values()] == [*[(9, 8, 6)] * 3, *[(4, 3, 6)] * 2, *[(72,)] * 3]
    assert [shape.parameters for shape in found.values()] == [5 * 5 * 3 * 6 + 6, 12, 0, 0, 0, 0, 0, 144]
    assert (found["norm1"].weight_shape, found["norm2"].bias_shape) == ((6,), (72,))
    masks = {name: shape.mask_shape for name, shape in found.items() if shape.mask_shape is not None}
    assert masks == {"drop1": (1, 1, 6), "drop2": (4, 3, 6), "drop3": (72,)}  # flat: every value is a channel


@given(st.integers(1, 20), st.integers(1, 20), st.sampled_from([1, 3, 5, 7]))
def test_same_padding_keeps_the_image(height: int, width: int, kernel: int) -> None:
    (found,) = shapes((height, width, 2), [conv(filters=4, kernel=kernel, padding="same")])
    assert found.output_shape == (height, width, 4)


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


@given(st.sampled_from([MaxPool2d, AveragePool2d]), st.integers(1, 40), st.integers(1, 7), st.integers(1, 4))
def test_windows_are_those_that_fit(pool: type[MaxPool2d | AveragePool2d], length: int, size: int, stride: int) -> None:
    assume(length >= size)
    (found,) = shapes((length, length, 1), [pool(name="pool", size=size, stride=stride)])
    assert found.output_shape == (len(range(0, length - size + 1, stride)),) * 2 + (1,)


@pytest.mark.parametrize(
    ("layers", "complaint"),
    [
        ([conv("a"), Relu(name="a")], "two layers share a name"),
        ([conv(kernel=9)], "a window of 9 does not fit into 8"),
        ([conv(kernel=4, padding="same")], "conv: padding 'same' needs stride 1 and an odd kernel"),
        ([conv(stride=2, padding="same")], "conv: padding 'same' needs stride 1 and an odd kernel"),
        (
            [Flatten(name="flat"), AveragePool2d(name="pool", size=2, stride=2)],
            r"pool needs an image \(height, width, channels\), not \(192,\)",
        ),
        ([Dense(name="dense", units=2)], r"dense needs a flat input, not \(8, 8, 3\)"),
        ([Flatten(name="flat"), conv()], r"conv needs an image \(height, width, channels\), not \(192,\)"),
    ],
)
def test_layers_that_do_not_fit_are_refused(layers: list[Layer], complaint: str) -> None:
    with pytest.raises(ValueError, match=complaint):
        shapes((8, 8, 3), layers)
