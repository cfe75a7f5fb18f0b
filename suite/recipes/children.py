"""Child processes of recipes: with a time limit each, and all of them stopped when the user stops us."""

from __future__ import annotations

import threading
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

from suite.process import Worker

PERIOD_S = 0.1


class StoppedError(Exception):
    """The user stopped the verification; what was under way is not a result."""


class TooLongError(Exception):
    """A recipe took longer than its limit."""


class Children:
    """Starts programs and waits for them; :meth:`stop` ends all, whichever thread waits."""

    def __init__(self) -> None:
        self._stopping = threading.Event()

    def stop(self) -> None:
        """End every program with its whole group; each waiting thread raises :class:`StoppedError`."""
        self._stopping.set()

    def refuse_if_stopping(self) -> None:
        """Raise :class:`StoppedError` after :meth:`stop`."""
        if self._stopping.is_set():
            raise StoppedError

    def run(self, command: Sequence[str], *, log: Path, folder: Path, env: Mapping[str, str], until: float) -> int:
        """Run a program to its end, its output added to ``log``; return its exit code.

        Args:
            command: the program and its arguments.
            log: where its output goes.
            folder: the folder it runs in.
            env: all of its variables.
            until: the time of ``time.monotonic()`` at which it is given up.

        Raises:
            StoppedError: the user stopped us.
            TooLongError: the time is over.
        """
        self.refuse_if_stopping()
        with log.open("ab") as output:
            worker = Worker(command, env=env, cwd=folder, log=output)
            try:
                while (code := worker.wait(PERIOD_S)) is None:
                    self.refuse_if_stopping()
                    if time.monotonic() > until:
                        raise TooLongError
            finally:
                worker.stop()
        return code
