"""Were the frameworks fed the same data, and real data?"""

from __future__ import annotations

from suite.notes import Evidence, Note, Rule, at, listed


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
        found = {}
        for what, raws in evidence.comparable():
            digests = evidence.by_framework("data.sha256", raws)
            if len({digest for values in digests.values() for digest in values}) > 1:
                found[what] = digests
        if not found:
            return []
        return self.note(
            f"Not all runs compared with one another used the same data ({listed(found)}): their digests differ, "
            "so neither their times nor their accuracies can be compared.",
            "Name one data folder for all frameworks and run again in a new --out folder.",
            digests=found,
        )
