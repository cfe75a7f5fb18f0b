"""What follows the training of a stereo network: the disparity map of every test pair, its error rate and its time."""

from __future__ import annotations

import time
from collections.abc import Iterable
from typing import Any, Protocol

import numpy as np

from suite import stereo
from suite.frameworks import Trainer
from suite.worker.nonsense import NonsenseError, refuse_no_map


class Pair(Protocol):
    """A rectified pair: both images (h, w) float32 normalised, the true disparities (h, w) with nan where unknown."""

    @property
    def name(self) -> str:
        """What the publisher calls it."""

    @property
    def left(self) -> np.ndarray:
        """The left image."""

    @property
    def right(self) -> np.ndarray:
        """The right image."""

    @property
    def truth(self) -> np.ndarray:
        """The true disparities of the left image's pixels."""


def match(trainer: Trainer, pairs: Iterable[Pair], count: int) -> tuple[dict[str, Any], np.ndarray]:
    """Return what is recorded of the maps of all pairs, and the map of the first one.

    Before the first pair of each size one map is made that is not on the clock: some modes compile anew for each size.
    Only one pair's map is held at a time, beside the first one's.

    Args:
        trainer: its network has been trained.
        pairs: the test pairs; taken one by one.
        count: disparities 0 to ``count`` - 1 are tried.

    Raises:
        NonsenseError: a map that cannot be one, or a pair without any known truth.
    """
    rows: list[dict[str, Any]] = []
    first: np.ndarray | None = None
    sizes: set[tuple[int, ...]] = set()
    for pair in pairs:
        if pair.left.shape not in sizes:
            sizes.add(pair.left.shape)
            trainer.disparities(pair.left, pair.right, count)
        since = time.perf_counter()
        found = trainer.disparities(pair.left, pair.right, count)
        seconds = time.perf_counter() - since
        refuse_no_map(found, pair.left, count, pair.name)
        rows.append({"name": pair.name, **_errors(found, pair), "seconds": seconds})
        first = found if first is None else first
    if first is None:
        raise NonsenseError("there is no test pair to match")
    rate = stereo.mean_rate(row["error_rate"] for row in rows)
    return {"disparities": count, "pairs": rows, "error_rate": rate}, first


def _errors(found: np.ndarray, pair: Pair) -> dict[str, Any]:
    try:
        errors = stereo.errors(found, pair.truth)
    except ValueError as error:
        raise NonsenseError(f"pair {pair.name}: {error}") from None
    return {"error_rate": errors.rate, "known": errors.known}
