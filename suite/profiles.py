"""Platform profiles: one TOML file in ``platforms/`` is one platform, found by being there."""

from __future__ import annotations

import platform
import re
import tomllib
from dataclasses import dataclass, fields
from pathlib import Path

from suite import home
from suite.errors import InputError, UnsupportedError, unknown


@dataclass(frozen=True, kw_only=True)
class Profile:
    """One platform: where it runs, and what its environments are built with."""

    name: str
    title: str
    system: str
    machine: str
    accelerator: str
    python: str
    wheel_platform: str
    torch_backend: str

    def require_this_machine(self) -> None:
        """Refuse a machine that this profile is not for.

        Raises:
            UnsupportedError: another operating system or architecture; the message names both.
        """
        here = (platform.system().lower(), platform.machine().lower())
        if here != (self.system, self.machine):
            raise UnsupportedError(
                f"profile {self.name} needs {self.system} on {self.machine}, this machine is {here[0]} on {here[1]}: "
                "run it on such a machine, or leave --profile out to take the one for this machine."
            )


def names(folder: Path = home.PLATFORMS) -> list[str]:
    """Return the names of all profiles, from their files' names."""
    return sorted(path.stem for path in folder.glob("*.toml"))


def load(name: str, folder: Path = home.PLATFORMS) -> Profile:
    """Read the profile called ``name``.

    Raises:
        InputError: there is no such profile, or its file is not TOML, lacks a key, has one too many or of another type.
    """
    if name not in names(folder):
        raise unknown("profile", name, names(folder))
    path = folder / f"{name}.toml"
    try:
        text = path.read_text(encoding="utf-8")
        values = tomllib.loads(text)
    except OSError as error:
        raise InputError(f"{path} cannot be read: {error.strerror}.") from None
    except ValueError as error:  # TOMLDecodeError and UnicodeDecodeError both are
        raise InputError(f"{path} is no TOML: {error}.") from None
    known = {field.name for field in fields(Profile)} - {"name"}
    for key, value in values.items():
        where = f"{path}, line {_line(text, key)}"
        if key not in known:
            raise InputError(f"{where}: unknown key '{key}'; the keys of a profile are {', '.join(sorted(known))}.")
        if not isinstance(value, str):
            raise InputError(f"{where}: '{key}' has to be text in quotes, not {value!r}.")
    missing = known - values.keys()
    if missing:
        raise InputError(f"{path} lacks the key{'s' * (len(missing) > 1)} {', '.join(sorted(missing))}.")
    return Profile(name=name, **values)


def of_this_machine(folder: Path = home.PLATFORMS) -> Profile:
    """Return the first profile that is for this machine.

    Raises:
        UnsupportedError: there is none.
    """
    for name in names(folder):
        profile = load(name, folder)
        try:
            profile.require_this_machine()
        except UnsupportedError:
            continue
        return profile
    raise UnsupportedError(
        f"no profile is for {platform.system().lower()} on {platform.machine().lower()}; "
        f"there is {', '.join(names(folder))}."
    )


def _line(text: str, key: str) -> int:
    """Return the line on which ``key`` (or the table of that name) begins; 1 if it is written in a way not foreseen."""
    pattern = re.compile(rf"^\s*\[*\s*['\"]?{re.escape(key)}['\"]?\s*[].=]")
    return next((number for number, line in enumerate(text.splitlines(), 1) if pattern.match(line)), 1)
