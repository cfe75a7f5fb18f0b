"""What ends a run because what it computed cannot be right."""

from __future__ import annotations

import math

import numpy as np

from suite.workload import Workload


class NonsenseError(Exception):
    """What was computed cannot be right; the message says why."""


def refuse_other_network(parameters: int, task: Workload) -> None:
    """Raise :class:`NonsenseError` for a live network with another number of parameters than the workload's."""
    if parameters != task.parameter_count:
        raise NonsenseError(f"the live network has {parameters} parameters, the workload has {task.parameter_count}")


def refuse_below_chance(accuracy: float, classes: int, examples: int) -> None:
    """Raise :class:`NonsenseError` for an accuracy more than three standard errors below one class in ``classes``."""
    chance = 1 / classes
    error = math.sqrt(chance * (1 - chance) / examples)
    if accuracy < chance - 3 * error:
        raise NonsenseError(f"the test accuracy after training is {accuracy:.4f}, below chance ({chance:.4f})")


def refuse_no_numbers(outputs: np.ndarray) -> None:
    """Raise :class:`NonsenseError` for outputs of a network some of which are not finite.

    The largest of several nan is the first one, so without this they would pass for answers.
    """
    if not np.isfinite(outputs).all():
        raise NonsenseError("some of the network's outputs on the test examples are no finite numbers")


def refuse_no_map(disparities: np.ndarray, left: np.ndarray, count: int, pair: str) -> None:
    """Raise :class:`NonsenseError` for what cannot be the disparity map of a pair.

    A map is (h, w) whole numbers from 0 to ``count`` - 1, nowhere above x; and one that is 0 everywhere is what
    similarities give that are no numbers.
    """
    if disparities.shape != left.shape or disparities.dtype.kind != "i":
        raise NonsenseError(
            f"the disparity map of {pair} has to be {left.shape} of whole numbers, not {disparities.shape} of "
            f"{disparities.dtype}"
        )
    most = np.minimum(np.arange(left.shape[1]), count - 1)
    if (disparities < 0).any() or (disparities > most).any():
        raise NonsenseError(f"the disparity map of {pair} points to places outside the image or the range")
    if not disparities.any() and np.ptp(left) > 0:
        raise NonsenseError(f"the disparity map of {pair} is 0 everywhere: the similarities are no numbers")
