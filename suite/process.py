"""Other programs: run to the end, or started as a worker that can be stopped whole."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import IO

GRACE_S = 5.0
"""How long a worker that was asked to stop may take before it is killed."""


def run(
    command: Sequence[str],
    *,
    input_text: str | None = None,
    env: Mapping[str, str] | None = None,
    timeout_s: float | None = None,
) -> tuple[int, str, str]:
    """Run ``command`` to its end; return its exit code, standard output and standard error.

    Raises:
        FileNotFoundError: the program does not exist.
        TimeoutError: it was not at its end after ``timeout_s``, and was killed.
    """
    try:
        done = subprocess.run(
            command, input=input_text, env=env, capture_output=True, text=True, check=False, timeout=timeout_s
        )
    except subprocess.TimeoutExpired:
        raise TimeoutError(f"{command[0]} took longer than {timeout_s:g} s") from None
    return done.returncode, done.stdout, done.stderr


class Worker:
    """A child process in a group of its own, its output in a log file, tied to this process by a pipe.

    The pipe is the child's standard input and nothing is ever written to it: when this process dies, however it dies,
    the pipe closes, and the child ends itself.
    """

    def __init__(self, command: Sequence[str], *, env: Mapping[str, str], cwd: Path, log: IO[bytes]) -> None:
        self._process = subprocess.Popen(
            command,
            env=env,
            cwd=cwd,
            stdin=subprocess.PIPE,
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=sys.platform != "win32",
        )

    @property
    def pid(self) -> int:
        """The child's process id."""
        return self._process.pid

    def wait(self, timeout_s: float) -> int | None:
        """Wait for the child; return its exit code (minus the signal that ended it), or None after ``timeout_s``."""
        try:
            return self._process.wait(timeout_s)
        except subprocess.TimeoutExpired:
            return None

    def stop(self) -> None:
        """Ask the whole group to end, and kill what is left of it after :data:`GRACE_S` seconds."""
        if self._process.poll() is None:
            self._signal(signal.SIGTERM)
            if self.wait(GRACE_S) is None:
                self._process.kill()
        if sys.platform != "win32":
            self._signal(signal.SIGKILL)  # children of its own that outlived it
        self._process.wait()
        if self._process.stdin:
            with contextlib.suppress(OSError):
                self._process.stdin.close()

    def _signal(self, number: int) -> None:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            if sys.platform == "win32":
                self._process.terminate()
            else:
                os.killpg(self._process.pid, number)
