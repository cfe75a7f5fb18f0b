"""The passport: what an arm's answers prove, and in whose words; a JSON record, the same in cache, run and report."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from suite.frameworks import DType
from suite.parity.answers import Answers, Expected
from suite.parity.diagnosis import Case, diagnose
from suite.parity.diagnosis.given import GLOROT, initialisation
from suite.parity.diagnosis.published import other_layers
from suite.parity.judge import judge
from suite.parity.program import Program
from suite.parity.questions import STEPS, UPDATE_STEP, Questions, Trajectory
from suite.parity.residues import RESIDUES, applied, size
from suite.workload import Workload

Passport = dict[str, Any]
"""See docs/parity.md for its fields."""

ENVELOPE_FACTOR = 3.0
"""A free run is told to stay within this many times what one rounding unit does to it."""


Known = dict[Program, Expected]
"""What programs answer to the same questions, so that arms which follow one definition share the work."""


def matched(answers: Mapping[DType, Answers], task: Workload, asked: Questions, known: Known | None = None) -> Passport:
    """Return what the answers of an arm of the matched lane prove: ``status`` matched or unmatched, and why."""
    rows, findings = _judged(answers, task, asked, known)
    findings = [found | {"sentence": f"{found['sentence'].removesuffix('.')} ({_where(found)})."} for found in findings]
    first = next(iter(findings), None)
    return {
        "status": "unmatched" if findings else "matched",
        "failed_item": first["item"] if first else None,
        "diagnosis": first["sentence"] if first else None,
        "items": rows,
        "findings": findings,
        "residues": _residues(answers, task, asked),
        "free_run": _free_run(answers, task, asked),
    }


def as_published(
    answers: Mapping[DType, Answers], task: Workload, asked: Questions, known: Known | None = None
) -> Passport:
    """Return how a published program differs from the workload's definition: every finding, and no verdict.

    Its initial weights are drawn by the program itself, so not their numbers are compared but the rule they follow.
    """
    rows, findings = _judged(answers, task, asked, known)
    for dtype, given in answers.items():
        if unlike := other_layers(given.fact("layers") or [], task):
            findings.insert(0, _finding("parameters", unlike, [dtype]))
        drawn = initialisation(given.named("initial"))
        alike = drawn == GLOROT
        detail = f"initial weights of its own, {drawn}; defined are {GLOROT}"
        for row in rows:
            if row["item"] == "weights" and row["dtype"] == dtype:
                row |= {"passed": alike, "measured": None, "margin": None, "detail": detail}
        if not alike and not any(finding["item"] == "weights" for finding in findings):
            sentence = f"Initial weights are {drawn}, instead of {GLOROT}."
            place = sum(finding["item"] == "parameters" for finding in findings)
            findings.insert(place, _finding("weights", sentence, [dtype]))
    return {
        "status": "as-published",
        "failed_item": None,
        "diagnosis": None,
        "items": rows,
        "findings": findings,
        "residues": _residues(answers, task, asked),
        "free_run": None,
    }


def error(reason: str) -> Passport:
    """Return the passport of an arm that gave no answers."""
    return {
        "status": "error",
        "failed_item": None,
        "diagnosis": f"The exam could not be sat: {reason}",
        "items": [],
        "findings": [],
        "residues": [],
        "free_run": None,
    }


def _judged(
    answers: Mapping[DType, Answers], task: Workload, asked: Questions, known: Known | None
) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Return every item in every precision, and one finding for each item that fails in any of them.

    The finding is worked out in the highest precision in which the item fails, where mismatches are told apart best.
    """
    known = {} if known is None else known
    judged: dict[str, list[Case]] = {}
    rows = []
    for given in answers.values():
        program = applied(Program.of(task), given.fact("residues") or ())
        expected = known.setdefault(program, Expected(program, task, asked))
        for item in judge(given, expected):
            rows.append(item.record())
            judged.setdefault(item.item, []).append(Case(item, given, expected))
    findings = []
    for name, cases in judged.items():
        failed = [case for case in cases if not case.item.passed]
        if failed:
            findings.append(_finding(name, _words(failed), [case.answers.dtype for case in failed]))
    return rows, findings


def _where(finding: Mapping[str, Any]) -> str:
    """Return in which precision something was found; all that is timed is timed in float32."""
    told = {"float32": "in float32, which is timed", "float64": "in float64"}
    return " and ".join(told[dtype] for dtype in sorted(finding["dtypes"], reverse=True))


def _words(failed: Sequence[Case]) -> str:
    last = max(failed, key=lambda case: (case.item.measured is not None, case.answers.dtype))
    return diagnose(last)


def _finding(item: str, sentence: str, dtypes: Sequence[str]) -> dict[str, Any]:
    return {"item": item, "sentence": sentence, "dtypes": list(dtypes)}


def _residues(answers: Mapping[DType, Answers], task: Workload, asked: Questions) -> list[dict[str, Any]]:
    names = dict.fromkeys(name for given in answers.values() for name in given.fact("residues") or ())
    found = []
    for name in names:
        off = size(name, task, asked)
        sentence = RESIDUES[name].sentence.format(size=f"{off:.2g}", steps=UPDATE_STEP + 1)
        found.append({"name": name, "sentence": sentence, "size": off})
    return found


def _free_run(answers: Mapping[DType, Answers], task: Workload, asked: Questions) -> dict[str, Any] | None:
    """Hold a free run against the definition's own, and against what one rounding unit in the weights does to it."""
    given = answers.get("float32")
    free, nudged = (given.array(name) if given else None for name in ("free", "free_nudged"))
    if free is None or nudged is None or not (np.isfinite(free).all() and np.isfinite(nudged).all()):
        return None
    losses = Trajectory(task, asked).losses()
    scale = np.asarray([Program.of(task).loss_scale(loss) for loss in losses])
    difference, envelope = np.abs(free - losses) / scale, np.abs(nudged - free) / scale
    within = bool(difference.max() <= ENVELOPE_FACTOR * envelope.max())
    return {
        "steps": STEPS,
        "difference": [float(f"{value:.3g}") for value in difference],
        "envelope": [float(f"{value:.3g}") for value in envelope],
        "within": within,
        "sentence": f"Left to itself for {STEPS} steps, its loss parts from the definition's by up to "
        f"{difference.max():.2g} of itself; one rounding unit in its own initial weights moves it by up to "
        f"{envelope.max():.2g}. Such runs are chaotic: this shows their sensitivity and proves nothing by itself.",
    }
