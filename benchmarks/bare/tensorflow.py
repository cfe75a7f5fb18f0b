"""The two networks in plain TensorFlow: variables, operations, one ``tf.function``."""

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


NETWORKS = {"cifar10-cnn3x3": cnn3x3, "cifar10-cnn5x5": cnn5x5}


class Loop:
    """A network, its momentum and the examples it is trained on."""

    def __init__(self, workload: str, images: np.ndarray, labels: np.ndarray) -> None:
        """Take ``images`` (n, 32, 32, 3) float32 and ``labels`` (n,) int64, n a multiple of 32."""
        self.images = images
        self.labels = labels
        self.variables = [tf.Variable(_initial(shape)) for shape in SHAPES[workload]]
        momenta = [tf.Variable(tf.zeros(shape)) for shape in SHAPES[workload]]
        network = NETWORKS[workload]

        @tf.function  # type: ignore[untyped-decorator]
        def step(images: Any, labels: Any) -> Any:
            with tf.GradientTape() as tape:
                logits = network(images, self.variables)
                loss = tf.reduce_mean(tf.nn.sparse_softmax_cross_entropy_with_logits(labels, logits))
            gradients = tape.gradient(loss, self.variables)
            for variable, momentum, gradient in zip(self.variables, momenta, gradients, strict=True):
                tf.raw_ops.ResourceApplyMomentum(
                    var=variable.handle, accum=momentum.handle, lr=0.001, grad=gradient, momentum=0.9
                )
            return loss

        self.step = step

    def train(self) -> list[int]:
        """Train on every batch once; return the time (ns) before the first step and after each."""
        stamps = [time.perf_counter_ns()]
        for start in range(0, len(self.images), 32):
            self.step(self.images[start : start + 32], self.labels[start : start + 32])
            stamps.append(time.perf_counter_ns())
        return stamps

    def parameters(self) -> list[np.ndarray]:
        """Return the arrays that are trained, in the order of the layers, weights before biases."""
        return [variable.numpy() for variable in self.variables]


def _initial(shape: tuple[int, ...]) -> Any:
    return tf.random.truncated_normal(shape, stddev=0.05) if len(shape) > 1 else tf.zeros(shape)
