"""What machine this is: the identity, and the number it hashes to."""

from __future__ import annotations

import hashlib
import json
import math
import sys
from typing import Any

import psutil

from suite.fingerprint import cgroup, cpu, gpu, libraries, macos, memory, pycpuinfo, system, virtualisation, windows
from suite.fingerprint.probe import Facts, Source, UnreadableError, collect, is_unknown

HASHED = (
    *("cpu_vendor", "cpu_model", "microarchitecture", "physical_cores", "logical_cores", "core_kinds"),
    *("l1d_bytes", "l1i_bytes", "l2_bytes", "l3_bytes", "simd", "ram_bytes"),
    *("os_name", "os_version", "kernel", "architecture", "translated"),
    *("virtual_machine", "container", "wsl", "cpu_quota", "memory_limit_bytes", "gpus"),
)
"""Hardware, operating system and what stands between: the fields the machine id is made of."""

UNHASHED = (
    *("smt", "base_mhz", "max_mhz", "governor", "usable_cores"),
    *("python_implementation", "python_version", "numpy_version", "blas", "thread_pools"),
)
"""Fields that describe the machine's settings and the driver's Python: recorded, compared, but not part of the id."""

FIELDS = (*HASHED, *UNHASHED)
NAMES = ("user", "host")
"""Present only with ``identify=True``."""

_GIB = 1024**3
_ID_LENGTH = 16


def identity(*, identify: bool = False) -> dict[str, Any]:
    """Read what machine this is. Takes up to a few seconds (programs are asked); never raises.

    Args:
        identify: Also read the names of the user and of the host.

    Returns:
        Every name of :data:`FIELDS` (and :data:`NAMES` if asked for), JSON-able: sizes in bytes summed over the
        machine, clocks in MHz, ``simd`` a list of names, ``cpu_quota`` in cores (None: no quota), ``gpus`` a list of
        ``name``, ``memory_bytes`` and ``driver``; what cannot be read is "unknown because ...". ``sources`` says for
        each known field where it came from.
    """
    fields = (*FIELDS, *NAMES) if identify else FIELDS
    facts, origins = collect(_sources(identify), fields)
    ordered = {field: facts[field] for field in fields}
    return {**ordered, "sources": {field: origins[field] for field in fields if field in origins}}


def machine_id(identity: dict[str, Any]) -> str:
    """Return the machine's number: 16 hexadecimal characters of a SHA-256 over :data:`HASHED`.

    Memory counts in whole GiB (a kernel keeps a little more or less for itself from boot to boot), and all reasons for
    not knowing a field count as one. Names of user and host never count, nor does anything that changes while the
    machine runs.
    """
    material = {field: _steady(field, identity.get(field)) for field in HASHED}
    text = json.dumps(material, sort_keys=True, ensure_ascii=True, default=str)
    return hashlib.sha256(text.encode()).hexdigest()[:_ID_LENGTH]


def usable_cores() -> int:
    """Return how many cores this process may keep busy: its affinity, cut to the quota rounded down, at least 1."""
    try:
        allowed = len(psutil.Process().cpu_affinity() or [])
    except (AttributeError, OSError, psutil.Error):  # macOS pins no processes
        allowed = 0
    allowed = allowed or psutil.cpu_count() or 1
    quota: float | None = None
    if sys.platform.startswith("linux"):
        try:
            quota = cgroup.cpu_quota()
        except UnreadableError:
            quota = None
    return max(1, allowed if quota is None else min(allowed, math.floor(quota)))


def _sources(identify: bool) -> list[Source]:
    return [
        *_sources_of_platform(),
        *cpu.sources_common(),
        *memory.sources(),
        *system.sources_common(),
        *libraries.sources(),
        Source(name="affinity and quota", fields=("usable_cores",), read=lambda: {"usable_cores": usable_cores()}),
        pycpuinfo.source(),
        *(system.sources_names() if identify else []),
    ]


def _sources_of_platform() -> list[Source]:
    if sys.platform == "darwin":
        return [*macos.sources(), _constant("macOS", wsl="none")]
    if sys.platform == "win32":
        return [*windows.sources(), _constant("Windows", wsl="none")]
    return [
        *cpu.sources_linux(),
        *system.sources_linux(),
        *virtualisation.sources_linux(),
        *cgroup.sources(),
        *gpu.sources_linux(),
    ]


def _constant(name: str, **facts: Any) -> Source:
    return Source(name=name, fields=tuple(facts), read=lambda: dict(facts))


def _steady(field: str, value: Any) -> Any:
    if is_unknown(value):
        return "unknown"
    if field == "ram_bytes" and isinstance(value, int):
        return round(value / _GIB)
    if field == "gpus" and isinstance(value, list):
        return [_steady_gpu(gpu_facts) for gpu_facts in value]
    return value


def _steady_gpu(facts: Facts) -> Facts:
    return {key: "unknown" if is_unknown(value) else value for key, value in facts.items()}
