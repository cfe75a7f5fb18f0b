"""Ask one rule about made-up evidence."""

from __future__ import annotations

from collections.abc import Sequence

from suite import notes
from suite.analysis.cells import summaries
from suite.analysis.comparisons import comparisons
from suite.notes import Evidence, Note
from suite.records import Record
from tests.rawfactory import MODES
from tests.rawfactory import passports as named_by


def evidence(raws: Sequence[Record], plan: Record | None = None, passports: Sequence[Record] | None = None) -> Evidence:
    """Return the evidence that an analysis would show to the rules; by default with every passport beside the runs."""
    kept = named_by([raw for raw in raws if raw.get("passport")]) if passports is None else passports
    return Evidence(raws, plan, summaries(raws), kept, comparisons(raws, MODES))


def asked(
    rule_id: str, raws: Sequence[Record], plan: Record | None = None, passports: Sequence[Record] | None = None
) -> list[Note]:
    """Return what the rule says; every sentence and remedy it gives has to be one a person can read."""
    (rule,) = [rule for rule in notes.rules() if rule.id == rule_id]
    found = rule.evaluate(evidence(raws, plan, passports))
    for note in found:
        assert not note.sentence[0].islower()
        assert note.sentence.endswith((".", ")."))
        assert ".." not in note.sentence
        assert note.todo.endswith(".")
        assert note.severity == rule.severity
        assert note.numbers
    return found


def said(
    rule_id: str, raws: Sequence[Record], plan: Record | None = None, passports: Sequence[Record] | None = None
) -> str:
    """Return the one sentence the rule says, or "" where it says nothing."""
    found = asked(rule_id, raws, plan, passports)
    assert len(found) <= 1
    return found[0].sentence if found else ""
