"""The workload's loss in TensorFlow."""

from __future__ import annotations

from typing import Any, assert_never

from suite.workload import HingeRanking, Loss, SoftmaxCrossEntropy


def loss(of: Loss, outputs: Any, labels: Any) -> Any:
    """Return the mean loss of a batch."""
    import tensorflow as tf

    match of:
        case SoftmaxCrossEntropy():
            return tf.reduce_mean(tf.nn.sparse_softmax_cross_entropy_with_logits(labels, outputs))
        case HingeRanking(margin=margin):
            second_is_right = tf.cast(labels * 2 - 1, outputs.dtype)  # else -1
            return tf.reduce_mean(tf.nn.relu(margin - second_is_right * (outputs[:, 1] - outputs[:, 0])))
        case _:
            assert_never(of)
