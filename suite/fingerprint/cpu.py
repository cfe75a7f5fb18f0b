"""The processor as Linux, archspec and psutil tell it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

import archspec.cpu
import psutil

from suite.fingerprint import caches, simd
from suite.fingerprint.probe import Facts, Source, UnreadableError, read_text, run_command, texts, unreadable
from suite.fingerprint.text import clock_in_name, integer, known, number, pairs

_CPU_FOLDER = "/sys/devices/system/cpu"
_FLAG_KEYS = ("flags", "Features", "features")
_NAME_KEYS = ("model name", "cpu model", "cpu", "Model", "Hardware")
"""x86 and newer ARM kernels; MIPS and RISC-V; POWER; Raspberry Pi; older ARM kernels."""


def parse_proc_cpuinfo(text: str) -> Facts:
    """Read vendor, model, base clock and vector instructions.

    The base clock is the one in the model's name: ``cpu MHz`` is the current clock. ARM kernels name neither vendor
    nor model, only part numbers; those facts are then left out.
    """
    lines = pairs(text)
    model = next((lines[key] for key in _NAME_KEYS if lines.get(key)), None)
    flags = next((lines[key] for key in _FLAG_KEYS if lines.get(key)), None)
    return known(
        cpu_vendor=lines.get("vendor_id"),
        cpu_model=_tidy(model),
        base_mhz=clock_in_name(model),
        simd=None if flags is None else simd.from_flags(flags.split()),
    )


def parse_core_mhz(text: str) -> list[float]:
    """Return the current clock of each core in MHz from ``/proc/cpuinfo`` (x86; ARM does not state it)."""
    found = (number(value) for value in re.findall(r"^cpu MHz\s*:(.*)$", text, re.MULTILINE))
    return [mhz for mhz in found if mhz is not None]


def parse_lscpu(text: str) -> Facts:
    """Read vendor, model, cores and caches from ``lscpu``, which knows ARM's part numbers."""
    lines = pairs(text)
    sockets = integer(lines.get("Socket(s)"))
    cores = integer(lines.get("Core(s) per socket")) or integer(lines.get("Core(s) per cluster"))
    threads = integer(lines.get("Thread(s) per core"))
    model = lines.get("Model name")
    return {
        **known(
            cpu_vendor=lines.get("Vendor ID"),
            cpu_model=None if model == "-" else _tidy(model),
            physical_cores=sockets * cores if sockets and cores else None,
            logical_cores=integer(lines.get("CPU(s)")),
            smt=None if threads is None else threads > 1,
            max_mhz=number(lines.get("CPU max MHz")),
        ),
        **caches.parse_lscpu_caches(text),
    }


def parse_cpufreq(files: Mapping[str, str]) -> Facts:
    """Read governor, base and largest clock from ``cpu*/cpufreq/*`` (kHz) and ``cpu*/acpi_cppc/nominal_freq`` (MHz).

    Args:
        files: Path -> text. Where cores differ (hybrid CPUs) the largest clock counts, and all governors are named.
    """
    governors = sorted({text.strip() for path, text in files.items() if path.endswith("/scaling_governor")} - {""})
    base = [value / 1000 for value in _integers(files, "/base_frequency")] or [
        float(value) for value in _integers(files, "/nominal_freq")
    ]
    largest = [value / 1000 for value in _integers(files, "/cpuinfo_max_freq")]
    return known(governor=" and ".join(governors), base_mhz=max(base, default=None), max_mhz=max(largest, default=None))


