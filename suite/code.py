"""Which version of the measuring code this is: results of two versions are not mixed in one run."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from pathlib import Path

MEASURING = (
    "cells.py",
    "data/*.py",
    "frameworks/**/*.py",
    "inputs.py",
    "layers.py",
    "published/programs/**/*.py",
    "seeds.py",
    "worker/*.py",
    "workload.py",
    "workloads/*.py",
)
"""What can change a measurement. Analysis, notes and report are left out: they are recomputed from raw results."""

PROVING = (*MEASURING, "parity/**/*.py")
"""What can change a passport."""


def sha256(patterns: Sequence[str] = MEASURING) -> str:
    """Return the SHA-256 over the names and contents of the code that measures, or of what else ``patterns`` name."""
    package = Path(__file__).parent
    digest = hashlib.sha256()
    for pattern in patterns:
        for path in sorted(package.glob(pattern)):
            digest.update(f"{path.relative_to(package).as_posix()}\n".encode())
            digest.update(path.read_bytes())
    return digest.hexdigest()
