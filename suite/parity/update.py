"""What an update rule makes of weights, state and gradients: the optimisers' definition in NumPy, in float64."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from suite.layers import BatchNorm
from suite.parity.program import Program, Rule
from suite.parity.reference import Arrays, Batch


def initial_state(rule: Rule, weights: Mapping[str, np.ndarray]) -> Arrays:
    """Return the state that training starts from (names as in :data:`suite.frameworks.State`), float64."""
    names = parameters(weights)
    if rule.adam:
        zeros = {
            f"{n}/{moment}": np.zeros(weights[n].shape) for n in names for moment in ("first_moment", "second_moment")
        }
        return {"step": np.asarray(0), **zeros}
    return {f"{name}/velocity": np.zeros(weights[name].shape) for name in names} if rule.momentum else {}


def parameters(weights: Mapping[str, np.ndarray]) -> list[str]:
    """Return the names of what is learned: weights and biases, not the running values of batch norms."""
    return [name for name in weights if name.endswith(("/weight", "/bias"))]


def advance(
    program: Program, weights: Mapping[str, np.ndarray], state: Mapping[str, np.ndarray], batch: Batch, rate: float
) -> tuple[Arrays, Arrays]:
    """Return weights (running values included) and state after one training step with learning rate ``rate``."""
    updated, moved = update(program.rule, weights, state, batch.gradients, rate)
    for layer in program.layers:
        if isinstance(layer, BatchNorm):
            updated |= _running(program, layer, weights, batch.statistics, batch.counts[layer.name])
    return updated, moved


def update(
    rule: Rule,
    weights: Mapping[str, np.ndarray],
    state: Mapping[str, np.ndarray],
    gradients: Mapping[str, np.ndarray],
    rate: float,
) -> tuple[Arrays, Arrays]:
    """Return weights and state after one update; ``gradients`` may lack biases that a program does not have."""
    updated = {name: np.asarray(values, np.float64) for name, values in weights.items()}
    moved = {name: np.asarray(values, np.float64) for name, values in state.items()}
    step = int(state["step"]) + 1 if rule.adam else 0
    for name in parameters(weights):
        if name not in gradients:
            continue
        weight = updated[name]
        gradient = np.asarray(gradients[name], np.float64) + rule.coupled_decay * weight
        change = _adam(rule, name, moved, gradient, step) if rule.adam else _sgd(rule, name, moved, gradient)
        updated[name] = weight * (1 - rate * rule.decoupled_decay) - rate * change
    if rule.adam:
        moved["step"] = np.asarray(step)
    return updated, moved


def _sgd(rule: Rule, name: str, state: Arrays, gradient: np.ndarray) -> np.ndarray:
    momentum = _scalar(rule, rule.momentum)
    if not rule.momentum:
        return gradient
    velocity = momentum * state[f"{name}/velocity"] + (1 - rule.dampening) * gradient
    state[f"{name}/velocity"] = velocity
    return gradient + momentum * velocity if rule.nesterov else velocity


def _adam(rule: Rule, name: str, state: Arrays, gradient: np.ndarray, step: int) -> np.ndarray:
    first = rule.beta1 * state[f"{name}/first_moment"] + (1 - rule.beta1) * gradient
    second = rule.beta2 * state[f"{name}/second_moment"] + (1 - rule.beta2) * gradient**2
    state |= {f"{name}/first_moment": first, f"{name}/second_moment": second}
    left1, left2 = (1 - _scalar(rule, beta) ** step for beta in (rule.beta1, rule.beta2))
    left1, left2 = (left1, left2) if rule.bias_correction else (1.0, 1.0)
    if rule.epsilon_hat:
        return np.asarray(np.sqrt(left2) / left1 * first / (np.sqrt(second) + rule.epsilon))
    return np.asarray(first / left1 / (np.sqrt(second / left2) + rule.epsilon))


def _running(
    program: Program, layer: BatchNorm, weights: Mapping[str, np.ndarray], statistics: Arrays, count: int
) -> Arrays:
    factor = count / (count - 1) if program.unbiased_running_variance and count > 1 else 1.0
    found = {
        f"{layer.name}/mean": statistics[f"{layer.name}/mean"],
        f"{layer.name}/variance": factor * statistics[f"{layer.name}/variance"],
    }
    keep = layer.momentum
    return {name: keep * np.asarray(weights[name], np.float64) + (1 - keep) * new for name, new in found.items()}


def _scalar(rule: Rule, value: float) -> float:
    return float(np.float32(value)) if rule.float32_scalars else value