def parse_core_kinds(files: Mapping[str, str]) -> Facts:
    """Tell whether all cores are alike.

    Args:
        files: Path -> text of ``/sys/devices/cpu_core/cpus`` and ``cpu_atom/cpus`` (Intel hybrids) and of
            ``cpu*/cpu_capacity`` (ARM big.LITTLE).
    """
    sizes = {name: cpu_count_of_list(files.get(f"/sys/devices/{name}/cpus", "")) for name in ("cpu_core", "cpu_atom")}
    if sizes["cpu_core"] and sizes["cpu_atom"]:
        return {"core_kinds": f"{sizes['cpu_core']} performance and {sizes['cpu_atom']} efficiency (logical)"}
    capacities = _integers(files, "/cpu_capacity")
    if len(set(capacities)) > 1:
        parts = [f"{capacities.count(value)} of capacity {value}" for value in sorted(set(capacities), reverse=True)]
        return {"core_kinds": " and ".join(parts)}
    return {"core_kinds": "all alike"}


def cpu_count_of_list(text: str) -> int:
    """Count the CPUs of a kernel list such as ``0-3,8,10-11``; malformed parts count nothing."""
    total = 0
    for part in text.strip().split(","):
        first, _, last = part.partition("-")
        low, high = integer(first), integer(last or first)
        if low is not None and high is not None and 0 <= low <= high < 2**20:
            total += high - low + 1
    return total


def sources_linux() -> list[Source]:
    """Return Linux's sources, cheapest first; ``lscpu`` is run only for what they leave open."""
    names = ("cpu_vendor", "cpu_model")
    return [
        Source(name="/proc/cpuinfo", fields=(*names, "base_mhz", "simd"), read=_read_proc_cpuinfo),
        Source(name="the kernel's cache list", fields=caches.FIELDS, read=caches.read_sysfs_caches),
        Source(name="cpufreq", fields=("governor", "base_mhz", "max_mhz"), read=_read_cpufreq),
        Source(name="/sys/devices/system/cpu", fields=("core_kinds",), read=_read_core_kinds),
        Source(
            name="lscpu",
            fields=(*names, *caches.FIELDS, "max_mhz"),
            read=lambda: parse_lscpu(run_command(["lscpu"])),
        ),
        unreadable("Linux does not say whether a program is translated from another architecture", "translated"),
    ]


def sources_common() -> list[Source]:
    """Return the sources that are the same on every operating system."""
    return [
        Source(name="psutil", fields=("physical_cores", "logical_cores", "smt"), read=_read_psutil),
        Source(name="archspec", fields=("microarchitecture", "simd", "cpu_vendor"), read=_read_archspec),
    ]


def _read_proc_cpuinfo() -> Facts:
    return parse_proc_cpuinfo(read_text(Path("/proc/cpuinfo")))


def _read_cpufreq() -> Facts:
    files: dict[str, str] = {}
    for name in ("cpufreq/scaling_governor", "cpufreq/base_frequency", "cpufreq/cpuinfo_max_freq"):
        files.update(texts(f"{_CPU_FOLDER}/cpu[0-9]*/{name}"))
    files.update(texts(f"{_CPU_FOLDER}/cpu[0-9]*/acpi_cppc/nominal_freq"))
    if not files:
        raise UnreadableError("the kernel shows no cpufreq here (usual inside virtual machines)")
    return parse_cpufreq(files)


def _read_core_kinds() -> Facts:
    return parse_core_kinds(
        {**texts("/sys/devices/cpu_*/cpus"), **texts("/sys/devices/system/cpu/cpu[0-9]*/cpu_capacity")}
    )


def _read_psutil() -> Facts:
    physical, logical = psutil.cpu_count(logical=False), psutil.cpu_count()
    smt = logical > physical if physical and logical else None
    return known(physical_cores=physical, logical_cores=logical, smt=smt)


def _read_archspec() -> Facts:
    host = archspec.cpu.host()
    vendor = None if host.vendor == "generic" else host.vendor
    # An empty list of features means archspec has no data on this family, not that the CPU has none.
    return known(microarchitecture=host.name, cpu_vendor=vendor, simd=simd.from_flags(host.features) or None)


def _integers(files: Mapping[str, str], ending: str) -> list[int]:
    found = (integer(text) for path, text in files.items() if path.endswith(ending))
    return [value for value in found if value]


def _tidy(model: str | None) -> str | None:
    return None if model is None else " ".join(model.split())
