"""The workload's optimiser from ``keras.optimizers``, and its state to and from canonical form.

Keras keeps v' = momentum v' - learning_rate g, canonical is v = momentum v + g: so v = -v' / learning_rate, and v' is
rescaled when the rate changes, or the path would be another from there on.
"""

from __future__ import annotations

from typing import Any, assert_never

import numpy as np

from suite.frameworks import State
from suite.workload import Adam, Optimizer, Sgd


def optimizer(constants: Optimizer) -> Any:
    """Return a new optimiser."""
    import keras

    match constants:
        case Sgd():
            return keras.optimizers.SGD(
                learning_rate=constants.learning_rate,
                momentum=constants.momentum,
                nesterov=False,
                weight_decay=None,
            )
        case Adam():
            return keras.optimizers.Adam(
                learning_rate=constants.learning_rate,
                beta_1=constants.beta1,
                beta_2=constants.beta2,
                epsilon=constants.epsilon,
                amsgrad=False,
                weight_decay=None,
            )
        case _:
            assert_never(constants)


def residues(constants: Optimizer, *, rounded: bool) -> tuple[str, ...]:
    """Return what Keras's optimiser does otherwise than the workload says, whatever it is given.

    Args:
        constants: The workload's optimiser.
        rounded: The library below makes float32 of the optimiser's scalars.
    """
    scalars = ("float32-scalars",) if rounded else ()
    match constants:
        case Sgd():
            return scalars if float(np.float32(constants.momentum)) != constants.momentum else ()
        case Adam():
            return (*scalars, "adam-epsilon-hat")
        case _:
            assert_never(constants)


class LiveState:
    """The state of a live Keras optimiser, in canonical form; ``names`` are those of its variables, in order."""

    def __init__(self, constants: Optimizer, live: Any, names: list[str]) -> None:
        self.constants = constants
        self.live = live
        self.slots: dict[str, Any] = {}
        for slot, variables in _slots(constants, live).items():
            self.slots |= {f"{name}/{slot}": variable for name, variable in zip(names, variables, strict=True)}

    def load(self, state: State | None) -> None:
        """Set every slot and the step count, to zero without a state, and the rate to the workload's own."""
        self.live.learning_rate = self.constants.learning_rate
        self.live.iterations.assign(0 if state is None or "step" not in state else state["step"])
        for name, slot in self.slots.items():
            slot.assign(np.zeros(slot.shape) if state is None else state[name] * self._factor())

    def dump(self) -> State:
        """Return every slot, and the step count where the update uses it."""
        state = {name: slot.numpy() / self._factor() for name, slot in self.slots.items()}
        if isinstance(self.constants, Adam):
            state["step"] = np.array(self.live.iterations.numpy(), np.int64)
        return state

    def set_rate(self, rate: float) -> None:
        """Change the rate of a live optimiser without leaving the path of v = momentum v + g."""
        before = self._factor()
        self.live.learning_rate = rate
        change = self._factor() / before
        if change != 1:
            for slot in self.slots.values():
                slot.assign(slot.numpy() * change)

    def rate(self) -> float:
        """Return the rate that the next update uses."""
        return float(self.live.learning_rate.numpy())

    def _factor(self) -> np.floating[Any] | float:
        """Return what a canonical slot is multiplied by to be Keras's."""
        return -self.live.learning_rate.numpy() if isinstance(self.constants, Sgd) else 1.0


def _slots(constants: Optimizer, live: Any) -> dict[str, list[Any]]:
    match constants:
        case Sgd():
            return {"velocity": live.momentums} if constants.momentum else {}
        case Adam():
            return {"first_moment": live._momentums, "second_moment": live._velocities}
        case _:
            assert_never(constants)
