"""Are the machine's cores alike, whole, and enough for the threads that compute?"""

from __future__ import annotations

import statistics
from typing import Any

from suite.notes import Evidence, Note, Rule, at, known, listed, name, number, plural
from suite.notes.machine import foreign_cores
from suite.notes.waiting import read_back, spinning


class NoSpareCore(Rule):
    """Threads that wait by spinning take every core, so that any neighbour slows them out of proportion."""

    id = "no-spare-core"
    severity = "info"
    family = "machine"

    def evaluate(self, evidence: Evidence) -> list[Note]:
        """Compare the threads of OpenMP with the cores that can be used, unless they were told to sleep."""
        found: dict[str, list[float]] = {}
        for raw in evidence.matched:
            threads, cores = spinning(raw), number(at(raw, "machine.identity.usable_cores"))
            if threads is not None and cores is not None and threads >= cores:
                found[name(raw)] = [threads, cores]
        if not found:
            return []
        words = listed(f"{who} ({plural(int(threads), 'thread')})" for who, (threads, _) in found.items())
        shares = [share for raw in evidence.matched if (share := foreign_cores(raw)) is not None]
        busy = statistics.median(shares) if shares else None
        load = "" if busy is None else f" Here other programs kept {busy:.2f} cores busy, in the median over the runs."
        others = read_back(raw for raw in evidence.matched if name(raw) not in found)
        return self.note(
            f"No core was left free beside OpenMP's threads, which wait by spinning: {words}. A busy neighbour takes "
            f"a core from one of them, and the others wait for it.{load}{f' {others}' if others else ''}",
            "Measure with one thread less than there are cores (--threads), and see that nothing else runs.",
            threads_and_cores=found,
            median_foreign_cores=None if busy is None else round(busy, 3),
        )


class SharedCores(Rule):
    """More threads computed than there are physical cores."""

    id = "threads-share-cores"
    severity = "info"
    family = "machine"

    def evaluate(self, evidence: Evidence) -> list[Note]:
        """Compare the threads with the physical cores, where cores run two threads each."""
        found: dict[str, list[float]] = {}
        for raw in evidence.ok:
            threads = number(at(raw, "settings.threads_intra"))
            cores = number(at(raw, "machine.identity.physical_cores"))
            if at(raw, "machine.identity.smt") is True and threads is not None and cores and threads > cores:
                found[name(raw)] = [threads, cores]
        if not found:
            return []
        threads, cores = next(iter(found.values()))
        return self.note(
            f"{plural(int(threads), 'thread')} shared {plural(int(cores), 'physical core')} ({listed(found)}): two "
            "threads of one core help some kernels and hinder others, which differs from framework to framework.",
            f"Measure with --threads {cores:g} too, and say which one is quoted.",
            threads_and_cores=found,
        )


class UnevenCores(Rule):
    """The processor has fast and slow cores, and nothing says which ones computed."""

    id = "uneven-cores"
    severity = "caution"
    family = "machine"

    def evaluate(self, evidence: Evidence) -> list[Note]:
        """Read the kinds of cores from the machine's identity."""
        kinds = _identities(evidence, "core_kinds") - {"all alike"}
        if not kinds:
            return []
        return self.note(
            f"The processor's cores are not alike ({listed(sorted(kinds))}): where the system puts a thread decides "
            "how fast it is, anew in every run.",
            "Pin every run to cores of one kind and run again in a new --out folder.",
            core_kinds=sorted(kinds),
        )


class FractionOfCores(Rule):
    """A quota gives the container less processor time than its threads ask for."""

    id = "quota-below-threads"
    severity = "caution"
    family = "machine"

    def evaluate(self, evidence: Evidence) -> list[Note]:
        """Compare the quota, in cores, with the threads that were set."""
        found: dict[str, list[float]] = {}
        for raw in evidence.ok:
            quota, threads = number(at(raw, "machine.identity.cpu_quota")), number(at(raw, "settings.threads_intra"))
            if quota is not None and threads is not None and threads > quota:
                found[name(raw)] = [threads, quota]
        if not found:
            return []
        threads, quota = next(iter(found.values()))
        return self.note(
            f"{plural(int(threads), 'thread')} had a quota of {quota:g} cores ({listed(found)}): the system stops them "
            "part of the time, and threads that wait for each other lose most by it.",
            "Give the container whole cores (a set of processors rather than a quota), or set fewer --threads.",
            threads_and_quota=found,
        )


def _identities(evidence: Evidence, field: str) -> set[Any]:
    return {value for raw in evidence.ok if (value := known(at(raw, f"machine.identity.{field}"))) is not None}
