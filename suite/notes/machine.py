"""Was the machine the same, free and real?"""

from __future__ import annotations

from suite.notes import Evidence, Note, Rule, at, listed, number, plural
from suite.notes.waiting import read_back
from suite.records import Record

LARGEST_FOREIGN_CORES = 0.10
"""Cores that other programs may keep busy during a run; a quiet machine's own services stay below. A ratio does not
cancel load: how much one busy neighbour slows a framework depends on how its threads wait."""

LARGEST_EXCESS_CORES = 0.5
"""Cores that others and the threads may together ask for beyond those that there are, in half of the runs."""

OWN_OVERHEAD_S = 0.5
"""CPU time of a run that is ours though the worker, which takes its own before it ends, does not count it: the end of
PyTorch takes 0.3 s, that of TensorFlow 0.4 s (measured), the driver the rest."""

LARGEST_STOLEN_SHARE = 0.01
"""The share of the machine's CPU time that a hypervisor may give to others during a run."""

LARGEST_PRESSURE_PCT = 5.0
LARGEST_LOAD = 1.0
"""Stand-ins where CPU times cannot be read, taken before the first run, where they cannot be the runs' own."""


class MixedMachines(Rule):
    """The results come from several machines."""

    id = "mixed-machines"
    severity = "unfair"
    family = "machine"

    def evaluate(self, evidence: Evidence) -> list[Note]:
        """Count the machine ids."""
        machines = sorted({str(at(raw, "machine.id")) for raw in evidence.ok if at(raw, "machine.id") is not None})
        if len(machines) < 2:
            return []
        return self.note(
            f"The runs come from {len(machines)} different machines ({listed(machines)}): only runs of one machine are "
            "paired, and no seconds are put together.",
            "Make all runs of a comparison on one machine, each machine with an --out folder of its own.",
            machines=machines,
        )


class BusyMachine(Rule):
    """Other programs computed while runs were timed."""

    id = "busy-machine"
    severity = "caution"
    family = "machine"

    def evaluate(self, evidence: Evidence) -> list[Note]:
        """Take each run's CPU time from the machine's, or look at pressure and load before the first run."""
        shares = [share for raw in evidence.ok if (share := foreign_cores(raw)) is not None]
        if not shares:
            return self._stand_ins(evidence)
        busy = [share for share in shares if share > LARGEST_FOREIGN_CORES]
        if not busy:
            return []
        return self.note(
            f"During {len(busy)} of {plural(len(shares), 'run')} other programs kept more than "
            f"{LARGEST_FOREIGN_CORES:g} cores busy, up to {max(busy):.2f}: load slows frameworks unequally, so it does "
            "not cancel out in a ratio.",
            "Close other programs and run again in a new --out folder.",
            runs=len(busy),
            of=len(shares),
            most_foreign_cores=round(max(busy), 3),
        )

    def _stand_ins(self, evidence: Evidence) -> list[Note]:
        first = min(evidence.ok, key=lambda raw: str(raw.get("started_at")), default=None)
        before = at(first, "machine.before") if first else None
        pressure, load = (number(at(before or {}, field)) for field in ("psi_cpu_some_avg10", "load_1m"))
        if pressure is not None:
            busy, words = pressure > LARGEST_PRESSURE_PCT, f"programs waited for a CPU {pressure:.0f} % of the time"
        else:
            busy, words = (load or 0.0) > LARGEST_LOAD, f"{load or 0.0:.1f} programs were running on average"
        if not busy:
            return []
        return self.note(
            f"Right before the first run {words}: the machine was busy, and load slows frameworks unequally.",
            "Close other programs and run again in a new --out folder.",
            psi_cpu_some_avg10=pressure,
            load_1m=load,
        )


