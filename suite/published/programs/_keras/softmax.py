"""What becomes of a softmax at the end of a model whose loss is told that it gets logits.

Keras on TensorFlow looks where the outputs come from that its loss is given: where that is a softmax, the loss takes
what went into it, warns, and so applies softmax once after all. It did so in 2022, too, by the input that
``activations.softmax`` leaves with its output.
Sources: ``_get_logits`` in keras/src/backend/tensorflow/nn.py of Keras 3.15.1; keras-team/keras issue 15271 (2021).
"""

from __future__ import annotations

from typing import Any, Literal

Softmax = Literal["as written", "once", "twice"]
"""A softmax in the model and a loss on logits, as the programs have them; no softmax in the model; or both, applied."""


def without_softmax(layer: Any) -> None:
    """Let a dense layer give its outputs as they are."""
    import keras

    layer.activation = keras.activations.linear


def twice(labels: Any, outputs: Any) -> Any:
    """Return the mean loss of outputs that are taken for logits whatever they come from."""
    import tensorflow as tf

    flat = tf.cast(tf.reshape(labels, [-1]), tf.int64)
    return tf.reduce_mean(tf.nn.sparse_softmax_cross_entropy_with_logits(flat, outputs))
