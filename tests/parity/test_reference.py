"""The definition in NumPy: its gradients against finite differences, its layers against hand-worked numbers."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from suite import inputs
from suite.layers import Dropout, L2Normalize, Relu, Views
from suite.parity.program import Program
from suite.parity.reference import Arrays, evaluate, train_batch
from suite.workload import Workload
from tests.parity.networks import NETWORKS, PLAIN, SIAMESE, network, siamese


def given(workload: Workload, count: int = 3) -> tuple[Arrays, np.ndarray, np.ndarray, Arrays]:
    """Return weights (biases and running values made unlike their start), images, labels and masks."""
    values = np.random.default_rng(1)
    weights = {n: a.astype(np.float64) for n, a in inputs.weights(workload, 0).items()}
    for name, array in weights.items():
        if not name.endswith("/weight"):
            array += values.uniform(0.05, 0.2, array.shape)
    images = values.normal(size=(count, *workload.input_shape))
    labels = values.integers(0, workload.classes, count)
    return weights, images, labels, dict(inputs.masks(workload, count, 0, 0))


@pytest.mark.parametrize("variant", ["", "softmax", "sum", "smoothing", "channels-first"])
@pytest.mark.parametrize("name", ["plain", "everything", "siamese"])
def test_gradients_are_those_of_finite_differences(name: str, variant: str) -> None:
    workload = NETWORKS[name]
    program = {
        "": Program.of(workload),
        "softmax": replace(Program.of(workload), softmax_in_network=True),
        "sum": replace(Program.of(workload), reduction="sum"),
        "smoothing": replace(Program.of(workload), smoothing=0.1),
        "channels-first": replace(Program.of(workload), channels_first_flatten=True),
    }[variant]
    weights, images, labels, masks = given(workload)
    gradients = train_batch(program, weights, images, labels, masks).gradients
    values = np.random.default_rng(2)
    for parameter, gradient in gradients.items():
        direction = values.normal(size=gradient.shape)
        step = 1e-6
        losses = [
            train_batch(
                program, weights | {parameter: weights[parameter] + sign * step * direction}, images, labels, masks
            ).loss
            for sign in (1, -1)
        ]
        assert (losses[0] - losses[1]) / (2 * step) == pytest.approx((gradient * direction).sum(), rel=1e-5, abs=1e-8)
    assert gradients.keys() == {n for n in weights if n.endswith(("/weight", "/bias"))}


def test_loss_of_equal_outputs_is_that_of_guessing() -> None:
    workload = NETWORKS["plain"]
    weights, images, labels, _ = given(workload)
    nothing = {name: np.zeros_like(array) for name, array in weights.items()}
    assert train_batch(Program.of(workload), nothing, images, labels, {}).loss == pytest.approx(np.log(5))


def test_evaluation_uses_running_values_and_no_masks() -> None:
    workload = NETWORKS["everything"]
    weights, images, labels, masks = given(workload)
    alone = evaluate(Program.of(workload), weights, images[:1])
    together = evaluate(Program.of(workload), weights, images)
    np.testing.assert_allclose(alone, together[:1], rtol=1e-12)
    training = train_batch(Program.of(workload), weights, images, labels, masks)
    assert not np.allclose(training.outputs, together)
    assert set(training.statistics) == {"bn1/mean", "bn1/variance"}
    assert training.counts == {"bn1": 3 * 10 * 10}


def test_vectors_without_length_stay_zeros_and_have_gradients() -> None:
    workload = siamese(tuple(layer for layer in SIAMESE if layer.name != "normalize1"))
    weights, images, labels, _ = given(workload)
    weights = {name: array * (not name.endswith("/bias")) for name, array in weights.items()}
    batch = train_batch(Program.of(workload), weights, images * 0, labels, {})
    assert batch.outputs.tolist() == [[0.0, 0.0]] * 3
    assert batch.loss == pytest.approx(0.2)
    assert all(np.isfinite(gradient).all() for gradient in batch.gradients.values())


def test_short_vectors_are_divided_by_the_guard() -> None:
    workload = siamese((Views(name="views"), *SIAMESE[1:4], L2Normalize(name="short", epsilon=1e12), *SIAMESE[5:]))
    plain = siamese(tuple(layer for layer in SIAMESE if layer.name != "normalize1"))
    weights, images, _, _ = given(workload)
    # a constant factor in front of the second normalisation changes nothing
    np.testing.assert_allclose(
        evaluate(Program.of(workload), weights, images),
        evaluate(Program.of(plain), weights, images),
        rtol=1e-4,
    )


def test_the_hinge_asks_for_the_margin_and_no_more() -> None:
    program = Program.of(siamese())
    weights, images, labels, _ = given(siamese())
    scores = evaluate(program, weights, images)
    right, wrong = (scores[np.arange(3), which] for which in (labels, 1 - labels))
    found = train_batch(program, weights, images, labels, {})
    assert found.loss == pytest.approx(np.maximum(0, 0.2 - right + wrong).mean())
    content = replace(program, margin=(-3.0))  # less than any two cosines differ by
    assert train_batch(content, weights, images, labels, {}).loss == 0
    assert not any(g.any() for g in train_batch(content, weights, images, labels, {}).gradients.values())


def test_a_hinge_at_its_corner_is_a_tie() -> None:
    program = Program.of(siamese())
    weights, images, labels, _ = given(siamese())
    scores = evaluate(program, weights, images)[0]
    corner = replace(program, margin=float(scores[labels[0]] - scores[1 - labels[0]]) * (1 + 1e-9))
    found = train_batch(corner, weights, images[:1], labels[:1], {})
    assert found.ties == [(0, "the hinge", 0)]
    turned = train_batch(replace(corner, flips=frozenset(found.ties)), weights, images[:1], labels[:1], {})
    assert any(g.any() for g in found.gradients.values()) != any(g.any() for g in turned.gradients.values())


def test_what_was_dropped_is_no_tie() -> None:
    layers = (*PLAIN[:1], Dropout(name="drop1", rate=0.5, per_channel=True), *PLAIN[1:2], *PLAIN[3:])
    workload = network(layers)
    weights, images, labels, masks = given(workload)
    masks["drop1"] = np.zeros_like(masks["drop1"])
    assert isinstance(layers[2], Relu)
    found = train_batch(Program.of(workload), weights, images, labels, masks)
    assert found.ties == []
