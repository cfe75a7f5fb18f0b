"""What NVIDIA's GPUs do at a moment: clocks, heat, power, what slows them down, and who else computes on them."""

from __future__ import annotations

import contextlib
import csv
import shutil
from typing import Any

from suite.fingerprint.probe import Facts, UnreadableError, run_command
from suite.fingerprint.text import integer, known, number

_MIB = 1024**2

NUMBERS = {
    "clocks.sm": "sm_mhz",
    "clocks.max.sm": "max_sm_mhz",
    "clocks.mem": "memory_mhz",
    "temperature.gpu": "temperature_c",
    "power.draw": "power_w",
    "enforced.power.limit": "power_limit_w",
    "power.default_limit": "default_power_limit_w",
    "utilization.gpu": "utilisation_pct",
    "memory.used": "memory_used_mib",
    "ecc.errors.uncorrected.volatile.total": "memory_errors",
}
"""What nvidia-smi calls numbers, and what we do."""

WORDS = {
    "pstate": "performance_state",
    "ecc.mode.current": "ecc",
    "mig.mode.current": "mig",
    "persistence_mode": "persistence",
    "compute_cap": "compute_capability",
}

REASONS = {
    0x4: "power cap",
    0x8: "hardware slowdown",
    0x20: "heat, by software",
    0x40: "heat, by hardware",
    0x80: "power brake",
}
"""Bits of ``clocks_event_reasons.active`` (NVML's nvmlClocksEventReasons) that slow a busy GPU down."""

COUNTERS = {
    "clocks_event_reasons_counters.sw_power_cap": "power cap",
    "clocks_event_reasons_counters.sw_thermal_slowdown": "heat, by software",
    "clocks_event_reasons_counters.hw_thermal_slowdown": "heat, by hardware",
    "clocks_event_reasons_counters.hw_power_brake_slowdown": "power brake",
}
"""Microseconds for which a reason held, since the driver was loaded; not every driver counts them."""

_PLAIN = (*NUMBERS, *WORDS, "clocks_event_reasons.active")


def read() -> Facts:
    """Ask nvidia-smi: ``gpu_state``, one dict per GPU, and ``gpu_processes``, how many processes compute on them.

    Raises:
        UnreadableError: it is not installed, or not working.
    """
    if shutil.which("nvidia-smi") is None:
        raise UnreadableError("nvidia-smi is not installed")
    try:
        state = parse_state(_ask((*_PLAIN, *COUNTERS)), (*_PLAIN, *COUNTERS))
    except UnreadableError:  # a field that this driver does not know spoils the whole answer
        state = parse_state(_ask(_PLAIN), _PLAIN)
    return known(gpu_state=state or None, gpu_processes=_processes())


def parse_state(text: str, fields: tuple[str, ...]) -> list[dict[str, Any]]:
    """Read an answer about ``fields``, one line per GPU; what a GPU does not state is left out of its dict."""
    rows = csv.reader(line for line in text.splitlines() if "\0" not in line)
    return [_gpu(dict(zip(fields, map(str.strip, row), strict=True))) for row in rows if len(row) == len(fields)]


def _gpu(stated: dict[str, str]) -> dict[str, Any]:
    numbers = {ours: number(stated[theirs]) for theirs, ours in NUMBERS.items()}
    gpu: dict[str, Any] = {name: value for name, value in numbers.items() if value is not None}
    gpu |= {ours: stated[theirs] for theirs, ours in WORDS.items() if stated[theirs] and stated[theirs][0] not in "[<"}
    if "memory_used_mib" in gpu:
        gpu["memory_used_bytes"] = int(gpu.pop("memory_used_mib")) * _MIB
    with contextlib.suppress(ValueError):
        reasons = int(stated["clocks_event_reasons.active"], 16)
        gpu["slowed_by"] = [words for bit, words in REASONS.items() if reasons & bit]
    counted = {words: integer(stated.get(theirs, "").removesuffix(" us")) for theirs, words in COUNTERS.items()}
    slowed = {words: count / 1e6 for words, count in counted.items() if count is not None}
    return gpu | ({"slowed_s": slowed} if slowed else {})


def _processes() -> int | None:
    try:
        text = run_command(("nvidia-smi", "--query-compute-apps=pid", "--format=csv,noheader,nounits"), limit_s=10.0)
    except UnreadableError:
        return None
    return sum(line.strip().isdigit() for line in text.splitlines())


def _ask(fields: tuple[str, ...]) -> str:
    return run_command(("nvidia-smi", f"--query-gpu={','.join(fields)}", "--format=csv,noheader,nounits"), limit_s=10.0)
