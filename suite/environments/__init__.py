"""What a worker runs in. Each kind of environment is one module here."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, kw_only=True)
class Environment:
    """An installed environment: its name, which is its lock's, its interpreter, and the lock it was built from."""

    name: str
    python: Path
    lock_sha256: str
