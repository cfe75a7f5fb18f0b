"""The definition of every layer and of the loss in NumPy, forward and backward, in float64.

Slow and plain on purpose: this is what frameworks are held against, so it should be readable as a definition. Arrays
are canonical: images (n, height, width, channels), weights as in :data:`suite.frameworks.Weights`. Tests check the
gradients against finite differences.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from suite.parity.operations import Backward, apply, softmax, softmax_layer
from suite.parity.program import Program, Tie

CLOSE = 32 * 2.0**-23
"""Values closer than this to a tie, relative to the spread of a layer's values, may be decided otherwise in float32."""

HINGE = "the hinge"
"""What ties call the loss, which is no layer."""

Arrays = dict[str, np.ndarray]


@dataclass
class Pass:
    """One batch, the ``number``-th, on its way through a network.

    ``statistics`` are the means and (biased) variances that batch norms found, by ``<layer>/mean`` and
    ``<layer>/variance``; ``counts`` is over how many values, by layer; ``ties`` are the decisions that
    rounding in float32 may turn.
    """

    program: Program
    weights: Mapping[str, np.ndarray]
    masks: Mapping[str, np.ndarray]
    training: bool
    number: int = 0
    gradients: Arrays = field(default_factory=dict)
    statistics: Arrays = field(default_factory=dict)
    counts: dict[str, int] = field(default_factory=dict)
    ties: list[Tie] = field(default_factory=list)
    steps: list[Backward] = field(default_factory=list)

    def run(self, images: np.ndarray) -> np.ndarray:
        """Return what leaves the last layer."""
        value = np.asarray(images, np.float64)
        for shape in self.program.shapes():
            value, backward = apply(self, shape, value)
            self.steps.append(backward)
        if self.program.softmax_in_network:
            value, backward = softmax_layer(value)
            self.steps.append(backward)
        return value

    def flipped(self, layer: str) -> list[int]:
        """Return the places in a layer where the decision is to be taken the other way."""
        return [place for number, name, place in self.program.flips if (number, name) == (self.number, layer)]

    def note_ties(self, layer: str, distance: np.ndarray, scale: float) -> None:
        """Note where a layer decided by less than rounding in float32 may move values of size ``scale``."""
        self.ties += [(self.number, layer, int(place)) for place in np.flatnonzero(distance <= CLOSE * scale)]

    def back(self, gradient: np.ndarray) -> None:
        """Note every parameter's gradient, from that of the network's outputs."""
        for backward in reversed(self.steps):
            gradient = backward(gradient)
            if not gradient.size:  # nothing further down learns
                return


@dataclass(frozen=True)
class Batch:
    """What one training batch gives: outputs, loss, gradients, and the statistics its batch norms found."""

    outputs: np.ndarray
    loss: float
    gradients: Arrays
    statistics: Arrays
    counts: dict[str, int]
    ties: list[Tie] = field(default_factory=list)


def evaluate(program: Program, weights: Mapping[str, np.ndarray], images: np.ndarray) -> np.ndarray:
    """Return the network's outputs (n, classes) in evaluation mode."""
    return Pass(program, weights, {}, training=program.evaluate_as_training).run(images)


def train_batch(
    program: Program,
    weights: Mapping[str, np.ndarray],
    images: np.ndarray,
    labels: np.ndarray,
    masks: Mapping[str, np.ndarray],
    number: int = 0,
) -> Batch:
    """Return outputs, loss and gradients of one batch in training mode; nothing is updated."""
    through = Pass(program, weights, masks, training=True, number=number)
    outputs = through.run(images)
    loss, gradient = (
        cross_entropy(program, outputs, labels) if program.margin is None else hinge(through, outputs, labels)
    )
    through.back(gradient)
    return Batch(outputs, loss, through.gradients, through.statistics, through.counts, through.ties)


def averaged(program: Program, parts: Sequence[tuple[Batch, int]]) -> Batch:
    """Return what a batch gives that consists of these parts, each so many times over; it has no batch norms."""
    count = sum(len(batch.outputs) * times for batch, times in parts)
    shares = [times * (1.0 if program.reduction == "sum" else len(batch.outputs) / count) for batch, times in parts]
    weighted = list(zip((batch for batch, _ in parts), shares, strict=True))
    gradients: Arrays = {
        name: np.sum([batch.gradients[name] * share for batch, share in weighted], axis=0)
        for name in weighted[0][0].gradients
    }
    outputs = np.concatenate([batch.outputs for batch, times in parts for _ in range(times)])
    loss = sum(batch.loss * share for batch, share in weighted)
    ties = list(dict.fromkeys(tie for batch, _ in parts for tie in batch.ties))
    return Batch(outputs, loss, gradients, {}, {}, ties)


def cross_entropy(program: Program, outputs: np.ndarray, labels: np.ndarray) -> tuple[float, np.ndarray]:
    """Return the loss -log softmax(outputs)[label] of a batch, reduced, and its gradient for the outputs."""
    count, classes = outputs.shape
    target = np.eye(classes)[labels] * (1 - program.smoothing) + program.smoothing / classes
    probabilities = softmax(outputs)
    logarithms = outputs - outputs.max(axis=1, keepdims=True)
    logarithms = logarithms - np.log(np.exp(logarithms).sum(axis=1, keepdims=True))
    scale = 1.0 if program.reduction == "sum" else 1.0 / count
    return float(-(target * logarithms).sum() * scale), (probabilities - target) * scale


def hinge(through: Pass, outputs: np.ndarray, labels: np.ndarray) -> tuple[float, np.ndarray]:
    """Return the loss max(0, margin - s[label] + s[1 - label]) of a batch's scores, reduced, and its gradient for them.

    Raises:
        ValueError: the network's outputs are not two scores.
    """
    if outputs.shape[1:] != (2,):
        raise ValueError(f"a hinge over two scores does not take outputs of the shape {outputs.shape[1:]}")
    margin = through.program.margin or 0.0
    sign = np.where(labels == 1, 1.0, -1.0)
    short = margin - sign * (outputs[:, 1] - outputs[:, 0])
    active = short > 0
    through.note_ties(HINGE, np.abs(short), max(margin, float(np.abs(outputs).max())))
    for place in through.flipped(HINGE):
        active[place] = not active[place]
    scale = 1.0 if through.program.reduction == "sum" else 1.0 / len(outputs)
    slope = (active * sign * scale)[:, None]
    return float((short * active).sum() * scale), np.concatenate([slope, -slope], axis=1)
