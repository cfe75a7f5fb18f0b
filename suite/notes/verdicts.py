"""How far may the verdicts be relied on, taken together?"""

from __future__ import annotations

import math

from suite import stats
from suite.notes import PUBLISHED, Evidence, Note, Rule, name, plural


class NothingCompared(Rule):
    """No two framework-modes have a finished run in common."""

    id = "nothing-compared"
    severity = "caution"
    family = "timing"

    def evaluate(self, evidence: Evidence) -> list[Note]:
        """Look for a pair with a ratio, be it of two places, wherever something ran at all."""
        found = (*evidence.comparisons, *evidence.venues)
        if not evidence.raws or any(row["ratio"] is not None for row in found):
            return []
        arms = sorted({name(raw) for raw in evidence.ok})
        return self.note(
            f"Nothing is compared: no two of the {plural(len(arms), 'framework-mode')} that finished have a block in "
            "common."
            if len(arms) > 1
            else "Nothing is compared: fewer than two framework-modes finished a run.",
            "See under the failures what did not run, or select more than one framework.",
            finished=arms,
        )


class ManyComparisons(Rule):
    """Several verdicts stand side by side, each with its own chance of being wrong."""

    id = "many-comparisons"
    severity = "info"
    family = "timing"

    def evaluate(self, evidence: Evidence) -> list[Note]:
        """Count the verdicts, and those that still hold when all are asked to be right together (Holm)."""
        tested = [row for row in evidence.comparisons if row["low"] is not None and not row["unmatched"]]
        claimed = [row for row in tested if row["holds_after_holm"] is not None]
        if len(tested) < 2 or not claimed:
            return []
        held = sum(row["holds_after_holm"] for row in claimed)
        blocks = min(row["runs"] for row in tested)
        needed = math.ceil(math.log2(2 * len(tested) / (1 - stats.TARGET_CONFIDENCE)))  # 2 / 2^n, the least p-value
        if blocks < needed:
            todo = f"Take one verdict as it stands; to rely on all of them at once, run {needed} blocks or more."
        elif held < len(claimed):
            todo = (
                f"Take one verdict as it stands; to rely on those that do not hold yet, run more than these {blocks} "
                "blocks."
            )
        else:
            todo = "All of them may be relied on at once."
        return self.note(
            f"{plural(len(tested), 'comparison')} were made and {plural(len(claimed), 'verdict')} given, each with an "
            f"interval of its own; of all of them together, {held} still hold after Holm's correction."
            + (f" With {blocks} blocks not even the clearest could: that takes {needed}." if blocks < needed else ""),
            todo,
            comparisons=len(tested),
            verdicts=len(claimed),
            hold_together=held,
            blocks=blocks,
            blocks_needed=needed,
        )


class NotResolved(Rule):
    """Some comparisons had runs enough and yet no verdict."""

    id = "not-resolved"
    severity = "info"
    family = "timing"

    def evaluate(self, evidence: Evidence) -> list[Note]:
        """Count the comparisons whose interval reaches over a bound of the dead band."""
        tested = [row for row in evidence.comparisons if row["low"] is not None and not row["unmatched"]]
        open_ = [row for row in tested if row["verdict"] == "not resolved"]
        if not open_:
            return []
        widest = max(row["high"] / row["low"] for row in open_)
        return self.note(
            f"{len(open_)} of {plural(len(tested), 'comparison')} {'is' if len(open_) == 1 else 'are'} not resolved: "
            f"the widest interval spans {widest:.2f} times from end to end and reaches over a bound of what counts as "
            "a difference.",
            "That is no sign of equality: run more blocks, or with fewer threads, where runs vary less.",
            not_resolved=len(open_),
            of=len(tested),
            widest=round(widest, 3),
        )


class NoSelfComparison(Rule):
    """No framework-mode was run against itself, which would show what a difference by chance looks like here."""

    id = "no-self-comparison"
    severity = "info"
    family = "timing"

    def evaluate(self, evidence: Evidence) -> list[Note]:
        """Say it wherever verdicts are given: no run of this suite holds an arm against itself yet."""
        verdicts = sum(row["holds_after_holm"] is not None for row in evidence.comparisons if row["lane"] != PUBLISHED)
        if not verdicts:
            return []
        return self.note(
            "No framework was held against itself under two names, so nothing shows how often this machine makes a "
            f"difference where there is none; {plural(verdicts, 'verdict')} rest on their intervals alone.",
            "Run the same command twice, into two folders, and see whether the verdicts come out alike.",
            verdicts=verdicts,
        )
