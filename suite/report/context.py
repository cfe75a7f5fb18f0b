"""The whole report as plain values: what it says, apart from how it looks in HTML or LaTeX."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import suite
from suite.records import Record
from suite.report import (
    beside,
    comparison,
    curves,
    environment,
    features,
    installation,
    ledger,
    models,
    passports,
    pictures,
    platform,
    programs,
    published,
    steps,
    stereo,
    study,
    text,
    trust,
    venues,
    verdict,
)
from suite.report.document import Report, Section
from suite.report.material import Material, mapping


def build(folder: Path, analysis: Record, raws: list[Record], plan: Record | None) -> Report:
    """Return the report of one run.

    Args:
        folder: the run's folder, where the files that raw results point to are.
        analysis: the run's analysis (schema 1).
        raws: all its raw results (schema 1), good or not.
        plan: its plan (schema 1), where there is one.
    """
    material = Material(folder=folder, analysis=analysis, raws=raws, plan=plan)
    notes = trust.notes(material)
    grade = trust.grade(material)
    warning = trust.warning(grade)

    def judging(section: Section) -> Section:
        """Return a section that holds frameworks against each other, with the warning where there is one."""
        return replace(section, warning=warning)

    return Report(
        title="Which trains faster on this machine?",
        run=material.run,
        facts=_facts(material),
        counts=trust.counts(material),
        synthetic=material.synthetic,
        data=str(material.data.get("name") or "the stand-in data"),
        device=platform.banner(material),
        verdicts=[replace(card, warning=warning) for card in verdict.verdicts(material, notes)],
        grade=grade,
        fairness=trust.fairness(notes),
        alerts=trust.alerts(notes, grade),
        evidence=[judging(comparison.section(material)), passports.section(material)],
        sections=[
            *(judging(section) for section in published.sections(material)),
            *(judging(section) for section in beside.sections(material)),
            *programs.sections(material),
            judging(study.times(material)),
            study.accuracies(material),
            curves.section(material),
            *(judging(section) for section in stereo.sections(material)),
            pictures.section(material),
            judging(steps.section(material)),
            steps.phases(material),
            *venues.sections(material),
            models.section(material),
            ledger.section(material),
            environment.section(material),
            installation.section(),
            *features.sections(material),
            trust.reproduce(material),
        ],
        notes=notes,
        failures=trust.failures(material),
        version=suite.__version__,
    )


def _facts(material: Material) -> list[tuple[str, str]]:
    started = sorted(str(raw["started_at"]) for raw in material.raws if raw.get("started_at"))
    when = mapping(material.plan).get("created_at") or (started[0] if started else "")
    facts = [
        ("machine", environment.machine_name(material)),
        ("profile", material.profile),
        *platform.facts(material),
        ("preset", material.preset),
        ("threads", text.plain(mapping(material.plan).get("threads") or "")),
        ("date", str(when)[:10]),
    ]
    return [(label, value) for label, value in facts if value]
