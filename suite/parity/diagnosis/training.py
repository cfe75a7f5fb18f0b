"""What may go otherwise from batch to batch: order, partial batches, running values, learning rates."""

from __future__ import annotations

import itertools
from dataclasses import replace

import numpy as np

from suite.layers import BatchNorm
from suite.parity import deviation
from suite.parity.diagnosis import Case
from suite.parity.judge import sizes_taken
from suite.parity.questions import BATCH, SINGLES
from suite.parity.update import advance


def _ended(case: Case, name: str = "batches") -> dict[str, np.ndarray]:
    return case.answers.named(f"{name}_weights")


def last_batch_dropped(case: Case) -> str | None:
    """Suppose that the last, smaller batch is not trained on."""
    asked = case.expected.asked
    whole = asked.several()[: len(asked.several()) // BATCH * BATCH]
    if not case.moved_same(_ended(case), case.expected.trained(whole, BATCH)[0], "several"):
        return None
    rest = len(asked.several()) - len(whole)
    return f"The last partial batch is dropped: {rest} of {len(asked.several())} examples are not trained on."


def shuffled(case: Case) -> str | None:
    """Suppose that examples are visited in an order of the framework's own: try every order of a few of them."""
    asked = case.expected.asked
    if case.moved_same(_ended(case, "singles"), case.expected.singles[0], "singles"):
        return None
    for order in itertools.permutations(range(SINGLES)):
        visits = asked.singles()[list(order)]
        if case.moved_same(_ended(case, "singles"), case.expected.trained(visits, 1)[0], "singles"):
            found = ", ".join(str(place + 1) for place in order)
            return f"The stored order is not followed: {SINGLES} examples one by one were visited in the order {found}."
    return None


def batch_norm_momentum(case: Case) -> str | None:
    """Suppose that running values of batch norms keep another share of what they were."""
    wanted = [layer.momentum for layer in case.program.layers if isinstance(layer, BatchNorm)]
    for momentum in (0.99, 0.9, 0.1, 0.01, 0.999, 0.95, 0.5) if wanted else ():
        layers = tuple(
            replace(layer, momentum=momentum) if isinstance(layer, BatchNorm) else layer
            for layer in case.program.layers
        )
        supposed = case.supposing(layers=layers)
        if momentum not in wanted and case.moved_same(_ended(case), supposed.several[0], "several"):
            return f"Batch norms keep {momentum:g} of their running values in each step instead of {wanted[0]:g}."
    return None


def unbiased_variance(case: Case) -> str | None:
    """Suppose that running variances take in the unbiased variance."""
    if not any(isinstance(layer, BatchNorm) for layer in case.program.layers):
        return None
    supposed = case.supposing(unbiased_running_variance=True)
    if not case.moved_same(_ended(case), supposed.several[0], "several"):
        return None
    return "Running variances of batch norms take in the unbiased variance of each batch instead of the biased one."


def rates_late(case: Case) -> str | None:
    """Suppose that each learning rate takes effect one step, or one epoch, too late or too early, or never."""
    rates, ended = case.expected.rates, case.answers.named("schedule_weights")
    late = {
        "The schedule is one step late: each learning rate takes effect a step after its epoch has begun.": [
            rates[0],
            *rates[:-1],
        ],
        "The schedule is one step early.": [*rates[1:], rates[-1]],
        "The schedule is one epoch late.": [*rates[:2], *rates[:-2]],
        "The schedule is one epoch early.": [*rates[2:], *rates[-2:]],
        f"The learning rate never changes: it stays at {rates[0]:g}.": [rates[0]] * len(rates),
    }
    for sentence, supposed in late.items():
        if supposed != rates and case.moved_same(ended, case.expected.with_rates(supposed), "scheduled"):
            return sentence
    return None


def velocity_not_rescaled(case: Case) -> str | None:
    """Suppose v = momentum v - rate g; w = w + v: then old velocities keep the learning rate they were made with."""
    rates, rule = case.expected.rates, case.program.rule
    if not rule.momentum or len(set(rates)) == 1:
        return None
    weights = {name: np.asarray(array, np.float64) for name, array in case.expected.asked.weights.items()}
    velocity = {name: np.zeros(array.shape) for name, array in weights.items()}
    for number, rate in enumerate(rates):
        batch = case.expected.batch(weights, case.expected.asked.batch(number % 2), number % 2 * BATCH)
        for name, gradient in batch.gradients.items():
            velocity[name] = rule.momentum * velocity[name] - rate * gradient
            weights[name] = weights[name] + velocity[name]
    if not case.moved_same(case.answers.named("schedule_weights"), weights, "scheduled"):
        return None
    return (
        "The velocity holds the learning rate (v = momentum v - rate g), so after a change of the rate old gradients "
        "still move weights by the old one."
    )


def wrong_rates(case: Case) -> str | None:
    """Say which learning rate is not as defined."""
    for epoch, (found, wanted) in enumerate(
        zip(case.answers.fact("learning_rates") or [], case.expected.rates[::2], strict=False)
    ):
        if abs(found - wanted) > 1e-6 * wanted:
            return f"The learning rate after {epoch} epochs is {found:g} instead of {wanted:g}."
    return None


def follows_from_earlier(case: Case) -> str | None:
    """Say at which step and in what synchronised steps begin to differ."""
    found = case.array("steps")
    if not found.size:
        return None
    beyond = found > case.tolerance
    first = int(np.flatnonzero(beyond.any(axis=1))[0]) if beyond.any() else 0
    what = [name for name, off in zip(("loss", "weights", "optimiser state"), beyond[first], strict=True) if off]
    share = int(beyond.any(axis=1).sum())
    return (
        f"From step {first + 1} on, {' and '.join(what)} differ after a step from the definition's own state (in "
        f"{share} of {len(found)} steps)."
    )


def left_out_of_the_partial_batch(case: Case) -> str | None:
    """Suppose that in the last, smaller batch parts of the network do not learn: their gradient is nothing there."""
    asked, expected, ended = case.expected.asked, case.expected, _ended(case)
    several = asked.several()
    whole = len(several) // BATCH * BATCH
    weights, state = expected.trained(several[:whole], BATCH)
    batch = expected.batch(weights, several[whole:], whole)
    names = [
        name
        for name in batch.gradients
        if not case.moved_same({name: ended[name]}, {name: expected.several[0][name]}, "several")
    ]
    nothing = {name: gradient * (name not in names) for name, gradient in batch.gradients.items()}
    supposed, _ = advance(
        case.program, weights, state, replace(batch, gradients=nothing), case.program.rule.learning_rate
    )
    if not names or not case.moved_same(ended, supposed, "several"):
        return None
    return (
        f"In the last, partial batch ({len(several) - whole} of {BATCH} examples) {', '.join(names)} get no gradient "
        "at all and are not trained; the rest is right."
    )


def parameters_left_out(case: Case) -> str | None:
    """Suppose that with some batch size parts of the network do not learn: what does not move has no gradient."""
    weights = case.expected.asked.weights
    for size, number, count in sizes_taken(case.answers, case.expected):
        ended = case.answers.named(f"sizes_{size}_{number}")
        wanted = case.expected.one_step(count)
        still = [
            name
            for name in wanted
            if name in ended
            and np.array_equal(ended[name], weights[name])
            and not np.array_equal(wanted[name], weights[name])
        ]
        rest = {name: wanted[name] for name in wanted if name not in still}
        others = {name: array for name, array in ended.items() if name not in still}
        before = {name: weights[name] for name in rest}
        if still and deviation.of_move(others, rest, before, case.answers.dtype) <= case.tolerance:
            where = f" (where batches of {size} are run)" if count != size or number else ""
            return (
                f"With {count} examples in a batch{where}, {', '.join(still)} get no gradient at all and are not "
                "trained; the rest is right."
            )
    return None


BATCHES = (last_batch_dropped, left_out_of_the_partial_batch, shuffled, batch_norm_momentum, unbiased_variance)
SCHEDULE = (rates_late, velocity_not_rescaled, wrong_rates)
STEPS = (follows_from_earlier,)
SIZES = (parameters_left_out,)
