"""What programs as published do otherwise: layers more and fewer, a softmax at the end, dropouts of their own.

A program draws its own masks, so its loss is asked for once more while its dropouts drop nothing: what that gives can
be held against the definition without dropout, and the dropouts themselves are seen by what they make of ones.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from suite.layers import Dropout
from suite.parity import deviation
from suite.parity.answers import Expected
from suite.parity.diagnosis import Case, Suspect
from suite.parity.operations import softmax
from suite.workload import Workload

NEAR = 0.1
"""How far the share that a dropout drops of some hundred values may by chance be from its rate."""


def other_layers(layers: list[Mapping[str, Any]], task: Workload) -> str | None:
    """Name the layers that a program's network has beyond the workload's, and those that it lacks."""
    wanted, names = [layer.name for layer in task.layers], [str(layer["name"]) for layer in layers]
    more = [
        f"one {layer['kind']} more, behind {names[place - 1]}"
        for place, layer in enumerate(layers)
        if layer["name"] not in wanted
    ]
    missing = [name for name in wanted if name not in names]
    words = [*([f"has {' and '.join(more)}"] if more else []), *([f"lacks {', '.join(missing)}"] if missing else [])]
    return f"The network {' and '.join(words)}." if words else None


def softmax_at_the_end(case: Case) -> str | None:
    """Suppose that the network gives probabilities or their logarithms; the loss tells how often softmax is applied."""
    times = _times(case)
    wanted = case.expected.forward if case.item.item == "forward" else case.expected.evaluation
    measured, probable = case.array(case.item.item), softmax(wanted)
    if times is None or measured.shape != wanted.shape:
        return None
    if case.same(measured, np.log(probable)):
        end, how = "log-softmax", "its loss applies none"
    elif case.same(measured, probable):
        end, how = "softmax", "its loss takes what went into it"
    else:
        return None
    if times == 1:
        return f"The network ends in a {end} and {how}, so softmax is applied once: {_loss(case)}, as defined."
    once, twice = (case.supposing(ignore_masks=True, softmax_in_network=two) for two in (False, True))
    return (
        f"The network ends in a {end} and its loss applies another, so softmax is applied twice: {_loss(case)} instead "
        f"of {once.first.loss:.4f}, and its gradients are {_size(twice) / _size(once):.2g} times as large."
    )


def _loss(case: Case) -> str:
    return f"without dropout the loss is {float(case.array('loss_undropped')):.4f}"


def _size(expected: Expected) -> float:
    return float(np.sqrt(sum(np.sum(g**2) for g in expected.first.gradients.values())))


def _times(case: Case) -> int | None:
    """Return how often softmax is applied between the last layer and the loss, None where neither once nor twice."""
    found, gradients = case.array("loss_undropped"), case.answers.named("gradients_undropped")
    if not found.size:
        return None
    for times in (1, 2):
        wanted = case.supposing(ignore_masks=True, softmax_in_network=times == 2).first
        near = abs(float(found) - wanted.loss) <= 1e-5 * wanted.loss
        if near and deviation.of_arrays(gradients, wanted.gradients) <= 1e-4:
            return times
    return None


def dropouts(case: Case) -> str | None:
    """See what the live dropouts do, where everything else is as defined, or softmax is applied twice."""
    times, found = _times(case), case.answers.named("dropout")
    layers = [layer for layer in case.program.layers if isinstance(layer, Dropout)]
    if times is None or not layers:
        return None
    unlike = [words for layer in layers for words in _unlike(layer, found.get(layer.name))]
    what = f"{'; '.join(unlike)}. " if unlike else ""
    rest = ", as defined" if times == 1 else ", softmax applied twice"
    sentence = f"{what}Dropout draws masks of its own; {_loss(case)}{rest}."
    return sentence[:1].upper() + sentence[1:]


def _unlike(layer: Dropout, ones: np.ndarray | None) -> list[str]:
    """Say what a dropout does otherwise, from what it made of ones (n, height, width, channels) or (n, features)."""
    if ones is None:
        return [f"{layer.name} is missing"]
    kept = ones != 0
    words = []
    if kept.ndim == 4:
        whole = bool((kept == kept[:, :1, :1]).all())
        kinds = {True: "whole channels", False: "single values"}
        words += [f"{layer.name} drops {kinds[whole]} instead of {kinds[not whole]}"] * (whole != layer.per_channel)
    share = 1 - float(kept.mean())
    words += [f"{layer.name} drops {share:.0%} instead of {layer.rate:.0%}"] * (abs(share - layer.rate) > NEAR)
    return words


def another_training(case: Case) -> str | None:
    """Suppose that training differs for nothing but masks and a softmax, which other items have told of."""
    if _times(case) is None or not any(isinstance(layer, Dropout) for layer in case.program.layers):
        return None
    return "Its own dropout masks make every training another one: nothing can be said of where weights end."


OUTPUTS: tuple[Suspect, ...] = (softmax_at_the_end,)
LOSSES: tuple[Suspect, ...] = (dropouts,)
TRAININGS: tuple[Suspect, ...] = (another_training,)
