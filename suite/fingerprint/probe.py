"""What every probe shares: sources of facts, their order, and what is said when a fact cannot be read.

A probe is a pure parser (text in, facts out, never raises) plus a reader that fetches the text. Readers raise
:class:`UnreadableError`; :func:`collect` turns that into the words "unknown because ...", so nothing here stops a
benchmark.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Generic, TypeVar

import psutil

Facts = dict[str, Any]
"""Facts by field name, JSON-able. A field that is not stated is left out; ``None`` is a value ("there is none")."""

_UNKNOWN = "unknown because "
_ANSWER_LIMIT_BYTES = 4 * 1024 * 1024
"""No probe's answer is anywhere near this long; it keeps a program gone mad from filling the memory."""

T = TypeVar("T")


class UnreadableError(Exception):
    """A source could not be read; the message completes the sentence "unknown because ..."."""


@dataclass(frozen=True, kw_only=True)
class Source:
    """One place facts come from.

    Attributes:
        name: What it is called in reasons and in the record of origins ("/proc/cpuinfo").
        fields: The fields it may state.
        read: Fetches and parses; may raise :class:`UnreadableError`.
    """

    name: str
    fields: tuple[str, ...]
    read: Callable[[], Facts]


def unreadable(reason: str, *fields: str) -> Source:
    """Return a source that says why this operating system cannot state some fields."""

    def read() -> Facts:
        raise UnreadableError(reason)

    return Source(name=reason, fields=fields, read=read)


def unknown(reason: str) -> str:
    """Return the value of a field that cannot be read."""
    return _UNKNOWN + reason


def is_unknown(value: object) -> bool:
    """Tell whether a field's value is "unknown because ..."."""
    return isinstance(value, str) and value.startswith(_UNKNOWN)


def collect(sources: Iterable[Source], fields: Iterable[str]) -> tuple[Facts, dict[str, str]]:
    """Ask the sources in order until every field is known; a source whose fields are all known is never asked.

    Returns:
        The facts (every one of ``fields`` present, unknown ones in words) and, per known field, the name of its source.
    """
    facts: Facts = {}
    origins: dict[str, str] = {}
    reasons: dict[str, list[str]] = {}
    for source in sources:
        missing = [field for field in source.fields if field not in facts]
        if not missing:
            continue
        found, reason = _ask(source)
        for field in missing:
            if field in found:
                facts[field], origins[field] = _writable(found[field]), source.name
            elif reason not in reasons.setdefault(field, []):
                reasons[field].append(reason)
    for field in fields:
        if field not in facts:
            facts[field] = unknown("; ".join(reasons.get(field, [])) or "this operating system has no probe for it")
    return facts, origins


def _ask(source: Source) -> tuple[Facts, str]:
    try:
        return source.read(), f"{source.name} does not state it"
    except UnreadableError as error:
        return {}, str(error)
    except Exception as error:  # a fingerprint is never worth a lost benchmark
        # The type alone: messages may hold paths, and paths hold user names.
        return {}, f"reading {source.name} failed with {type(error).__name__}"


def _writable(value: Any) -> Any:
    """Replace what UTF-8 cannot write: a stray surrogate in a name must not cost a raw result."""
    if isinstance(value, str):
        return value.encode("utf-8", errors="replace").decode("utf-8")
    if isinstance(value, list):
        return [_writable(item) for item in value]
    if isinstance(value, dict):
        return {key: _writable(item) for key, item in value.items()}
    return value


class Once(Generic[T]):
    """A reader called at most once, whatever comes of it: an answer and a refusal are both remembered."""

    def __init__(self, read: Callable[[], T]) -> None:
        self._read = read
        self._answer: T | None = None
        self._refusal: UnreadableError | None = None
        self._asked = False

    def __call__(self) -> T:
        """Return the answer of the first call.

        Raises:
            UnreadableError: the first call raised it.
        """
        if not self._asked:
            self._asked = True
            try:
                self._answer = self._read()
            except UnreadableError as error:
                self._refusal = error
        if self._refusal is not None:
            raise self._refusal
        return self._answer  # type: ignore[return-value]


def read_text(path: Path) -> str:
    """Return a small text file's content.

    Raises:
        UnreadableError: the file is missing or cannot be read.
    """
    try:
        return path.read_text(encoding="utf-8", errors="replace")
    except FileNotFoundError:
        raise UnreadableError(f"{path} does not exist") from None
    except OSError as error:
        raise UnreadableError(f"{path} cannot be read ({error.strerror})") from None


def texts(pattern: str) -> dict[str, str]:
    """Return path -> text of the readable files that match an absolute glob pattern (none may)."""
    found = {}
    for path in sorted(Path("/").glob(pattern.lstrip("/"))):
        with contextlib.suppress(UnreadableError):
            found[str(path)] = read_text(path)
    return found


def run_command(command: Sequence[str], limit_s: float = 5.0, codes: tuple[int, ...] = (0,)) -> str:
    """Return what a program writes to its standard output, in English where it can choose.

    Args:
        command: Program and arguments; the program is looked up on PATH.
        limit_s: Seconds until it and its children are killed.
        codes: Exit codes under which the output counts.

    Raises:
        UnreadableError: it is not installed, cannot be started, takes too long, or exits with another code.
    """
    name = Path(command[0]).name
    program = shutil.which(command[0])
    if program is None:
        raise UnreadableError(f"{name} is not installed")
    # A file, not a pipe: a killed program's children could hold a pipe open for ever.
    with tempfile.TemporaryFile() as output:
        code = _wait_for([program, *command[1:]], name, output.fileno(), limit_s)
        if code not in codes:
            raise UnreadableError(f"{name} failed with exit code {code}")
        output.seek(0)
        return output.read(_ANSWER_LIMIT_BYTES).decode("utf-8", errors="replace")


def _wait_for(command: list[str], name: str, output: int, limit_s: float) -> int:
    environment = {**os.environ, "LC_ALL": "C"}
    try:
        process = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.DEVNULL, env=environment
        )
    except OSError as error:
        raise UnreadableError(f"{name} cannot be started ({error.strerror})") from None
    try:
        return process.wait(limit_s)
    except subprocess.TimeoutExpired:
        raise UnreadableError(f"{name} gave no answer within {limit_s:g} s") from None
    finally:
        if process.poll() is None:
            _kill_tree(process)


def _kill_tree(process: subprocess.Popen[bytes]) -> None:
    doomed: list[psutil.Process] = []
    with contextlib.suppress(psutil.Error):
        doomed = psutil.Process(process.pid).children(recursive=True)
    for child in doomed:
        with contextlib.suppress(psutil.Error):
            child.kill()
    process.kill()
    with contextlib.suppress(subprocess.TimeoutExpired):  # a program stuck in a driver cannot be killed: leave it
        process.wait(1.0)
