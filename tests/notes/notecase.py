"""Ask one rule about made-up evidence."""

from __future__ import annotations

from collections.abc import Sequence

from suite import notes
from suite.analysis.cells import summaries
from suite.notes import Evidence, Note
from suite.records import Record


def asked(rule_id: str, raws: Sequence[Record], plan: Record | None = None) -> list[Note]:
    """Return what the rule says; every sentence and remedy it gives has to be one a person can read."""
    (rule,) = [rule for rule in notes.rules() if rule.id == rule_id]
    found = rule.evaluate(Evidence(raws, plan, summaries(raws)))
    for note in found:
        assert not note.sentence[0].islower()
        assert note.sentence.endswith((".", ")."))
        assert note.todo.endswith(".")
        assert note.severity == rule.severity
        assert note.numbers
    return found


def said(rule_id: str, raws: Sequence[Record], plan: Record | None = None) -> str:
    """Return the one sentence the rule says, or "" where it says nothing."""
    found = asked(rule_id, raws, plan)
    assert len(found) <= 1
    return found[0].sentence if found else ""
