"""Files that are written whole or not at all.

Everything the suite keeps goes through here: written to a temporary name beside its place, flushed to disk, then
renamed.
"""

from __future__ import annotations

import hashlib
import json
import os
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import IO, Any

from suite.errors import InputError

SCHEMA = 1
"""Version of plan.json, raw/*.json and analysis.json. History: 1, the first."""

Record = dict[str, Any]
"""A JSON object: plan, raw result or analysis."""

RESTORE = "Restore it from a copy."
"""What to do about a damaged file where nothing else helps."""


def write_once(path: Path, data: bytes) -> None:
    """Write ``data`` to ``path``, which must not exist yet.

    Raises:
        InputError: ``path`` exists already (nothing measured is ever overwritten), or it cannot be written.
    """

    def place(temporary: Path) -> None:
        try:
            os.link(temporary, path)
        except FileExistsError:
            raise InputError(
                f"{path} exists already and raw results are never overwritten: name another --out."
            ) from None
        except OSError:  # a file system without hard links
            if path.exists():
                raise InputError(
                    f"{path} exists already and raw results are never overwritten: name another --out."
                ) from None
            temporary.replace(path)
        else:
            temporary.unlink()

    _write(path, lambda file: file.write(data), place)


def replace(path: Path, data: bytes) -> None:
    """Write ``data`` to ``path``, replacing what was there in one step.

    Raises:
        InputError: ``path`` cannot be written.
    """
    _write(path, lambda file: file.write(data), lambda temporary: temporary.replace(path))


def write_json_once(path: Path, record: Record) -> None:
    """Write a JSON record to ``path``, which must not exist yet (see :func:`write_once`)."""
    write_once(path, to_json(record))


def replace_json(path: Path, record: Record) -> None:
    """Write a JSON record to ``path``, replacing what was there (see :func:`replace`)."""
    replace(path, to_json(record))


def to_json(record: Record) -> bytes:
    """Return ``record`` as UTF-8 JSON, two spaces deep, with a final newline; NaN and infinity are refused."""
    return (json.dumps(record, indent=2, allow_nan=False, ensure_ascii=False) + "\n").encode()


def read_json(path: Path, what: str, remedy: str = RESTORE) -> Record:
    """Read the JSON object at ``path``.

    Args:
        path: Where it lies.
        what: Names it in errors ("the plan", "a raw result").
        remedy: What to do about a damaged one, in a sentence.

    Raises:
        InputError: the file is missing, unreadable, not JSON, not an object, or of another schema version.
    """
    try:
        record = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise InputError(f"{path} is missing: {what} has to be there.") from None
    except OSError as error:
        raise InputError(f"{path} ({what}) cannot be read: {error.strerror}.") from None
    except ValueError as error:
        raise InputError(f"{path} ({what}) is damaged, it is no JSON: {error}. {remedy}") from None
    except RecursionError:
        raise InputError(f"{path} ({what}) is damaged, it is nested too deeply. {remedy}") from None
    if not isinstance(record, dict):
        found = type(record).__name__
        raise InputError(f"{path} ({what}) is damaged: a JSON object was expected, not {found}. {remedy}")
    if "schema" not in record:
        raise InputError(f"{path} ({what}) is damaged: it does not say its schema version. {remedy}")
    if record["schema"] != SCHEMA:
        raise InputError(
            f"{path} ({what}) has schema version {record['schema']!r}, this evenmatch reads {SCHEMA}: use the version "
            "of evenmatch that wrote it."
        )
    return record


def sha256_of(data: bytes | memoryview) -> str:
    """Return the SHA-256 of ``data`` in hexadecimal."""
    return hashlib.sha256(data).hexdigest()


def sha256_of_file(path: Path) -> str:
    """Return the SHA-256 of a file's bytes in hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _write(path: Path, fill: Callable[[IO[bytes]], object], place: Callable[[Path], object]) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        descriptor, name = tempfile.mkstemp(prefix=f".{path.name}.", suffix=".part", dir=path.parent)
    except OSError as error:
        raise InputError(f"{path} cannot be written: {error.strerror}. {_remedy(error)}") from None
    temporary = Path(name)
    try:
        with os.fdopen(descriptor, "wb") as file:
            fill(file)
            file.flush()
            os.fsync(file.fileno())
        temporary.chmod(0o644)  # mkstemp makes files for one user only; results are meant to be passed on
        place(temporary)
    except OSError as error:
        raise InputError(f"{path} cannot be written: {error.strerror}. {_remedy(error)}") from None
    finally:
        temporary.unlink(missing_ok=True)


def _remedy(error: OSError) -> str:
    import errno

    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return "Free some space, then go on with --resume."
    return "Name a folder that can be written with --out."
