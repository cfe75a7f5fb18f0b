"""How far disparity maps are from the truth, and plain block matching, the baseline that a network has to beat.

A disparity map (h, w) says of each pixel x of the left image that the right one shows the same at x - d. Candidates
outside the right image do not exist: no pixel x has a disparity above x.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

WRONG_FROM = 3.0
"""A disparity counts as wrong when it is off by so many pixels or more."""

WINDOW = 9
"""Height and width of the windows that block matching compares: those of the network's patches."""


@dataclass(frozen=True, kw_only=True)
class Errors:
    """How many of the pixels with known truth are wrong."""

    wrong: int
    known: int

    @property
    def rate(self) -> float:
        """The error rate of one map, 0 to 1."""
        return self.wrong / self.known


def errors(disparities: np.ndarray, truth: np.ndarray) -> Errors:
    """Count the wrong pixels of a map; those without truth count neither as wrong nor as right.

    Source: Chirodea et al., ECAI 2021, equations 1 and 2; a pixel is wrong whose disparity is off by
    :data:`WRONG_FROM` or more.

    Args:
        disparities: (h, w), in pixels.
        truth: (h, w), in pixels; nan where it is not known.

    Raises:
        ValueError: the sizes differ, a disparity is no number, or the truth of no pixel is known.
    """
    if disparities.shape != truth.shape:
        raise ValueError(f"the map is {_size(disparities)}, the truth {_size(truth)}")
    known = np.isfinite(truth)
    if not known.any():
        raise ValueError("the true disparity of no pixel is known, so there is no error rate")
    found = disparities[known].astype(np.float64)
    if not np.isfinite(found).all():
        raise ValueError("some disparities are no numbers")
    off = np.abs(found - truth[known]) >= WRONG_FROM
    return Errors(wrong=int(off.sum()), known=int(known.sum()))


def mean_rate(rates: Iterable[float]) -> float:
    """Return the mean of the maps' error rates: each pair counts alike, however many pixels of it are known.

    Source: Chirodea et al., ECAI 2021, equation 3.

    Raises:
        ValueError: there is no rate.
    """
    found = list(rates)
    if not found:
        raise ValueError("there is no pair, so there is no error rate")
    return math.fsum(found) / len(found)


def block_matching(left: np.ndarray, right: np.ndarray, count: int, window: int = WINDOW) -> np.ndarray:
    """Return the disparity map (h, w) int64 whose windows look most alike: winner takes all.

    What is compared is the sum of absolute differences over ``window`` times ``window`` pixels; beyond their border
    both images are 0, which in normalised images is their mean. Of equal candidates the smallest disparity wins.

    Args:
        left: (h, w) float32, normalised.
        right: (h, w) float32, normalised.
        count: disparities 0 to ``count`` - 1 are tried.
        window: an odd number of pixels.

    Raises:
        ValueError: the sizes differ, there is no disparity to try, or the window is even.
    """
    if left.shape != right.shape:
        raise ValueError(f"the left image is {_size(left)}, the right {_size(right)}")
    if count < 1 or window % 2 == 0:
        raise ValueError(f"block matching needs an odd window and a disparity to try, not {window} and {count}")
    width = left.shape[1]
    margin = window // 2
    left, right = np.pad(left, margin), np.pad(right, margin)
    winner = np.zeros((left.shape[0] - 2 * margin, width), np.int64)
    least = np.full(winner.shape, np.inf, left.dtype)
    for disparity in range(min(count, width)):
        costs = _box(np.abs(left[:, disparity:] - right[:, : right.shape[1] - disparity]), window)
        better = costs < least[:, disparity:]
        least[:, disparity:][better] = costs[better]
        winner[:, disparity:][better] = disparity
    return winner


def _box(values: np.ndarray, window: int) -> np.ndarray:
    """Return the sum over every whole window; always in the same order, so that equal windows have equal sums."""
    for axis in (0, 1):
        length = values.shape[axis] - window + 1
        total = np.zeros_like(values[:length] if axis == 0 else values[:, :length])
        for start in range(window):
            total += values[start : start + length] if axis == 0 else values[:, start : start + length]
        values = total
    return values


def _size(array: np.ndarray) -> str:
    return " x ".join(str(length) for length in array.shape)
