"""The optimisers' definition: first steps worked by hand, and the properties that tell its variants apart."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from suite.parity.program import Rule, rule_of
from suite.parity.update import initial_state, update
from suite.workload import Sgd
from tests.parity.networks import ADAM

WEIGHTS = {"dense/weight": np.asarray([[2.0]]), "dense/bias": np.asarray([1.0])}
GRADIENTS = {"dense/weight": np.asarray([[4.0]]), "dense/bias": np.asarray([-1.0])}
PLAIN = rule_of(Sgd(learning_rate=0.1, momentum=0.5))
ADAM_RULE = rule_of(ADAM)


def after(rule: Rule, steps: int = 1) -> tuple[float, float]:
    weights, state = dict(WEIGHTS), initial_state(rule, WEIGHTS)
    for _ in range(steps):
        weights, state = update(rule, weights, state, GRADIENTS, rule.learning_rate)
    return float(weights["dense/weight"].item()), float(weights["dense/bias"].item())


@pytest.mark.parametrize(
    ("rule", "steps", "weight"),
    [
        (PLAIN, 1, 2 - 0.1 * 4),
        (PLAIN, 2, 2 - 0.1 * 4 - 0.1 * (0.5 * 4 + 4)),
        (replace(PLAIN, momentum=0.0), 2, 2 - 0.1 * 8),
        (replace(PLAIN, nesterov=True), 1, 2 - 0.1 * (4 + 0.5 * 4)),
        (replace(PLAIN, dampening=0.5), 1, 2 - 0.1 * 2),
        (replace(PLAIN, coupled_decay=0.5), 1, 2 - 0.1 * (4 + 1)),
        (replace(PLAIN, decoupled_decay=0.5), 1, 2 * (1 - 0.05) - 0.1 * 4),
        (ADAM_RULE, 1, 2 - 0.001 * 4 / (4 + 1e-8)),
        (replace(ADAM_RULE, epsilon=1.0), 1, 2 - 0.001 * 4 / (4 + 1)),
        (replace(ADAM_RULE, epsilon=1.0, epsilon_hat=True), 1, 2 - 0.001 * 4 / (4 + 1 / math.sqrt(0.001))),
        (replace(ADAM_RULE, bias_correction=False), 1, 2 - 0.001 * 0.4 / (math.sqrt(0.016) + 1e-8)),
    ],
)
def test_first_steps(rule: Rule, steps: int, weight: float) -> None:
    assert after(rule, steps)[0] == pytest.approx(weight, rel=1e-12)


def test_biases_are_learned_like_weights() -> None:
    assert after(PLAIN)[1] == pytest.approx(1.1)


def test_running_values_are_not_learned() -> None:
    weights = {**WEIGHTS, "bn/mean": np.asarray([3.0])}
    ended, state = update(PLAIN, weights, initial_state(PLAIN, weights), GRADIENTS, 0.1)
    assert ended["bn/mean"] == weights["bn/mean"]
    assert state.keys() == {"dense/weight/velocity", "dense/bias/velocity"}


@given(epsilon=st.floats(1e-10, 1e-2), steps=st.integers(1, 5))
def test_the_two_places_of_epsilon_agree_once_it_is_rescaled(epsilon: float, steps: int) -> None:
    # eps_hat = eps sqrt(1 - beta2^t) makes the rewritten form equal to the defined one at step t
    weights, state = dict(WEIGHTS), initial_state(ADAM_RULE, WEIGHTS)
    state["step"] = np.asarray(steps - 1)
    defined = update(replace(ADAM_RULE, epsilon=epsilon), weights, state, GRADIENTS, 0.001)[0]
    hat = replace(ADAM_RULE, epsilon=epsilon * math.sqrt(1 - ADAM.beta2**steps), epsilon_hat=True)
    rewritten = update(hat, weights, state, GRADIENTS, 0.001)[0]
    for name, array in defined.items():
        np.testing.assert_allclose(rewritten[name], array, rtol=1e-12)


@given(momentum=st.floats(0, 0.99), rate=st.floats(1e-6, 1), steps=st.integers(1, 6))
def test_both_common_forms_of_momentum_are_one_path_at_a_constant_rate(
    momentum: float, rate: float, steps: int
) -> None:
    weight, velocity = 2.0, 0.0
    for _ in range(steps):
        velocity = momentum * velocity - rate * 4.0
        weight += velocity
    rule = Rule(learning_rate=rate, momentum=momentum)
    assert after(rule, steps)[0] == pytest.approx(weight, rel=1e-9, abs=1e-9)
