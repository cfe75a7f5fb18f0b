"""Initial weights, the order of examples, dropout masks and stereo candidates: one draw, given to every framework.

Drawn from the raw output of PCG64, which NumPy keeps the same from version to version (NEP 19), unlike what its
distributions make of it.
"""

from __future__ import annotations

import io
import math
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from suite import records, seeds
from suite.layers import BatchNorm, Dropout, Shape
from suite.workload import Matching, Workload

UNIT = 256
"""Places in a stereo pair are whole numbers of 1/256 pixel, as the disparities in its files are."""


@dataclass(frozen=True, eq=False)
class Candidates:
    """Of each example the columns of the right patch and of the wrong one, int64 (n,), and which of the two is first.

    ``labels`` int64 (n,): 0 if the right one is the first candidate, 1 if it is the second.
    """

    positive: np.ndarray
    negative: np.ndarray
    labels: np.ndarray


def weights(workload: Workload, seed: int) -> dict[str, np.ndarray]:
    """Draw Glorot-uniform weights and zero biases, float32, in canonical layout; batch norms start as the identity.

    Uniform on [-a, a] with a = sqrt(6 / (fan in + fan out)); for a convolution the fans count every tap of the kernel.
    Source: Glorot and Bengio, "Understanding the difficulty of training deep feedforward neural networks" (2010),
    equation 16.
    """
    arrays: dict[str, np.ndarray] = {}
    for shape in workload.shapes():
        if shape.weight_shape is not None and shape.bias_shape is not None:
            name = shape.layer.name
            if isinstance(shape.layer, BatchNorm):
                ones, zeros = np.ones(shape.weight_shape, np.float32), np.zeros(shape.weight_shape, np.float32)
                arrays |= {f"{name}/weight": ones, f"{name}/bias": zeros}
                arrays |= {f"{name}/mean": zeros.copy(), f"{name}/variance": ones.copy()}
                continue
            uniform = _uniform(shape.weight_shape, seeds.derive(seed, "weights", workload.name, name))
            arrays[f"{name}/weight"] = ((2 * uniform - 1) * glorot_bound(shape.weight_shape)).astype(np.float32)
            arrays[f"{name}/bias"] = np.zeros(shape.bias_shape, np.float32)
    return arrays


def glorot_bound(weight_shape: Shape) -> float:
    """Return sqrt(6 / (fan in + fan out)) of a weight array whose last two axes are in and out."""
    taps = math.prod(weight_shape[:-2])
    return math.sqrt(6 / (taps * (weight_shape[-2] + weight_shape[-1])))


def order(examples: int, count: int, epochs: int, seed: int) -> np.ndarray:
    """Draw each epoch's order of examples: (epochs, count) uint32, each row ``count`` different ones of them all."""
    rows = [_permutation(examples, seeds.derive(seed, "order", epoch))[:count] for epoch in range(epochs)]
    return np.stack(rows).astype(np.uint32)


def masks(workload: Workload, count: int, epoch: int, seed: int) -> dict[str, np.ndarray]:
    """Draw the dropout masks of ``count`` examples in visiting order: uint8 (count, *mask shape), 1 keeps a value.

    By the name of the dropout layer, in network order; empty for a network without dropout.
    """
    drawn = {}
    for shape in workload.shapes():
        if isinstance(shape.layer, Dropout) and shape.mask_shape is not None:
            draw = seeds.derive(seed, "dropout", workload.name, shape.layer.name, epoch)
            drawn[shape.layer.name] = (_uniform((count, *shape.mask_shape), draw) >= shape.layer.rate).astype(np.uint8)
    return drawn


def candidates(matching: Matching, places: np.ndarray, draw: int | str, seed: int) -> Candidates:
    """Draw a right and a wrong place for each true place in the right image.

    Every whole column p with abs(p - place) <= ``positive_within`` is equally likely to be the right one. The wrong one
    has ``negative_from`` <= abs(p - place) <= ``negative_to``, likewise, on a side drawn evenly.

    Args:
        matching: these distances, in pixels.
        places: (n,) whole numbers of 1/256 pixel, in visiting order.
        draw: the epoch, or another name of these draws.
        seed: the run's.
    """
    raw = np.random.PCG64(seeds.derive(seed, "candidates", draw)).random_raw(len(places))
    labels, side = raw >> np.uint64(63), raw >> np.uint64(62) & np.uint64(1)
    first, second = (raw >> np.uint64(shift) & np.uint64(2**24 - 1) for shift in (0, 24))
    places = places.astype(np.int64)
    near, far, within = (
        UNIT * distance for distance in (matching.negative_from, matching.negative_to, matching.positive_within)
    )
    below, above = _one_of(places - far, places - near, second), _one_of(places + near, places + far, second)
    return Candidates(
        positive=_one_of(places - within, places + within, first),
        negative=np.where(side == 1, above, below),
        labels=labels.astype(np.int64),
    )


def _one_of(low: np.ndarray, high: np.ndarray, draw: np.ndarray) -> np.ndarray:
    """Return one of the whole pixels from ``low`` to ``high`` (in 1/256 pixel), by a number from 0 to 2^24 - 1."""
    first = -(-low // UNIT)
    count = high // UNIT - first + 1
    result: np.ndarray = first + (draw.astype(np.int64) * count >> 24)
    return result


def digest(arrays: Mapping[str, np.ndarray]) -> str:
    """Return the SHA-256 over the arrays themselves, sorted by name: name, type, shape and bytes, whatever the file."""
    parts = []
    for name in sorted(arrays):
        array = np.ascontiguousarray(arrays[name])
        parts += [f"{name} {array.dtype.str} {array.shape}\n".encode(), array.tobytes()]
    return records.sha256_of(b"".join(parts))


def store_weights(path: Path, workload: Workload, seed: int) -> None:
    """Write the weights of ``seed`` to ``path`` (npz) unless they are there already."""
    if not path.exists():
        data = io.BytesIO()
        np.savez(data, **weights(workload, seed))  # type: ignore[arg-type]
        records.replace(path, data.getvalue())


def store_order(path: Path, examples: int, count: int, epochs: int, seed: int) -> None:
    """Write the order of ``seed`` to ``path`` (npy) unless it is there already."""
    if not path.exists():
        data = io.BytesIO()
        np.save(data, order(examples, count, epochs, seed), allow_pickle=False)
        records.replace(path, data.getvalue())


def _uniform(shape: Shape, seed: int) -> np.ndarray:
    """Return doubles on [0, 1) from the upper 53 bits of raw 64-bit numbers."""
    raw = np.random.PCG64(seed).random_raw(math.prod(shape))
    return ((raw >> np.uint64(11)) * 2.0**-53).reshape(shape)


def _permutation(length: int, seed: int) -> np.ndarray:
    """Return 0 .. length-1 in the order of raw 64-bit numbers."""
    return np.argsort(np.random.PCG64(seed).random_raw(length), kind="stable")
