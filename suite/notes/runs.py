"""Are a cell's runs independent repetitions of one thing, made close together?"""

from __future__ import annotations

import itertools
import math
import statistics
from datetime import datetime
from typing import Any

from suite.notes import Evidence, Note, Rule, at, compared, listed, number, plural
from suite.records import Record

LARGEST_DRIFT = 1.10
"""Later over earlier half of the blocks: what all compared cells may have become slower, or faster, together."""

FEWEST_BLOCKS = 4
"""Two blocks in each half, so that one odd run is not a drift."""

LARGEST_GAP_S = 600.0
"""Seconds between two runs of one block beyond what the runs themselves took."""


class SingleRuns(Rule):
    """Trainings were run once, so that nothing tells what another run would have given."""

    id = "single-runs"
    severity = "info"
    family = "timing"

    def evaluate(self, evidence: Evidence) -> list[Note]:
        """Look for cells of whole trainings with one run."""
        found = [
            c["cell"] for c in evidence.cells if c["quantity"] == "training" and c["runs_ok"] == 1 and not c["probe"]
        ]
        if not found:
            return []
        spreads = [
            c["spread"] for c in evidence.cells if c["runs_ok"] > 1 and c["spread"] is not None and not c["probe"]
        ]
        known = (
            ", and where cells of this run had several, the slowest took up to "
            f"{max(spreads):.2f} times as long as the fastest"
            if spreads
            else ", and nothing in this run shows how far two of them lie apart"
        )
        return self.note(
            f"{plural(len(found), 'training')} ran once only: {listed(found, most=3)}. One run's time and accuracy are "
            f"one draw{known}.",
            "Repeat trainings (--preset full, --blocks N) before quoting a difference between them.",
            cells=found,
            largest_spread=max(spreads, default=None),
        )


class DriftBetweenRuns(Rule):
    """Everything became slower, or faster, from the earlier blocks to the later ones."""

    id = "drift-between-runs"
    severity = "caution"
    family = "timing"

    def evaluate(self, evidence: Evidence) -> list[Note]:
        """Compare each cell's later half of blocks with its earlier half; the median over a group's cells tells."""
        found: dict[str, float] = {}
        for what, raws in evidence.comparable:
            drifts = [drift for runs in _by(raws, "cell") if (drift := _drift(runs)) is not None]
            drift = statistics.median(drifts) if len(drifts) > 1 else 1.0
            if max(drift, 1 / drift) > LARGEST_DRIFT:
                found[what] = drift
        if not found:
            return []
        words = listed(f"{what} ({drift:.2f} times)" for what, drift in found.items())
        return self.note(
            f"The machine's pace changed while it measured; later over earlier half of the blocks: {words}. Within a "
            "block that cancels out, in medians over all blocks it does not.",
            "Trust ratios more than seconds here, look at heat and load, and run again when the machine is steady.",
            later_over_earlier=found,
        )


class InterruptedBlocks(Rule):
    """Runs that are paired were made far apart in time."""

    id = "interrupted-blocks"
    severity = "caution"
    family = "timing"

    def evaluate(self, evidence: Evidence) -> list[Note]:
        """Look within each block for a gap between two runs that the runs themselves do not explain."""
        found: dict[str, float] = {}
        for what, raws in evidence.comparable:
            for runs in _by(raws, "block"):
                gap = max((_gap(one, two) for one, two in itertools.pairwise(sorted(runs, key=_started))), default=0.0)
                if gap > LARGEST_GAP_S:
                    found[f"{what}, block {runs[0].get('block')}"] = round(gap)
        if not found:
            return []
        words = listed(f"{what} ({gap / 60:.0f} minutes)" for what, gap in found.items())
        return self.note(
            f"Runs of one block, which are compared as neighbours, lie far apart: {words}. What the machine did "
            "meanwhile counts as a difference between them.",
            "Run these blocks again in one go; --resume after a long break leaves such a block behind.",
            gap_s=found,
        )


class RepeatedSeeds(Rule):
    """Several blocks drew the same random numbers, so they repeat one training."""

    id = "repeated-seeds"
    severity = "caution"
    family = "timing"

    def evaluate(self, evidence: Evidence) -> list[Note]:
        """Look for a seed that more than one block of what is compared was given."""
        blocks: dict[tuple[Any, ...], set[Any]] = {}
        for raw in evidence.matched:
            if raw.get("seed") is not None:
                blocks.setdefault((*compared(raw), raw["seed"]), set()).add(raw.get("block"))
        found = {str(key[-1]): sorted(each, key=str) for key, each in blocks.items() if len(each) > 1}
        if not found:
            return []
        words = listed(f"seed {seed} in blocks {listed(each)}" for seed, each in found.items())
        return self.note(
            f"Blocks share their seed ({words}): their accuracies are no independent repetitions.",
            "Let every block draw its own seed, as evenmatch plans it, and run again in a new --out folder.",
            blocks=found,
        )


def _by(raws: list[Record], field: str) -> list[list[Record]]:
    """Return the runs of one machine with one value of ``field``, for each."""
    found: dict[tuple[Any, Any], list[Record]] = {}
    for raw in raws:
        found.setdefault((at(raw, "machine.id"), raw.get(field)), []).append(raw)
    return list(found.values())


def _drift(runs: list[Record]) -> float | None:
    """Return the median step of the later half of the blocks over that of the earlier half."""
    steps = [step for raw in sorted(runs, key=_started) if (step := number(at(raw, "steps.median_s")))]
    if len(steps) < FEWEST_BLOCKS:
        return None
    half = len(steps) // 2
    return math.exp(_middle(steps[-half:]) - _middle(steps[:half]))


def _middle(steps: list[float]) -> float:
    return statistics.median(map(math.log, steps))


def _started(raw: Record) -> str:
    return str(raw.get("started_at"))


def _gap(one: Record, two: Record) -> float:
    """Return the seconds from the end of one run to the start of the next; 0 where times were not recorded."""
    try:
        times = [datetime.fromisoformat(_started(raw)) for raw in (one, two)]
        return (times[1] - times[0]).total_seconds() - (number(one.get("wall_s")) or 0.0)
    except (ValueError, TypeError):  # no time, or one with a zone and one without
        return 0.0
