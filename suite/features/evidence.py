"""What was found, kept in ``platforms/features/<profile>.json`` with its date, versions and lock.

A cell whose probe died is kept as having no answer and why: "no" is only what was seen not to be there.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any

from suite import home, records
from suite.errors import InputError
from suite.features.probes.found import ANSWERS
from suite.features.proofs import FRAMEWORKS, Metadata, Probe, Proof, Reference
from suite.features.table import ROWS

NO_ANSWER = "no answer"
REMEDY = "Take it from version control again, or make it anew with evenmatch features --probe --keep."


@dataclass(frozen=True, kw_only=True)
class Evidence:
    """What one proof came to."""

    answer: str
    """``yes``, ``partly``, ``no``, ``not here``, or :data:`NO_ANSWER`."""
    says: str
    """What was seen; without an answer: why there is none."""
    brief: str
    """By what, in a few words; empty without an answer."""
    date: str
    """The day, as 2026-11-21."""
    versions: Mapping[str, str]
    """Of Python, the framework and what it computes with; empty for what is not of a version."""


@dataclass(frozen=True, kw_only=True)
class Found:
    """What was found of one framework in the environment of one profile."""

    lock_sha256: str
    proofs: Mapping[str, Evidence]
    """By the proof's key."""


@dataclass(frozen=True, kw_only=True)
class Kept:
    """What is known of all frameworks on one profile."""

    profile: str
    frameworks: Mapping[str, Found]

    def of(self, proof: Proof, framework: str) -> Evidence:
        """Return what a proof came to; a reference speaks for itself, what was never run has no answer."""
        if isinstance(proof, Reference):
            return Evidence(answer=proof.answer, says=proof.says, brief=proof.brief, date=proof.date, versions={})
        found = self.frameworks.get(framework)
        known = found.proofs.get(proof.key) if found else None
        return known or Evidence(answer=NO_ANSWER, says="it was not run yet", brief="", date="", versions={})


def needed(framework: str) -> list[Probe | Metadata]:
    """Return what has to be run or read for the cells of a framework, each once."""
    asked = [proof for row in ROWS for proof in row.proofs(framework) if not isinstance(proof, Reference)]
    return list(dict.fromkeys(asked))


def folder() -> Path:
    """Return where the files lie."""
    return home.PLATFORMS / "features"


def path(profile: str) -> Path:
    """Return where the file of a profile lies."""
    return folder() / f"{profile}.json"


def profiles() -> list[str]:
    """Return the profiles of which something is kept."""
    return sorted(file.stem for file in folder().glob("*.json"))


def read(profile: str) -> Kept:
    """Return what is kept of a profile.

    Raises:
        InputError: there is no file, or it is damaged or of another version.
    """
    file = path(profile)
    if not file.exists():
        there = ", ".join(profiles()) or "none"
        raise InputError(
            f"nothing is known of the features on profile {profile} yet (there is {there}): find it out on such a "
            "machine with evenmatch features --probe --keep."
        )
    kept = records.read_json(file, "what the feature probes found", REMEDY)
    found = kept.get("frameworks")
    if kept.get("profile") != profile or not isinstance(found, dict) or not found.keys() <= set(FRAMEWORKS):
        raise InputError(f"{file} is not what this version writes for profile {profile}. {REMEDY}")
    return Kept(profile=profile, frameworks={name: _found(file, name, value) for name, value in found.items()})


def write(kept: Kept) -> None:
    """Write the file of a profile.

    Raises:
        InputError: it cannot be written.
    """
    frameworks = {name: asdict(found) for name, found in kept.frameworks.items()}
    records.replace_json(
        path(kept.profile), {"schema": records.SCHEMA, "profile": kept.profile, "frameworks": frameworks}
    )


def _found(file: Path, framework: str, value: Any) -> Found:
    proofs = value.get("proofs") if isinstance(value, dict) else None
    lock = value.get("lock_sha256") if isinstance(value, dict) else None
    if not isinstance(proofs, dict) or not isinstance(lock, str):
        raise InputError(f"{file} lacks the lock or the proofs of {framework}. {REMEDY}")
    return Found(lock_sha256=lock, proofs={key: _evidence(file, framework, key, each) for key, each in proofs.items()})


def _evidence(file: Path, framework: str, key: str, value: Any) -> Evidence:
    names = {field.name for field in fields(Evidence)}
    if not isinstance(value, dict) or value.keys() != names:
        raise InputError(f"{file}: '{key}' of {framework} needs {', '.join(sorted(names))}. {REMEDY}")
    if value["answer"] not in (*ANSWERS, NO_ANSWER):
        raise InputError(f"{file}: '{key}' of {framework} has the answer {value['answer']!r}, which is none. {REMEDY}")
    versions = value["versions"].values() if isinstance(value["versions"], dict) else [None]
    texts = [value["says"], value["brief"], value["date"], *versions]
    if not all(isinstance(text, str) for text in texts):
        raise InputError(f"{file}: '{key}' of {framework} has to be text. {REMEDY}")
    return Evidence(**value)
