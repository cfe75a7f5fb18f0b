"""Were single steps held up, and was it the machine or the beginning of an epoch?"""

from __future__ import annotations

from dataclasses import dataclass

from suite.notes import Evidence, Note, Rule, at, listed, number
from suite.records import Record

LARGEST_MEAN_OVER_MEDIAN = 1.25
"""Mean over median step of one run; steps inside a run are alike, so a mean far above the median means stalls."""

LARGEST_SHARE_OF_STARTS = 0.05
"""The share of a training's step times that the first steps of its epochs may take beyond that of ordinary steps."""

FEWEST_MEDIANS = 5.0
"""How many ordinary steps the first step of each epoch has to last if all of them are to count as slow."""


class Stalls(Rule):
    """Something held up single steps inside a run."""

    id = "stalls-within-runs"
    severity = "caution"
    family = "timing"

    def evaluate(self, evidence: Evidence) -> list[Note]:
        """Compare the mean steady step with the median one; the first steps of epochs, where known, are another's."""
        found: dict[str, float] = {}
        unplaced = set()
        for raw in evidence.ok:
            steps = _steps(raw)
            excess = steps.rest / steps.median if steps else 0.0
            if steps and excess > LARGEST_MEAN_OVER_MEDIAN:
                cell = str(raw.get("cell"))
                found[cell] = max(excess, found.get(cell, 0.0))
                if steps.starts is None and raw.get("epochs"):
                    unplaced.add(cell)
        if not found:
            return []
        found = dict(sorted(found.items(), key=lambda item: -item[1]))
        words = (f"{cell} ({excess:.2f} times)" for cell, excess in found.items())
        where = (
            f" Whether that was where an epoch begins is not known of {listed(sorted(unplaced))}." if unplaced else ""
        )
        return self.note(
            f"In some runs a steady step took on average much longer than the median step: {listed(words)}. "
            f"Single steps were held up.{where}",
            "Look at the step times in the report and run again on a quiet machine; medians leave such steps out.",
            mean_over_median=found,
            place_unknown=sorted(unplaced),
        )


class SlowEpochStarts(Rule):
    """The first step of each epoch takes a good part of a training, which scaled times leave out."""

    id = "slow-epoch-starts"
    severity = "caution"
    family = "timing"

    def evaluate(self, evidence: Evidence) -> list[Note]:
        """Compare the steady steps that began an epoch with the median step, in every training that tells them."""
        shares: dict[str, float] = {}
        seconds: dict[str, list[float]] = {}
        once: set[str] = set()
        for raw in evidence.ok:
            steps, cell = _steps(raw), str(raw.get("cell"))
            if steps and steps.starts and steps.share_of_starts > LARGEST_SHARE_OF_STARTS:
                shares[cell] = max(steps.share_of_starts, shares.get(cell, 0.0))
                seconds.setdefault(cell, []).extend(steps.starts)
                if len(steps.starts) < 2 or min(steps.starts) < FEWEST_MEDIANS * steps.median:
                    once.add(cell)
        if not shares:
            return []
        shares = dict(sorted(shares.items(), key=lambda item: -item[1]))
        words = {cell: f"{cell} ({_range(seconds[cell])} s, {share:.0%})" for cell, share in shares.items()}
        always, sometimes = ([words[cell] for cell in words if (cell in once) is rare] for rare in (False, True))
        told = []
        if always:
            told.append(f"in every epoch of {listed(always)}: that is how it is begun, no stall of the machine")
        if sometimes:
            told.append(f"in one epoch of {listed(sometimes)}: that may be the program's doing or the machine's")
        return self.note(
            "The first steps of epochs took a good part of these trainings' step times: "
            f"{'; '.join(told)}. Times scaled from sampled steps leave it out.",
            "Compare whole trainings as well (--preset full), or add these seconds to every epoch of a scaled time.",
            share_of_step_times=shares,
            first_steps_s=seconds,
            in_every_epoch=[cell for cell in shares if cell not in once],
        )


@dataclass(frozen=True)
class _Steps:
    """A run's steady steps in seconds: the mean of all but those that began an epoch, where it is told which did."""

    median: float
    rest: float
    starts: list[float] | None
    share_of_starts: float


def _steps(raw: Record) -> _Steps | None:
    mean, median, count = _mean(raw), number(at(raw, "steps.median_s")), number(at(raw, "steps.count"))
    if not mean or not median:
        return None
    told = at(raw, "steps.epoch_starts_s")
    starts = [start for start in told if number(start) is not None] if isinstance(told, list) else None
    if not starts or not count or count <= len(starts):
        return _Steps(median, mean, starts, 0.0)
    rest = (mean * count - sum(starts)) / (count - len(starts))
    return _Steps(median, rest, starts, (sum(starts) - median * len(starts)) / (mean * count))


def _mean(raw: Record) -> float | None:
    """Return the mean steady step in seconds, or None.

    The steady phase of sampled steps does not tell it: what a framework does around its steps counts there too.
    """
    if (mean := number(at(raw, "steps.mean_s"))) is not None:
        return mean
    count, epochs = number(at(raw, "steps.count")), raw.get("epochs")
    seconds = [number(epoch.get("train_s")) for epoch in epochs] if isinstance(epochs, list) else []
    return sum(s or 0.0 for s in seconds) / count if count and seconds and None not in seconds else None


def _range(seconds: list[float]) -> str:
    """Return "1.1 to 1.6"; one number where both read the same."""
    return " to ".join(dict.fromkeys(f"{value:.2g}" for value in (min(seconds), max(seconds))))
