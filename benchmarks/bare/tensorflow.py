"""The networks in plain TensorFlow: variables, operations, one ``tf.function``."""

from __future__ import annotations

import time
from typing import Any

import numpy as np
import tensorflow as tf

SHAPES = {
    "cifar10-cnn3x3": [
        *((3, 3, 3, 32), (32,), (3, 3, 32, 64), (64,), (3, 3, 64, 64), (64,)),
        *((1024, 64), (64,), (64, 10), (10,)),
    ],
    "cifar10-cnn5x5": [
        *((5, 5, 3, 6), (6,), (5, 5, 6, 16), (16,)),
        *((400, 120), (120,), (120, 84), (84,), (84, 10), (10,)),
    ],
    "mnist-cnn-pl2021": [(5, 5, 1, 32), (32,), (5, 5, 32, 64), (64,), (1024, 64), (64,), (64, 10), (10,)],
    "mnist-cnn-cp8321": [(5, 5, 1, 10), (10,), (5, 5, 10, 20), (20,), (320, 50), (50,), (50, 10), (10,)],
    "mc-cnn-fast": [(3, 3, 1, 64), (64,), *((3, 3, 64, 64), (64,)) * 3],
}


def _convolution(value: Any, weight: Any, bias: Any) -> Any:
    return tf.nn.relu(tf.nn.bias_add(tf.nn.conv2d(value, weight, 1, padding="VALID"), bias))


def _dense(value: Any, weight: Any, bias: Any) -> Any:
    return tf.nn.bias_add(tf.matmul(value, weight), bias)


def cnn3x3(images: Any, v: list[Any]) -> Any:
    """Return the 3x3 network's logits."""
    value = tf.nn.max_pool2d(_convolution(images, v[0], v[1]), 2, 2, padding="VALID")
    value = tf.nn.max_pool2d(_convolution(value, v[2], v[3]), 2, 2, padding="VALID")
    value = tf.reshape(_convolution(value, v[4], v[5]), (-1, 1024))
    return _dense(tf.nn.relu(_dense(value, v[6], v[7])), v[8], v[9])


def cnn5x5(images: Any, v: list[Any]) -> Any:
    """Return the 5x5 network's logits."""
    value = tf.nn.max_pool2d(_convolution(images, v[0], v[1]), 2, 2, padding="VALID")
    value = tf.nn.max_pool2d(_convolution(value, v[2], v[3]), 2, 2, padding="VALID")
    value = tf.nn.relu(_dense(tf.reshape(value, (-1, 400)), v[4], v[5]))
    return _dense(tf.nn.relu(_dense(value, v[6], v[7])), v[8], v[9])


def pl2021(images: Any, v: list[Any]) -> Any:
    """Return the PL2021 network's logits."""
    value = tf.nn.max_pool2d(_convolution(images, v[0], v[1]), 2, 2, padding="VALID")
    value = tf.nn.max_pool2d(_convolution(value, v[2], v[3]), 2, 2, padding="VALID")
    value = tf.nn.relu(_dense(tf.reshape(value, (-1, 1024)), v[4], v[5]))
    return _dense(value, v[6], v[7])


def cp8321(images: Any, v: list[Any], kept1: Any, kept2: Any) -> Any:
    """Return the CP8321 network's logits; which values its dropouts keep is given."""
    value = tf.nn.bias_add(tf.nn.conv2d(images, v[0], 1, padding="VALID"), v[1])
    value = tf.nn.relu(tf.nn.max_pool2d(value, 2, 2, padding="VALID"))
    value = tf.nn.bias_add(tf.nn.conv2d(value, v[2], 1, padding="VALID"), v[3])
    value = tf.nn.max_pool2d(value * (tf.cast(kept1, tf.float32) * 2.0), 2, 2, padding="VALID")
    value = tf.nn.relu(_dense(tf.reshape(tf.nn.relu(value), (-1, 320)), v[4], v[5]))
    return _dense(value * (tf.cast(kept2, tf.float32) * 2.0), v[6], v[7])


def features(images: Any, v: list[Any]) -> Any:
    """Return MC-CNN's features of images (n, height, width, 1), not padded."""
    for number in (0, 2, 4):
        images = _convolution(images, v[number], v[number + 1])
    return tf.math.l2_normalize(tf.nn.bias_add(tf.nn.conv2d(images, v[6], 1, padding="VALID"), v[7]), axis=-1)


def mc_cnn(patches: Any, v: list[Any]) -> Any:
    """Return MC-CNN's cosines (n, 2)."""
    views = tf.reshape(tf.transpose(patches, (0, 3, 1, 2)), (-1, 9, 9, 1))
    vectors = tf.reshape(features(views, v), (-1, 3, 64))
    return tf.reduce_sum(vectors[:, :1] * vectors[:, 1:], axis=2)


def cross_entropy(labels: Any, logits: Any) -> Any:
    """Return the mean cross-entropy."""
    return tf.reduce_mean(tf.nn.sparse_softmax_cross_entropy_with_logits(labels, logits))


