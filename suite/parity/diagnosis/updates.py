"""What an optimiser may do otherwise with the same weights, state and gradients."""

from __future__ import annotations

import itertools
import math
from typing import Any

import numpy as np

from suite.parity import deviation
from suite.parity.answers import Expected
from suite.parity.diagnosis import Case, Suspect, percent


def reproduces(case: Case, supposed: Expected) -> bool:
    """Tell whether a supposed rule gives the weights and state that the single update ended in."""
    before = {name: np.asarray(array, np.float64) for name, array in case.expected.asked.update_weights.items()}
    wanted, state = supposed.update
    moved = {n: a for n, a in case.answers.named("update_state").items() if n != "step"}
    state = {n: a for n, a in state.items() if n != "step"}
    worst = deviation.of_each_move(case.answers.named("update_weights"), wanted, before, case.answers.dtype)
    return max(worst, deviation.of_each(moved, state) if moved.keys() == state.keys() else math.inf) <= case.tolerance


def suspect(sentence: str, **changes: Any) -> Suspect:
    """Return a suspect that supposes these changes of the rule; ``{off}`` in its words is how far updates are off."""

    def supposes(case: Case) -> str | None:
        if not reproduces(case, case.supposing_rule(**changes)):
            return None
        return sentence.format(off=percent(case.item.measured or 0.0))

    return supposes


def dampening(case: Case) -> str | None:
    """Suppose that gradients enter the velocity with a share of their size only."""
    rule = case.program.rule
    for share in dict.fromkeys((rule.momentum, 0.1, 0.5, 0.9)) if rule.momentum else ():
        if reproduces(case, case.supposing_rule(dampening=share)):
            return f"Momentum is dampened by {share:g}: gradients enter the velocity with {1 - share:g} of their size."
    return None


def another_momentum(case: Case) -> str | None:
    """Suppose another momentum, fitted to the state that the update ended in."""
    rule = case.program.rule
    if not rule.momentum:
        return None
    state, given = case.answers.named("update_state"), case.expected.asked
    ratios = [
        (state[f"{name}/velocity"] - gradient) / given.update_state[f"{name}/velocity"]
        for name, gradient in given.update_gradients.items()
        if f"{name}/velocity" in state
    ]
    if not ratios:
        return None
    momentum = float(np.median(np.concatenate([np.ravel(ratio) for ratio in ratios])))
    momentum = round(momentum, 6)
    if momentum == rule.momentum or not reproduces(case, case.supposing_rule(momentum=momentum)):
        return None
    return f"Momentum is {momentum:g} instead of {rule.momentum:g}."


def another_rate(case: Case) -> str | None:
    """Suppose another learning rate, fitted to how far weights moved."""
    factor = _moved_by(case)
    rate = case.program.rule.learning_rate * factor
    rate = float(f"{rate:.6g}")
    if rate == case.program.rule.learning_rate or not reproduces(case, case.supposing_rule(learning_rate=rate)):
        return None
    return f"The learning rate is {rate:g} instead of {case.program.rule.learning_rate:g}."


def _moved_by(case: Case) -> float:
    """Return the median ratio of how weights moved to how they should have."""
    ended, (wanted, _), before = case.answers.named("update_weights"), case.expected.update, case.expected.asked
    ratios = []
    for name in before.update_gradients:
        start = np.asarray(before.update_weights[name], np.float64)
        move = wanted[name] - start
        large = np.abs(move) > 1e-4 * np.abs(move).max()
        if name in ended and large.any():
            ratios.append(((ended[name] - start)[large] / move[large]).ravel())
    return float(np.median(np.concatenate(ratios))) if ratios else 1.0


def adam_epsilon(case: Case) -> str | None:
    """Suppose another epsilon, or another place for it, or both."""
    rule = case.program.rule
    if not rule.adam:
        return None
    values = dict.fromkeys((rule.epsilon, *(10.0**-power for power in range(3, 17))))
    for hat, epsilon in itertools.product((rule.epsilon_hat, not rule.epsilon_hat), values):
        if (hat, epsilon) == (rule.epsilon_hat, rule.epsilon):
            continue
        if reproduces(case, case.supposing_rule(epsilon=epsilon, epsilon_hat=hat)):
            return _epsilon_words(case, epsilon, hat)
    return None


