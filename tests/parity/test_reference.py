"""The definition in NumPy: its gradients against finite differences, its layers against hand-worked numbers."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from suite import inputs
from suite.parity.program import Program
from suite.parity.reference import Arrays, evaluate, train_batch
from suite.workload import Workload
from tests.parity.networks import NETWORKS


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
@pytest.mark.parametrize("name", ["plain", "everything"])
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
