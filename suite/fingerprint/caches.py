"""Cache sizes: bytes per kind, summed over the machine, as ``lscpu`` does."""

from __future__ import annotations

import re
from collections.abc import Mapping

from suite.fingerprint.probe import Facts, texts
from suite.fingerprint.text import pairs, size

FIELDS = ("l1d_bytes", "l1i_bytes", "l2_bytes", "l3_bytes")

_SYSFS = "/sys/devices/system/cpu/cpu*/cache/index*/"
_FIELD_OF = {
    ("1", "Data"): "l1d_bytes",
    ("1", "Instruction"): "l1i_bytes",
    ("2", "Unified"): "l2_bytes",
    ("2", "Data"): "l2_bytes",
    ("3", "Unified"): "l3_bytes",
}


def parse_sysfs_caches(files: Mapping[str, str]) -> Facts:
    """Sum the caches that Linux lists below ``/sys/devices/system/cpu/cpu*/cache/index*/``.

    Args:
        files: Path -> text of the files ``level``, ``type``, ``size`` and ``shared_cpu_list``.

    Returns:
        Bytes per kind. A cache shared by several cores is listed once per core and counted once.
    """
    caches: dict[str, dict[str, str]] = {}
    for path, text in files.items():
        folder, _, name = path.rpartition("/")
        caches.setdefault(folder, {})[name] = text.strip()
    seen: dict[tuple[str, str], int] = {}
    for folder, cache in caches.items():
        field = _FIELD_OF.get((cache.get("level", ""), cache.get("type", "")))
        cache_size = size(cache.get("size"))
        if field and cache_size:
            # Without a list of sharers the cache is taken to be that core's own.
            seen[field, cache.get("shared_cpu_list") or folder] = cache_size
    totals: Facts = {}
    for (field, _), cache_size in seen.items():
        totals[field] = totals.get(field, 0) + cache_size
    return totals


_LSCPU_NAMES = {"L1d": "l1d_bytes", "L1i": "l1i_bytes", "L2": "l2_bytes", "L3": "l3_bytes"}


def parse_lscpu_caches(text: str) -> Facts:
    """Read the cache lines of ``lscpu`` (2.34 or later, which prints sums and says ``(n instances)``).

    Older versions print one instance's size and no count; their figures are left out rather than mixed with sums.
    """
    lines = pairs(text)
    facts: Facts = {}
    for name, field in _LSCPU_NAMES.items():
        value = lines.get(f"{name} cache") or lines.get(name) or ""  # the short name is the indented layout's
        total = size(value)
        if total and re.search(r"\(\d+ instances?\)|\d [KMG]iB", value):
            facts[field] = total
    return facts


def read_sysfs_caches() -> Facts:
    """Read the caches below ``/sys``."""
    files: dict[str, str] = {}
    for name in ("level", "type", "size", "shared_cpu_list"):
        files.update(texts(_SYSFS + name))
    return parse_sysfs_caches(files)
