"""Can the times be relied on: enough runs, complete, in a fair order, and alike?"""

from __future__ import annotations

import itertools
from collections import Counter
from typing import Any

from suite.notes import Evidence, Note, Rule, at, compared, listed, number, plural
from suite.stats import FEWEST_RUNS

LARGEST_SPREAD = {True: 1.10, False: 1.25}
"""Largest over smallest run of a cell, with one thread and with more; quiet machines stay below (measured)."""

LARGEST_SHARE_FIRST = 0.75
"""The share of blocks in which one of two cells may go before the other and the order still count as balanced."""


class TooFewRuns(Rule):
    """Cells with fewer runs than an interval needs."""

    id = "too-few-runs"
    severity = "caution"
    family = "timing"

    def evaluate(self, evidence: Evidence) -> list[Note]:
        """Count the runs of each cell that ended well; a cell without any is named by another rule."""
        sampled = {cell["workload"] for cell in evidence.cells if cell["quantity"] == "step"}
        few = {
            cell["cell"]: cell["runs_ok"]
            for cell in evidence.cells
            # a training beside sampled steps is there for its accuracy; the verdict rests on the steps
            if 0 < cell["runs_ok"] < FEWEST_RUNS and (cell["quantity"] == "step" or cell["workload"] not in sampled)
            if not cell["probe"]
        }
        if not few:
            return []
        words = (f"{cell} ({count})" for cell, count in few.items())
        return self.note(
            f"{plural(len(few), 'cell')} had fewer than {FEWEST_RUNS} runs, too few for an interval or a verdict: "
            f"{listed(words)}.",
            f"Run at least {FEWEST_RUNS} blocks (--blocks {FEWEST_RUNS}).",
            runs=few,
            fewest=FEWEST_RUNS,
        )


class UnlikeRuns(Rule):
    """Runs of one and the same cell took unlike times."""

    id = "spread-between-runs"
    severity = "caution"
    family = "timing"

    def evaluate(self, evidence: Evidence) -> list[Note]:
        """Compare each cell's slowest with its fastest run."""
        threads = {raw.get("cell"): number(at(raw, "settings.threads_intra")) for raw in evidence.ok}
        wide = {
            cell["cell"]: cell["spread"]
            for cell in evidence.cells
            if cell["spread"] is not None and cell["spread"] > LARGEST_SPREAD[threads.get(cell["cell"]) == 1]
        }
        if not wide:
            return []
        wide = dict(sorted(wide.items(), key=lambda item: -item[1]))
        words = (f"{cell} ({spread:.2f} times)" for cell, spread in wide.items())
        return self.note(
            f"In {plural(len(wide), 'cell')} the slowest run took much longer than the fastest of the same cell: "
            f"{listed(words)}. Something other than the framework moved the times.",
            "Close other programs and run again, or with more blocks: the wider the spread, the less it says.",
            spread=wide,
        )


class OrderNotBalanced(Rule):
    """One cell went before another in nearly every block, so a drift of the machine favours one of them."""

    id = "order-not-balanced"
    severity = "caution"
    family = "timing"

    def evaluate(self, evidence: Evidence) -> list[Note]:
        """Count for each compared pair which one went first."""
        first: Counter[tuple[str, str]] = Counter()
        for raws in _by_block(evidence):
            ordered = sorted(raws, key=lambda raw: raw["position"])
            first.update((str(a["cell"]), str(b["cell"])) for a, b in itertools.combinations(ordered, 2))
        found = {}
        for (a, b), times in first.items():
            blocks = times + first.get((b, a), 0)
            if a != b and blocks >= 2 and times / blocks > LARGEST_SHARE_FIRST:
                found[f"{a} before {b}"] = f"{times} of {blocks}"
        if not found:
            return []
        words = (f"{pair} in {share} blocks" for pair, share in found.items())
        return self.note(
            f"The order of runs is not balanced: {listed(words, most=3)}. If the machine sped up or slowed down "
            "meanwhile, that counts as a difference between them.",
            "Finish all planned blocks with --resume, or plan more of them (--blocks 6).",
            first=found,
        )


class RunsFailed(Rule):
    """Runs that did not end well."""

    id = "runs-failed"
    severity = "caution"
    family = "timing"

    def evaluate(self, evidence: Evidence) -> list[Note]:
        """Count them by cell and status."""
        found: dict[str, Counter[str]] = {}
        for raw in evidence.raws:
            if raw.get("status") != "ok":
                found.setdefault(str(raw.get("cell")), Counter())[str(raw.get("status"))] += 1
        if not found:
            return []
        words = (f"{cell} ({', '.join(f'{n} {s}' for s, n in counts.items())})" for cell, counts in found.items())
        return self.note(
            f"{plural(sum(map(Counter.total, found.values())), 'run')} did not end well: {listed(words)}. "
            "Their blocks are missing from the comparisons.",
            "Read the reasons under the failures, remedy them, and run again.",
            failed={cell: dict(counts) for cell, counts in found.items()},
        )


class RunsMissing(Rule):
    """Planned runs that left no result."""

    id = "runs-missing"
    severity = "caution"
    family = "timing"

    def evaluate(self, evidence: Evidence) -> list[Note]:
        """Compare the plan with the results."""
        planned = Counter((run["cell"], run["block"]) for run in at(evidence.plan or {}, "runs") or [])
        planned.subtract((raw.get("cell"), raw.get("block")) for raw in evidence.raws)
        missing: Counter[str] = Counter()
        for (cell, _), count in planned.items():
            missing[cell] += max(count, 0)
        found = {cell: count for cell, count in missing.items() if count}
        if not found:
            return []
        return self.note(
            f"{plural(sum(found.values()), 'planned run')} left no result: "
            f"{listed(f'{cell} ({count})' for cell, count in found.items())}.",
            "Go on where it stopped with --resume.",
            missing=found,
        )


class ScaledTimes(Rule):
    """Times of whole trainings are worked out from sampled steps."""

    id = "scaled-times"
    severity = "info"
    family = "timing"

    def evaluate(self, evidence: Evidence) -> list[Note]:
        """Count the cells whose steps were sampled."""
        steps = [c for c in evidence.cells if c["quantity"] == "step" and not c["probe"]]
        sampled = [c["cell"] for c in steps if c["median_s"] is not None]
        if not sampled:
            return []
        return self.note(
            f"Times of whole trainings marked as scaled were not measured: for {plural(len(sampled), 'cell')} they are "
            "the first step and the median steady step times the number of the other steps, evaluation excluded.",
            "For measured trainings run with --preset full.",
            cells=len(sampled),
        )


def _by_block(evidence: Evidence) -> list[list[dict[str, Any]]]:
    """Return the runs compared with one another in one block, for each block; those without a position are left out."""
    blocks: dict[tuple[Any, ...], list[dict[str, Any]]] = {}
    for raw in evidence.ok:
        if number(raw.get("position")) is not None and raw.get("probe") is None:
            blocks.setdefault((*compared(raw), at(raw, "machine.id"), raw.get("block")), []).append(raw)
    return list(blocks.values())
