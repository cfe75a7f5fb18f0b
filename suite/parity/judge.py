"""The judge: a framework's answers against the definition, item by item, each with its own tolerance."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from suite.parity import deviation
from suite.parity.answers import Answers, Expected, Way
from suite.parity.program import Tie
from suite.parity.reference import Arrays
from suite.parity.ties import turned

TOLERANCES: Mapping[str, Mapping[str, float]] = {
    "parameters": {"float32": 0.0, "float64": 0.0},
    "weights": {"float32": 0.0, "float64": 0.0},
    "data": {"float32": 0.0, "float64": 0.0},
    "forward": {"float32": 2e-5, "float64": 1e-12},
    "loss": {"float32": 5e-6, "float64": 1e-12},
    "gradients": {"float32": 2e-5, "float64": 1e-11},
    "update": {"float32": 2e-5, "float64": 1e-11},
    "batches": {"float32": 2e-4, "float64": 1e-9},
    "schedule": {"float32": 2e-4, "float64": 1e-9},
    "evaluation": {"float32": 2e-5, "float64": 1e-12},
    "steps": {"float32": 1e-4, "float64": 1e-9},
}
"""By item and precision, relative unless said otherwise in the item's words. In float64 the same arithmetic agrees to
1e-13 or better and real mismatches are many orders larger; in float32 the tolerances leave rounding some tens of times
its usual size and stay below the smallest real mismatch known (a learning rate off by a thousandth moves weights by
1e-3). Measured sizes stand beside them in every passport."""


@dataclass(frozen=True, kw_only=True)
class Item:
    """One item's outcome. ``measured`` None: it could not be answered, ``detail`` says why."""

    item: str
    dtype: str
    passed: bool
    measured: float | None
    tolerance: float
    detail: str

    @property
    def margin(self) -> float | None:
        """How many times the measured value fits into the tolerance; None where nothing at all was off."""
        return self.tolerance / self.measured if self.measured and math.isfinite(self.measured) else None

    def record(self) -> dict[str, Any]:
        """Return the item as it stands in a passport; an infinite deviation has no number there."""
        finite = self.measured is not None and math.isfinite(self.measured)
        return {
            "item": self.item,
            "dtype": self.dtype,
            "passed": self.passed,
            "measured": self.measured if finite else None,
            "tolerance": self.tolerance,
            "margin": self.margin,
            "detail": self.detail,
        }


Measure = Callable[[Answers, Expected], tuple[float, str]]
"""Return how far an item is off, and a sentence that says so; raise KeyError where it was not answered."""


def judge(answers: Answers, expected: Expected) -> list[Item]:
    """Return every item's outcome in one precision, in the order in which they build on each other."""
    return [_judged(name, measure, answers, expected) for name, measure in MEASURES.items()]


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
    return abs(
        found - expected.first.loss
    ) / expected.first.loss, f"loss {found:.9g}, defined {expected.first.loss:.9g}"


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
    off(frozenset())
    return _but_for_ties(off, expected.ties, "batches", what, answers.dtype)


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
}
"""In the order in which items build on each other: the first that fails names the mismatch."""
