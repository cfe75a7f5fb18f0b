"""Disparities of a stereo pair, by a network that Keras has trained: one more model over the same layers."""

from __future__ import annotations

import functools
from typing import Any

from suite.frameworks.matching import BLOCK, WORSE, blocks
from suite.workload import Workload


def matcher(workload: Workload, trained: Any, shape: tuple[int, ...], count: int) -> Any:
    """Return a model from a pair of images (2, height, width, 1), of this ``shape``, to disparities (height, width).

    It holds the layers of the ``trained`` model, so its weights are always theirs.
    """
    import keras

    pair = keras.Input(batch_shape=shape)
    trunk, normalize = workload.trunk()
    features = pair
    for layer in (*trunk, normalize):
        features = trained.get_layer(layer.name)(features)
    return keras.Model(pair, _match()(count)(features))


@functools.cache
def _match() -> Any:
    """Return the class of the layer that matches features."""
    import keras
    from keras import ops

    class Match(keras.layers.Layer):  # type: ignore[misc]
        def __init__(self, count: int, **named: Any) -> None:
            super().__init__(**named)
            self.count = count

        def call(self, inputs: Any) -> Any:
            count, reach = self.count, BLOCK + self.count - 1
            left = inputs[0]
            right = ops.pad(ops.flip(inputs[1], axis=1), ((0, 0), (0, count - 1), (0, 0)))
            right = ops.transpose(right, (0, 2, 1))
            height, width = left.shape[:2]
            winners = []
            for block in blocks(width, count):
                candidates = right[:, :, block.first : block.first + reach]
                product = ops.matmul(left[:, block.start : block.start + BLOCK], candidates)
                line = ops.reshape(product, (height, BLOCK * reach))[:, BLOCK - 1 : BLOCK * reach - 1]
                band = ops.reshape(line, (height, BLOCK, reach - 1))[:, :, :count]
                if block.outside is not None:
                    band = ops.where(ops.convert_to_tensor(block.outside), WORSE, band)
                best = ops.where(band == ops.max(band, axis=2, keepdims=True), ops.arange(count), count)
                winners.append(ops.min(best, axis=2))  # the first of equals, in every library alike
            return ops.concatenate(winners, axis=1)

        def compute_output_spec(self, inputs: Any) -> Any:
            return keras.KerasTensor(inputs.shape[1:3], "int32")

    return Match
