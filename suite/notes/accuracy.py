"""Did the frameworks learn, equally well, in the time compared?"""

from __future__ import annotations

import statistics

from suite.notes import Evidence, Note, Rule, at, listed, name, number, plural
from suite.records import Record

LARGEST_DIFFERENCE = 0.025
"""What final accuracies of equal trainings may differ by; rounding alone moves one training by about 0.01."""

LEAST_OVER_CHANCE = 1.5
"""How many times chance an accuracy has to reach to show that something was learnt."""

FEWEST_EPOCHS = 10
"""The first study's shorter training: with fewer epochs accuracies still rise fast, and small shifts look large."""


class UnequalAccuracies(Rule):
    """Whole trainings of the same length ended at unlike test accuracies."""

    id = "unequal-accuracies"
    severity = "caution"
    family = "accuracy"

    def evaluate(self, evidence: Evidence) -> list[Note]:
        """Compare the median final accuracies of the framework-modes in everything that is compared."""
        found = {}
        for what, raws in evidence.comparable:
            finals: dict[str, list[float]] = {}
            for raw in raws:
                if (accuracy := final(raw)) is not None:
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


class AccuracyAtChance(Rule):
    """A training ended hardly better than guessing."""

    id = "accuracy-at-chance"
    severity = "caution"
    family = "accuracy"

    def evaluate(self, evidence: Evidence) -> list[Note]:
        """Compare final accuracies with one over the number of the network's outputs."""
        found: dict[str, float] = {}
        for raw in evidence.ok:
            accuracy, outputs = final(raw), _outputs(raw)
            if accuracy is not None and outputs and accuracy < LEAST_OVER_CHANCE / outputs:
                found[str(raw.get("cell"))] = accuracy
        if not found:
            return []
        words = listed(f"{cell} ({accuracy:.4f})" for cell, accuracy in found.items())
        return self.note(
            f"Trainings ended at about the accuracy of guessing: {words}. Nothing was learnt that a time could be for.",
            "Look at the losses; train longer, or see what the passport says of this network.",
            accuracies=found,
        )


class LossNotFinite(Rule):
    """An epoch's training loss was no finite number."""

    id = "loss-not-finite"
    severity = "caution"
    family = "accuracy"

    def evaluate(self, evidence: Evidence) -> list[Note]:
        """Look for epochs whose loss was recorded as nothing: JSON keeps no infinity and no NaN."""
        found: dict[str, list[object]] = {}
        for raw in evidence.ok:
            for epoch in _epochs(raw):
                if "train_loss" in epoch and number(epoch["train_loss"]) is None:
                    found.setdefault(str(raw.get("cell")), []).append(epoch.get("epoch"))
        if not found:
            return []
        words = listed(f"{cell} (epoch {listed(dict.fromkeys(epochs))})" for cell, epochs in found.items())
        return self.note(
            f"The training loss was not a finite number: {words}. From there on the time is that of a broken training.",
            "Lower the learning rate, or find the layer in which numbers grow without bound.",
            epochs=found,
        )


class FewEpochs(Rule):
    """No training was long enough for a statement on accuracy."""

    id = "few-epochs"
    severity = "info"
    family = "accuracy"

    def evaluate(self, evidence: Evidence) -> list[Note]:
        """Look at the longest training of each workload."""
        longest: dict[str, int] = {}
        for raw in evidence.ok:
            if (epochs := len(_epochs(raw))) > 0:
                longest[str(raw.get("workload"))] = max(epochs, longest.get(str(raw.get("workload")), 0))
        found = {workload: epochs for workload, epochs in longest.items() if epochs < FEWEST_EPOCHS}
        if not found:
            return []
        words = listed(f"{workload} ({plural(epochs, 'epoch')})" for workload, epochs in found.items())
        return self.note(
            f"Trainings ended after few epochs: {words}. That shows that the frameworks learn, not how well they learn "
            "in the end.",
            f"For accuracies train {FEWEST_EPOCHS} epochs or more (--preset full, --epochs {FEWEST_EPOCHS}).",
            epochs=found,
        )


def final(raw: Record) -> float | None:
    """Return the test accuracy after the last epoch of a whole training, None of anything else."""
    epochs = _epochs(raw)
    return number(epochs[-1].get("test_accuracy")) if epochs else None


def _epochs(raw: Record) -> list[Record]:
    epochs = raw.get("epochs")
    return epochs if isinstance(epochs, list) else []


def _outputs(raw: Record) -> float | None:
    """Return how many classes the network tells apart: the width of its last layer."""
    layers = raw.get("layers")
    shape = at(layers[-1], "output_shape") if isinstance(layers, list) and layers else None
    return number(shape[-1]) if isinstance(shape, list) and shape else None
