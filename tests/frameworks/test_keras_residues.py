"""Which known differences Keras's optimisers are said to have: only those that the constants at hand bring about."""

from __future__ import annotations

import pytest

from suite.frameworks.keras.optimizer import residues
from suite.workload import Adam, Sgd


@pytest.mark.parametrize(("momentum", "rounds"), [(0.9, True), (0.1, True), (0.5, False), (0.25, False), (0.0, False)])
def test_a_momentum_is_said_to_be_rounded_where_float32_does_not_have_it(momentum: float, *, rounds: bool) -> None:
    constants = Sgd(learning_rate=0.01, momentum=momentum)
    assert residues(constants, rounded=True) == (("float32-scalars",) if rounds else ())
    assert residues(constants, rounded=False) == ()


def test_adam_has_its_epsilon_before_the_correction_whatever_is_rounded() -> None:
    constants = Adam(learning_rate=0.001, beta1=0.9, beta2=0.999, epsilon=1e-8)
    assert residues(constants, rounded=True) == ("float32-scalars", "adam-epsilon-hat")
    assert residues(constants, rounded=False) == ("adam-epsilon-hat",)
