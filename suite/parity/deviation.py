"""How far measured arrays are from expected ones, as one number; infinite where they cannot be compared."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping

import numpy as np

FLOOR = 0.1
"""An array whose values are small beside those of the others is measured on this share of the largest: gradients that
cancel to nothing (of a bias before a batch norm, say) are rounding noise, and noise has no relative error."""

EPSILON = {"float32": 2.0**-23, "float64": 2.0**-52}
"""The distance from 1 to the next number."""


def of_array(measured: np.ndarray, expected: np.ndarray) -> float:
    """Return the root mean square of the difference over that of ``expected``."""
    return of_arrays({"": measured}, {"": expected})


def of_arrays(measured: Mapping[str, np.ndarray], expected: Mapping[str, np.ndarray]) -> float:
    """Return the largest over all arrays of the root mean square of the difference, relative (see ``FLOOR``)."""
    if _unlike(measured, expected):
        return math.inf
    scales = _scales(expected)
    return _worst(_rms(measured[name] - expected[name]) / scales[name] for name in expected)


def of_move(
    measured: Mapping[str, np.ndarray],
    expected: Mapping[str, np.ndarray],
    before: Mapping[str, np.ndarray],
    dtype: str,
    allowed: Mapping[str, np.ndarray] | None = None,
) -> float:
    """Return how far weights moved otherwise than expected, relative to the move, beyond rounding of the weights.

    A weight of size w cannot be stored more finely than w times the precision; ``allowed`` is a further allowance for
    each element (see :func:`suite.parity.update.advance`).
    """
    if _unlike(measured, expected):
        return math.inf
    moves = {name: expected[name] - before[name] for name in expected}
    scales = _scales(moves)
    return _worst(
        _rms(_beyond(measured[name], expected[name], before[name], dtype, (allowed or {}).get(name))) / scales[name]
        for name in expected
    )


def of_each_move(
    measured: Mapping[str, np.ndarray], expected: Mapping[str, np.ndarray], before: Mapping[str, np.ndarray], dtype: str
) -> float:
    """Return the same for the worst single element, each relative to its own move."""
    if _unlike(measured, expected):
        return math.inf
    return _worst(
        float(
            np.max(_beyond(measured[name], expected[name], before[name], dtype) / _moved(expected[name] - before[name]))
        )
        for name in expected
        if expected[name].size
    )


def of_each(measured: Mapping[str, np.ndarray], expected: Mapping[str, np.ndarray]) -> float:
    """Return the largest relative difference of any single element."""
    if _unlike(measured, expected):
        return math.inf
    return _worst(
        float(np.max(np.abs(measured[name] - expected[name]) / _moved(expected[name])))
        for name in expected
        if expected[name].size
    )


def _beyond(
    measured: np.ndarray, expected: np.ndarray, before: np.ndarray, dtype: str, allowed: np.ndarray | None = None
) -> np.ndarray:
    rounding = EPSILON[dtype] * np.maximum(np.abs(before), np.abs(expected))
    rounding = rounding if allowed is None else rounding + allowed
    return np.asarray(np.maximum(np.abs(np.asarray(measured, np.float64) - expected) - rounding, 0))


def _moved(move: np.ndarray) -> np.ndarray:
    size = np.abs(move)
    return np.where(size > 0, size, np.finfo(np.float64).tiny)


def _unlike(measured: Mapping[str, np.ndarray], expected: Mapping[str, np.ndarray]) -> bool:
    return measured.keys() != expected.keys() or any(measured[n].shape != expected[n].shape for n in expected)


def _scales(arrays: Mapping[str, np.ndarray]) -> dict[str, float]:
    sizes = {name: _rms(values) for name, values in arrays.items()}
    largest = max(sizes.values(), default=0.0)
    return {name: max(size, FLOOR * largest) or np.finfo(np.float64).tiny for name, size in sizes.items()}


def _rms(values: np.ndarray) -> float:
    return float(np.sqrt(np.mean(np.square(values, dtype=np.float64)))) if values.size else 0.0


def _worst(found: Iterable[float]) -> float:
    worst = max(found, default=0.0, key=lambda value: math.inf if math.isnan(value) else value)
    return math.inf if math.isnan(worst) else worst
