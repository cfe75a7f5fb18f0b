"""What the network, its loss and their gradients may compute otherwise."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import replace
from typing import Any, get_args

import numpy as np

from suite.layers import AveragePool2d, BatchNorm, Dropout, Layer, MaxPool2d, Relu
from suite.parity import deviation
from suite.parity.answers import Expected
from suite.parity.diagnosis import Case, Suspect, percent
from suite.parity.operations import softmax
from suite.parity.program import Program, Rounding


def reproduces(case: Case, supposed: Expected) -> bool:
    """Tell whether a supposed program gives what the failed item measured."""
    match case.item.item:
        case "forward":
            return case.same(case.array("forward"), supposed.forward)
        case "evaluation":
            return case.same(case.array("evaluation"), supposed.evaluation)
        case "loss":
            return abs(case.loss - supposed.first.loss) <= case.tolerance * abs(supposed.first.loss)
        case _:
            return case.all_same(case.answers.named("gradients"), supposed.first.gradients)


def suspect(sentence: str, **changes: Any) -> Suspect:
    """Return a suspect that supposes these changes of the program."""

    def supposes(case: Case) -> str | None:
        return sentence if reproduces(case, case.supposing(**changes)) else None

    return supposes


def softmax_in_outputs(case: Case) -> str | None:
    """Suppose that the network ends in a softmax, on which the loss then applies another."""
    supposed = case.supposing(softmax_in_network=True)
    if not reproduces(case, supposed):
        return None
    return (
        f"Softmax is applied twice: the loss is {supposed.first.loss:.4f} at initialisation instead of "
        f"{case.expected.first.loss:.4f}, and its gradients are "
        f"{_size(supposed) / _size(case.expected):.2g} times as large."
    )


def _size(expected: Expected) -> float:
    return float(np.sqrt(sum(np.sum(g**2) for g in expected.first.gradients.values())))


def random_in_evaluation(case: Case) -> str | None:
    """Suppose that dropout is active in evaluation: then two evaluations of the same images differ."""
    first, again = case.array("forward"), case.array("forward_again")
    if first.shape != again.shape or np.array_equal(first, again):
        return None
    off = deviation.of_array(again, first)
    return (
        f"Evaluation is done in training mode: two evaluations of the same images differ by {percent(off)}, as they do "
        "while dropout is active."
    )


def batch_statistics_in_evaluation(case: Case) -> str | None:
    """Suppose that evaluation normalises by the batch at hand."""
    if not any(isinstance(layer, BatchNorm) for layer in case.program.layers):
        return None
    if not reproduces(case, case.supposing(evaluate_as_training=True)):
        return None
    return (
        "Evaluation is done in training mode: batch norms use the batch's own mean and variance, not the running ones."
    )


def reduced_precision(case: Case) -> str | None:
    """Suppose that factors are rounded to a shorter format: that explains most of the difference, not all of it.

    Which products are rounded, and how sums run, is the framework's own; so the explanation counts when it reproduces
    the size of the difference within a factor of 3 and nothing else is as large.
    """
    if case.item.item == "loss" and case.same(case.array("forward"), case.expected.forward):
        return None  # what comes before the loss is not reduced
    measured = case.array("forward") if case.item.item in ("forward", "evaluation") else None
    for rounding in get_args(Rounding)[1:]:
        supposed = case.supposing(rounding=rounding)
        if measured is not None:
            off = deviation.of_array(measured, case.expected.forward)
            theirs = deviation.of_array(supposed.forward, case.expected.forward)
        else:
            off = deviation.of_arrays(case.answers.named("gradients"), case.expected.first.gradients)
            theirs = deviation.of_arrays(supposed.first.gradients, case.expected.first.gradients)
        if 1 / 3 < off / theirs < 3 and off < 0.05:
            name = {"bfloat16": "bfloat16", "tf32": "TF32 (or another format of 10 bits)", "float16": "float16"}[
                rounding
            ]
            return (
                f"Precision is reduced: outputs differ by {percent(off)}, as they do when factors are rounded to "
                f"{name} ({percent(theirs)}); in float32 it would be below {percent(case.tolerance)}."
            )
    return None


def layers_otherwise(case: Case) -> str | None:
    """Suppose that two neighbouring layers are exchanged, that one is missing, or that there is one ReLU more."""
    for sentence, layers in _rearranged(case.program):
        try:
            if reproduces(case, case.supposing(layers=layers)):
                return sentence
        except (ValueError, KeyError):
            continue
    return None


def _rearranged(program: Program) -> Iterator[tuple[str, tuple[Layer, ...]]]:
    layers = program.layers
    loose = (Relu, MaxPool2d, AveragePool2d, Dropout, BatchNorm)
    for i, (one, two) in enumerate(itertools.pairwise(layers)):
        if isinstance(one, loose) and isinstance(two, loose):
            yield (
                f"Layer {two.name} comes before {one.name} instead of behind it.",
                (*layers[:i], two, one, *layers[i + 2 :]),
            )
    for i, layer in enumerate(layers):
        if isinstance(layer, loose):
            yield f"Layer {layer.name} is missing.", (*layers[:i], *layers[i + 1 :])
    for i in range(1, len(layers) + 1):
        extra = Relu(name="one more")
        yield f"There is one ReLU more, behind {layers[i - 1].name}.", (*layers[:i], extra, *layers[i:])
    for i, layer in enumerate(layers):
        if isinstance(layer, MaxPool2d):
            mean = AveragePool2d(name=layer.name, size=layer.size, stride=layer.stride)
            yield f"Layer {layer.name} takes means instead of largest values.", (*layers[:i], mean, *layers[i + 1 :])


def batch_norm_epsilon(case: Case) -> str | None:
    """Suppose another epsilon in the batch norms."""
    wanted = [layer.epsilon for layer in case.program.layers if isinstance(layer, BatchNorm)]
    for epsilon in (1e-3, 1e-5, 1e-4, 1e-2, 1e-6, 1e-7, 1e-8) if wanted else ():
        layers = tuple(
            replace(layer, epsilon=epsilon) if isinstance(layer, BatchNorm) else layer for layer in case.program.layers
        )
        if epsilon not in wanted and reproduces(case, case.supposing(layers=layers)):
            return f"Batch-norm epsilon is {epsilon:g} instead of {wanted[0]:g}."
    return None


def summed(case: Case) -> str | None:
    """Suppose that the loss is summed over the batch."""
    supposed = case.supposing(reduction="sum")
    if not reproduces(case, supposed):
        return None
    count = len(case.expected.asked.batch(0))
    return (
        f"The loss is summed over the batch instead of averaged: {supposed.first.loss:.4f} instead of "
        f"{case.expected.first.loss:.4f}, {count} times as large, and so are its gradients."
    )


def smoothed(case: Case) -> str | None:
    """Suppose label smoothing."""
    for smoothing in (0.1, 0.05, 0.2, 0.01):
        if reproduces(case, case.supposing(smoothing=smoothing)):
            return f"Labels are smoothed by {smoothing:g}; the definition does not smooth them."
    return None


def penalised(case: Case) -> str | None:
    """Suppose a penalty on the squares of weights in the loss: gradients then hold a multiple of the weights."""
    found, wanted = case.answers.named("gradients"), case.expected.first.gradients
    weights = {name: np.asarray(array, np.float64) for name, array in case.expected.asked.weights.items()}
    if found.keys() != wanted.keys():
        return None
    names = [name for name in wanted if name.endswith("/weight") and weights[name].ndim > 1]
    factor = _fitted(
        np.concatenate([(found[n] - wanted[n]).ravel() for n in names]),
        np.concatenate([weights[n].ravel() for n in names]),
    )
    supposed = {n: wanted[n] + factor * weights[n] if n in names else wanted[n] for n in wanted}
    if abs(factor) < 1e-9 or not case.all_same(found, supposed):
        return None
    return (
        f"The loss holds a penalty on weights: gradients hold {factor:.3g} times the weight, as with an L2 penalty of "
        f"{factor / 2:.3g} or a coupled weight decay of {factor:.3g}."
    )


def _fitted(values: np.ndarray, by: np.ndarray) -> float:
    """Return the factor c for which c times ``by`` comes closest to ``values``."""
    return float((values * by).sum() / (by * by).sum())


def gradients_scaled(case: Case) -> str | None:
    """Suppose that all gradients are one multiple of what they should be (clipping, a scaled loss)."""
    found, wanted = case.answers.named("gradients"), case.expected.first.gradients
    if found.keys() != wanted.keys():
        return None
    factor = _fitted(
        np.concatenate([found[n].ravel() for n in wanted]), np.concatenate([wanted[n].ravel() for n in wanted])
    )
    if not case.all_same(found, {name: factor * gradient for name, gradient in wanted.items()}):
        return None
    return f"All gradients are {factor:.4g} times as large as defined: the loss is scaled, or gradients are clipped."


def masks_of_its_own(case: Case) -> str | None:
    """Suppose that dropout draws its masks by itself: then two losses of the same batch differ."""
    losses = case.array("loss"), case.array("loss_again")
    if not any(isinstance(layer, Dropout) for layer in case.program.layers) or not all(loss.size for loss in losses):
        return None
    first, again = map(float, losses)
    if abs(first - again) <= 1e-4 * abs(first):
        return None
    return (
        "Dropout draws masks of its own instead of taking those given: two losses of the same batch from the same "
        f"weights are {first:.4f} and {again:.4f}."
    )


def dropout_kind(case: Case) -> str | None:
    """Suppose that dropout drops whole channels where single values are meant, or the other way about."""
    names = {layer.name for layer in case.program.layers if isinstance(layer, Dropout)}
    if not names:
        return None
    asked = case.expected.asked
    from suite.parity import questions
    from suite.parity.reference import train_batch

    masks = questions.masks(case.expected.task, len(asked.batch(0)))
    whole = {name: mask[:, :1, :1] if mask.ndim == 4 else mask for name, mask in masks.items()}
    got = train_batch(case.program, asked.weights, case.expected.seen, asked.labels[asked.batch(0)], whole)
    if case.item.item == "loss":
        confirmed = abs(case.loss - got.loss) <= case.tolerance * got.loss
    else:
        confirmed = case.all_same(case.answers.named("gradients"), got.gradients)
    return "Dropout drops whole channels instead of single values." if confirmed else None


def probabilities(case: Case) -> str | None:
    """Suppose that outputs are the softmax of what they should be; the loss tells whether it applies another."""
    if not case.same(case.array("forward"), softmax(case.expected.forward)):
        return None
    measured, defined = case.array("loss"), case.expected.first.loss
    if measured.size and abs(float(measured) - defined) <= case.tolerance * defined:
        return (
            "The network ends in a softmax, so outputs are probabilities; the loss allows for it and applies no other: "
            f"it is {float(measured):.4f}, as defined."
        )
    return softmax_in_outputs(case)


def logits_as_probabilities(case: Case) -> str | None:
    """Suppose that the loss takes outputs for probabilities: clipped to (0, 1) and divided by their sum."""
    if case.program.margin is not None:
        return None
    for edge in (1e-7, 1e-8, 1e-12):
        supposed = np.clip(case.expected.first.outputs, edge, 1 - edge)
        supposed /= supposed.sum(axis=1, keepdims=True)
        labels = case.expected.asked.labels[case.expected.asked.batch(0)]
        loss = float(-np.log(supposed[np.arange(len(labels)), labels]).mean())
        measured = float(case.array("loss"))
        if abs(measured - loss) <= case.tolerance * loss:
            return (
                "Outputs of the last layer are taken for probabilities, as with from_logits=False, although no softmax "
                f"makes them so: the loss is {measured:.4f} instead of {case.expected.first.loss:.4f}."
            )
    return None


FLATTEN = suspect(
    "The flatten runs over channels first: the dense layer behind it gets its inputs in another order.",
    channels_first_flatten=True,
)
NO_BIASES = suspect("Biases are not added.", biases=False)
NO_MASKS = suspect("The dropout masks given are not applied.", ignore_masks=True)

FORWARD: tuple[Suspect, ...] = (
    *(probabilities, random_in_evaluation, batch_statistics_in_evaluation, FLATTEN, NO_BIASES),
    *(batch_norm_epsilon, layers_otherwise, reduced_precision),
)
LOSS: tuple[Suspect, ...] = (
    *(summed, softmax_in_outputs, logits_as_probabilities, smoothed, penalised, NO_MASKS, dropout_kind),
    *(masks_of_its_own, FLATTEN, NO_BIASES),
    *(batch_norm_epsilon, layers_otherwise, reduced_precision),
)
GRADIENTS: tuple[Suspect, ...] = (
    *(summed, softmax_in_outputs, smoothed, penalised, NO_MASKS, dropout_kind, masks_of_its_own, gradients_scaled),
    *(batch_norm_epsilon, layers_otherwise, reduced_precision),
)
EVALUATION: tuple[Suspect, ...] = (random_in_evaluation, batch_statistics_in_evaluation, *FORWARD[3:])
