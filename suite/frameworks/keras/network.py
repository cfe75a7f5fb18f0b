"""The workload's network as Keras layers; canonical arrays are Keras's own layout."""

from __future__ import annotations

import functools
from typing import Any, assert_never

from suite.layers import AveragePool2d, BatchNorm, Conv2d, Dense, Dropout, Flatten, Layer, MaxPool2d, Relu
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


def _layer(layer: Layer) -> Any:
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
        case _:
            assert_never(layer)