class OverloadedMachine(Rule):
    """Other programs and the frameworks' threads together asked for more cores than there are."""

    id = "overloaded-machine"
    severity = "unfair"
    family = "machine"

    def evaluate(self, evidence: Evidence) -> list[Note]:
        """Add the cores that others kept busy to the threads that were set; half of the runs have to ask for more."""
        excess = []
        for raw in evidence.matched:
            threads, foreign = number(at(raw, "settings.threads_intra")), foreign_cores(raw)
            cores = number(at(raw, "machine.identity.logical_cores"))
            if foreign is not None and threads is not None and cores is not None:
                excess.append((threads + foreign - cores, foreign, threads, cores))
        middle, foreign, threads, cores = sorted(excess)[len(excess) // 2] if excess else (0.0,) * 4
        if middle <= LARGEST_EXCESS_CORES:
            return []
        waits = f"{words} " if (words := read_back(evidence.matched)) else ""
        over = sum(each > LARGEST_EXCESS_CORES for each, *_ in excess)
        return self.note(
            f"In {over} of {plural(len(excess), 'run')} other programs and the frameworks' threads asked for more "
            f"cores than there are; the median run had {plural(int(threads), 'thread')} on "
            f"{plural(int(cores), 'core')}, {foreign:.1f} of which other programs kept busy. {waits}Load slows threads "
            "unequally, by how they wait, so no ratio makes up for it.",
            "Run again in a new --out folder when nothing else runs, or with fewer --threads than there are cores.",
            foreign_cores=round(foreign, 2),
            excess_cores=round(middle, 2),
            runs=over,
            of=len(excess),
        )


class StolenTime(Rule):
    """The hypervisor gave the machine's CPU time to others while runs were timed."""

    id = "stolen-time"
    severity = "caution"
    family = "machine"

    def evaluate(self, evidence: Evidence) -> list[Note]:
        """Compare the time stolen during each run with the machine's whole CPU time."""
        shares = [share for raw in evidence.ok if (share := _stolen(raw)) is not None]
        high = [share for share in shares if share > LARGEST_STOLEN_SHARE]
        if not high:
            return []
        return self.note(
            f"During {len(high)} of {plural(len(shares), 'run')} the hypervisor took more than "
            f"{LARGEST_STOLEN_SHARE:.0%} of this virtual machine's CPU time for others, up to {max(high):.1%}.",
            "Run again at a quieter hour or on a machine of your own.",
            runs=len(high),
            of=len(shares),
            most_stolen_share=round(max(high), 4),
        )


class VirtualMachine(Rule):
    """All times are those of a virtual machine."""

    id = "virtual-machine"
    severity = "info"
    family = "machine"

    def evaluate(self, evidence: Evidence) -> list[Note]:
        """Read it from the machine's identity; "unknown because ..." says nothing."""
        kinds = {str(at(raw, "machine.identity.virtual_machine") or "none") for raw in evidence.ok}
        named = sorted(kind for kind in kinds if kind != "none" and not kind.startswith("unknown"))
        if not named:
            return []
        return self.note(
            f"All frameworks ran inside a virtual machine ({listed(named)}): the times are a virtual machine's, and "
            "its neighbours on the same hardware cannot be seen from inside.",
            "For the times of the hardware itself run on it natively.",
            virtual_machine=named,
        )


def foreign_cores(raw: Record) -> float | None:
    """Return how many cores other programs kept busy on average during a run, or None if that was not recorded."""
    busy, wall = risen(raw, "cpu_busy_s"), risen(raw, "monotonic_s")
    own = number(raw.get("cpu_s"))
    return None if busy is None or own is None or not wall else max(0.0, busy - own - OWN_OVERHEAD_S) / wall


def _stolen(raw: Record) -> float | None:
    changes = [risen(raw, f"cpu_{kind}_s") for kind in ("steal", "busy", "idle")]
    known = [change for change in changes if change is not None]
    return known[0] / sum(known) if len(known) == len(changes) and sum(known) > 0 else None


def risen(raw: Record, field: str) -> float | None:
    """Return by how much a reading rose during the run, or None where it was not read or the counter began anew."""
    before, after = (number(at(raw, f"machine.{when}.{field}")) for when in ("before", "after"))
    return None if before is None or after is None or after < before else after - before
