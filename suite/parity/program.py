"""What a training computes, every choice spelled out: a workload's definition, or a supposed deviation from it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from suite.layers import Layer, LayerShape, Shape, shapes
from suite.workload import Adam, HingeRanking, Optimizer, Sgd, Workload

Tie = tuple[int, str, int]
"""A decision of a ReLU, a pooling window or a hinge on values within rounding of a tie: (batch, layer, flat place)."""

Rounding = Literal["none", "bfloat16", "tf32", "float16"]
"""To what the factors of matrix products and convolutions are rounded."""


@dataclass(frozen=True, kw_only=True)
class Rule:
    """How weights follow from gradients. What the workload's optimisers do not have is off.

    ``momentum``, ``dampening`` and ``nesterov`` belong to SGD, the betas and epsilon to Adam (``adam``).
    ``coupled_decay`` adds its multiple of the weight to the gradient, ``decoupled_decay`` takes learning rate times its
    multiple of the weight off the weight. ``epsilon_hat`` adds epsilon before the bias correction, as in the rewritten
    form at the end of section 2 of Kingma and Ba (2015). ``float32_scalars`` rounds momentum,
    and the betas of the bias correction, to float32.
    """

    learning_rate: float
    adam: bool = False
    momentum: float = 0.0
    dampening: float = 0.0
    nesterov: bool = False
    coupled_decay: float = 0.0
    decoupled_decay: float = 0.0
    beta1: float = 0.0
    beta2: float = 0.0
    epsilon: float = 0.0
    epsilon_hat: bool = False
    bias_correction: bool = True
    float32_scalars: bool = False


@dataclass(frozen=True, kw_only=True)
class Program:
    """A network, its loss and its rule.

    ``softmax_in_network``: the network ends in a softmax and the loss applies one more. ``smoothing``: label smoothing.
    ``channels_first_flatten``: flattening runs over channels, then height, then width. ``unbiased_running_variance``:
    batch norms keep n / (n - 1) of the batch's variance. ``evaluate_as_training``: evaluation normalises by the batch.
    ``margin``: that of a hinge over two scores, where it stands in place of the cross-entropy.
    ``flips``: decisions taken the other way, see :mod:`suite.parity.ties`.
    """

    input_shape: Shape
    layers: tuple[Layer, ...]
    rule: Rule
    reduction: Literal["mean", "sum"] = "mean"
    softmax_in_network: bool = False
    smoothing: float = 0.0
    margin: float | None = None
    channels_first_flatten: bool = False
    biases: bool = True
    unbiased_running_variance: bool = False
    evaluate_as_training: bool = False
    ignore_masks: bool = False
    rounding: Rounding = "none"
    flips: frozenset[Tie] = frozenset()

    @classmethod
    def of(cls, workload: Workload) -> Program:
        """Return what ``workload`` defines."""
        margin = workload.loss.margin if isinstance(workload.loss, HingeRanking) else None
        rule = rule_of(workload.optimizer)
        return cls(input_shape=workload.input_shape, layers=workload.layers, rule=rule, margin=margin)

    def loss_scale(self, loss: float) -> float:
        """Return what a difference of losses is to be measured on: the loss, or a hinge's margin where that is more.

        A hinge takes one score from the other: what is left may be nothing, and its rounding is not.
        """
        return max(abs(loss), self.margin or 0.0)

    def shapes(self) -> list[LayerShape]:
        """Return every layer with its shapes.

        Raises:
            ValueError: a supposed layer does not fit.
        """
        return shapes(self.input_shape, self.layers)


def rule_of(optimizer: Optimizer) -> Rule:
    """Return what an optimiser of the workload's kind defines."""
    match optimizer:
        case Sgd(learning_rate=rate, momentum=momentum):
            return Rule(learning_rate=rate, momentum=momentum)
        case Adam(learning_rate=rate, beta1=beta1, beta2=beta2, epsilon=epsilon):
            return Rule(learning_rate=rate, adam=True, beta1=beta1, beta2=beta2, epsilon=epsilon)
