"""Was there memory enough?"""

from __future__ import annotations

from suite.notes import Evidence, Note, Rule, at, number, plural
from suite.notes.machine import risen

LARGEST_SWAPPED_BYTES = 64 * 1024**2
"""By how much the swap in use may grow during a run: some of what lies idle always goes out."""

SMALLEST_FREE_SHARE = 0.10
"""The share of the memory that should be left around a run: below, the system drops files from memory and may swap."""


class Swapping(Rule):
    """Memory went out to disk during runs."""

    id = "swapping"
    severity = "caution"
    family = "machine"

    def evaluate(self, evidence: Evidence) -> list[Note]:
        """Look at how the swap in use grew during each run."""
        grown = [change for raw in evidence.ok if (change := risen(raw, "swap_used_bytes")) is not None]
        high = [change for change in grown if change > LARGEST_SWAPPED_BYTES]
        if not high:
            return []
        return self.note(
            f"During {plural(len(high), 'run')} memory went out to disk, up to {max(high) / 1e6:.0f} MB: a disk is a "
            "thousand times slower than memory, for whichever framework was running.",
            "Free memory or take a smaller batch, and run again in a new --out folder.",
            runs=len(high),
            of=len(grown),
            most_bytes=max(high),
        )


class LittleMemory(Rule):
    """Hardly any memory was free around a run."""

    id = "little-memory"
    severity = "caution"
    family = "machine"

    def evaluate(self, evidence: Evidence) -> list[Note]:
        """Compare the memory available before and after each run with what the machine, or the container, has."""
        shares = []
        for raw in evidence.ok:
            limits = (number(at(raw, f"machine.identity.{field}")) for field in ("ram_bytes", "memory_limit_bytes"))
            whole = min((limit for limit in limits if limit), default=None)
            free = [number(at(raw, f"machine.{when}.available_bytes")) for when in ("before", "after")]
            stated = [value for value in free if value is not None]
            if whole is not None and stated:
                shares.append(min(stated) / whole)
        low = [share for share in shares if share < SMALLEST_FREE_SHARE]
        if not low:
            return []
        return self.note(
            f"Around {plural(len(low), 'run')} of {len(shares)} less than {SMALLEST_FREE_SHARE:.0%} of the memory was "
            f"free, at worst {min(low):.0%}: the system may have dropped data from memory or swapped.",
            "Close other programs and run again in a new --out folder.",
            runs=len(low),
            of=len(shares),
            smallest_free_share=round(min(low), 4),
        )
