"""Linux control groups: how many cores and how much memory this process may use. Read by the driver and by workers."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping
from pathlib import Path, PurePosixPath
from typing import Any

MOUNT = Path("/sys/fs/cgroup")

OWN = Path("/proc/self/cgroup")

_UNKNOWN = "unknown because this system does not tell"

_UNLIMITED_V1 = 1 << 60
"""Version 1 writes "no limit" as the largest multiple of a page below 2**63; nothing real is near it."""


def seen() -> dict[str, Any]:
    """Return what this process sees itself limited to: ``quota_cores``, ``cpuset``, ``memory_bytes``; None: no limit.

    Nothing here raises: where the system shows no control groups, it is "unknown because ...".
    """
    cpus = sorted(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else _UNKNOWN
    try:
        paths = parse_self_cgroup(OWN.read_text(encoding="utf-8", errors="replace"))
    except OSError:
        return {"quota_cores": _UNKNOWN, "cpuset": cpus, "memory_bytes": _UNKNOWN}
    return {"quota_cores": cpu_quota(paths, MOUNT), "cpuset": cpus, "memory_bytes": memory_limit(paths, MOUNT)}


def parse_cpu_max(text: str) -> float | None:
    """Read version 2's ``cpu.max`` (``max 100000`` or ``150000 100000``, microseconds) as cores; None: no quota."""
    parts = text.split()
    return _cores(parts[0], parts[1]) if len(parts) == 2 else None


def parse_cfs_quota(quota: str, period: str) -> float | None:
    """Read version 1's ``cpu.cfs_quota_us`` and ``cpu.cfs_period_us`` as cores; None: no quota (``-1``)."""
    return _cores(quota, period)


def parse_memory_limit(text: str) -> int | None:
    """Read ``memory.max`` (version 2) or ``memory.limit_in_bytes`` (version 1); None: no limit."""
    value = _integer(text)
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


def cpu_quota(paths: Mapping[str, str], mount: Path = MOUNT) -> float | None:
    """Return the smallest CPU quota above this process, in cores, or None where there is none.

    Args:
        paths: This process's groups, as :func:`parse_self_cgroup` gives them.
        mount: Where the control groups are mounted.
    """
    read = [quota for folder in folders(paths, "cpu", mount) for quota in (_quota_v2(folder), _quota_v1(folder))]
    return min((quota for quota in read if quota is not None), default=None)


def memory_limit(paths: Mapping[str, str], mount: Path = MOUNT) -> int | None:
    """Return the smallest memory limit above this process in bytes, or None where there is none."""
    names = ("memory.max", "memory.limit_in_bytes")
    read = [parse_memory_limit(_optional(place / name)) for place in folders(paths, "memory", mount) for name in names]
    return min((limit for limit in read if limit is not None), default=None)


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
        return path.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""


def _cores(quota: str, period: str) -> float | None:
    allowed, of = _integer(quota), _integer(period)
    return round(allowed / of, 3) if allowed and of and allowed > 0 and of > 0 else None


def _integer(text: str) -> int | None:
    match = re.match(r"\s*(-?[0-9]{1,20})\s*$", text)
    return int(match.group(1)) if match else None
