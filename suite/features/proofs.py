"""What a cell of the feature table may rest on: a probe that ran, a package's metadata, or a dated reference."""

from __future__ import annotations

import re
from dataclasses import dataclass, fields

from suite.features.probes.found import Answer

FRAMEWORKS = ("pytorch", "tensorflow", "keras")

_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")


@dataclass(frozen=True, kw_only=True)
class Probe:
    """A function of ``suite/features/probes/<framework>.py``, run in the framework's own environment."""

    name: str

    @property
    def key(self) -> str:
        """Under which name what it found is kept."""
        return f"probe {self.name}"


@dataclass(frozen=True, kw_only=True)
class Metadata:
    """A fact of the installed distribution (``probes/packages.py``) or of the committed locks (``builds.py``)."""

    name: str

    @property
    def key(self) -> str:
        """Under which name what it found is kept."""
        return f"metadata {self.name}"


@dataclass(frozen=True, kw_only=True)
class Reference:
    """What a document said on the day it was looked at."""

    title: str
    publisher: str
    address: str
    date: str
    """The day, as 2026-11-21."""
    answer: Answer
    says: str
    """What it says, in our words, without a full stop."""
    brief: str
    """The same in a few words, to stand beside the answer."""

    def __post_init__(self) -> None:
        """Refuse what could not be looked up again.

        Raises:
            ValueError: a field is empty, or the date is none.
        """
        if not all(getattr(self, field.name) for field in fields(self)) or not _DAY.fullmatch(self.date):
            raise ValueError(f"a reference needs title, publisher, address, date, answer and what it says: {self}")


Proof = Probe | Metadata | Reference
Proofs = tuple[Proof, *tuple[Proof, ...]]
"""At least one; the first decides what stands in the cell, the others stand beside it."""


@dataclass(frozen=True, kw_only=True)
class Row:
    """One row of the table: a question, and for each framework what its answer rests on."""

    key: str
    title: str
    question: str
    pytorch: Proofs
    tensorflow: Proofs
    keras: Proofs

    def __post_init__(self) -> None:
        """Refuse a cell without evidence.

        Raises:
            ValueError: one has none.
        """
        for framework in FRAMEWORKS:
            if not self.proofs(framework):
                raise ValueError(f"row {self.key} has no evidence for {framework}")

    def proofs(self, framework: str) -> Proofs:
        """Return what the cell of a framework rests on."""
        found: Proofs = getattr(self, framework)
        return found


def alike(first: Proof, *others: Proof) -> dict[str, Proofs]:
    """Return the same kind of evidence for each framework, as the fields of a row."""
    return dict.fromkeys(FRAMEWORKS, (first, *others))
