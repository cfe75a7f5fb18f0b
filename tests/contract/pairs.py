"""Small stereo pairs for the tests of matching, and the weights that they are matched with."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from suite import inputs
from suite.frameworks import DType, Framework, Weights
from suite.frameworks.matching import BLOCK
from suite.workload import Workload

WORKLOAD = "mc-cnn-fast"
SHIFT = 7


@dataclass(frozen=True, kw_only=True)
class Pair:
    """Two images, and over how many disparities they are matched."""

    name: str
    left: np.ndarray = field(repr=False)
    right: np.ndarray = field(repr=False)
    count: int


def _texture(height: int, width: int, seed: int) -> np.ndarray:
    return np.random.default_rng(seed).normal(size=(height, width)).astype(np.float32)


def _pairs() -> tuple[Pair, ...]:
    scene, other = _texture(20, 50 + SHIFT, 0), _texture(20, 50, 1)
    plain = np.zeros((20, 50), np.float32)
    half = np.where(np.arange(50) < 25, other, 0).astype(np.float32)
    wide = _texture(3, 2 * BLOCK + 20, 2), _texture(3, 2 * BLOCK + 20, 3)
    return (
        Pair(name="shifted", left=scene[:, :50], right=scene[:, SHIFT:], count=16),
        Pair(name="unrelated", left=scene[:, :50], right=other, count=16),
        Pair(name="without texture", left=plain, right=plain, count=16),
        Pair(name="right without texture", left=other, right=plain, count=16),
        Pair(name="texture in a half", left=half, right=half, count=16),
        Pair(name="narrower than the disparities", left=scene[:, :10], right=other[:, :10], count=16),
        Pair(name="wider than a block", left=wide[0], right=wide[1], count=BLOCK + 30),
        Pair(name="one disparity", left=scene[:, :50], right=other, count=1),
    )


PAIRS = _pairs()


def weights(task: Workload, seed: int) -> Weights:
    """Return a run's initial weights: without biases, what has no texture has features of zeros."""
    return inputs.weights(task, seed)


def tried(framework: Framework) -> list[tuple[str, DType]]:
    """Return every mode in float32, and the default one in float64 where there is that."""
    modes: list[tuple[str, DType]] = [(mode.name, "float32") for mode in framework.modes if mode.name != "compile"]
    return [*modes, *((framework.default_mode, dtype) for dtype in framework.dtypes_on("cpu") if dtype == "float64")]
