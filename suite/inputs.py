"""Initial weights, the order of examples and dropout masks: drawn once per seed, given to every framework alike.

Drawn from the raw output of PCG64, which NumPy keeps the same from version to version (NEP 19), unlike what its
distributions make of it.
"""

from __future__ import annotations

import io
import math
from collections.abc import Mapping
from pathlib import Path

import numpy as np

from suite import records, seeds
from suite.layers import BatchNorm, Dropout, Shape
from suite.workload import Workload


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
