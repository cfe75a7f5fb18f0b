"""What a framework answered, and what the definition (or a supposed deviation from it) expects of it."""

from __future__ import annotations

import functools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal, assert_never

import numpy as np

from suite.layers import BatchNorm
from suite.parity import deviation, questions
from suite.parity.program import Program, Tie
from suite.parity.questions import BATCH, Questions
from suite.parity.reference import Arrays, Batch, averaged, evaluate, train_batch
from suite.parity.update import advance, initial_state, update
from suite.workload import MultiStep, Workload

NUMBERS = 1000
"""Batches of each size have numbers of their own, by which ties name them: from this many times the size on."""


@dataclass(frozen=True)
class Answers:
    """One arm's answers in one precision."""

    dtype: str
    facts: Mapping[str, Any]
    arrays: Mapping[str, np.ndarray]

    def array(self, name: str) -> np.ndarray | None:
        """Return the array called ``name``, None where that item was not answered."""
        return self.arrays.get(f"{self.dtype}|{name}")

    def named(self, name: str) -> Arrays:
        """Return the arrays below ``name`` by what follows it; empty where that item was not answered."""
        prefix = f"{self.dtype}|{name}|"
        return {key.removeprefix(prefix): value for key, value in self.arrays.items() if key.startswith(prefix)}

    def fact(self, name: str) -> Any:
        """Return a fact, None where it was not answered."""
        return self.facts.get(self.dtype, {}).get(name)

    def error(self, item: str) -> str | None:
        """Return what went wrong in an item, if anything did."""
        errors: Mapping[str, str] = self.fact("errors") or {}
        return errors.get(item)


Way = Literal["several", "singles", "scheduled"]
"""Where the weights of an item have been: over several batches, over single examples, or along the schedule."""

ROUNDINGS = 64
"""So many rounding units of the largest gradient are taken for rounding of any; exact zeros are exact."""


