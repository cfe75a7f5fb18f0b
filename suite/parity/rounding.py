"""Rounding of float64 values to the shorter formats that accelerators and fast paths compute in."""

from __future__ import annotations

import numpy as np

from suite.parity.program import Rounding

MANTISSA_BITS = {"bfloat16": 7, "tf32": 10, "float16": 10}
"""Bits behind the leading one. bfloat16 and TF32 keep float32's range; float16 has a range of its own."""


def rounded(values: np.ndarray, to: Rounding) -> np.ndarray:
    """Return ``values`` rounded to the nearest number of the format, as float64; "none" returns them as they are."""
    if to == "none":
        return values
    if to == "float16":
        return np.asarray(values.astype(np.float16), np.float64)
    fraction, exponent = np.frexp(values)
    steps = 2.0 ** (MANTISSA_BITS[to] + 1)
    return np.asarray(np.ldexp(np.round(fraction * steps) / steps, exponent))
