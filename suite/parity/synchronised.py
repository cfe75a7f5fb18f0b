"""One synchronised step: how far a framework ends from the definition, both from the definition's weights and state."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

import numpy as np

from suite.parity import deviation, questions
from suite.parity.items import TOLERANCES
from suite.parity.program import Program, Tie
from suite.parity.questions import BATCH, Questions, Step
from suite.parity.reference import Arrays, Batch, train_batch
from suite.parity.residues import applied
from suite.parity.ties import turned
from suite.parity.update import advance
from suite.workload import Workload

NOISE = {"float32": 1e-5, "float64": 1e-12}
"""From here on an update by Adam is looked at again, allowing for the rounding of its gradients."""


@dataclass(frozen=True)
class Ended:
    """Loss of a step, and weights and state after it."""

    loss: float
    weights: Mapping[str, np.ndarray]
    state: Mapping[str, np.ndarray]


class Synchronised:
    """Measures steps in one precision; ``residues`` are those that the trainer declares."""

    def __init__(self, task: Workload, asked: Questions, dtype: str, residues: Iterable[str]) -> None:
        self._task, self._asked, self._dtype = task, asked, dtype
        self._program = applied(Program.of(task), residues)
        self._tolerance = TOLERANCES["steps"][dtype]

    def off(self, number: int, step: Step, ended: Ended) -> tuple[tuple[float, float, float], int]:
        """Return how far loss, weights and state of step ``number`` are off, and how many ties had to be turned."""
        loss = abs(ended.loss - step.batch.loss) / self._program.loss_scale(step.batch.loss)
        found, count = self._after(step, step.batch, ended), 0
        if max(found) > self._tolerance:
            found, count = self._after_ties(number, step, ended)
        return (loss, *found), count

    def _after(self, step: Step, batch: Batch, ended: Ended) -> tuple[float, float]:
        weights, state = self._advanced(step, batch)
        off = deviation.of_move(ended.weights, weights, step.weights, self._dtype)
        if self._program.rule.adam and off > NOISE[self._dtype]:
            allowed = self._noise(step)
            off = deviation.of_move(ended.weights, weights, step.weights, self._dtype, allowed)
        return off, deviation.of_arrays(*_without_step(ended.state, state))

    def _after_ties(self, number: int, step: Step, ended: Ended) -> tuple[tuple[float, float], int]:
        """Return the same with decisions turned that rounding may have turned, where that explains it."""
        examples = self._asked.batch(number)
        images = questions.scaled(self._asked.pixels[examples], self._task.input_scaling)
        rows = slice(number * BATCH, (number + 1) * BATCH)
        masks = {n: mask[rows] for n, mask in questions.masks(self._task, (number + 1) * BATCH).items()}

        def batch(flips: frozenset[Tie]) -> Batch:
            program = replace(self._program, flips=flips)
            return train_batch(program, step.weights, images, self._asked.labels[examples], masks)

        def off(flips: frozenset[Tie]) -> float:
            return max(self._after(step, batch(flips), ended))

        best, flips = turned(off, batch(frozenset()).ties, self._tolerance)
        flips = flips if best <= self._tolerance else frozenset()
        return self._after(step, batch(flips), ended), len(flips)

    def _advanced(self, step: Step, batch: Batch) -> tuple[Arrays, Arrays]:
        return advance(self._program, step.weights, step.state, batch, self._program.rule.learning_rate)

    def _noise(self, step: Step) -> Arrays:
        """Return how far rounding of gradients alone can move each weight: Adam makes much of gradients near zero."""
        given = step.batch
        size = max(float(np.abs(gradient).max()) for gradient in given.gradients.values())
        nudge = 64 * deviation.EPSILON[self._dtype] * size
        up, down = (
            self._advanced(step, replace(given, gradients={n: g + sign * nudge for n, g in given.gradients.items()}))[0]
            for sign in (1, -1)
        )
        return {name: np.abs(up[name] - down[name]) for name in up}


def _without_step(
    measured: Mapping[str, np.ndarray], expected: Arrays
) -> tuple[dict[str, np.ndarray], dict[str, np.ndarray]]:
    """Return both states; a count of steps that is off makes them unlike."""
    wanted = {name: array for name, array in expected.items() if name != "step"}
    if "step" in expected and int(measured.get("step", np.asarray(-1))) != int(expected["step"]):
        return {}, wanted
    return {name: array for name, array in measured.items() if name != "step"}, wanted