class Expected:
    """What a program answers to the questions, by the definition; each answer is worked out once.

    ``nudge``: every gradient that is not zero is off by this share of the batch's largest, see :meth:`noise`.
    """

    def __init__(self, program: Program, task: Workload, asked: Questions, nudge: float = 0.0) -> None:
        self.program, self.task, self.asked, self.nudge = program, task, asked, nudge
        self._noises: dict[tuple[Way, str], Arrays] = {}
        self.ties: list[Tie] = []
        """Decisions within rounding of a tie, met on the way so far; for the numbers of batches see ``NUMBERS``."""
        self._one_step: dict[int, Arrays] = {}

    @functools.cached_property
    def seen(self) -> np.ndarray:
        """The images of the first batch as they should reach the first layer, float32."""
        return questions.scaled(self.asked.pixels[self.asked.batch(0)], self.task.input_scaling)

    @functools.cached_property
    def forward(self) -> np.ndarray:
        """The outputs for the first batch, in evaluation mode."""
        return evaluate(self.program, self.asked.weights, self.seen)

    @functools.cached_property
    def first(self) -> Batch:
        """Loss and gradients of the first batch."""
        return self.batch(self.asked.weights, self.asked.batch(0), 0)

    @functools.cached_property
    def update(self) -> tuple[Arrays, Arrays]:
        """Weights and state after the single update."""
        asked, rate = self.asked, self.program.rule.learning_rate
        return update(self.program.rule, asked.update_weights, asked.update_state, asked.update_gradients, rate)

    @functools.cached_property
    def several(self) -> tuple[Arrays, Arrays]:
        """Weights and state after three batches and a partial one."""
        return self.trained(self.asked.several(), BATCH)

    @functools.cached_property
    def singles(self) -> tuple[Arrays, Arrays]:
        """Weights and state after a few examples one by one."""
        return self.trained(self.asked.singles(), 1)

    @functools.cached_property
    def rates(self) -> list[float]:
        """The learning rate of every step of the schedule's item, two steps to an epoch."""
        last = max(self.task.schedule.epochs) + 1 if isinstance(self.task.schedule, MultiStep) else 2
        return [self.task.learning_rate(epoch) for epoch in range(last) for _ in range(2)]

    @functools.cached_property
    def scheduled(self) -> Arrays:
        """Weights after the schedule's item."""
        return self.with_rates(self.rates)

    @functools.cached_property
    def evaluation(self) -> np.ndarray:
        """Outputs for all examples with trained weights."""
        images = questions.scaled(self.asked.pixels, self.task.input_scaling)
        return evaluate(self.program, questions.Trajectory(self.task, self.asked).last(), images)

    def turning(self, flips: frozenset[Tie]) -> Expected:
        """Return what is expected with these decisions on ties taken the other way."""
        return Expected(replace(self.program, flips=flips), self.task, self.asked) if flips else self

    def noise(self, way: Way, dtype: str) -> Arrays:
        """Return how far rounding of gradients alone can move each weight on the way; nothing worth it but for Adam.

        A gradient that is nothing but rounding (that of a bias right before a batch norm, say) moves a weight by as
        much as any other there, in whatever direction. Whoever computes it otherwise is not computing something else.
        """
        if not self.program.rule.adam:
            return {}
        if (way, dtype) not in self._noises:
            share = ROUNDINGS * deviation.EPSILON[dtype]
            ends = [Expected(self.program, self.task, self.asked, nudge).ended(way) for nudge in (share, -share)]
            self._noises[way, dtype] = {name: np.abs(ends[0][name] - ends[1][name]) for name in ends[0]}
        return self._noises[way, dtype]

    def ended(self, way: Way) -> Arrays:
        """Return the weights after several batches, after single examples or after the schedule's item."""
        match way:
            case "several":
                return self.several[0]
            case "singles":
                return self.singles[0]
            case "scheduled":
                return self.scheduled
            case _:
                assert_never(way)

    def batch(self, weights: Arrays, examples: np.ndarray, first_visit: int, number: int = 0) -> Batch:
        """Return what a training batch gives; its dropout masks are those of the visits from ``first_visit`` on."""
        images = questions.scaled(self.asked.pixels[examples], self.task.input_scaling)
        masks = questions.masks(self.task, first_visit + len(examples))
        here = {name: mask[first_visit:] for name, mask in masks.items()}
        found = train_batch(self.program, weights, images, self.asked.labels[examples], here, number)
        return _nudged(found, self.nudge) if self.nudge else found

    def trained(self, examples: np.ndarray, size: int) -> tuple[Arrays, Arrays]:
        """Return weights and state after training on ``examples`` in order, in batches of ``size``."""
        weights, state = dict(self.asked.weights), initial_state(self.program.rule, self.asked.weights)
        for start in range(0, len(examples), size):
            batch = self.batch(weights, examples[start : start + size], start, size * NUMBERS + start // size)
            self.ties += batch.ties
            weights, state = advance(self.program, weights, state, batch, self.program.rule.learning_rate)
        return weights, state

    def one_step(self, count: int) -> Arrays:
        """Return the weights after one step with the first ``count`` visits as its batch, repeated if there are fewer.

        A batch of repeated visits is worked out as the mean over its parts, so that it costs no more memory than all
        visits once; where batch norms look at the batch as a whole, it has to be worked out as a whole.
        """
        if count not in self._one_step:
            weights, state = self.asked.weights, initial_state(self.program.rule, self.asked.weights)
            batch = self.one_batch(count)
            self._one_step[count] = advance(self.program, weights, state, batch, self.program.rule.learning_rate)[0]
        return self._one_step[count]

    def one_batch(self, count: int) -> Batch:
        """Return what the batch of that step gives."""
        visits, number = len(self.asked.visits), count * NUMBERS
        if count <= visits or any(isinstance(layer, BatchNorm) for layer in self.program.layers):
            return self.batch(self.asked.weights, self.asked.first(count), 0, number)
        parts = [(self.batch(self.asked.weights, self.asked.visits, 0, number), count // visits)]
        if rest := count % visits:
            parts.append((self.batch(self.asked.weights, self.asked.visits[:rest], 0, number), 1))
        return averaged(self.program, parts)

    def noise_of_step(self, count: int, dtype: str) -> Arrays:
        """Return the same as :meth:`noise` for one step with ``count`` examples."""
        if not self.program.rule.adam:
            return {}
        share = ROUNDINGS * deviation.EPSILON[dtype]
        up, down = (Expected(self.program, self.task, self.asked, nudge).one_step(count) for nudge in (share, -share))
        return {name: np.abs(up[name] - down[name]) for name in up}

    def ties_of(self, count: int) -> list[Tie]:
        """Return the decisions within rounding of a tie in that step."""
        return self.one_batch(count).ties

    def with_rates(self, rates: Sequence[float]) -> Arrays:
        """Return the weights after a step with each of ``rates``, over the first two batches in turn."""
        weights, state = dict(self.asked.weights), initial_state(self.program.rule, self.asked.weights)
        for number, rate in enumerate(rates):
            batch = self.batch(weights, self.asked.batch(number % 2), number % 2 * BATCH, number)
            self.ties += batch.ties
            weights, state = advance(self.program, weights, state, batch, rate)
        return weights


def _nudged(batch: Batch, share: float) -> Batch:
    off = share * max(float(np.abs(gradient).max()) for gradient in batch.gradients.values())
    return replace(batch, gradients={name: g + off * (g != 0) for name, g in batch.gradients.items()})
