"""Which version of the measuring code this is: results of two versions are not mixed in one run."""

from __future__ import annotations

import hashlib
from pathlib import Path

_MEASURING = (
    "cells.py",
    "data/*.py",
    "frameworks/**/*.py",
    "inputs.py",
    "layers.py",
    "seeds.py",
    "worker/*.py",
    "workload.py",
    "workloads/*.py",
)
"""What can change a measurement. Analysis, notes and report are left out: they are recomputed from raw results."""


def sha256() -> str:
    """Return the SHA-256 over the names and contents of the code that measures."""
    package = Path(__file__).parent
    digest = hashlib.sha256()
    for pattern in _MEASURING:
        for path in sorted(package.glob(pattern)):
            digest.update(f"{path.relative_to(package).as_posix()}\n".encode())
            digest.update(path.read_bytes())
    return digest.hexdigest()
