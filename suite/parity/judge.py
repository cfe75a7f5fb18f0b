"""The judge: a framework's answers against the definition, item by item, each with its own tolerance."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence

import numpy as np

from suite.parity import deviation
from suite.parity.answers import NUMBERS, Answers, Expected, Way
from suite.parity.items import TOLERANCES, Item
from suite.parity.program import Tie
from suite.parity.questions import BATCH, sequence
from suite.parity.reference import Arrays
from suite.parity.ties import turned

Measure = Callable[[Answers, Expected], tuple[float, str]]
"""Return how far an item is off, and a sentence that says so; raise KeyError where it was not answered."""


def judge(answers: Answers, expected: Expected) -> list[Item]:
    """Return every item's outcome in one precision, in the order in which they build on each other."""
    asked = [name for name in MEASURES if name != "sizes" or sizes_taken(answers, expected) or answers.error("sizes")]
    return [_judged(name, MEASURES[name], answers, expected) for name in asked]


def _judged(name: str, measure: Measure, answers: Answers, expected: Expected) -> Item:
    tolerance = TOLERANCES[name][answers.dtype]
    error = answers.error(_ANSWERED_BY.get(name, name))
    try:
        measured, detail = measure(answers, expected)
    except (KeyError, TypeError, ValueError) as missing:
        why = error or f"no answer ({missing})"
        return Item(
            item=name,
            dtype=answers.dtype,
            passed=False,
            measured=None,
            tolerance=tolerance,
            detail=f"not answered: {why}",
        )
    passed = measured <= tolerance
    return Item(item=name, dtype=answers.dtype, passed=passed, measured=measured, tolerance=tolerance, detail=detail)


_ANSWERED_BY = {"loss": "gradients"}


def required(array: np.ndarray | None, name: str) -> np.ndarray:
    """Return the array.

    Raises:
        KeyError: there is none.
    """
    if array is None:
        raise KeyError(name)
    return array


def parameters(answers: Answers, expected: Expected) -> tuple[float, str]:
    """Count what differs: shapes of arrays, and of what leaves the layers that have any (others may change places)."""
    wanted = {name: list(array.shape) for name, array in expected.asked.weights.items()}
    found = answers.fact("shapes")
    layers = answers.fact("layers")
    if found is None or layers is None:
        raise KeyError("parameters")
    outputs = {shape.layer.name: list(shape.output_shape) for shape in expected.program.shapes() if shape.weight_shape}
    measured = {layer["name"]: layer["output_shape"] for layer in layers if layer["name"] in outputs}
    unlike = [name for name in {**wanted, **found} if wanted.get(name) != found.get(name)]
    unlike += [name for name in {**outputs, **measured} if outputs.get(name) != measured.get(name)]
    count = sum(math.prod(shape) for name, shape in found.items() if name.endswith(("/weight", "/bias")))
    what = f"{', '.join(sorted(unlike)[:4])} unlike" if unlike else "every shape as defined"
    return float(len(unlike)), f"{count} parameters, {what}"


def weights(answers: Answers, expected: Expected) -> tuple[float, str]:
    """Return the largest difference of any weight from the file's; whatever is not the very same number counts."""
    found = answers.named("weights")
    if not found:
        raise KeyError("weights")
    wanted = expected.asked.weights
    if found.keys() != wanted.keys() or any(found[name].shape != wanted[name].shape for name in wanted):
        return math.inf, "the arrays are not those of the file"
    worst = max(float(np.max(np.abs(found[name] - np.asarray(wanted[name], found[name].dtype)))) for name in wanted)
    return worst, "loaded, and read back the same" if worst == 0 else f"read back, weights differ by up to {worst:.2g}"


def data(answers: Answers, expected: Expected) -> tuple[float, str]:
    """Return the largest difference of any pixel that reaches the first layer; another dtype counts as infinite."""
    seen = required(answers.array("seen"), "seen")
    wanted = expected.seen.astype(answers.dtype)
    dtype = answers.fact("seen_dtype")
    if dtype != answers.dtype or seen.shape != wanted.shape:
        return math.inf, f"images arrive as {dtype} {tuple(seen.shape)}, not {answers.dtype} {wanted.shape}"
    worst = float(np.max(np.abs(np.asarray(seen, np.float64) - wanted)))
    return worst, "the same bytes reach the first layer" if worst == 0 else f"pixels differ by up to {worst:.2g}"


