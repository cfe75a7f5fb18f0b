"""The workload's optimiser as TensorFlow's own fused update kernels."""

from __future__ import annotations

from typing import Any, assert_never

import numpy as np

from suite.frameworks import DType, State
from suite.workload import Adam, Optimizer, Sgd


class Updates:
    """The optimiser's variables, and the update of the learned variables with their gradients."""

    def __init__(self, constants: Optimizer, learned: dict[str, Any], dtype: DType) -> None:
        import tensorflow as tf

        self.constants = constants
        self.learned = learned
        self.rate = tf.Variable(constants.learning_rate, dtype=dtype, trainable=False)
        self.slots = {
            f"{name}/{slot}": tf.Variable(tf.zeros_like(variable), trainable=False)
            for name, variable in learned.items()
            for slot in _slots(constants)
        }
        self.step = tf.Variable(0, dtype="int64", trainable=False) if isinstance(constants, Adam) else None

    def load(self, state: State | None) -> None:
        """Set every slot and the step count, to zero without a state, and the rate to the constant one."""
        self.rate.assign(self.constants.learning_rate)
        for name, slot in self.slots.items():
            slot.assign(np.zeros(slot.shape) if state is None else state[name])
        if self.step is not None:
            self.step.assign(0 if state is None else state["step"])

    def dump(self) -> State:
        """Return every slot, and the step count where there is one."""
        state = {name: slot.numpy() for name, slot in self.slots.items()}
        return state if self.step is None else state | {"step": np.array(self.step.numpy())}

    def apply(self, gradients: dict[str, Any]) -> None:
        """Update every learned variable."""
        match self.constants:
            case Sgd():
                self._sgd(self.constants, gradients)
            case Adam():
                self._adam(self.constants, gradients)
            case _:
                assert_never(self.constants)

    def _sgd(self, constants: Sgd, gradients: dict[str, Any]) -> None:
        import tensorflow as tf

        rate = self.rate.read_value()
        for name, variable in self.learned.items():
            if not constants.momentum:
                tf.raw_ops.ResourceApplyGradientDescent(var=variable.handle, alpha=rate, delta=gradients[name])
                continue
            # v = momentum v + g; w = w - learning_rate v
            tf.raw_ops.ResourceApplyMomentum(
                var=variable.handle,
                accum=self.slots[f"{name}/velocity"].handle,
                lr=rate,
                grad=gradients[name],
                momentum=constants.momentum,
                use_locking=False,
                use_nesterov=False,
            )

    def _adam(self, constants: Adam, gradients: dict[str, Any]) -> None:
        """Use the kernel w = w - lr m / (sqrt(v) + epsilon), with both bias corrections inside lr and epsilon.

        So epsilon is added after the correction, as the workload defines it; given the powers of beta, the kernel would
        add it before. The scalars are computed in double, as PyTorch does: 1 - beta2^t loses most digits of a float32.
        """
        import tensorflow as tf

        assert self.step is not None
        dtype = self.rate.dtype
        beta1, beta2 = (tf.cast(tf.constant(beta, dtype), tf.float64) for beta in (constants.beta1, constants.beta2))
        steps = tf.cast(self.step.assign_add(1, read_value=True), tf.float64)
        correction = tf.sqrt(1 - tf.pow(beta2, steps))
        rate = tf.cast(tf.cast(self.rate, tf.float64) * correction / (1 - tf.pow(beta1, steps)), dtype)
        epsilon = tf.cast(constants.epsilon * correction, dtype)
        nothing_left_to_correct = tf.zeros((), dtype)
        for name, variable in self.learned.items():
            tf.raw_ops.ResourceApplyAdam(
                var=variable.handle,
                m=self.slots[f"{name}/first_moment"].handle,
                v=self.slots[f"{name}/second_moment"].handle,
                beta1_power=nothing_left_to_correct,
                beta2_power=nothing_left_to_correct,
                lr=rate,
                beta1=constants.beta1,
                beta2=constants.beta2,
                epsilon=epsilon,
                grad=gradients[name],
                use_locking=False,
                use_nesterov=False,
            )


def kernel(constants: Optimizer) -> str:
    """Return the name of the kernel that updates a variable."""
    match constants:
        case Sgd():
            return "ResourceApplyMomentum" if constants.momentum else "ResourceApplyGradientDescent"
        case Adam():
            return "ResourceApplyAdam"
        case _:
            assert_never(constants)


def _slots(constants: Optimizer) -> tuple[str, ...]:
    match constants:
        case Sgd():
            return ("velocity",) if constants.momentum else ()
        case Adam():
            return ("first_moment", "second_moment")
        case _:
            assert_never(constants)
