"""The items of the exam: how closely each has to agree, and how one ended."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

TOLERANCES: Mapping[str, Mapping[str, float]] = {
    "parameters": {"float32": 0.0, "float64": 0.0},
    "weights": {"float32": 0.0, "float64": 0.0},
    "data": {"float32": 0.0, "float64": 0.0},
    "forward": {"float32": 2e-5, "float64": 1e-12},
    "loss": {"float32": 5e-6, "float64": 1e-12},
    "gradients": {"float32": 2e-5, "float64": 1e-11},
    "update": {"float32": 2e-5, "float64": 1e-11},
    "batches": {"float32": 2e-4, "float64": 1e-9},
    "schedule": {"float32": 2e-4, "float64": 1e-9},
    "evaluation": {"float32": 2e-5, "float64": 1e-12},
    "steps": {"float32": 1e-4, "float64": 1e-9},
    "sizes": {"float32": 2e-4, "float64": 1e-9},
}
"""By item and precision, relative unless said otherwise in the item's words. In float64 the same arithmetic agrees to
1e-13 or better and real mismatches are many orders larger; in float32 the tolerances leave rounding some tens of times
its usual size and stay below the smallest real mismatch known (a learning rate off by a thousandth moves weights by
1e-3). Measured sizes stand beside them in every passport."""


@dataclass(frozen=True, kw_only=True)
class Item:
    """One item's outcome. ``measured`` None: it could not be answered, ``detail`` says why."""

    item: str
    dtype: str
    passed: bool
    measured: float | None
    tolerance: float
    detail: str

    @property
    def margin(self) -> float | None:
        """How many times the measured value fits into the tolerance; None where nothing at all was off."""
        return self.tolerance / self.measured if self.measured and math.isfinite(self.measured) else None

    def record(self) -> dict[str, Any]:
        """Return the item as it stands in a passport; an infinite deviation has no number there."""
        finite = self.measured is not None and math.isfinite(self.measured)
        return {
            "item": self.item,
            "dtype": self.dtype,
            "passed": self.passed,
            "measured": self.measured if finite else None,
            "tolerance": self.tolerance,
            "margin": self.margin,
            "detail": self.detail,
        }