def forward(answers: Answers, expected: Expected) -> tuple[float, str]:
    """Compare outputs in evaluation mode from the same weights and images."""
    return _relative(deviation.of_array(required(answers.array("forward"), "forward"), expected.forward), "outputs")


def loss(answers: Answers, expected: Expected) -> tuple[float, str]:
    """Compare the first batch's loss."""
    found = float(required(answers.array("loss"), "loss"))
    wanted = expected.first.loss
    return abs(found - wanted) / expected.program.loss_scale(wanted), f"loss {found:.9g}, defined {wanted:.9g}"


def gradients(answers: Answers, expected: Expected) -> tuple[float, str]:
    """Compare every layer's gradient of the first batch."""
    found = answers.named("gradients")
    if not found:
        raise KeyError("gradients")

    def off(flips: frozenset[Tie]) -> float:
        return deviation.of_arrays(found, expected.turning(flips).first.gradients)

    return _but_for_ties(off, expected.first.ties, "gradients", "gradients", answers.dtype)


def update(answers: Answers, expected: Expected) -> tuple[float, str]:
    """Compare one update from the same weights, state and gradients, element by element."""
    ended, moved = answers.named("update_weights"), answers.named("update_state")
    if not ended:
        raise KeyError("update")
    wanted, state = expected.update
    counted = "step" not in state or int(moved.get("step", np.asarray(-1))) == int(state["step"])
    moved, state = ({n: a for n, a in each.items() if n != "step"} for each in (moved, state))
    before = {name: np.asarray(array, np.float64) for name, array in expected.asked.update_weights.items()}
    worst = max(
        deviation.of_each_move(ended, wanted, before, answers.dtype),
        deviation.of_each(moved, state),
        0.0 if counted else math.inf,
    )
    return worst, f"single elements of updates and state differ by up to {worst:.2g} of themselves"


