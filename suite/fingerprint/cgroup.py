"""Linux control groups: how much CPU and memory this process may use, and how often it was held back."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path, PurePosixPath

from suite.fingerprint.probe import Facts, Source, UnreadableError, read_text
from suite.fingerprint.text import integer, pairs

MOUNT = Path("/sys/fs/cgroup")

_UNLIMITED_V1 = 1 << 60
"""Version 1 writes "no limit" as the largest multiple of a page below 2**63; nothing real is near it."""


def parse_cpu_max(text: str) -> float | None:
    """Read version 2's ``cpu.max`` (``max 100000`` or ``150000 100000``, microseconds) as cores; None: no quota."""
    parts = text.split()
    return _cores(parts[0], parts[1]) if len(parts) == 2 else None


def parse_cfs_quota(quota: str, period: str) -> float | None:
    """Read version 1's ``cpu.cfs_quota_us`` and ``cpu.cfs_period_us`` as cores; None: no quota (``-1``)."""
    return _cores(quota, period)


def parse_memory_limit(text: str) -> int | None:
    """Read ``memory.max`` (version 2) or ``memory.limit_in_bytes`` (version 1); None: no limit."""
    value = integer(text)
    return value if value is not None and 0 < value < _UNLIMITED_V1 else None


def parse_self_cgroup(text: str) -> dict[str, str]:
    """Read ``/proc/self/cgroup`` as controller -> path; version 2's single hierarchy has the controller ``""``."""
    paths: dict[str, str] = {}
    for line in text.splitlines():
        parts = line.split(":", 2)
        if len(parts) == 3 and parts[2].startswith("/"):
            for controller in parts[1].split(","):
                paths.setdefault(controller, parts[2])
    return paths


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


def folders(paths: Mapping[str, str], controller: str, mount: Path = MOUNT) -> Iterator[Path]:
    """Yield the group folders that may limit us, innermost first, for versions 1 and 2 and the mix of both.

    Limits of outer groups hold too. In a container the path may be the host's and absent here: the mount's root is
    then ours.
    """
    if controller in paths:
        roots = dict.fromkeys(_version1_mounts(controller, mount), paths[controller])
    else:
        roots = {mount: paths.get("", "/"), mount / "unified": paths.get("", "/")}
    for root, path in roots.items():
        inner = PurePosixPath(path.strip("/"))
        for step in (inner, *inner.parents):
            if ".." not in step.parts:
                yield root / step


def cpu_quota(paths: Mapping[str, str] | None = None, mount: Path = MOUNT) -> float | None:
    """Return the smallest CPU quota above this process, in cores, or None where there is none.

    Args:
        paths: This process's groups, as :func:`parse_self_cgroup` gives them; by default they are read.
        mount: Where the control groups are mounted.

    Raises:
        UnreadableError: the kernel shows no control groups.
    """
    read = [
        quota
        for folder in folders(_own_paths() if paths is None else paths, "cpu", mount)
        for quota in (_quota_v2(folder), _quota_v1(folder))
    ]
    return min((quota for quota in read if quota is not None), default=None)


def memory_limit(paths: Mapping[str, str] | None = None, mount: Path = MOUNT) -> int | None:
    """Return the smallest memory limit above this process in bytes, or None where there is none.

    Raises:
        UnreadableError: the kernel shows no control groups.
    """
    names = ("memory.max", "memory.limit_in_bytes")
    read = [
        parse_memory_limit(_optional(folder / name))
        for folder in folders(_own_paths() if paths is None else paths, "memory", mount)
        for name in names
    ]
    return min((limit for limit in read if limit is not None), default=None)


def throttling(paths: Mapping[str, str] | None = None, mount: Path = MOUNT) -> Facts:
    """Return :func:`parse_cpu_stat` of the innermost group that has one.

    Raises:
        UnreadableError: no group has one.
    """
    for folder in folders(_own_paths() if paths is None else paths, "cpu", mount):
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
    return parse_self_cgroup(read_text(Path("/proc/self/cgroup")))


def _version1_mounts(controller: str, mount: Path) -> list[Path]:
    candidates = [mount / controller, *([mount / "cpu,cpuacct"] if controller == "cpu" else [])]
    return [folder for folder in candidates if folder.is_dir()][:1] or candidates[:1]


def _quota_v2(folder: Path) -> float | None:
    return parse_cpu_max(_optional(folder / "cpu.max"))


def _quota_v1(folder: Path) -> float | None:
    quota = _optional(folder / "cpu.cfs_quota_us")
    return parse_cfs_quota(quota, _optional(folder / "cpu.cfs_period_us")) if quota else None


def _optional(path: Path) -> str:
    try:
        return read_text(path)
    except UnreadableError:
        return ""


def _cores(quota: str, period: str) -> float | None:
    allowed, of = integer(quota), integer(period)
    return round(allowed / of, 3) if allowed and of and allowed > 0 and of > 0 else None
