"""Were a run's steps in a steady state, and long enough for the clock?"""

from __future__ import annotations

import statistics

from suite.notes import Evidence, Note, Rule, at, listed, number, plural

LARGEST_DRIFT = 1.10
"""First over last quarter of a run's steady steps (medians), or the other way round; the median over a cell's runs."""

FEWEST_STEPS = 80
"""Twenty steps in each quarter, so that a few held up do not look like a drift."""

LARGEST_TICK_SHARE = 0.01
"""The share of a step that one tick of the clock may be."""


class WarmUpNotReached(Rule):
    """The first steps that count were slower than the last ones."""

    id = "warm-up-not-reached"
    severity = "caution"
    family = "timing"

    def evaluate(self, evidence: Evidence) -> list[Note]:
        """Compare the first with the last quarter of the steady steps, by the median over each cell's runs."""
        found = {cell: drift for cell, drift in _drifts(evidence).items() if drift > LARGEST_DRIFT}
        if not found:
            return []
        words = listed(f"{cell} ({drift:.2f} times)" for cell, drift in found.items())
        return self.note(
            f"Steps were still getting faster while they were counted in {plural(len(found), 'cell')}; first over last "
            f"quarter: {words}. The median is that of a program not yet warm.",
            "Take a preset with more warm-up steps, or look at the step times and quote the last quarter.",
            first_over_last=found,
        )


class SlowsDown(Rule):
    """The last steps that count were slower than the first ones."""

    id = "slows-down-within-runs"
    severity = "caution"
    family = "timing"

    def evaluate(self, evidence: Evidence) -> list[Note]:
        """Compare the last with the first quarter of the steady steps, by the median over each cell's runs."""
        found = {cell: 1 / drift for cell, drift in _drifts(evidence).items() if 1 / drift > LARGEST_DRIFT}
        if not found:
            return []
        words = listed(f"{cell} ({drift:.2f} times)" for cell, drift in found.items())
        return self.note(
            f"Steps grew slower while they were counted in {plural(len(found), 'cell')}; last over first quarter: "
            f"{words}. Heat, memory or numbers too small to be normal do that.",
            "Look at the step times in the report; a whole training would be slower than its scaled time.",
            last_over_first=found,
        )


class CoarseClock(Rule):
    """A step is so short that the clock's own ticks show."""

    id = "coarse-clock"
    severity = "caution"
    family = "timing"

    def evaluate(self, evidence: Evidence) -> list[Note]:
        """Compare one tick of the clock with each run's median step."""
        found: dict[str, float] = {}
        for raw in evidence.ok:
            tick, step = number(at(raw, "steps.clock_tick_s")), number(at(raw, "steps.median_s"))
            if tick is not None and step and tick > LARGEST_TICK_SHARE * step:
                found[str(raw.get("cell"))] = tick / step
        if not found:
            return []
        words = listed(f"{cell} ({share:.0%} of a step)" for cell, share in found.items())
        return self.note(
            f"One tick of this machine's clock is a good part of a step: {words}. Single steps cannot be told apart.",
            "Take a larger batch, or compare whole trainings.",
            tick_over_step=found,
        )


def _drifts(evidence: Evidence) -> dict[str, float]:
    """Return, by cell, first over last quarter of the steady steps, the median over its runs."""
    found: dict[str, list[float]] = {}
    for raw in evidence.ok:
        early, late, count = (number(at(raw, f"steps.{field}")) for field in ("early_s", "late_s", "count"))
        if early and late and count and count >= FEWEST_STEPS:
            found.setdefault(str(raw.get("cell")), []).append(early / late)
    return {cell: statistics.median(drifts) for cell, drifts in found.items()}
