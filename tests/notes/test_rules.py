"""What holds for every note rule, those of later days included."""

from __future__ import annotations

import inspect
import os
import re
import time
from pathlib import Path

import pytest

from suite import home, notes
from suite.analysis.cells import summaries
from suite.analysis.comparisons import comparisons
from suite.notes import Evidence, Rule
from tests.notes.notecase import evidence
from tests.rawfactory import blocks, failed, plan_of, raw

RULES = notes.rules()


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: str(rule.id))
def test_every_rule_names_itself_and_is_tested(rule: Rule) -> None:
    assert rule.severity in notes.SEVERITIES
    assert rule.id == rule.id.lower().replace(" ", "-").replace("_", "-")
    assert rule.family
    tests = Path(__file__).with_name(f"test_{type(rule).__module__.split('.')[-1]}_notes.py")
    assert f'"{rule.id}"' in tests.read_text(encoding="utf-8")


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: str(rule.id))
def test_every_rule_is_silent_without_evidence(rule: Rule) -> None:
    assert rule.evaluate(Evidence([], None, [])) == []
    bare = failed()
    for field in ("machine", "position", "code_sha256", "lock_sha256", "preset", "passport", "probe", "seed"):
        del bare[field]
    survivor = dict(bare, status="ok", block=1)  # ended well and recorded nothing: nothing to judge
    runs = [bare, survivor]
    found = rule.evaluate(Evidence(runs, {"schema": 1}, summaries(runs), [{"schema": 1}], comparisons(runs, {})))
    assert {note.id for note in found} <= {"nothing-compared", "runs-failed", "study-few-networks", "too-few-runs"}


def test_rules_are_found_once_each() -> None:
    assert len({rule.id for rule in RULES}) == len(RULES) >= 44


def test_every_family_has_rules() -> None:
    families = {"matched", "data", "machine", "timing", "versions", "platform", "study", "accuracy", "publication"}
    assert {rule.family for rule in RULES} == families


def as_documented() -> str:
    """Every rule by family, as docs/notes.md has them."""
    families: dict[str, list[Rule]] = {}
    for rule in sorted(RULES, key=lambda rule: (notes.SEVERITIES.index(rule.severity), rule.id)):
        families.setdefault(rule.family, []).append(rule)
    lines = [f"{len(RULES)} rules."]
    for family, rules in sorted(families.items()):
        lines += ["", f"### {family.capitalize()}", "", "| note | severity | what it says |", "| --- | --- | --- |"]
        lines += [
            f"| `{rule.id}` | {rule.severity} | {str(inspect.getdoc(type(rule))).splitlines()[0]} |" for rule in rules
        ]
    return "\n".join(lines)


def test_the_documentation_lists_every_rule() -> None:
    """EVENMATCH_GOLDEN=write pytest tests/notes/test_rules.py writes the table anew."""
    page = home.ROOT / "docs" / "notes.md"
    before, rest = page.read_text(encoding="utf-8").split("<!-- rules -->\n")
    table, after = rest.split("<!-- end -->")
    made = f"\n{as_documented()}\n\n"
    if os.environ.get("EVENMATCH_GOLDEN") == "write":
        page.write_text(f"{before}<!-- rules -->\n{made}<!-- end -->{after}", encoding="utf-8")
        return
    assert table == made


@pytest.mark.parametrize("page", ["README.md", "CHANGELOG.md"])
def test_other_pages_count_them_right(page: str) -> None:
    counts = re.findall(r"(\d+) rules", (home.ROOT / page).read_text(encoding="utf-8"))
    assert counts
    assert set(counts) == {str(len(RULES))}


def test_a_clean_run_has_only_what_is_always_said() -> None:
    raws = blocks(6)
    found = notes.evaluate(evidence(raws, plan_of(raws)))
    assert {note.severity for note in found} == {"info"}
    assert [note.id for note in found] == [
        "many-comparisons",
        "no-self-comparison",
        "scaled-times",
        "study-few-networks",
        "study-memory-use",
        "study-no-gpu",
    ]


def test_notes_come_gravest_first_and_all_of_them() -> None:
    raws = [*blocks(2, data__synthetic=True), raw("pytorch", 2, settings__threads_intra=1, code_sha256="other")]
    found = notes.evaluate(evidence(raws, plan_of(raws)))
    order = [notes.SEVERITIES.index(note.severity) for note in found]
    assert order == sorted(order)
    assert {"unlike-threads", "mixed-code", "synthetic-data", "too-few-runs", "threads-not-as-planned"} <= {
        note.id for note in found
    }


def test_a_note_s_record_is_plain_json_data() -> None:
    (note,) = [n for n in notes.evaluate(Evidence([raw(data__synthetic=True)], None, [])) if n.id == "synthetic-data"]
    assert note.record() == {
        "id": "synthetic-data",
        "severity": "caution",
        "sentence": note.sentence,
        "numbers": {"data": ["cifar10"]},
        "todo": note.todo,
    }


def test_a_thousand_runs_take_under_a_second() -> None:
    raws = [run for batch in (4, 8, 16, 32) for run in blocks(84, batch=batch, step=None)]
    shown = evidence(raws, plan_of(raws))
    since = time.perf_counter()
    notes.evaluate(shown)
    assert time.perf_counter() - since < 1


def test_lists_read_like_a_sentence() -> None:
    assert notes.listed([]) == "none"
    assert notes.listed(["a"]) == "a"
    assert notes.listed(["a", "b"]) == "a and b"
    assert notes.listed(["a", "b", "c"]) == "a, b and c"
    assert notes.listed("abcdefghi", most=2) == "a, b and 7 more"
