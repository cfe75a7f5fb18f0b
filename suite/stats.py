"""How much faster, how sure: exact rank statistics over runs, in plain Python.

The unit is the run, one fresh process: steps inside one are alike in ways that other processes are not, so they are
reduced to a median before they get here and never pooled (Kalibera & Jones, "Rigorous benchmarking in reasonable
time", 2013). Runs of one block are paired, and each pair gives one log ratio d = ln(t_b / t_a). The ratio is the
exponential of the median of the Walsh averages (d_i + d_j) / 2, i <= j (Hodges & Lehmann, "Estimates of location based
on rank tests", 1963), the interval comes from the exact distribution of the signed-rank statistic (Wilcoxon,
"Individual comparisons by ranking methods", 1945). One wild run moves the ratio little, however wild: not so with
means. That the interval's confidence is exact for the median assumes log ratios spread evenly to both sides of it,
except for 5 and 6 runs, where it spans all pairs and needs no such assumption.
"""

from __future__ import annotations

import functools
import itertools
import math
import statistics
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Literal, assert_never

TARGET_CONFIDENCE = 0.95
"""The interval is the narrowest one with at least this confidence, or the widest there is where no one reaches it."""

DEAD_BAND = 1.03
"""Ratios from 1 / 1.03 to 1.03 count as equal: a difference below 3 % is nobody's reason to choose a framework."""

FEWEST_RUNS = 5
"""With fewer pairs the widest interval has a confidence of 87.5 % or less, so none is given."""

Verdict = Literal["faster", "slower", "equal within 3 %", "not resolved", "too few runs"]


@dataclass(frozen=True)
class Interval:
    """A confidence interval for a ratio; ``confidence`` is the exact one achieved, not the one aimed at."""

    low: float
    high: float
    confidence: float


@dataclass(frozen=True)
class Comparison:
    """Time of b over time of a, its interval (None below ``FEWEST_RUNS``), and how many pairs they rest on.

    ``p_value`` belongs to the verdict: how often runs would speak for it at least so clearly were it wrong by a hair,
    two-sided and exact, so that a verdict has at most 1 - the interval's confidence. None where there is no verdict.
    """

    ratio: float
    interval: Interval | None
    runs: int
    p_value: float | None = None

    @property
    def verdict(self) -> Verdict:
        """What may be said of b against a: never more than the whole interval supports."""
        if self.interval is None:
            return "too few runs"
        if self.interval.high < 1 / DEAD_BAND:
            return "faster"
        if self.interval.low > DEAD_BAND:
            return "slower"
        if self.interval.low >= 1 / DEAD_BAND and self.interval.high <= DEAD_BAND:
            return "equal within 3 %"
        return "not resolved"


def compare(pairs: Sequence[tuple[float, float]]) -> Comparison:
    """Return the comparison of b with a from one (seconds of a, seconds of b) per block.

    Raises:
        ValueError: there is no pair, or a time is not a positive finite number.
    """
    if not pairs:
        raise ValueError("no pair of times to compare")
    if not all(math.isfinite(seconds) and seconds > 0 for pair in pairs for seconds in pair):
        raise ValueError("times to compare have to be positive and finite")
    averages = walsh_averages([math.log(b) - math.log(a) for a, b in pairs])
    found = Comparison(math.exp(statistics.median(averages)), _interval(averages, len(pairs)), len(pairs))
    return replace(found, p_value=_p_value(averages, found.verdict, len(pairs)))


def holm(p_values: Sequence[float | None], alpha: float = 1 - TARGET_CONFIDENCE) -> list[bool | None]:
    """Return which verdicts still hold when all are asked to be right together, with probability 1 - ``alpha``.

    The smallest p-value may be ``alpha`` / m at most, the next ``alpha`` / (m - 1), and so on to the first that is more
    (Holm, "A simple sequentially rejective multiple test procedure", 1979). m counts every comparison given,
    those without a verdict (None, which stay None) included: they were looked at, too.
    """
    holds: list[bool | None] = [None if value is None else False for value in p_values]
    ordered = sorted((value, place) for place, value in enumerate(p_values) if value is not None)
    for rank, (value, place) in enumerate(ordered):
        if value > alpha / (len(p_values) - rank):
            break
        holds[place] = True
    return holds


def walsh_averages(values: Sequence[float]) -> list[float]:
    """Return the n (n + 1) / 2 averages (x_i + x_j) / 2, i <= j, in ascending order."""
    return sorted((x + y) / 2 for x, y in itertools.combinations_with_replacement(values, 2))


@functools.lru_cache(maxsize=256)
def signed_rank_counts(n: int) -> tuple[int, ...]:
    """Return how many of the 2^n sign patterns give each signed-rank sum 0 .. n (n + 1) / 2.

    The recursion is Wilcoxon's count of the subsets of {1 .. n} with a given sum: rank n is either in or out.
    """
    counts = [1]
    for rank in range(1, n + 1):
        without = counts + [0] * rank
        counts = [a + b for a, b in zip(without, [0] * rank + counts, strict=True)]
    return tuple(counts)


@functools.lru_cache(maxsize=256)
def interval_rank(n: int, target: float = TARGET_CONFIDENCE) -> tuple[int, float]:
    """Return k and the exact confidence of the interval between the (k+1)-th Walsh averages from either end.

    Its confidence is 1 - 2 P(T <= k); k is the largest that reaches ``target``, or 0 (from the smallest to the largest
    pair) where none does: 93.75 % for n = 5, 96.875 % for n = 6.
    """
    patterns = 2**n
    below, k, confidence = 0, 0, 1 - 2 / patterns
    for rank, count in enumerate(signed_rank_counts(n)):
        below += count
        reached = (patterns - 2 * below) / patterns
        if reached < target:
            break
        k, confidence = rank, reached
    return k, confidence


def median(values: Iterable[float]) -> float | None:
    """Return the median, or None of nothing."""
    found = list(values)
    return statistics.median(found) if found else None


def spread(values: Iterable[float]) -> float | None:
    """Return the largest over the smallest value (1.0: all equal); None of fewer than two, or of times not positive."""
    found = list(values)
    return max(found) / min(found) if len(found) > 1 and min(found) > 0 else None


def _interval(averages: Sequence[float], n: int) -> Interval | None:
    if n < FEWEST_RUNS:
        return None
    k, confidence = interval_rank(n)
    return Interval(math.exp(averages[k]), math.exp(averages[-1 - k]), confidence)


def _p_value(averages: Sequence[float], verdict: Verdict, n: int) -> float | None:
    """Return the two-sided p-value of a verdict: averages on the wrong side of a bound count the signed-rank sum."""
    band = math.log(DEAD_BAND)
    match verdict:
        case "faster":
            wrong = sum(value >= -band for value in averages)
        case "slower":
            wrong = sum(value <= band for value in averages)
        case "equal within 3 %":
            wrong = max(sum(value < -band for value in averages), sum(value > band for value in averages))
        case "not resolved" | "too few runs":
            return None
        case _:
            assert_never(verdict)
    as_clear = sum(signed_rank_counts(n)[: wrong + 1])
    return min(1.0, 2 * as_clear / (1 << n))
