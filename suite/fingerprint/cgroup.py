"""Linux control groups as facts: how much CPU and memory this process may use, and how often it was held back."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from suite import quota
from suite.fingerprint.probe import Facts, Source, UnreadableError, read_text
from suite.fingerprint.text import integer, pairs


def parse_cpu_stat(text: str) -> Facts:
    """Read ``cpu.stat``: how often (``quota_throttles``) and for how long (``quota_throttled_s``) we were held back."""
    values = {key: integer(value) for key, value in pairs(text, " ").items()}
    facts: Facts = {}
    if (times := values.get("nr_throttled")) is not None:
        facts["quota_throttles"] = times
    # Version 2 counts microseconds, version 1 nanoseconds.
    for key, unit in (("throttled_usec", 1e-6), ("throttled_time", 1e-9)):
        if (spent := values.get(key)) is not None:
            facts["quota_throttled_s"] = round(spent * unit, 6)
    return facts


def cpu_quota() -> float | None:
    """Return the smallest CPU quota above this process, in cores, or None where there is none.

    Raises:
        UnreadableError: the kernel shows no control groups.
    """
    return quota.cpu_quota(_own_paths())


def memory_limit() -> int | None:
    """Return the smallest memory limit above this process in bytes, or None where there is none.

    Raises:
        UnreadableError: the kernel shows no control groups.
    """
    return quota.memory_limit(_own_paths())


def throttling(paths: Mapping[str, str] | None = None, mount: Path = quota.MOUNT) -> Facts:
    """Return :func:`parse_cpu_stat` of the innermost group that has one.

    Raises:
        UnreadableError: no group has one.
    """
    for folder in quota.folders(_own_paths() if paths is None else paths, "cpu", mount):
        facts = parse_cpu_stat(_optional(folder / "cpu.stat"))
        if facts:
            return facts
    raise UnreadableError("no control group here counts throttling")


def sources() -> list[Source]:
    """Return the sources of quota and memory limit."""
    return [
        Source(name="control groups", fields=("cpu_quota",), read=lambda: {"cpu_quota": cpu_quota()}),
        Source(
            name="control groups", fields=("memory_limit_bytes",), read=lambda: {"memory_limit_bytes": memory_limit()}
        ),
    ]


def _own_paths() -> dict[str, str]:
    return quota.parse_self_cgroup(read_text(quota.OWN))


def _optional(path: Path) -> str:
    try:
        return read_text(path)
    except UnreadableError:
        return ""
