"""What a worker runs in. Each kind of environment is one module here."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, Protocol


class Running(Protocol):
    """A worker that was started."""

    def wait(self, timeout_s: float) -> int | None:
        """Wait for it; return its exit code (minus the signal that ended it), or None after ``timeout_s``."""

    def stop(self) -> None:
        """End it and all that it started, if it has not ended, and leave nothing of it behind."""


def contained(name: str) -> str:
    """Return under which name the same environment in a container stands beside the native one."""
    return f"{name}@container"


@dataclass(frozen=True, kw_only=True)
class Environment(ABC):
    """An installed environment: its name, which is its lock's, and the digest of the lock it was built from."""

    name: str
    lock_sha256: str

    @abstractmethod
    def start(
        self,
        arguments: Sequence[str],
        *,
        variables: Mapping[str, str],
        folder: Path,
        reads: Sequence[Path],
        log: IO[bytes],
    ) -> Running:
        """Start its Python with ``arguments``; the worker dies when this process does.

        Args:
            arguments: What follows the interpreter, ``-m suite.worker ...``.
            variables: The worker's environment variables, beside those that the kind of environment needs.
            folder: Where it works; the only place that it has to be able to write to.
            reads: What it has to be able to read besides.
            log: Where its output goes.

        Raises:
            InputError: its Python cannot be started.
        """

    @property
    def container(self) -> dict[str, Any] | None:
        """What is recorded of a container with every result; None where there is none."""
        return None
