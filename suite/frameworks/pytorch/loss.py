"""The workload's loss in PyTorch."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, assert_never

from suite.workload import HingeRanking, Loss, SoftmaxCrossEntropy


def loss(of: Loss) -> Callable[[Any, Any], Any]:
    """Return the function from outputs and labels to the batch's mean loss."""
    from torch.nn import functional

    match of:
        case SoftmaxCrossEntropy():
            cross_entropy: Callable[[Any, Any], Any] = functional.cross_entropy
            return cross_entropy
        case HingeRanking(margin=margin):

            def hinge(scores: Any, labels: Any) -> Any:
                second_is_right = labels.to(scores.dtype) * 2 - 1  # else -1
                return functional.margin_ranking_loss(scores[:, 1], scores[:, 0], second_is_right, margin=margin)

            return hinge
        case _:
            assert_never(of)
