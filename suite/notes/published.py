"""The as-published lane: what its numbers are, and what they are not."""

from __future__ import annotations

import statistics

from suite.notes import Evidence, Note, Rule, at, listed, name
from suite.notes.accuracy import final


class AsPublished(Rule):
    """Programs as published stand beside matched ones; their numbers compare programs."""

    id = "as-published"
    severity = "info"
    family = "publication"

    def evaluate(self, evidence: Evidence) -> list[Note]:
        """Look for runs of the lane beside matched ones."""
        found = sorted({name(raw) for raw in evidence.published})
        if not found or not evidence.matched:
            return []
        return self.note(
            f"Numbers marked as published ({listed(found)}) are those of programs as each framework's users write "
            "them, with its defaults: they show what readers of a study get, not what a framework is capable of.",
            "Quote them beside the matched ones only.",
            programs=found,
        )


class AsPublishedAlone(Rule):
    """Only programs as published were run, so no framework is compared with another."""

    id = "as-published-alone"
    severity = "unfair"
    family = "publication"

    def evaluate(self, evidence: Evidence) -> list[Note]:
        """Look for runs of the lane without any matched one."""
        found = sorted({name(raw) for raw in evidence.published})
        if not found or evidence.matched:
            return []
        return self.note(
            f"Only programs as published ran ({listed(found)}): they differ in more than the framework, so their times "
            "and accuracies compare programs, not frameworks.",
            "Run both lanes (--lane both) and read them side by side.",
            programs=found,
        )


class PublishedDifferences(Rule):
    """In what the programs as published are unlike the matched workload."""

    id = "published-differences"
    severity = "info"
    family = "publication"

    def evaluate(self, evidence: Evidence) -> list[Note]:
        """Repeat the differences that were found when the programs were examined."""
        found: dict[str, list[str]] = {}
        for raw in evidence.published:
            who = f"{name(raw)} in {raw.get('workload')}"
            for sentence in at(raw, "passport.differences") or []:
                if sentence not in found.setdefault(who, []):
                    found[who].append(str(sentence))
        found = {who: sentences for who, sentences in found.items() if sentences}
        if not found:
            return []
        words = "; ".join(f"{who}: {' '.join(sentences).rstrip('.')}" for who, sentences in found.items())
        return self.note(
            f"What the programs as published do otherwise than the matched workload: {words}.",
            "See in the report what switching one of them changes.",
            differences=found,
        )


class PublishedAccuracies(Rule):
    """Programs as published ended at unlike accuracies, as unlike programs do."""

    id = "published-accuracies"
    severity = "info"
    family = "publication"

    def evaluate(self, evidence: Evidence) -> list[Note]:
        """Give the median final accuracies of the programs by workload."""
        found: dict[str, dict[str, list[float]]] = {}
        for raw in evidence.published:
            if (accuracy := final(raw)) is not None:
                found.setdefault(str(raw.get("workload")), {}).setdefault(name(raw), []).append(accuracy)
        medians = {
            workload: {who: statistics.median(values) for who, values in finals.items()}
            for workload, finals in found.items()
            if len(finals) > 1
        }
        if not medians:
            return []
        words = listed(
            f"{workload}: {', '.join(f'{who} {accuracy:.4f}' for who, accuracy in finals.items())}"
            for workload, finals in medians.items()
        )
        return self.note(
            f"Accuracies of programs as published are those of unlike programs ({words}): a gap between them says "
            "nothing about the frameworks until it is seen in the matched lane, too.",
            "Look which switched difference closes the gap.",
            accuracies=medians,
        )
