"""How a worker ended: its exit code, result and log become a status and one sentence."""

from __future__ import annotations

import re
import signal
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from suite import records
from suite.errors import InputError

Status = Literal["ok", "failed", "timeout", "killed"]

LOG_TAIL_LINES = 20

_OUT_OF_MEMORY = re.compile(
    r"MemoryError|bad_alloc|can't allocate memory|not enough memory|ResourceExhausted|RESOURCE_EXHAUSTED|OOM when|"
    r"out of memory",
    re.IGNORECASE,
)
_FROM_OUTSIDE = {
    getattr(signal, name) for name in ("SIGKILL", "SIGTERM", "SIGINT", "SIGHUP", "SIGQUIT") if hasattr(signal, name)
}
"""Signals that others send; the rest (SIGSEGV, SIGABRT, ...) a process brings upon itself by crashing."""
_PARTS = {"phases": dict, "steps": dict, "epochs": list}
"""What every worker's result has, even one that ended in nonsense."""
_DISK_FULL = re.compile(r"No space left on device|Disk quota exceeded")


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """Status, reason (None when ok), the end of the log (empty when ok), the worker's own result ({} without one)."""

    status: Status
    reason: str | None
    log_tail: list[str]
    result: records.Record


def judge(exit_code: int | None, result_file: Path, log: Path, *, timeout_s: float, oom_kills: int) -> Outcome:
    """Judge a worker that ended with ``exit_code`` (None: it was stopped after ``timeout_s``).

    ``oom_kills`` is how many processes the kernel's out-of-memory killer ended meanwhile.

    Raises:
        InputError: the disk is full: that is no property of the cell, so no row is made of it.
    """
    tail = _tail(log)
    result = _read(result_file)
    if exit_code == 0 and _has_steps(result):
        return Outcome(status="ok", reason=None, log_tail=[], result=result)
    if exit_code is None:
        reason = f"it did not finish within {timeout_s:.0f} s and was stopped"
        return Outcome(status="timeout", reason=reason, log_tail=tail, result=result)
    if -exit_code in _FROM_OUTSIDE:
        return Outcome(status="killed", reason=_killed(-exit_code, oom_kills), log_tail=tail, result=result)
    if any(_DISK_FULL.search(line) for line in tail):
        raise InputError("the disk is full: free some space, then go on with --resume; every finished run is kept.")
    return Outcome(status="failed", reason=_failed(exit_code, result, tail), log_tail=tail, result=result)


def explain(exit_code: int | None, log: Path, timeout_s: float) -> str:
    """Return why a worker that left no usable answer ended, from its exit code and log."""
    if exit_code is None:
        return f"it did not finish within {timeout_s:.0f} s and was stopped"
    if -exit_code in _FROM_OUTSIDE:
        return _killed(-exit_code, oom_kills=0)
    return _failed(exit_code, {}, _tail(log))


def _killed(number: int, oom_kills: int) -> str:
    if oom_kills and number == signal.SIGKILL:
        return "the kernel ended it for want of memory (SIGKILL): choose a smaller batch or free memory"
    return f"it was ended from outside by {_signal_name(number)}"


def _signal_name(number: int) -> str:
    try:
        return signal.Signals(number).name
    except ValueError:
        return f"signal {number}"


def _failed(exit_code: int, result: records.Record, tail: list[str]) -> str:
    if result.get("reason"):
        return str(result["reason"])
    for line in reversed(tail):
        if _OUT_OF_MEMORY.search(line):
            return f"out of memory: {line}"
    last = tail[-1] if tail else "it printed nothing"
    if exit_code == 0:
        return f"it ended without a usable result: {last}"
    if exit_code < 0:
        return f"it crashed with {_signal_name(-exit_code)}: {last}"
    return f"it ended with exit code {exit_code}: {last}"


def _read(path: Path) -> records.Record:
    """Return the worker's result; nothing of it if it is not what a worker writes, whatever else it may be."""
    try:
        result = records.read_json(path, "the worker's result")
        records.to_json(result)  # refuses NaN, which a raw result must not hold
    except (InputError, ValueError):
        return {}
    whole = all(isinstance(result.get(key), kind) for key, kind in _PARTS.items())
    return result if whole else {}


def _has_steps(result: records.Record) -> bool:
    return bool(result) and isinstance(result["steps"].get("median_s"), int | float)


def _tail(log: Path) -> list[str]:
    try:
        lines = log.read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return []
    return [line.rstrip() for line in lines if line.strip()][-LOG_TAIL_LINES:]
