"""Why an item failed: explanations are tried, one after another, until one reproduces what was measured.

A suspect is a function that supposes one mistake, works out by the definition what that mistake would give, and speaks
only if the framework's answer agrees with it within the item's own tolerance. What no suspect explains is said to be
unexplained, with its size. A new explanation is one function in the module of its item.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from suite.parity import deviation
from suite.parity.answers import Answers, Expected, Way
from suite.parity.items import TOLERANCES, Item
from suite.parity.program import Program
from suite.parity.reference import Arrays


@dataclass(frozen=True)
class Case:
    """A failed item with everything that may explain it."""

    item: Item
    answers: Answers
    expected: Expected

    @property
    def program(self) -> Program:
        """What the definition computes."""
        return self.expected.program

    @property
    def tolerance(self) -> float:
        """How closely an explanation has to reproduce what was measured."""
        return max(TOLERANCES[self.item.item][self.answers.dtype], 1e-6 if self.answers.dtype == "float32" else 1e-12)

    def supposing(self, **changes: Any) -> Expected:
        """Return what a program with these changes answers."""
        return Expected(replace(self.program, **changes), self.expected.task, self.expected.asked)

    def supposing_rule(self, **changes: Any) -> Expected:
        """Return what a program with these changes in its update rule answers."""
        return self.supposing(rule=replace(self.program.rule, **changes))

    def array(self, name: str) -> np.ndarray:
        """Return an answered array, as float64; of no size where it was not answered."""
        found = self.answers.array(name)
        return np.zeros(0) if found is None else np.asarray(found, np.float64)

    @property
    def loss(self) -> float:
        """The loss answered."""
        return float(self.array("loss"))

    def same(self, measured: np.ndarray, supposed: np.ndarray) -> bool:
        """Tell whether an explanation reproduces an array."""
        return deviation.of_array(measured, supposed) <= self.tolerance

    def all_same(self, measured: Mapping[str, np.ndarray], supposed: Arrays) -> bool:
        """Tell whether an explanation reproduces named arrays."""
        return deviation.of_arrays(measured, supposed) <= self.tolerance

    def moved_same(self, measured: Mapping[str, np.ndarray], supposed: Arrays, way: Way) -> bool:
        """Tell whether an explanation reproduces how weights moved, but for noise."""
        before, dtype = self.expected.asked.weights, self.answers.dtype
        return deviation.of_move(measured, supposed, before, dtype, self.expected.noise(way, dtype)) <= self.tolerance


Suspect = Callable[[Case], str | None]
"""Return a sentence where the evidence confirms the explanation, None otherwise."""


def diagnose(case: Case) -> str:
    """Return the first explanation that reproduces what was measured, or that none of those known does."""
    if case.item.measured is None:
        return f"The item could not be answered: {case.item.detail.removeprefix('not answered: ')}"
    for suspect in suspects(case.item.item):
        try:
            sentence = suspect(case)
        except (ValueError, KeyError):  # what is supposed does not fit this network, or not what was answered
            continue
        if sentence:
            return sentence
    tried = len(suspects(case.item.item))
    return f"{_capital(case.item.detail)}; none of {tried} known explanations reproduces it."


def suspects(item: str) -> Sequence[Suspect]:
    """Return the explanations known for an item."""
    from suite.parity.diagnosis import given, network, published, siamese, training, updates

    found: dict[str, Sequence[Suspect]] = {
        "parameters": given.PARAMETERS,
        "weights": given.WEIGHTS,
        "data": given.DATA,
        "forward": (*published.OUTPUTS, *siamese.FORWARD, *network.FORWARD),
        "loss": (*published.LOSSES, *siamese.LOSS, *network.LOSS),
        "gradients": (*published.LOSSES, *siamese.LOSS, *network.GRADIENTS),
        "update": updates.UPDATE,
        "batches": (*published.TRAININGS, *training.BATCHES),
        "schedule": (*published.TRAININGS, *training.SCHEDULE),
        "evaluation": (*published.OUTPUTS, *network.EVALUATION),
        "steps": (*published.TRAININGS, *training.STEPS),
        "sizes": (*published.TRAININGS, *training.SIZES),
    }
    return found[item]


def percent(share: float) -> str:
    """Return a share in words: "3.2 %", "0.0012 %"; "beyond measure" for one without end."""
    return f"{share * 100:.2g} %" if math.isfinite(share) else "beyond measure"


def _capital(words: str) -> str:
    return words[:1].upper() + words[1:]
