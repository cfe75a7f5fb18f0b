"""Were containers the same for all, what they were asked to be, and built on what anybody can fetch?"""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

from suite.notes import Evidence, Note, Rule, at, described, known, listed, number, plural
from suite.records import Record

PAGE_BYTES = 1 << 16
"""Memory limits are rounded to pages, which are at most this large."""

CORE_ROUNDING = 0.01
"""Quotas are whole microseconds of a period."""


class MixedVenues(Rule):
    """Some runs that are compared were made in containers and others natively."""

    id = "mixed-venues"
    severity = "unfair"
    family = "platform"

    def evaluate(self, evidence: Evidence) -> list[Note]:
        """Compare where workers ran; runs made in a container to measure just that are probes, and no part of it."""
        found = evidence.unlike(venue)
        if not found:
            return []
        return self.note(
            f"Runs that are compared were made in unlike places ({described(found)}): a difference in time may be the "
            "container's.",
            "Run all frameworks natively or all in containers, in a new --out folder; compare --native-vs-container "
            "measures what a container costs.",
            venues=found,
        )


class UnlikeContainers(Rule):
    """Containers of runs that are compared had unlike bases, engines, processors or limits."""

    id = "unlike-containers"
    severity = "unfair"
    family = "platform"

    def evaluate(self, evidence: Evidence) -> list[Note]:
        """Compare everything of a container that is no part of a framework's environment."""
        reads: dict[str, Callable[[Record], Any]] = {
            "base image": lambda raw: at(raw, "container.image.base.id"),
            "engine": _engine,
            "processors": lambda raw: at(raw, "container.cpus"),
            "quota in cores": lambda raw: at(raw, "container.quota_cores"),
            "memory in bytes": lambda raw: at(raw, "container.memory_bytes"),
        }
        found = {what: unlike for what, read in reads.items() if (unlike := evidence.unlike(read))}
        if not found:
            return []
        words = listed(f"{what}, {described(unlike)}" for what, unlike in found.items())
        return self.note(
            f"Containers of runs that are compared were not alike ({words}).",
            "Build all images on one base, give all containers the same limits, and run again in a new --out folder.",
            containers=found,
        )


class ContainerLimits(Rule):
    """A worker found other limits in its container than the engine was asked for."""

    id = "container-limits-not-taken"
    severity = "caution"
    family = "platform"

    def evaluate(self, evidence: Evidence) -> list[Note]:
        """Compare quota, processors and memory as the worker sees them with those that were asked for."""
        found: dict[str, list[Any]] = {}
        for raw in evidence.ok:
            limits = raw.get("limits")
            if not isinstance(limits, dict) or not raw.get("container"):
                continue
            for field, (path, agree) in _LIMITS.items():
                asked, seen = at(raw, path), limits.get(field, "unknown because it was not recorded")
                if asked is not None and known(seen) is not None and not agree(asked, seen):
                    found.setdefault(field, [asked, seen])
                elif asked is not None and seen is None:  # no limit at all
                    found.setdefault(field, [asked, "none"])
        if not found:
            return []
        words = listed(
            f"{field.replace('_', ' ')}: asked {asked}, seen {seen}" for field, (asked, seen) in found.items()
        )
        return self.note(
            f"Limits that containers were started with did not take ({words}): workers could use more, or less, than "
            "the report says.",
            "See whether the engine may set limits (rootless engines need control groups handed over to them), and run "
            "again in a new --out folder.",
            asked_and_seen=found,
        )


class LocalBaseImage(Rule):
    """Images were built on a base that only this machine has."""

    id = "local-base-image"
    severity = "info"
    family = "platform"

    def evaluate(self, evidence: Evidence) -> list[Note]:
        """Look for bases without a digest in a registry."""
        bases = [base for raw in evidence.ok if isinstance(base := at(raw, "container.image.base"), dict)]
        found = sorted({str(base.get("name")) for base in bases if not base.get("digest")})
        if not found:
            return []
        return self.note(
            f"Images were built on a base that only this machine has ({listed(found)}, no digest in a registry): "
            "nobody else can fetch it, so nobody else can build these images again.",
            "Pin a base by its digest (nox -s images, where a registry can be reached) and run again without --base.",
            bases=found,
        )


class ContainerInVirtualMachine(Rule):
    """Containers ran in the virtual machine that their engine keeps."""

    id = "container-in-virtual-machine"
    severity = "info"
    family = "platform"

    def evaluate(self, evidence: Evidence) -> list[Note]:
        """Look for containers on systems other than Linux, and for Docker Desktop, which has one on Linux, too."""
        inside = [raw for raw in evidence.ok if raw.get("container")]
        found = sorted({why for raw in inside if (why := _virtual(raw))})
        if not found:
            return []
        return self.note(
            f"{plural(len(inside), 'run')} in containers ran in a virtual machine ({listed(found)}): processors, "
            "memory and disk are those that it was given, and files of this machine reach it by a detour.",
            "For the times of the machine itself run natively (--native), or in containers on Linux.",
            because=found,
        )


def venue(raw: Record) -> str | None:
    """Return "container" or "native", None where nobody wrote it down."""
    if "container" not in raw:
        return None
    return "container" if raw["container"] else "native"


def _engine(raw: Record) -> str | None:
    engine = at(raw, "container.engine")
    return f"{engine.get('engine')} {engine.get('version')}" if isinstance(engine, dict) else None


def _virtual(raw: Record) -> str | None:
    system, engine = str(known(at(raw, "machine.identity.os_name")) or ""), str(at(raw, "container.engine.engine"))
    if system.startswith(("macOS", "Darwin", "Microsoft Windows", "Windows")):
        return f"on {system}, where containers are Linux ones"
    return engine if engine.startswith("Docker Desktop") else None


def _close(most: float, asked: Any, seen: Any) -> bool:
    amounts = number(asked), number(seen)
    return amounts[0] is not None and amounts[1] is not None and abs(amounts[0] - amounts[1]) <= most


def _same_processors(asked: Any, seen: Any) -> bool:
    return _processors(asked) == _processors(seen)


def _processors(value: Any) -> set[int]:
    """Return the processors in a list of numbers or in "0-2,8"."""
    if isinstance(value, list):
        return {int(each) for each in value}
    found: set[int] = set()
    for part in str(value).split(","):
        first, _, last = part.strip().partition("-")
        if first.isdigit():
            found |= set(range(int(first), int(last or first) + 1))
    return found


_LIMITS: dict[str, tuple[str, Callable[[Any, Any], bool]]] = {
    "quota_cores": ("container.quota_cores", functools.partial(_close, CORE_ROUNDING)),
    "cpuset": ("container.cpus", _same_processors),
    "memory_bytes": ("container.memory_bytes", functools.partial(_close, PAGE_BYTES)),
}
"""What a worker sees: where it stands what was asked for, and whether both agree."""
