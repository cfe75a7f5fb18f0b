"""What may have happened where a printed mean does not follow from the printed runs: said only where it is seen."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction


def of_times(runs: Sequence[int], mean: Fraction) -> str:
    """Return which printed run, one digit otherwise, would give the printed ``mean``.

    Args:
        runs: seconds of each run, in the order printed.
        mean: the mean that was printed, in seconds.
    """
    total = mean * len(runs)
    lost, other = [], []
    for index, seconds in enumerate(runs):
        needed = total - (sum(runs) - seconds)
        if needed.denominator == 1 and needed >= 0:
            words = f"run {index + 1} is printed {clock(seconds)}, and {clock(int(needed))} would do"
            lost += [f"{words}: a digit was lost"] if _lost(int(needed), seconds) else []
            other += [f"{words}: one digit is another"] if _other(int(needed), seconds) else []
    nothing = f"{_apart(total - sum(runs))} in the sum of its {len(runs)} runs; no single digit explains it"
    return "; or ".join(lost or other) or nothing  # a lost digit is the simpler slip


def of_accuracies(runs: Sequence[Fraction], mean: Fraction) -> str:
    """Return by how much the printed runs' sum is off what the printed ``mean`` needs."""
    apart = sum(runs) - mean * len(runs)
    return f"its {len(runs)} runs sum to {float(abs(apart)):g} {'more' if apart > 0 else 'less'} than that mean needs"


def clock(seconds: int) -> str:
    """Return a time as the study prints it: "00:09:16"."""
    return f"{seconds // 3600:02d}:{seconds // 60 % 60:02d}:{seconds % 60:02d}"


def _apart(seconds: Fraction) -> str:
    return f"{float(abs(seconds)):g} s too {'few' if seconds > 0 else 'many'}"


def _lost(needed: int, printed: int) -> bool:
    """Tell whether the needed time without one of its digits is the printed one."""
    meant, written = _digits(needed), _digits(printed)
    return any(meant[:place] + meant[place + 1 :] == written for place in range(len(meant)))


def _other(needed: int, printed: int) -> bool:
    """Tell whether one digit of the needed time, replaced, makes the printed one."""
    meant, written = _digits(needed), _digits(printed)
    return len(meant) == len(written) and sum(a != b for a, b in zip(meant, written, strict=True)) == 1


def _digits(seconds: int) -> str:
    return clock(seconds).replace(":", "").lstrip("0")
