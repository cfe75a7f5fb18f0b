"""Fairness notes: rules evaluated on what the runs recorded, each with its numbers, a plain sentence and what to do.

A module of this folder is a family of rules, found by being there; a rule is one class. Rules look at evidence alone,
never at the machine, so a note can be worked out again from the raw results by anyone. What was not recorded cannot be
judged: a rule whose fields are missing or unknown stays silent rather than guess.
"""

from __future__ import annotations

import functools
import inspect
import math
from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, ClassVar, Literal

from suite import registry
from suite.records import Record

Severity = Literal["info", "caution", "unfair"]
"""info: good to know; caution: the numbers may mislead; unfair: frameworks were not measured alike."""

SEVERITIES: tuple[Severity, ...] = ("unfair", "caution", "info")
"""Gravest first, the order in which notes are listed."""


@dataclass(frozen=True)
class Note:
    """What one rule found: ``sentence`` says it with the numbers, ``todo`` what would remedy it."""

    id: str
    severity: Severity
    sentence: str
    numbers: dict[str, Any]
    todo: str

    def record(self) -> Record:
        """Return the note as it stands in analysis.json."""
        return asdict(self)


@dataclass(frozen=True)
class Evidence:
    """What rules may look at: the raw results, the plan if there is one, and the analysis's row for each cell."""

    raws: Sequence[Record]
    plan: Record | None
    cells: Sequence[Record]

    @functools.cached_property
    def ok(self) -> list[Record]:
        """The raw results of runs that ended well."""
        return [raw for raw in self.raws if raw.get("status") == "ok"]

    def comparable(self) -> Iterator[tuple[str, list[Record]]]:
        """Yield (what is compared, in words; its runs that ended well) for each set of cells that are compared."""
        groups: dict[tuple[str, ...], list[Record]] = {}
        for raw in self.ok:
            groups.setdefault(compared(raw), []).append(raw)
        for (_, lane, workload, params), raws in groups.items():
            yield f"{workload} {params} ({lane})", raws

    def by_framework(self, path: str, raws: Iterable[Record] | None = None) -> dict[str, list[Any]]:
        """Return the different values that each framework's runs recorded at a dotted ``path``."""
        found: dict[str, list[Any]] = {}
        for raw in self.ok if raws is None else raws:
            value = at(raw, path)
            values = found.setdefault(str(raw.get("framework")), [])
            if value is not None and value not in values:
                values.append(value)
        return {framework: values for framework, values in found.items() if values}


class Rule(ABC):
    """One thing that can make a comparison misleading; subclasses set the class attributes and judge evidence."""

    id: ClassVar[str]
    severity: ClassVar[Severity]
    family: ClassVar[str]

    @abstractmethod
    def evaluate(self, evidence: Evidence) -> list[Note]:
        """Return what was found: nothing, where all is well or the fields it needs were not recorded."""

    def note(self, sentence: str, todo: str, **numbers: Any) -> list[Note]:
        """Return the rule's note, alone in a list."""
        return [Note(self.id, self.severity, sentence, numbers, todo)]


def rules() -> list[Rule]:
    """Return one of every rule found in this folder's modules."""
    return [
        kind()
        for module in registry.modules(__name__)
        for kind in vars(module).values()
        if inspect.isclass(kind) and issubclass(kind, Rule) and kind.__module__ == module.__name__
        if not inspect.isabstract(kind)
    ]


def evaluate(evidence: Evidence) -> list[Note]:
    """Return the notes of every rule, gravest first; none is left out for another."""
    notes = [note for rule in rules() for note in rule.evaluate(evidence)]
    return sorted(notes, key=lambda note: (SEVERITIES.index(note.severity), note.id, note.sentence))


def at(record: Mapping[str, Any], path: str) -> Any:
    """Return what is at a dotted path, or None where any part is missing."""
    value: Any = record
    for name in path.split("."):
        if not isinstance(value, Mapping):
            return None
        value = value.get(name)
    return value


def number(value: object) -> float | None:
    """Return a finite number as it is, None for anything else ("unknown because ..." included)."""
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        return None
    return value


def name(raw: Mapping[str, Any]) -> str:
    """Return a framework in its mode, as in cells: ``pytorch-eager``."""
    return f"{raw.get('framework')}-{raw.get('mode')}"


def parameters(raw: Mapping[str, Any]) -> str:
    """Return the cell's parameters: ``b32`` for sampled steps, ``b32-e10`` for a whole training of 10 epochs."""
    return str(raw.get("cell")).rsplit("/", 1)[-1]


def compared(raw: Mapping[str, Any]) -> tuple[str, str, str, str]:
    """Return (profile, lane, workload, parameters): cells alike in these are compared with one another."""
    return str(raw.get("profile")), str(raw.get("lane")), str(raw.get("workload")), parameters(raw)


def listed(items: Iterable[object], most: int = 6) -> str:
    """Return "a, b and c", the first ``most`` of them if there are more."""
    words = [str(item) for item in items]
    if len(words) > most:
        words = [*words[:most], f"{len(words) - most} more"]
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} and {words[-1]}" if words else "none"


def plural(count: int, noun: str) -> str:
    """Return "1 run", "3 runs"."""
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"
