"""Readings that change from moment to moment, taken before and after each run; cheap, so no programs are run.

The one exception is nvidia-smi where it is installed: some 0.1 s, and nothing else tells what a GPU does.
"""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import psutil

from suite.fingerprint import cgroup, nvidia
from suite.fingerprint.cpu import parse_core_mhz
from suite.fingerprint.memory import parse_meminfo
from suite.fingerprint.probe import Facts, Source, UnreadableError, collect, read_text, texts
from suite.fingerprint.text import integer, known, number

FIELDS = (
    *("taken_at", "monotonic_s", "load_1m", "load_5m", "load_15m", "core_mhz", "temperatures_c"),
    *("available_bytes", "swap_used_bytes", "on_battery", "cpu_busy_s", "cpu_idle_s", "cpu_steal_s"),
    *("psi_cpu_some_avg10", "thermal_throttles", "quota_throttles", "quota_throttled_s"),
    *("gpu_state", "gpu_processes"),
)
"""``taken_at``: UTC, ISO 8601. ``core_mhz``: list, one per core. ``temperatures_c``: hottest reading per sensor chip.
``cpu_*_s``: seconds since boot, summed over cores: take differences. ``psi_cpu_some_avg10``: percent of the last 10 s
in which some task waited for a CPU. Throttle counters count since boot (thermal) or since the control group was made
(quota). ``gpu_*``: NVIDIA's GPUs, see :mod:`suite.fingerprint.nvidia`."""

_TICK_FIELDS = ("user", "nice", "system", "idle", "iowait", "irq", "softirq", "steal")
_BUSY = ("user", "nice", "system", "irq", "softirq")


def parse_proc_stat(text: str, ticks_per_s: float = 100.0) -> Facts:
    """Read the first line of ``/proc/stat``: seconds since boot, summed over cores.

    Args:
        text: The file's text.
        ticks_per_s: The unit of its numbers, ``sysconf(_SC_CLK_TCK)``.

    Returns:
        ``cpu_busy_s`` (guest time is already part of user time, see proc_stat(5)), ``cpu_idle_s`` (waiting for disks
        included) and ``cpu_steal_s`` (taken by the hypervisor).
    """
    parts = text.split("\n", 1)[0].split()
    ticks = [integer(part) for part in parts[1:]]
    if len(ticks) < len(_TICK_FIELDS) or parts[0] != "cpu" or None in ticks or ticks_per_s <= 0:
        return {}
    by_name = {name: (value or 0) / ticks_per_s for name, value in zip(_TICK_FIELDS, ticks, strict=False)}
    return {
        "cpu_busy_s": round(sum(by_name[name] for name in _BUSY), 3),
        "cpu_idle_s": round(by_name["idle"] + by_name["iowait"], 3),
        "cpu_steal_s": round(by_name["steal"], 3),
    }


def parse_loadavg(text: str) -> Facts:
    """Read ``/proc/loadavg``'s three averages."""
    values = [number(part) for part in text.split()[:3]]
    return known(**dict(zip(("load_1m", "load_5m", "load_15m"), values, strict=False)))


def parse_psi(text: str) -> Facts:
    """Read ``/proc/pressure/cpu``: percent of the last ten seconds in which some task waited for a CPU."""
    for line in text.splitlines():
        words = line.split()
        if words[:1] == ["some"]:
            for word in words[1:]:
                key, _, value = word.partition("=")
                if key == "avg10":
                    return known(psi_cpu_some_avg10=number(value))
    return {}


def readings() -> Facts:
    """Read every name of :data:`FIELDS`, unknown ones as "unknown because ...". Takes milliseconds; never raises."""
    facts, _ = collect(_sources(), FIELDS)
    return {field: facts[field] for field in FIELDS}


def _sources() -> list[Source]:
    own = _sources_linux() if sys.platform.startswith("linux") else _sources_elsewhere()
    return [
        Source(name="the clock", fields=("taken_at", "monotonic_s"), read=_read_clock),
        *own,
        Source(name="psutil", fields=("temperatures_c",), read=_read_temperatures),
        Source(name="psutil", fields=("on_battery",), read=_read_battery),
        Source(name="nvidia-smi", fields=("gpu_state", "gpu_processes"), read=nvidia.read),
    ]


