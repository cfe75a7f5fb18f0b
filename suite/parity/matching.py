"""The definition in NumPy of how a stereo network matches whole images, in float64; frameworks are held against it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np

from suite.parity.program import Program
from suite.parity.reference import evaluate
from suite.workload import Workload


def features(workload: Workload, weights: Mapping[str, np.ndarray], image: np.ndarray) -> np.ndarray:
    """Return the normalised features (height, width, features) of every pixel of a normalised image (height, width).

    Those of the patch around it; beyond the image's edge there are zeros.
    """
    trunk, normalize = workload.trunk()
    padded = np.pad(np.asarray(image, np.float64), workload.input_shape[0] // 2)
    program = replace(Program.of(workload), input_shape=(*padded.shape, 1), layers=(*trunk, normalize))
    return np.asarray(evaluate(program, weights, padded[None, ..., None])[0])


def similarities(
    workload: Workload, weights: Mapping[str, np.ndarray], left: np.ndarray, right: np.ndarray, count: int
) -> np.ndarray:
    """Return (height, width, count): of pixel x of the left image with x - d of the right one; -inf outside of it."""
    ours, theirs = (features(workload, weights, image) for image in (left, right))
    found = np.full((*left.shape, count), -np.inf)
    for disparity in range(min(count, left.shape[1])):
        inside = theirs[:, : left.shape[1] - disparity]
        found[:, disparity:, disparity] = (ours[:, disparity:] * inside).sum(axis=2)
    return found


def disparities(
    workload: Workload, weights: Mapping[str, np.ndarray], left: np.ndarray, right: np.ndarray, count: int
) -> np.ndarray:
    """Return the disparity of every pixel, int64 (height, width): the largest similarity, the smallest of equals."""
    return np.asarray(similarities(workload, weights, left, right, count).argmax(axis=2), np.int64)
