"""What a worker runs in. Each kind of environment is one module here."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, kw_only=True)
class Environment:
    """A framework's installed environment: its interpreter, and the lock it was built from."""

    framework: str
    python: Path
    lock_sha256: str
