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
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, ClassVar, Literal

from suite import registry
from suite.records import Record

Severity = Literal["info", "caution", "unfair"]
"""info: good to know; caution: the numbers may mislead; unfair: frameworks were not measured alike."""

SEVERITIES: tuple[Severity, ...] = ("unfair", "caution", "info")
"""Gravest first, the order in which notes are listed."""

PUBLISHED = "as-published"
"""The lane of programs as their frameworks' users write them: unlike on purpose, so not asked to be alike."""

Values = dict[str, list[Any]]
"""Who recorded which different values: ``{"pytorch": [2], "keras": [1]}``."""


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
    """What rules may look at: raw results, the plan and passports where there are any, and rows of the analysis."""

    raws: Sequence[Record]
    plan: Record | None
    cells: Sequence[Record]
    passports: Sequence[Record] = ()
    comparisons: Sequence[Record] = ()
    venues: Sequence[Record] = ()
    """Each arm natively against itself in a container."""

    @functools.cached_property
    def ok(self) -> list[Record]:
        """The raw results of runs that ended well."""
        return [raw for raw in self.raws if raw.get("status") == "ok"]

    @functools.cached_property
    def matched(self) -> list[Record]:
        """Those that claim to be alike: not as published, no setting switched to see what it does."""
        return [raw for raw in self.ok if raw.get("lane") != PUBLISHED and raw.get("probe") is None]

    @functools.cached_property
    def published(self) -> list[Record]:
        """Those of programs as published."""
        return [raw for raw in self.ok if raw.get("lane") == PUBLISHED]

    @functools.cached_property
    def comparable(self) -> list[tuple[str, list[Record]]]:
        """(What is compared, in words; its runs that claim to be alike) for each set of cells that are compared."""
        groups: dict[tuple[str, ...], list[Record]] = {}
        for raw in self.matched:
            groups.setdefault(compared(raw), []).append(raw)
        return [(f"{workload} {params} ({lane})", raws) for (_, lane, workload, params), raws in groups.items()]

    def unlike(self, read: Callable[[Record], Any], who: Callable[[Record], str] | None = None) -> dict[str, Values]:
        """Return, for what is compared, who recorded which value, wherever not all recorded the same one.

        Args:
            read: Gives the value that a run recorded, or None where it recorded none.
            who: Names the side that a run belongs to; its framework, if left out.
        """
        found = {}
        for what, raws in self.comparable:
            values = recorded(raws, read, who or _framework)
            if len({str(value) for each in values.values() for value in each}) > 1:
                found[what] = values
        return found


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


class UnlikeSetting(Rule):
    """What rules share that look for a setting read back unlike in what is compared.

    Subclasses name the ledger's ``keys``, a ``sentence`` with ``{found}`` where who reported what goes, and a ``todo``.
    """

    family = "matched"
    keys: ClassVar[tuple[str, ...]]
    sentence: ClassVar[str]
    todo: ClassVar[str]

    def evaluate(self, evidence: Evidence) -> list[Note]:
        """Compare what the live frameworks reported, in everything that is compared; unknown values say nothing."""
        found = {key: unlike for key in self.keys if (unlike := evidence.unlike(functools.partial(self.read, key)))}
        if not found:
            return []
        words = listed(f"{key.replace('_', ' ')}, {described(unlike)}" for key, unlike in found.items())
        return self.note(self.sentence.format(found=words), self.todo, settings=found)

    def read(self, key: str, raw: Record) -> Any:
        """Return what a run reported for ``key``, or None where that is not known or does not matter in it."""
        return known(at(raw, f"settings.{key}"))


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


def recorded(raws: Iterable[Record], read: Callable[[Record], Any], who: Callable[[Record], str]) -> Values:
    """Return the different values that each side's runs recorded; sides that recorded none are left out."""
    found: Values = {}
    for raw in raws:
        if (value := read(raw)) is not None and value not in found.setdefault(who(raw), []):
            found[who(raw)].append(value)
    return {side: values for side, values in found.items() if values}


def described(found: Mapping[str, Values], show: Callable[[Any], str] = str) -> str:
    """Return who recorded what, for the first of what is compared: "b32 (matched): pytorch 2, keras 1; and 3 more"."""
    what, values = next(iter(found.items()))
    words = ", ".join(f"{side} {listed(map(show, each))}" for side, each in values.items())
    return f"{what}: {words}{f'; and {len(found) - 1} more' if len(found) > 1 else ''}"


def at(record: Mapping[str, Any], path: str) -> Any:
    """Return what is at a dotted path, or None where any part is missing."""
    value: Any = record
    for name in path.split("."):
        if not isinstance(value, dict):  # as JSON has objects; asking for any Mapping is ten times slower
            return None
        value = value.get(name)
    return value


def number(value: object) -> float | None:
    """Return a finite number as it is, None for anything else ("unknown because ..." included)."""
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        return None
    return value


def known(value: object) -> Any:
    """Return a reading as it is, None for "unknown because ..."."""
    return None if isinstance(value, str) and value.startswith("unknown") else value


def name(raw: Mapping[str, Any]) -> str:
    """Return a framework in its mode, as in cells: ``pytorch-eager``."""
    return f"{raw.get('framework')}-{raw.get('mode')}"


def parameters(raw: Mapping[str, Any]) -> str:
    """Return the cell's parameters: ``b32`` sampled steps, ``b32-e10`` a training of 10 epochs, ``b32+onednn-off``."""
    return str(raw.get("cell")).rsplit("/", 1)[-1]


def _framework(raw: Mapping[str, Any]) -> str:
    return str(raw.get("framework"))


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
