"""The workload's loss from ``keras.losses``."""

from __future__ import annotations

import functools
from typing import Any, assert_never

from suite.workload import HingeRanking, Loss, SoftmaxCrossEntropy

MEAN = "sum_over_batch_size"
"""What Keras calls the mean."""


def loss(of: Loss) -> Any:
    """Return the loss to compile a model with."""
    import keras

    match of:
        case SoftmaxCrossEntropy():
            return keras.losses.SparseCategoricalCrossentropy(from_logits=True, reduction=MEAN)
        case HingeRanking(margin=margin):
            return _hinge_ranking()(margin, reduction=MEAN)
        case _:
            assert_never(of)


@functools.cache
def _hinge_ranking() -> Any:
    """Return the class of a hinge loss over two scores; Keras has none."""
    import keras
    from keras import ops

    class HingeRanking(keras.losses.Loss):  # type: ignore[misc]
        def __init__(self, margin: float, **named: Any) -> None:
            super().__init__(**named)
            self.margin = margin

        def call(self, y_true: Any, y_pred: Any) -> Any:
            second_is_right = ops.cast(ops.reshape(y_true, (-1,)), y_pred.dtype) * 2 - 1  # else -1
            return ops.relu(self.margin - second_is_right * (y_pred[:, 1] - y_pred[:, 0]))

    return HingeRanking
