"""Why to trust it, and how far: fairness notes, runs that failed, how to do it all again."""

from __future__ import annotations

import functools
from collections.abc import Set
from typing import Literal

from suite.notes import rules
from suite.records import Record
from suite.report import text
from suite.report.document import Block, Caution, Facts, Failure, Grade, Note, Section, Text
from suite.report.material import Material, mapping, records
from suite.report.names import AS_PUBLISHED, MATCHED

FILES = (
    "Beside this file lie plan.json (what was to be run), raw/ (one write-once file for each run, with all its step "
    "times) and analysis.json (every number of this report). The same seed, locks and code give the same batches and "
    "weights; times differ from machine to machine."
)
"""Where everything else is."""

SEVERITIES: tuple[Literal["unfair", "caution", "info"], ...] = ("unfair", "caution", "info")
"""The severities of notes, gravest first."""


UNFAIR = "not a fair comparison"
"""The grade of a run in which no verdict counts."""

ON_CARDS = ("machine", "timing")
"""Families of rules whose cautions stand beside the verdict itself: they are about the very times it rests on."""


def notes(material: Material) -> list[Note]:
    """Return the fairness notes, gravest first."""
    made = [_note(material, item) for item in records(material.analysis.get("notes"))]
    return sorted(made, key=lambda note: SEVERITIES.index(note.severity))


def grade(material: Material) -> Grade | None:
    """Return the overall grade, where the analysis gives one."""
    found = mapping(material.analysis.get("grade"))
    if not found.get("grade"):
        return None
    word, sentence = str(found["grade"]), str(found.get("sentence") or "")
    if sentence.lower().startswith(f"{word}: "):
        sentence = sentence[len(word) + 2 :]
    reasons = [shortened(material, str(reason)) for reason in found.get("reasons") or []]
    return Grade(grade=word.capitalize(), sentence=f"{sentence[:1].upper()}{sentence[1:]}", reasons=reasons)


def warning(grade: Grade | None) -> str:
    """Return what is said wherever verdicts show, where the grade leaves none of them standing."""
    if grade is None or grade.grade.lower() != UNFAIR:
        return ""
    return f"{grade.grade}: no verdict of this run should be relied on."


def alerts(found: list[Note], grade: Grade | None) -> list[Note]:
    """Return the notes that are said at the top because they call something unfair and are no reason of the grade."""
    reasons = grade.reasons if grade else []
    return [note for note in found if note.severity == "unfair" and note.sentence not in reasons]


def cautions(found: list[Note], own: Set[str], every: Set[str]) -> list[Caution]:
    """Return what a verdict is to be read with: notes on the machine and on how it was timed, unfair ones in full.

    One that names cells or workloads (some of ``every``), but none of those that the verdict rests on (``own``), is
    left to where they are shown.
    """
    families = _families()
    kept = []
    for note in found:
        named = every & _words(" ".join([note.sentence, *(label for label, _ in note.facts)]))
        if note.severity != "info" and families.get(note.id) in ON_CARDS and (not named or named & own):
            unfair = note.severity == "unfair"
            kept.append(Caution(unfair=unfair, sentence=note.sentence if unfair else text.shortened(note.sentence)))
    return kept


def _words(sentence: str) -> set[str]:
    return {word.strip(".,;:()") for word in sentence.split()}


@functools.cache
def _families() -> dict[str, str]:
    return {rule.id: rule.family for rule in rules()}


def shortened(material: Material, words: str) -> str:
    """Return ``words`` with cells named as short as they are clear: what all share, profile and lane, is left out."""
    for profile in dict.fromkeys(str(cell["profile"]) for cell in material.cells if cell.get("profile")):
        words = words.replace(f"{profile}/{MATCHED}/", "").replace(f"{profile}/{AS_PUBLISHED}/", f"{AS_PUBLISHED}/")
    return words


def fairness(found: list[Note]) -> str:
    """Return the notes in one line: "No rule calls it unfair; 2 cautions and 3 remarks"."""
    counts = {severity: sum(note.severity == severity for note in found) for severity in SEVERITIES}
    if not found:
        return "No fairness note applies."
    first = f"{text.plural(counts['unfair'], 'thing')} unfair" if counts["unfair"] else "No rule calls it unfair"
    rest = [text.plural(counts["caution"], "caution")] if counts["caution"] else []
    rest += [text.plural(counts["info"], "remark")] if counts["info"] else []
    return f"{first}; {' and '.join(rest)}." if rest else f"{first}."


