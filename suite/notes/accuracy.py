"""Did the frameworks learn equally well in the time compared?"""

from __future__ import annotations

import statistics
from typing import Any

from suite.notes import Evidence, Note, Rule, listed, name, number

LARGEST_DIFFERENCE = 0.025
"""What final accuracies of equal trainings may differ by; rounding alone moves one training by about 0.01."""


class UnequalAccuracies(Rule):
    """Whole trainings of the same length ended at unlike test accuracies."""

    id = "unequal-accuracies"
    severity = "caution"
    family = "accuracy"

    def evaluate(self, evidence: Evidence) -> list[Note]:
        """Compare the median final accuracies of the framework-modes in everything that is compared."""
        found = {}
        for what, raws in evidence.comparable():
            finals: dict[str, list[float]] = {}
            for raw in raws:
                if (accuracy := _final(raw)) is not None:
                    finals.setdefault(name(raw), []).append(accuracy)
            medians = {who: statistics.median(values) for who, values in finals.items()}
            if medians and max(medians.values()) - min(medians.values()) > LARGEST_DIFFERENCE + 1e-9:
                found[what] = medians
        if not found:
            return []
        words = (
            f"{what}: {', '.join(f'{who} {accuracy:.4f}' for who, accuracy in medians.items())}"
            for what, medians in found.items()
        )
        return self.note(
            f"Final test accuracies differ by more than {LARGEST_DIFFERENCE} ({listed(words)}): a faster training that "
            "learns less is not the same result.",
            "Run more blocks to tell chance from a difference in training; read no time without its accuracy.",
            accuracies=found,
            largest_difference=LARGEST_DIFFERENCE,
        )


def _final(raw: dict[str, Any]) -> float | None:
    epochs = raw.get("epochs")
    return number(epochs[-1].get("test_accuracy")) if isinstance(epochs, list) and epochs else None