def hinge(labels: Any, scores: Any) -> Any:
    """Return the mean hinge loss: the score called right has to be better by 0.2."""
    sign = tf.cast(labels * 2 - 1, tf.float32)
    return tf.reduce_mean(tf.nn.relu(0.2 - sign * (scores[:, 1] - scores[:, 0])))


NETWORKS: dict[str, Any] = {
    "cifar10-cnn3x3": cnn3x3,
    "cifar10-cnn5x5": cnn5x5,
    "mnist-cnn-pl2021": pl2021,
    "mnist-cnn-cp8321": cp8321,
    "mc-cnn-fast": mc_cnn,
}
RATES = {"mnist-cnn-cp8321": (0.01, 0.5), "mc-cnn-fast": (0.002, 0.9)}
"""Learning rate and momentum, where they are not 0.001 and 0.9."""


class Loop:
    """A network, its momentum and the examples it is trained on."""

    def __init__(self, workload: str, images: np.ndarray, labels: np.ndarray, *kept: np.ndarray, batch: int) -> None:
        """Take ``images`` (n, height, width, channels) float32, ``labels`` (n,) int64, masks of dropouts; n / batch."""
        self.images = images
        self.labels = labels
        self.kept = kept
        self.batch = batch
        self.variables = [tf.Variable(_initial(shape)) for shape in SHAPES[workload]]
        network = NETWORKS[workload]
        loss_of = hinge if workload == "mc-cnn-fast" else cross_entropy
        update = _adam(self.variables) if workload == "mnist-cnn-pl2021" else _sgd(self.variables, workload)

        @tf.function  # type: ignore[untyped-decorator]
        def step(images: Any, labels: Any, *kept: Any) -> Any:
            with tf.GradientTape() as tape:
                loss = loss_of(labels, network(images, self.variables, *kept))
            update(tape.gradient(loss, self.variables))
            return loss

        self.step = step

    def train(self) -> list[int]:
        """Train on every batch once; return the time (ns) before the first step and after each."""
        stamps = [time.perf_counter_ns()]
        for start in range(0, len(self.images), self.batch):
            end = start + self.batch
            self.step(self.images[start:end], self.labels[start:end], *(each[start:end] for each in self.kept))
            stamps.append(time.perf_counter_ns())
        return stamps

    def parameters(self) -> list[np.ndarray]:
        """Return the arrays that are trained, in the order of the layers, weights before biases."""
        return [variable.numpy() for variable in self.variables]


def _initial(shape: tuple[int, ...]) -> Any:
    return tf.random.truncated_normal(shape, stddev=0.05) if len(shape) > 1 else tf.zeros(shape)


def _sgd(variables: list[Any], workload: str) -> Any:
    momenta = [tf.Variable(tf.zeros(variable.shape)) for variable in variables]
    rate, share = RATES.get(workload, (0.001, 0.9))

    def update(gradients: list[Any]) -> None:
        for variable, momentum, gradient in zip(variables, momenta, gradients, strict=True):
            tf.raw_ops.ResourceApplyMomentum(
                var=variable.handle, accum=momentum.handle, lr=rate, grad=gradient, momentum=share
            )

    return update


def _adam(variables: list[Any]) -> Any:
    means, squares = ([tf.Variable(tf.zeros(variable.shape)) for variable in variables] for _ in range(2))
    step = tf.Variable(0.0)

    def update(gradients: list[Any]) -> None:
        count = step.assign_add(1.0, read_value=True)
        correction = tf.sqrt(1 - 0.999**count)
        rate = 0.001 * correction / (1 - 0.9**count)
        for variable, mean, square, gradient in zip(variables, means, squares, gradients, strict=True):
            tf.raw_ops.ResourceApplyAdam(
                var=variable.handle,
                m=mean.handle,
                v=square.handle,
                beta1_power=0.0,  # corrected for above, so that epsilon is added to what is corrected
                beta2_power=0.0,
                lr=rate,
                beta1=0.9,
                beta2=0.999,
                epsilon=1e-8 * correction,
                grad=gradient,
            )

    return update


@tf.function  # type: ignore[untyped-decorator]
def _depth_map(pair: Any, weights: list[Any], count: int) -> Any:
    ours, theirs = tf.unstack(features(tf.pad(pair, [[0, 0], [4, 4], [4, 4], [0, 0]]), weights))
    width = pair.shape[2]
    costs = []
    for disparity in range(count):
        inside = tf.reduce_sum(ours[:, disparity:] * theirs[:, : width - disparity], axis=2)
        costs.append(tf.pad(inside, [[0, 0], [disparity, 0]], constant_values=-2.0))
    return tf.argmax(tf.stack(costs), axis=0)


def depth_map(weights: list[np.ndarray], left: np.ndarray, right: np.ndarray, count: int) -> np.ndarray:
    """Return disparities (height, width) of a pair: MC-CNN's convolutions, a cost volume, the best of each pixel.

    ``weights`` are those of the four convolutions, (3, 3, in, out), and biases, by turns.
    """
    pair = tf.constant(np.stack([left, right])[..., None])
    best: np.ndarray = _depth_map(pair, [tf.constant(each) for each in weights], count).numpy()
    return best
