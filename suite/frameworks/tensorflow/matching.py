"""Disparities of a stereo pair, by a network that TensorFlow has trained."""

from __future__ import annotations

from typing import Any

from suite.frameworks.matching import BLOCK, WORSE, blocks


def match(features: Any, count: int) -> Any:
    """Return the disparity (height, width) of every pixel of the first image.

    ``features`` (2, height, width, features) are the normalised ones of both.
    """
    import tensorflow as tf

    left, right = features[0], tf.pad(tf.reverse(features[1], [1]), [[0, 0], [0, count - 1], [0, 0]])
    height, width = left.shape[:2]
    reach = BLOCK + count - 1
    winners = []
    for block in blocks(width, count):
        candidates = right[:, block.first : block.first + reach]
        product = tf.matmul(left[:, block.start : block.start + BLOCK], candidates, transpose_b=True)
        line = tf.reshape(product, (height, BLOCK * reach))[:, BLOCK - 1 : BLOCK * reach - 1]
        band = tf.reshape(line, (height, BLOCK, reach - 1))[:, :, :count]
        if block.outside is not None:
            band = tf.where(block.outside, tf.constant(WORSE, band.dtype), band)
        # tf.argmax does not say which of equals it takes
        best = tf.where(band == tf.reduce_max(band, axis=2, keepdims=True), tf.range(count), count)
        winners.append(tf.reduce_min(best, axis=2))
    return tf.concat(winners, axis=1)
