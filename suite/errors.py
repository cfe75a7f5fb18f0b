"""What a user can be told: one class per exit code, one clear sentence per error.

Every message says what was wrong, where, and what to do. ``suite.cli`` is the only place that prints them and exits.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable


class EvenmatchError(Exception):
    """Base of every error that reaches a user as one sentence; exit code 2 (bad input or usage)."""

    exit_code = 2


class InputError(EvenmatchError):
    """The user's input, a file of theirs, or a file of this project is not what it has to be."""


class UnsupportedError(EvenmatchError):
    """This machine cannot do what was asked; the message says why and what would be needed."""

    exit_code = 3


class CellsFailedError(EvenmatchError):
    """The run finished, but some cells failed; the message names them."""

    exit_code = 1


class InterruptedRunError(EvenmatchError):
    """The user pressed Ctrl-C (or the process was told to stop); finished runs are kept.

    The exit code is the shell's convention for SIGINT, 128 + 2.
    """

    exit_code = 130


def unknown(kind: str, given: str, known: Iterable[str], likeness: float = 0.4) -> InputError:
    """Return the error for a name that does not exist, naming the nearest ones that do, or all if none is near."""
    names = sorted(known)
    near = difflib.get_close_matches(given, names, n=3, cutoff=likeness)
    hint = f"did you mean {' or '.join(near)}?" if near else f"there is {', '.join(names) or 'none'}."
    return InputError(f"unknown {kind} '{given}': {hint}")
