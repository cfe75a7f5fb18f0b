"""How threads wait for one another, as read back: what spins loses more to a busy neighbour than what sleeps."""

from __future__ import annotations

from collections.abc import Iterable

from suite.notes import at, listed, name, number
from suite.records import Record


def spinning(raw: Record) -> float | None:
    """Return the number of OpenMP threads of a process, None where there are none or they were told to sleep."""
    if at(raw, "settings.openmp_wait_policy") == "passive":
        return None
    pools = raw.get("thread_pools")
    counts = [number(at(raw, "settings.openmp_threads"))]
    counts += [
        number(pool.get("num_threads"))
        for pool in (pools if isinstance(pools, list) else [])
        if pool.get("user_api") == "openmp"
    ]
    return max((count for count in counts if count is not None), default=None)


def read_back(raws: Iterable[Record]) -> str:
    """Return which framework-modes' OpenMP threads spin, sleep or are not there; "" where nothing was read back."""
    found: dict[str, list[str]] = {}
    for raw in raws:
        who, how = name(raw), _how(raw)
        if how is not None and who not in found.setdefault(how, []):
            found[how].append(who)
    words = [f"{listed(found[how])} {how}" for how in _WAYS if how in found]
    return f"As read back, {', '.join(words)}." if words else ""


_SPINS = "had OpenMP threads that wait by spinning"
_SLEEPS = "had OpenMP threads that sleep while they wait"
_NONE = "had no OpenMP threads"
_WAYS = (_SPINS, _SLEEPS, _NONE)


def _how(raw: Record) -> str | None:
    policy = at(raw, "settings.openmp_wait_policy")
    if policy == "passive":
        return _SLEEPS
    if spinning(raw) is not None:
        return _SPINS
    return _NONE if at(raw, "settings.openmp") == "none" or policy == "no OpenMP" else None