def _epsilon_words(case: Case, epsilon: float, hat: bool) -> str:
    rule, off = case.program.rule, percent(case.item.measured or 0.0)
    words = []
    if epsilon != rule.epsilon:
        words.append(f"Adam's epsilon differs: {epsilon:g} instead of {rule.epsilon:g}")
    if hat != rule.epsilon_hat:
        place = "before" if hat else "after"
        words.append(f"{'it' if words else 'Adam’s epsilon'} is added {place} the bias correction")
    return f"{', and '.join(words)}: updates of small gradients are off by up to {off}."


def adam_betas(case: Case) -> str | None:
    """Suppose other decay rates of the moments."""
    rule = case.program.rule
    if not rule.adam:
        return None
    for beta1, beta2 in itertools.product((rule.beta1, 0.9, 0.5, 0.95), (rule.beta2, 0.999, 0.99, 0.95, 0.9)):
        if (beta1, beta2) != (rule.beta1, rule.beta2) and reproduces(
            case, case.supposing_rule(beta1=beta1, beta2=beta2)
        ):
            return f"Adam's betas are {beta1:g} and {beta2:g} instead of {rule.beta1:g} and {rule.beta2:g}."
    return None


def decay(case: Case) -> str | None:
    """Suppose a weight decay, coupled (added to the gradient) or decoupled (taken off the weight), fitted."""
    for kind, fitted in (("decoupled", _decoupled(case)), ("coupled", _coupled(case))):
        for share in dict.fromkeys(float(f"{fitted:.{digits}g}") for digits in (1, 2, 3, 5)):
            kept = (share, float(np.float32(share)))  # Keras rounds it to float32
            if abs(share) < 1e-9 or not any(
                reproduces(case, case.supposing_rule(**{f"{kind}_decay": each})) for each in kept
            ):
                continue
            what = "added to the gradient (L2)" if kind == "coupled" else "taken off the weight in each step"
            return f"Weight decay of {share:g}, {kind}: {share:g} times the weight is {what}; the definition has none."
    return None


def _decoupled(case: Case) -> float:
    """Return the decay that would account for the weights, were the rest as defined."""
    ended, (wanted, _) = case.answers.named("update_weights"), case.expected.update
    given, rate = case.expected.asked, case.program.rule.learning_rate
    shares = [
        (wanted[name] - ended[name])[given.update_weights[name] != 0]
        / given.update_weights[name][given.update_weights[name] != 0]
        for name in given.update_gradients
        if name in ended
    ]
    found = np.concatenate([np.ravel(share) for share in shares] or [np.zeros(1)])
    return float(np.median(found)) / rate if found.size else 0.0


def _coupled(case: Case) -> float:
    """Return the decay that would account for the state (or, without state, for the weights)."""
    state, (_, wanted) = case.answers.named("update_state"), case.expected.update
    given, rule = case.expected.asked, case.program.rule
    key, share = ("first_moment", 1 - rule.beta1) if rule.adam else ("velocity", 1.0)
    ratios = []
    for name in given.update_gradients:
        weight = np.asarray(given.update_weights[name], np.float64)
        used = weight != 0
        if f"{name}/{key}" in state and used.any():
            ratios.append(((state[f"{name}/{key}"] - wanted[f"{name}/{key}"])[used] / weight[used] / share).ravel())
    return float(np.median(np.concatenate(ratios))) if ratios else _decoupled(case)


UPDATE: tuple[Suspect, ...] = (
    suspect(
        "Nesterov momentum is on; the definition has plain momentum: updates are off by up to {off}.", nesterov=True
    ),
    *(dampening, adam_epsilon, decay, another_rate, another_momentum, adam_betas),
    suspect("Adam's bias correction is missing: updates are off by up to {off}.", bias_correction=False),
    suspect(
        "Momentum, or the betas of the bias correction, are rounded to float32: updates are off by up to {off}.",
        float32_scalars=True,
    ),
    suspect("There is no momentum.", momentum=0.0),
)
