"""Were the frameworks fed the same data, real data, and all of it?"""

from __future__ import annotations

import statistics
from typing import Any

from suite.notes import Evidence, Note, Rule, at, compared, listed, name, number

COLD_FACTOR = 3.0
COLD_SECONDS = 1.0
"""A first run whose data took this many times as long as the others', and so much longer, read from a cold disk."""


class SyntheticData(Rule):
    """Images made by a procedure stand in for the data set."""

    id = "synthetic-data"
    severity = "caution"
    family = "data"

    def evaluate(self, evidence: Evidence) -> list[Note]:
        """Say it as soon as one run, or the plan, used a stand-in."""
        records = [*evidence.ok, *([evidence.plan] if evidence.plan else [])]
        names = sorted({str(at(record, "data.name")) for record in records if at(record, "data.synthetic") is True})
        if not names:
            return []
        return self.note(
            f"The data are synthetic ({listed(names)}), made by a procedure in the same shapes and sizes: times are "
            "what real data would give, losses and accuracies are those of the synthetic data alone.",
            "Quote no accuracy from this run; for real ones run again with --data DIR or --download.",
            data=names,
        )


class DifferentData(Rule):
    """The bytes that one framework trained on are not those of another."""

    id = "different-data"
    severity = "unfair"
    family = "data"

    def evaluate(self, evidence: Evidence) -> list[Note]:
        """Compare the digests of the data within everything that is compared."""
        found = evidence.unlike(lambda raw: at(raw, "data.sha256"))
        if not found:
            return []
        return self.note(
            f"Not all runs compared with one another used the same data ({listed(found)}): their digests differ, "
            "so neither their times nor their accuracies can be compared.",
            "Name one data folder for all frameworks and run again in a new --out folder.",
            digests=found,
        )


class UnlikeInputs(Rule):
    """Within one block, frameworks started from other weights or visited examples in another order."""

    id = "unlike-inputs"
    severity = "unfair"
    family = "data"

    def evaluate(self, evidence: Evidence) -> list[Note]:
        """Compare the digests of every input file that the runs of one block were given."""
        digests: dict[tuple[Any, ...], dict[str, set[str]]] = {}
        for raw in evidence.matched:
            given = raw.get("inputs")
            block = digests.setdefault((*compared(raw), raw.get("block")), {})
            for what, digest in given.items() if isinstance(given, dict) else ():
                block.setdefault(what, set()).add(str(digest))
        found: dict[str, list[str]] = {}
        for (_, _, workload, parameters, block), given in digests.items():
            if unlike := [what.removesuffix("_sha256") for what, seen in given.items() if len(seen) > 1]:
                found[f"{workload} {parameters}, block {block}"] = unlike
        if not found:
            return []
        words = listed(f"{what} ({listed(unlike)})" for what, unlike in found.items())
        return self.note(
            f"Frameworks of one block were given unlike inputs: {words}. They did not train the same thing.",
            "Run again in a new --out folder: every block draws one set of weights and one order for all frameworks.",
            inputs=found,
        )


class PartOfTheExamples(Rule):
    """Trainings saw only some of the training examples."""

    id = "part-of-the-examples"
    severity = "caution"
    family = "data"

    def evaluate(self, evidence: Evidence) -> list[Note]:
        """Compare the examples of a training with those that there are."""
        found: dict[str, float] = {}
        for raw in evidence.ok:
            used, there = number(at(raw, "params.examples")), number(at(raw, "data.train_examples"))
            if used is not None and there is not None and used < there:
                found[str(raw.get("workload"))] = used
        if not found:
            return []
        words = listed(f"{workload} ({count:g} examples)" for workload, count in found.items())
        return self.note(
            f"Trainings used a part of the training examples: {words}. Their accuracies show that training works, "
            "not what a whole training reaches.",
            "For accuracies take a preset that trains on all examples (quick, paper, full).",
            examples=found,
        )


class ColdData(Rule):
    """The first run read its data from a cold disk."""

    id = "data-cache-cold"
    severity = "info"
    family = "data"

    def evaluate(self, evidence: Evidence) -> list[Note]:
        """Compare the data phase of the very first run with those of the same cell's later ones."""
        first = min(evidence.ok, key=lambda raw: str(raw.get("started_at")), default=None)
        took = number(at(first or {}, "phases.data"))
        if first is None or took is None:
            return []
        others = [
            seconds
            for raw in evidence.ok
            if raw is not first and raw.get("cell") == first.get("cell")
            if (seconds := number(at(raw, "phases.data"))) is not None
        ]
        usual = statistics.median(others) if others else took
        if took < COLD_FACTOR * usual or took - usual < COLD_SECONDS:
            return []
        return self.note(
            f"The first run ({name(first)}) read its data in {took:.1f} s, later ones in {usual:.1f} s: the files were "
            "not in memory yet. Reading is not on the clock, and step times are not touched.",
            "Nothing has to be done; leave the first run out where you look at a run's whole duration.",
            first_s=took,
            usual_s=usual,
        )
