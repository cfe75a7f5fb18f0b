"""The networks in plain Keras, trained by ``fit``."""

from __future__ import annotations

import time
from typing import Any

import keras
import numpy as np
from keras import layers, ops


class Kept(layers.Layer):  # type: ignore[misc]
    """A dropout of one half; which values stay is given."""

    def call(self, values: Any) -> Any:
        """Return the values that stay, doubled."""
        return values[0] * (ops.cast(values[1], "float32") * 2.0)

    def compute_output_shape(self, shapes: Any) -> Any:
        """Return the shape of the values."""
        return shapes[0]


def dropped() -> Any:
    """Return the CP8321 network, which takes the masks of its dropouts, too."""
    images, kept1 = keras.Input((28, 28, 1)), keras.Input((1, 1, 20), dtype="uint8")
    kept2 = keras.Input((50,), dtype="uint8")
    value = layers.ReLU()(layers.MaxPooling2D(2)(layers.Conv2D(10, 5)(images)))
    value = layers.ReLU()(layers.MaxPooling2D(2)(Kept()([layers.Conv2D(20, 5)(value), kept1])))
    value = layers.ReLU()(layers.Dense(50)(layers.Flatten()(value)))
    return keras.Model([images, kept1, kept2], layers.Dense(10)(Kept()([value, kept2])))


class Views(layers.Layer):  # type: ignore[misc]
    """The three patches of an example as three examples."""

    def call(self, patches: Any) -> Any:
        """Return (3 n, 9, 9, 1)."""
        return ops.reshape(ops.transpose(patches, (0, 3, 1, 2)), (-1, 9, 9, 1))


class Cosines(layers.Layer):  # type: ignore[misc]
    """The cosines of the first of three patches with the others."""

    def call(self, features: Any) -> Any:
        """Return (n, 2)."""
        squares = ops.sum(ops.square(features), axis=-1, keepdims=True)
        vectors = ops.reshape(features * ops.rsqrt(ops.maximum(squares, 1e-12)), (-1, 3, 64))
        return ops.sum(vectors[:, :1] * vectors[:, 1:], axis=2)


def hinge(labels: Any, scores: Any) -> Any:
    """Return the hinge loss: the score called right has to be better by 0.2."""
    sign = ops.cast(ops.reshape(labels, (-1,)), "float32") * 2.0 - 1.0
    return ops.relu(0.2 - sign * (scores[:, 1] - scores[:, 0]))


NETWORKS: dict[str, Any] = {
    "cifar10-cnn3x3": lambda: keras.Sequential(
        [
            keras.Input((32, 32, 3)),
            layers.Conv2D(32, 3),
            layers.ReLU(),
            layers.MaxPooling2D(2),
            layers.Conv2D(64, 3),
            layers.ReLU(),
            layers.MaxPooling2D(2),
            layers.Conv2D(64, 3),
            layers.ReLU(),
            layers.Flatten(),
            layers.Dense(64),
            layers.ReLU(),
            layers.Dense(10),
        ]
    ),
    "cifar10-cnn5x5": lambda: keras.Sequential(
        [
            keras.Input((32, 32, 3)),
            layers.Conv2D(6, 5),
            layers.ReLU(),
            layers.MaxPooling2D(2),
            layers.Conv2D(16, 5),
            layers.ReLU(),
            layers.MaxPooling2D(2),
            layers.Flatten(),
            layers.Dense(120),
            layers.ReLU(),
            layers.Dense(84),
            layers.ReLU(),
            layers.Dense(10),
        ]
    ),
    "mnist-cnn-pl2021": lambda: keras.Sequential(
        [
            keras.Input((28, 28, 1)),
            layers.Conv2D(32, 5),
            layers.ReLU(),
            layers.MaxPooling2D(2),
            layers.Conv2D(64, 5),
            layers.ReLU(),
            layers.MaxPooling2D(2),
            layers.Flatten(),
            layers.Dense(64),
            layers.ReLU(),
            layers.Dense(10),
        ]
    ),
    "mnist-cnn-cp8321": dropped,
    "mc-cnn-fast": lambda: keras.Sequential(
        [
            keras.Input((9, 9, 3)),
            Views(),
            layers.Conv2D(64, 3, activation="relu"),
            layers.Conv2D(64, 3, activation="relu"),
            layers.Conv2D(64, 3, activation="relu"),
            layers.Conv2D(64, 3),
            layers.Flatten(),
            Cosines(),
        ]
    ),
}
OPTIMIZERS: dict[str, Any] = {
    "cifar10-cnn3x3": lambda: keras.optimizers.SGD(learning_rate=0.001, momentum=0.9),
    "cifar10-cnn5x5": lambda: keras.optimizers.SGD(learning_rate=0.001, momentum=0.9),
    "mnist-cnn-pl2021": lambda: keras.optimizers.Adam(learning_rate=0.001, epsilon=1e-8),
    "mnist-cnn-cp8321": lambda: keras.optimizers.SGD(learning_rate=0.01, momentum=0.5),
    "mc-cnn-fast": lambda: keras.optimizers.SGD(learning_rate=0.002, momentum=0.9),
}