def batches(answers: Answers, expected: Expected) -> tuple[float, str]:
    """Compare where training ends: over several batches with a partial one, and over examples one by one."""
    several, singles = (answers.named(f"{name}_weights") for name in ("batches", "singles"))
    if not several or not singles:
        raise KeyError("batches")

    def off(flips: frozenset[Tie]) -> float:
        wanted = expected.turning(flips)
        return max(_moved(several, wanted, "several", answers.dtype), _moved(singles, wanted, "singles", answers.dtype))

    what = "weights after whole and partial batches"
    off(frozenset())  # working these trainings out is what meets the ties in them
    close = [tie for tie in expected.ties if tie[0] // NUMBERS in (BATCH, 1)]
    return _but_for_ties(off, close, "batches", what, answers.dtype)


def schedule(answers: Answers, expected: Expected) -> tuple[float, str]:
    """Compare the learning rates read back, and where training with them ends."""
    ended, rates = answers.named("schedule_weights"), answers.fact("learning_rates")
    if not ended or rates is None:
        raise KeyError("schedule")
    wanted = expected.rates[::2]
    off = max(abs(found - rate) / rate for found, rate in zip(rates, wanted, strict=True))
    off = 0.0 if off <= deviation.EPSILON["float32"] else off  # a rate kept as float32 is no other schedule
    worst = max(off, _moved(ended, expected, "scheduled", answers.dtype))
    words = ", ".join(f"{rate:.6g}" for rate in dict.fromkeys(rates))
    return worst, f"learning rates {words}; weights end {worst:.2g} off"


def evaluation(answers: Answers, expected: Expected) -> tuple[float, str]:
    """Compare outputs with trained weights, and the count of right answers (but for answers that are a tie)."""
    outputs = required(answers.array("evaluation"), "evaluation")
    wanted, labels = expected.evaluation, expected.asked.labels
    worst = deviation.of_array(outputs, wanted)
    right = wanted.argmax(axis=1) == labels
    ordered = np.sort(wanted, axis=1)
    ties = int((ordered[:, -1] - ordered[:, -2] < 1e-4 * np.abs(ordered[:, -1])).sum())
    counted = round(float(answers.fact("accuracy")) * len(labels))
    if abs(counted - int(right.sum())) > ties:
        return math.inf, f"{counted} of {len(labels)} are counted as right, by the definition {int(right.sum())} are"
    return worst, f"{counted} of {len(labels)} right, as defined; outputs differ by {worst:.2g} of themselves"


def steps(answers: Answers, _expected: Expected) -> tuple[float, str]:
    """Compare each of 200 steps from the definition's own weights and state; the worker has measured them already."""
    found = required(answers.array("steps"), "steps")
    worst = float(np.max(np.where(np.isnan(found), math.inf, found)))
    tolerance = TOLERANCES["steps"][answers.dtype]
    first = np.flatnonzero(~(found.max(axis=1) <= tolerance))
    sizes = "loss {:.1g}, weights {:.1g}, state {:.1g}".format(*found.max(axis=0))
    where = f"; the first step beyond the tolerance is step {first[0] + 1}" if len(first) else ""
    ties = answers.fact("steps_turned")
    where += f"; {ties} decision(s) within rounding of a tie taken as it took them" if ties else ""
    return worst, f"largest differences over {len(found)} synchronised steps: {sizes}{where}"


def _moved(ended: Arrays, expected: Expected, way: Way, dtype: str) -> float:
    """Return how far weights ended from where they should have, allowing for noise only where that is too far."""
    wanted, before = expected.ended(way), expected.asked.weights
    plain = deviation.of_move(ended, wanted, before, dtype)
    if plain <= TOLERANCES["batches"][dtype]:
        return plain
    return deviation.of_move(ended, wanted, before, dtype, expected.noise(way, dtype))


def sizes(answers: Answers, expected: Expected) -> tuple[float, str]:
    """Compare one step with every batch size that will run, with an epoch's partial batch, and with the size again."""
    taken = sizes_taken(answers, expected)
    if not taken:
        raise KeyError("sizes")
    found = {key: _sized(answers, expected, *key) for key in taken}
    worst = max(found, key=lambda key: math.inf if math.isnan(found[key]) else found[key])
    listed = ", ".join(str(size) for size in dict.fromkeys(size for size, _, _ in taken))
    words = f"weights after one step with batches of {listed} differ by {found[worst]:.2g} of their move"
    if found[worst] <= TOLERANCES["sizes"][answers.dtype]:
        return found[worst], words
    return found[worst], f"{words}, most with {worst[2]} examples where batches of {worst[0]} are run"


def sizes_taken(answers: Answers, expected: Expected) -> list[tuple[int, int, int]]:
    """Return (batch size that is run, place in its sequence, examples in this step) for every step of that item."""
    prefix = f"{answers.dtype}|sizes_"
    names = {key.removeprefix(prefix).split("|")[0] for key in answers.arrays if key.startswith(prefix)}
    pairs = sorted(tuple(map(int, name.split("_"))) for name in names)
    return [(size, number, sequence(size, expected.task.examples)[number]) for size, number in pairs]


def _sized(answers: Answers, expected: Expected, size: int, number: int, count: int) -> float:
    ended = answers.named(f"sizes_{size}_{number}")

    def off(flips: frozenset[Tie]) -> float:
        wanted = expected.turning(flips).one_step(count)
        plain = deviation.of_move(ended, wanted, expected.asked.weights, answers.dtype)
        if plain <= tolerance:
            return plain
        noise = expected.noise_of_step(count, answers.dtype)
        return deviation.of_move(ended, wanted, expected.asked.weights, answers.dtype, noise)

    tolerance = TOLERANCES["sizes"][answers.dtype]
    plain = off(frozenset())
    if plain <= tolerance:
        return plain
    best, _ = turned(off, expected.ties_of(count), tolerance)
    return best if best <= tolerance else plain


def _but_for_ties(
    off: Callable[[frozenset[Tie]], float], close: Sequence[Tie], item: str, what: str, dtype: str
) -> tuple[float, str]:
    """Return how far off an item is, after turning decisions on ties where that, and only that, explains it."""
    plain, tolerance = off(frozenset()), TOLERANCES[item][dtype]
    if plain <= tolerance:
        return _relative(plain, what)
    best, flips = turned(off, close, tolerance)
    if best > tolerance:
        return _relative(plain, what)
    value, words = _relative(best, what)
    return value, f"{words}, once {len(flips)} decision(s) within rounding of a tie are taken as it took them"


def _relative(value: float, what: str) -> tuple[float, str]:
    return value, f"{what} differ by {value:.2g} of themselves"


MEASURES: Mapping[str, Measure] = {
    "parameters": parameters,
    "weights": weights,
    "data": data,
    "forward": forward,
    "loss": loss,
    "gradients": gradients,
    "update": update,
    "batches": batches,
    "schedule": schedule,
    "evaluation": evaluation,
    "steps": steps,
    "sizes": sizes,
}
"""In the order in which items build on each other: the first that fails names the mismatch."""
