"""What tests that kill and wait have in common."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

import psutil


def measuring(folder: Path) -> list[psutil.Process]:
    """Return the workers that measure for the run in ``folder``; examinations and the driver are none of them."""
    return [
        process
        for process in psutil.process_iter(["cmdline", "status"])
        if "suite.worker" in (process.info["cmdline"] or [])
        and str(folder) in " ".join(process.info["cmdline"])
        and process.info["status"] != psutil.STATUS_ZOMBIE
    ]


def until(condition: Callable[[], object], seconds: float = 60.0) -> bool:
    """Wait until something is so, for at most so long; return whether it is."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if condition():
            return True
        time.sleep(0.02)
    return bool(condition())
