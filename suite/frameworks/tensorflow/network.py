"""The workload's network as TensorFlow variables and operations; canonical arrays are TensorFlow's own layout."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, assert_never

import numpy as np

from suite.frameworks import DType, Inputs
from suite.layers import (
    AveragePool2d,
    BatchNorm,
    Conv2d,
    Dense,
    Dropout,
    Flatten,
    L2Normalize,
    Layer,
    MaxPool2d,
    Relu,
    Similarities,
    Views,
)
from suite.workload import Workload


class Network:
    """Variables by canonical name, and the operations over them."""

    def __init__(self, workload: Workload, dtype: DType) -> None:
        import tensorflow as tf

        self.layers = workload.layers
        self.learned: dict[str, Any] = {}
        self.running: dict[str, Any] = {}
        for shape in workload.shapes():
            name = shape.layer.name
            if shape.weight_shape is not None and shape.bias_shape is not None:
                self.learned[f"{name}/weight"] = tf.Variable(tf.zeros(shape.weight_shape, dtype))
                self.learned[f"{name}/bias"] = tf.Variable(tf.zeros(shape.bias_shape, dtype))
            if isinstance(shape.layer, BatchNorm):
                for running in ("mean", "variance"):
                    self.running[f"{name}/{running}"] = tf.Variable(
                        tf.zeros(shape.weight_shape, dtype), trainable=False
                    )

    def train(self, inputs: Inputs) -> Any:
        """Return the outputs in training mode; the running values of batch norms move."""
        value, masks = inputs[0], iter(inputs[1:])
        for layer in self.layers:
            value = self.call(layer, value, masks)
        return value

    def evaluate(self, images: Any) -> Any:
        """Return the outputs in evaluation mode."""
        value = images
        for layer in self.layers:
            value = self.call(layer, value)
        return value

    def features(self, workload: Workload, images: Any) -> Any:
        """Return the normalised features (n, height, width, features) of whole images of one channel, padded ones."""
        trunk, normalize = workload.trunk()
        value = images
        for layer in (*trunk, normalize):
            value = self.call(layer, value)
        return value

    def call(self, layer: Layer, value: Any, masks: Iterator[Any] | None = None) -> Any:  # noqa: C901 (one case each)
        """Return what one layer makes of ``value``; in training, dropouts take their ``masks``."""
        import tensorflow as tf

        match layer:
            case Conv2d():
                weight, bias = self.learned[f"{layer.name}/weight"], self.learned[f"{layer.name}/bias"]
                return tf.nn.bias_add(tf.nn.conv2d(value, weight, layer.stride, padding=layer.padding.upper()), bias)
            case MaxPool2d():
                return tf.nn.max_pool2d(value, layer.size, layer.stride, padding="VALID")
            case AveragePool2d():
                return tf.nn.avg_pool2d(value, layer.size, layer.stride, padding="VALID")
            case Dropout():
                return value if masks is None else value * (tf.cast(next(masks), value.dtype) / (1 - layer.rate))
            case BatchNorm():
                return self._normalise(layer, value, training=masks is not None)
            case Dense():
                weight, bias = self.learned[f"{layer.name}/weight"], self.learned[f"{layer.name}/bias"]
                return tf.nn.bias_add(tf.matmul(value, weight), bias)
            case Flatten():
                return tf.reshape(value, (-1, int(np.prod(value.shape[1:]))))
            case Relu():
                return tf.nn.relu(value)
            case Views():
                return tf.reshape(tf.transpose(value, (0, 3, 1, 2)), (-1, *value.shape[1:3], 1))
            case L2Normalize():
                return tf.math.l2_normalize(value, axis=-1, epsilon=layer.epsilon)
            case Similarities():
                value = tf.reshape(value, (-1, layer.views, value.shape[-1]))
                return tf.reduce_sum(value[:, :1] * value[:, 1:], axis=2)
            case _:
                assert_never(layer)

    def _normalise(self, layer: BatchNorm, value: Any, *, training: bool) -> Any:
        """Normalise with the batch's mean and variance in training, and else with the running ones."""
        import tensorflow as tf

        scale, shift = self.learned[f"{layer.name}/weight"], self.learned[f"{layer.name}/bias"]
        running = [self.running[f"{layer.name}/{name}"] for name in ("mean", "variance")]
        if not training:
            return tf.nn.batch_normalization(value, *running, shift, scale, layer.epsilon)
        if value.dtype == tf.float32 and len(value.shape) == 4:
            result, *batch = _fused(value, scale, shift, layer.epsilon)
        else:
            batch = tf.nn.moments(value, axes=list(range(len(value.shape) - 1)))
            result = tf.nn.batch_normalization(value, *batch, shift, scale, layer.epsilon)
        for kept, new in zip(running, batch, strict=True):
            kept.assign(kept * layer.momentum + new * (1 - layer.momentum))
        return result


def _fused(value: Any, scale: Any, shift: Any, epsilon: float) -> tuple[Any, Any, Any]:
    """Return the normalised values, their mean and their biased variance, by TensorFlow's own kernel.

    It takes half the time of the same written out, but knows images in float32 only, and gives the unbiased variance.
    """
    import tensorflow as tf

    result, mean, unbiased, *_ = tf.raw_ops.FusedBatchNormV3(
        x=value, scale=scale, offset=shift, mean=[], variance=[], epsilon=epsilon, is_training=True
    )
    count = tf.cast(tf.size(value) // value.shape[-1], value.dtype)
    return result, mean, unbiased * ((count - 1) / count)