def _note(material: Material, item: Record) -> Note:
    severity = item.get("severity")
    numbers = [(shortened(material, label), value) for label, value in describe_numbers(item.get("numbers"))]
    return Note(
        id=str(item.get("id") or ""),
        severity=next((known for known in SEVERITIES if known == severity), "caution"),
        sentence=shortened(material, str(item.get("sentence") or "")),
        facts=numbers,
        todo=str(item.get("todo") or ""),
    )


def describe_numbers(numbers: object) -> list[tuple[str, str]]:
    """Return the numbers behind a note as label and value."""
    rows = []
    for key, value in mapping(numbers).items():
        label = str(key).replace("_", " ")
        if isinstance(value, dict):
            rows += [(f"{label}, {inner}", text.plain(number)) for inner, number in value.items()]
        else:
            rows.append((label, text.plain(value)))
    return rows


def failures(material: Material) -> list[Failure]:
    """Return what did not end well: blocks of one cell that failed alike are one entry, with the log of the first."""
    listed = records(material.analysis.get("failures"))
    listed = listed or [raw for raw in material.raws if raw.get("status") != "ok"]
    alike: dict[tuple[str, ...], list[Record]] = {}
    for item in listed:
        key = [str(item.get(field)) for field in ("cell", "status", "reason", "exit_code")]
        alike.setdefault(tuple(key), []).append(item)
    return [_failure(items) for items in alike.values()]


def _failure(items: list[Record]) -> Failure:
    first = items[0]
    blocks = [text.plain(item.get("block")) for item in items]
    return Failure(
        cell=str(first.get("cell")),
        block=f"{'block' if len(blocks) == 1 else 'blocks'} {text.listing(blocks)}",
        status=str(first.get("status") or "unknown"),
        reason=str(first.get("reason") or "no reason was recorded"),
        exit_code=text.plain(first.get("exit_code")),
        log=str(first.get("log") or ""),
        tail=[str(line) for line in first.get("log_tail") or []],
    )


def counts(material: Material) -> str:
    """Return how the runs ended in one line: "34 of 36 runs ended well, 1 failed, 1 timed out"."""
    known = mapping(material.analysis.get("counts"))
    good = known.get("ok", len(material.ok))
    planned = known.get("planned") or len(material.raws)
    words = {"failed": "failed", "timeout": "timed out", "killed": "killed", "missing": "not run"}
    bad = [f"{known[key]} {word}" for key, word in words.items() if known.get(key)]
    return ", ".join([f"{good} of {text.plural(planned, 'run')} ended well", *bad])


def reproduce(material: Material) -> Section:
    """Return the commands that make this report again, from measurements or from the raw results alone."""
    plan = mapping(material.plan)
    rows = [("measure everything again", material.command())]
    rows += [("measure one workload", material.command(f"*/{name}/*")) for name in material.workloads[:1]]
    rows += [
        (f"examine {name} again: does everything train alike?", material.parity_command(name))
        for name in material.of_lane(MATCHED).workloads
    ]
    rows.append(("render this report again, nothing measured", f"nox -s report -- reports/{material.folder.name}"))
    facts: list[tuple[str, str]] = [("run", material.run), ("preset", material.preset), ("profile", material.profile)]
    facts += [(key, text.plain(plan[key])) for key in ("seed", "blocks", "threads") if plan.get(key) is not None]
    steps = mapping(plan.get("steps"))
    facts += [
        (f"{key} steps in a run", text.plain(steps[key])) for key in ("warmup", "steady") if steps.get(key) is not None
    ]
    facts += [("planned at", str(plan["created_at"]))] if plan.get("created_at") else []
    blocks: list[Block] = [
        Facts(title="Commands", rows=rows, commands=True),
        Facts(title="This run", rows=facts),
        Text(text=FILES),
    ]
    return Section(
        id="reproduce", title="How to reproduce it", lead="Run these in a checkout of evenmatch.", blocks=blocks
    )
