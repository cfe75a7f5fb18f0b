"""Is it proved that the frameworks compute the same training? What the runs themselves say of their passports."""

from __future__ import annotations

from suite.notes import Evidence, Note, Rule, at, listed, name
from suite.records import Record

PROVED = ("matched", "unmatched", "error")
"""How the passport of a matched arm can read."""


class PassportMissing(Rule):
    """Nothing proves that a framework-mode which is compared trains like the others."""

    id = "passport-missing"
    severity = "unfair"
    family = "matched"

    def evaluate(self, evidence: Evidence) -> list[Note]:
        """Look for runs that are compared and carry no parity passport."""
        found = {who: len(runs) for who, runs in _arms(evidence, None).items()}
        if not found:
            return []
        return self.note(
            f"No parity passport: nothing proves that {listed(found)} train alike. Their numbers are shown as "
            "UNMATCHED and enter no verdict.",
            "Run again in a new --out folder: parity is proved before anything is measured.",
            runs=found,
        )


class PassportUnmatched(Rule):
    """A framework-mode that is compared was found to train otherwise."""

    id = "passport-unmatched"
    severity = "unfair"
    family = "matched"

    def evaluate(self, evidence: Evidence) -> list[Note]:
        """Look for passports that failed, and repeat what they name."""
        found = {who: _verdict(runs[0]) for who, runs in _arms(evidence, "unmatched").items()}
        if not found:
            return []
        words = listed(f"{who} ({verdict})" for who, verdict in found.items())
        return self.note(
            f"Not the same training: {words}. Such numbers are shown as UNMATCHED and enter no verdict.",
            "Read the passport in the report, which names every item that fails; compare matched modes meanwhile.",
            failed=found,
        )


class PassportError(Rule):
    """The exam of a framework-mode that is compared could not be finished."""

    id = "passport-error"
    severity = "unfair"
    family = "matched"

    def evaluate(self, evidence: Evidence) -> list[Note]:
        """Look for passports that ended in an error."""
        found = {who: _verdict(runs[0]) for who, runs in _arms(evidence, "error").items()}
        if not found:
            return []
        words = listed(f"{who} ({verdict})" for who, verdict in found.items())
        return self.note(
            f"Parity could not be examined: {words}. Their numbers are shown as UNMATCHED and enter no verdict.",
            "Run evenmatch parity and read its message, then run again in a new --out folder.",
            failed=found,
        )


class PassportResidues(Rule):
    """A matched framework-mode differs in a known way that no setting can remove."""

    id = "passport-residues"
    severity = "info"
    family = "matched"

    def evaluate(self, evidence: Evidence) -> list[Note]:
        """Repeat the residues that the passports state."""
        found: dict[str, list[str]] = {}
        for raw in evidence.matched:
            for sentence in at(raw, "passport.residues") or []:
                stated = found.setdefault(arm(raw), [])
                if sentence not in stated:
                    stated.append(str(sentence))
        if not found:
            return []
        words = "; ".join(f"{who}: {' '.join(sentences).rstrip('.')}" for who, sentences in found.items())
        return self.note(
            f"Matched but for known differences, which their passports state with their size: {words}.",
            "Weigh their size against the difference you look for; they cannot be set away.",
            residues=found,
        )


def _arms(evidence: Evidence, status: str | None) -> dict[str, list[Record]]:
    """Return the runs that are compared with others and whose passport reads ``status`` (None: there is none)."""
    found: dict[str, list[Record]] = {}
    for _, raws in evidence.comparable:
        for raw in raws if len({name(raw) for raw in raws}) > 1 else ():
            read = at(raw, "passport.status")
            if read == status or (status is None and read not in PROVED):
                found.setdefault(arm(raw), []).append(raw)
    return found


def arm(record: Record) -> str:
    """Return "keras-fit in cifar10-cnn3x3", of a run or a passport."""
    return f"{name(record)} in {record.get('workload')}"


def _verdict(raw: Record) -> str:
    words = [str(word).rstrip(".") for field in ("failed_item", "diagnosis") if (word := at(raw, f"passport.{field}"))]
    return ": ".join(words) or "it does not say why"
