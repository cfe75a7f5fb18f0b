"""Ties that rounding turns: a ReLU or a pooling window that decides on values closer to each other than rounding.

In float32 such a decision may fall the other way than by the definition in float64, and the gradient then differs by a
whole unit's share, in one framework as in another. That is no mismatch; it is excused only where it is shown: among the
decisions that are that close, some, taken the other way, have to reproduce what was measured.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from suite.parity.program import Tie

MOST = 24
"""With more close decisions than this none is tried: a network in which everything ties explains everything."""

PLAUSIBLE = 0.05
"""What is further off than this is not tried either: a decision in one place of one example moves no more."""


def turned(
    deviation: Callable[[frozenset[Tie]], float], ties: Sequence[Tie], tolerance: float
) -> tuple[float, frozenset[Tie]]:
    """Turn close decisions, one after another, as long as that brings the deviation down; stop within ``tolerance``.

    Args:
        deviation: how far off the measured values are, with these decisions turned.
        ties: the decisions that are close.
        tolerance: what is close enough.

    Returns:
        The deviation that is left, and the decisions turned.
    """
    chosen: frozenset[Tie] = frozenset()
    best = deviation(chosen)
    left = list(dict.fromkeys(ties)) if len(ties) <= MOST and best <= PLAUSIBLE else []
    while left and not best <= tolerance:
        tried = {tie: deviation(chosen | {tie}) for tie in left}
        tie = min(tried, key=lambda each: tried[each])
        if not tried[tie] < best:
            break
        best, chosen = tried[tie], chosen | {tie}
        left.remove(tie)
    return best, chosen
