"""How far each profile was tried by the project's authors: read from ``platforms/facts/verified.toml``."""

from __future__ import annotations

import functools
import tomllib
from dataclasses import dataclass
from pathlib import Path

from suite import home
from suite.errors import InputError

LEVELS = {
    "run": "measured on a machine that it is for, in tests and by hand",
    "smoke-run": "environments installed from its locks and run on a processor, without its accelerator",
    "resolved": "locks resolved and checked for it, from another machine; nothing was installed or run",
}
"""What each level means, the furthest first."""


@dataclass(frozen=True, kw_only=True)
class Verified:
    """How far one profile was tried, and when."""

    level: str
    date: str

    @property
    def run(self) -> bool:
        """Whether it was run on a machine that it is for."""
        return self.level == "run"

    @property
    def sentence(self) -> str:
        """The level in words."""
        return LEVELS[self.level]


@functools.cache
def load(folder: Path = home.PLATFORMS) -> dict[str, Verified]:
    """Return the level of each profile by its name.

    Raises:
        InputError: the file is missing or damaged.
    """
    file = folder / "facts" / "verified.toml"
    try:
        tables = tomllib.loads(file.read_text(encoding="utf-8"))
    except OSError as error:
        raise InputError(f"{file} cannot be read: {error.strerror}.") from None
    except ValueError as error:  # TOMLDecodeError and UnicodeDecodeError both are
        raise InputError(f"{file} is no TOML: {error}.") from None
    for name, table in tables.items():
        if not isinstance(table, dict) or not {"level", "date"} <= table.keys():
            raise InputError(f"{file} needs a table with level and date for each profile, which {name} is not.")
    found = {name: Verified(level=str(t["level"]), date=str(t["date"])) for name, t in tables.items()}
    for name, each in found.items():
        if each.level not in LEVELS:
            raise InputError(f"{file}: {name} has level '{each.level}'; the levels are {', '.join(LEVELS)}.")
    return found
