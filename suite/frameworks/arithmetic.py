"""What numbers to put through a live framework to see how it computes, whatever its flags say."""

from __future__ import annotations

import numpy as np

SIZE = 64
"""Matrices and images of this many rows, channels or cells: large enough that no short cut for small ones is taken."""

FINE = np.float32(1 + 2.0**-12)
"""Exact in float32; TF32, which keeps 10 bits, and bfloat16, which keeps 7, round it to 1."""

DENORMAL = np.float32(1e-40)
"""Below float32's smallest normal number, 1.2e-38."""

MANY = 1 << 20
"""So many elements that every thread of an operation gets some."""


def fine_matrix() -> np.ndarray:
    """Return a matrix (64, 64) of :data:`FINE`; its product with the identity is itself, in full precision."""
    return np.full((SIZE, SIZE), FINE, np.float32)


def fine_images() -> np.ndarray:
    """Return one image (1, 8, 8, 64) of :data:`FINE`."""
    return np.full((1, 8, 8, SIZE), FINE, np.float32)


def identity() -> np.ndarray:
    """Return the identity (64, 64): as a 1 x 1 convolution it gives its input back."""
    return np.eye(SIZE, dtype=np.float32)


def kept(values: np.ndarray) -> bool:
    """Tell whether :data:`FINE` came back unrounded everywhere."""
    return bool((values == FINE).all())


def denormals() -> np.ndarray:
    """Return a vector of :data:`DENORMAL`, for every thread of an operation."""
    return np.full(MANY, DENORMAL, np.float32)


def flushed(values: np.ndarray) -> bool | str:
    """Tell whether denormals became zero; "in some threads only" where they did in a part of ``values``."""
    zeros = values == 0
    return bool(zeros.all()) if zeros.all() or not zeros.any() else "in some threads only"
