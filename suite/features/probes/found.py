"""What a probe found: an answer that was seen, and a sentence of what was seen."""

from __future__ import annotations

import ast
import bdb
import inspect
from collections.abc import Callable
from dataclasses import dataclass
from types import FrameType
from typing import Any, Literal

ANSWERS = ("yes", "partly", "no", "not here")
Answer = Literal["yes", "partly", "no", "not here"]
"""``not here``: the machine or this build has not what it takes to see it, which says nothing of the framework."""


@dataclass(frozen=True, kw_only=True)
class Found:
    """One answer; an error is none, so a probe that does not get as far as this has found nothing out."""

    answer: Answer
    says: str
    """What was seen, in a sentence without a full stop."""
    brief: str
    """By what, in a few words, to stand beside the answer."""


def yes(brief: str, says: str) -> Found:
    """It was seen to work."""
    return Found(answer="yes", says=says, brief=brief)


def partly(brief: str, says: str) -> Found:
    """It was seen to work in one way and not in another."""
    return Found(answer="partly", says=says, brief=brief)


def no(brief: str, says: str) -> Found:
    """It was seen not to be there."""
    return Found(answer="no", says=says, brief=brief)


def not_here(brief: str, says: str) -> Found:
    """This machine or build has not what it takes to see it."""
    return Found(answer="not here", says=says, brief=brief)


def closeness(off: float) -> str:
    """Return a largest difference in words."""
    return f"within {off:.0e}" if off else "equal to the last bit"


class MismatchError(Exception):
    """What was computed is not what it should be: no answer, since neither "yes" nor "no" was seen."""


def require(holds: bool, words: str) -> None:
    """Refuse to answer where ``holds`` is false.

    Raises:
        MismatchError: with ``words``.
    """
    if not holds:
        raise MismatchError(words)


def statements(function: Callable[..., Any]) -> int:
    """Return how many statements a function consists of, its own ``def`` apart."""
    return sum(isinstance(node, ast.stmt) for node in ast.walk(ast.parse(inspect.getsource(function)))) - 1


class Breakpoint(bdb.Bdb):
    """A debugger's breakpoint on the line of ``function`` that holds ``marker``; notes a variable at each stop."""

    def __init__(self, function: Callable[..., Any], marker: str, variable: str) -> None:
        super().__init__()
        lines, first = inspect.getsourcelines(function)
        line = first + next(index for index, text in enumerate(lines) if marker in text)
        self._variable = variable
        self.seen: list[Any] = []
        refused = self.set_break(inspect.getsourcefile(function) or "", line)
        require(not refused, f"the breakpoint could not be set: {refused}")

    def user_line(self, frame: FrameType) -> None:
        """Note the variable where the breakpoint is, and go on."""
        if self.break_here(frame):
            self.seen.append(frame.f_locals.get(self._variable))
        self.set_continue()