def _sources_linux() -> list[Source]:
    def file(path: str, parse: Callable[[str], Facts], *fields: str) -> Source:
        return Source(name=path, fields=fields, read=lambda: parse(read_text(Path(path))))

    ticks = float(os.sysconf("SC_CLK_TCK"))
    return [
        file("/proc/loadavg", parse_loadavg, "load_1m", "load_5m", "load_15m"),
        file("/proc/meminfo", parse_meminfo, "available_bytes", "swap_used_bytes"),
        file("/proc/stat", lambda text: parse_proc_stat(text, ticks), "cpu_busy_s", "cpu_idle_s", "cpu_steal_s"),
        file("/proc/pressure/cpu", parse_psi, "psi_cpu_some_avg10"),
        file("/proc/cpuinfo", lambda text: known(core_mhz=parse_core_mhz(text) or None), "core_mhz"),
        Source(name="cpufreq", fields=("core_mhz",), read=_read_cpufreq),
        Source(name="thermal_throttle", fields=("thermal_throttles",), read=_read_throttles),
        Source(name="cpu.stat", fields=("quota_throttles", "quota_throttled_s"), read=cgroup.throttling),
    ]


def _sources_elsewhere() -> list[Source]:
    sources = [
        Source(name="psutil", fields=("available_bytes",), read=_read_available),
        Source(name="psutil", fields=("swap_used_bytes",), read=lambda: {"swap_used_bytes": psutil.swap_memory().used}),
        Source(name="psutil", fields=("cpu_busy_s", "cpu_idle_s"), read=_read_cpu_times),
    ]
    if sys.platform != "win32":  # Windows keeps no load average, and psutil's stand-in starts a thread to make one up
        sources.append(Source(name="psutil", fields=("load_1m", "load_5m", "load_15m"), read=_read_load))
    return sources


def _read_clock() -> Facts:
    return {
        "taken_at": datetime.now(UTC).isoformat(timespec="milliseconds"),
        "monotonic_s": round(time.monotonic(), 6),
    }


def _read_cpufreq() -> Facts:
    found = texts("/sys/devices/system/cpu/cpu[0-9]*/cpufreq/scaling_cur_freq")
    clocks = [value / 1000 for value in map(integer, found.values()) if value]
    return known(core_mhz=clocks or None)


def _read_throttles() -> Facts:
    found = texts("/sys/devices/system/cpu/cpu[0-9]*/thermal_throttle/core_throttle_count")
    counts = [value for value in map(integer, found.values()) if value is not None]
    if not counts:
        raise UnreadableError("the kernel counts no thermal throttling here (usual for AMD, ARM and virtual machines)")
    return {"thermal_throttles": sum(counts)}


def _read_temperatures() -> Facts:
    read = getattr(psutil, "sensors_temperatures", None)  # absent on macOS and Windows
    chips = read() if read is not None else {}
    readable = {name: [r.current for r in found if r.current is not None] for name, found in chips.items()}
    stated = {name: round(float(max(values)), 1) for name, values in readable.items() if values}
    if not stated:
        raise UnreadableError(
            "no temperature sensor shows here (usual in virtual machines; macOS and Windows keep theirs to themselves)"
        )
    return {"temperatures_c": stated}


def _read_battery() -> Facts:
    read = getattr(psutil, "sensors_battery", None)
    if read is None:
        raise UnreadableError("psutil reads no battery on this operating system")
    battery = read()
    if battery is None:
        return {"on_battery": False}
    return {} if battery.power_plugged is None else {"on_battery": not battery.power_plugged}


def _read_available() -> Facts:
    return {"available_bytes": psutil.virtual_memory().available}


def _read_load() -> Facts:
    return dict(zip(("load_1m", "load_5m", "load_15m"), psutil.getloadavg(), strict=True))


def _read_cpu_times() -> Facts:
    times = psutil.cpu_times()
    busy = times.user + times.system + getattr(times, "nice", 0.0)  # Windows counts interrupts as system time
    return {"cpu_busy_s": round(busy, 3), "cpu_idle_s": round(times.idle, 3)}
