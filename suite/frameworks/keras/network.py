"""The workload's network as Keras layers; canonical arrays are Keras's own layout."""

from __future__ import annotations

import functools
from typing import Any, assert_never

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


def network(workload: Workload) -> tuple[Any, Any]:
    """Return the model to train and the one to evaluate.

    They are one ``keras.Sequential``, unless there are dropouts: then the model to train takes their masks as further
    inputs, and the other, over the same layers, has neither.
    """
    import keras

    layers = [_layer(layer) for layer in workload.layers]
    images = keras.Input(workload.input_shape)
    if not any(isinstance(layer, Dropout) for layer in workload.layers):
        model = keras.Sequential([images, *layers])
        return model, model
    masks = []
    trained = evaluated = images
    for shape, layer in zip(workload.shapes(), layers, strict=True):
        if shape.mask_shape is None:
            trained, evaluated = layer(trained), layer(evaluated)
        else:
            masks.append(keras.Input(shape.mask_shape, dtype="uint8"))
            trained = layer([trained, masks[-1]])
    return keras.Model([images, *masks], trained), keras.Model(images, evaluated)


@functools.cache
def _masked_dropout() -> Any:
    """Return the class of a dropout whose mask is given."""
    import keras

    class MaskedDropout(keras.layers.Layer):  # type: ignore[misc]
        def __init__(self, rate: float, **named: Any) -> None:
            super().__init__(**named)
            self.kept = 1 - rate

        def call(self, inputs: Any, training: bool | None = None) -> Any:
            value, mask = inputs
            return value * (keras.ops.cast(mask, value.dtype) / self.kept) if training else value

        def compute_output_shape(self, input_shape: Any) -> Any:
            return input_shape[0]

    return MaskedDropout


@functools.cache
def _siamese_layers() -> tuple[Any, Any, Any]:
    """Return the classes of what makes a network a Siamese one: views, normalised features, their similarities.

    ``keras.ops.normalize`` is not used: of a vector of zeros, its gradient is no number (Keras 3.15.1).
    """
    import keras
    from keras import ops

    class Views(keras.layers.Layer):  # type: ignore[misc]
        def call(self, inputs: Any) -> Any:
            return ops.reshape(ops.transpose(inputs, (0, 3, 1, 2)), (-1, *inputs.shape[1:3], 1))

        def compute_output_shape(self, input_shape: Any) -> Any:
            return (None, *input_shape[1:3], 1)

    class Normalize(keras.layers.Layer):  # type: ignore[misc]
        def __init__(self, epsilon: float, **named: Any) -> None:
            super().__init__(**named)
            self.epsilon = epsilon

        def call(self, inputs: Any) -> Any:
            squares = ops.sum(ops.square(inputs), axis=-1, keepdims=True)
            return inputs * ops.rsqrt(ops.maximum(squares, self.epsilon))

        def compute_output_shape(self, input_shape: Any) -> Any:
            return input_shape

    class Similarities(keras.layers.Layer):  # type: ignore[misc]
        def __init__(self, views: int, **named: Any) -> None:
            super().__init__(**named)
            self.views = views

        def call(self, inputs: Any) -> Any:
            vectors = ops.reshape(inputs, (-1, self.views, inputs.shape[-1]))
            return ops.sum(vectors[:, :1] * vectors[:, 1:], axis=2)

        def compute_output_shape(self, input_shape: Any) -> Any:  # noqa: ARG002 (Keras asks with it)
            return (None, self.views - 1)

    return Views, Normalize, Similarities


def _layer(layer: Layer) -> Any:  # noqa: C901 (one case for each kind)
    import keras

    match layer:
        case Conv2d():
            return keras.layers.Conv2D(
                layer.filters, layer.kernel_size, strides=layer.stride, padding=layer.padding, name=layer.name
            )
        case MaxPool2d():
            return keras.layers.MaxPooling2D(layer.size, strides=layer.stride, padding="valid", name=layer.name)
        case AveragePool2d():
            return keras.layers.AveragePooling2D(layer.size, strides=layer.stride, padding="valid", name=layer.name)
        case Dropout():
            return _masked_dropout()(layer.rate, name=layer.name)
        case BatchNorm():
            return keras.layers.BatchNormalization(momentum=layer.momentum, epsilon=layer.epsilon, name=layer.name)
        case Dense():
            return keras.layers.Dense(layer.units, name=layer.name)
        case Flatten():
            return keras.layers.Flatten(name=layer.name)
        case Relu():
            return keras.layers.ReLU(name=layer.name)
        case Views():
            return _siamese_layers()[0](name=layer.name)
        case L2Normalize():
            return _siamese_layers()[1](layer.epsilon, name=layer.name)
        case Similarities():
            return _siamese_layers()[2](layer.views, name=layer.name)
        case _:
            assert_never(layer)