class Loop:
    """A compiled model and the examples it is trained on."""

    def __init__(self, workload: str, images: np.ndarray, labels: np.ndarray, *kept: np.ndarray, batch: int) -> None:
        """Take ``images`` (n, height, width, channels) float32, ``labels`` (n,) int64, masks of dropouts; n / batch."""
        self.inputs = [images, *kept] if kept else images
        self.labels = labels
        self.batch = batch
        self.model = NETWORKS[workload]()
        cross_entropy = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
        self.model.compile(
            optimizer=OPTIMIZERS[workload](),
            loss=hinge if workload == "mc-cnn-fast" else cross_entropy,
            jit_compile=False,
        )

    def train(self) -> list[int]:
        """Train on every batch once; return the time (ns) before and after: no callback is in the loop."""
        start = time.perf_counter_ns()
        self.model.fit(self.inputs, self.labels, batch_size=self.batch, shuffle=False, verbose=0)
        return [start, time.perf_counter_ns()]

    def parameters(self) -> list[np.ndarray]:
        """Return the arrays that are trained, in the order of the layers, weights before biases."""
        arrays: list[np.ndarray] = self.model.get_weights()
        return arrays


class Volume(layers.Layer):  # type: ignore[misc]
    """The disparity with the largest cosine, for every pixel."""

    def __init__(self, count: int) -> None:
        super().__init__()
        self.count = count

    def call(self, features: Any) -> Any:
        """Return (height, width) of features (2, height, width, 64) of both images."""
        squares = ops.sum(ops.square(features), axis=-1, keepdims=True)
        ours, theirs = ops.unstack(features * ops.rsqrt(ops.maximum(squares, 1e-12)))
        width = features.shape[2]
        costs = []
        for disparity in range(self.count):
            inside = ops.sum(ours[:, disparity:] * theirs[:, : width - disparity], axis=2)
            costs.append(ops.pad(inside, ((0, 0), (disparity, 0)), constant_values=-2.0))
        return ops.argmax(ops.stack(costs), axis=0)

    def compute_output_spec(self, features: Any) -> Any:
        """Return what comes of symbolic features."""
        return keras.KerasTensor(features.shape[1:3], "int32")


_MATCHERS: dict[tuple[int, ...], Any] = {}


def depth_map(weights: list[np.ndarray], left: np.ndarray, right: np.ndarray, count: int) -> np.ndarray:
    """Return disparities (height, width) of a pair: MC-CNN's convolutions, a cost volume, the best of each pixel.

    ``weights`` are those of the four convolutions, (3, 3, in, out), and biases, by turns.
    """
    if left.shape not in _MATCHERS:
        pair = keras.Input(batch_shape=(2, *left.shape, 1))
        value = layers.ZeroPadding2D(4)(pair)
        for activation in ("relu", "relu", "relu", None):
            value = layers.Conv2D(64, 3, activation=activation)(value)
        _MATCHERS[left.shape] = keras.Model(pair, Volume(count)(value))
    model = _MATCHERS[left.shape]
    model.set_weights(weights)
    best: np.ndarray = model.predict_on_batch(np.stack([left, right])[..., None])
    return best
