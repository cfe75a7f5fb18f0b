"""Main memory: how much there is, and how much is free."""

from __future__ import annotations

import psutil

from suite.fingerprint.probe import Facts, Source
from suite.fingerprint.text import known, pairs, size

_KEYS = {
    "MemTotal": "ram_bytes",
    "MemAvailable": "available_bytes",
    "SwapTotal": "swap_bytes",
    "SwapFree": "_swap_free",
}


def parse_meminfo(text: str) -> Facts:
    """Read ``/proc/meminfo``: ``ram_bytes``, ``available_bytes``, ``swap_bytes`` and ``swap_used_bytes``."""
    lines = pairs(text)
    facts = known(**{field: size(lines.get(key)) for key, field in _KEYS.items()})
    free = facts.pop("_swap_free", None)
    if free is not None and "swap_bytes" in facts:
        facts["swap_used_bytes"] = max(0, facts["swap_bytes"] - free)
    return facts


def sources() -> list[Source]:
    """Return the source of the memory's size, the same on every operating system."""
    return [Source(name="psutil", fields=("ram_bytes",), read=lambda: {"ram_bytes": psutil.virtual_memory().total})]
