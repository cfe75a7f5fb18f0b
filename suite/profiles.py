"""Platform profiles: one TOML file in ``platforms/`` is one platform, found by being there."""

from __future__ import annotations

import platform
import re
import tomllib
from dataclasses import MISSING, dataclass, fields
from pathlib import Path
from typing import Any

from suite import fingerprint, home, impossible
from suite.errors import InputError, UnsupportedError, unknown

ACCELERATORS = ("cpu", "cuda", "metal")

_SYSTEMS = {"linux": "Linux", "darwin": "macOS", "windows": "Windows"}


@dataclass(frozen=True, kw_only=True)
class Substitute:
    """What one platform has in place of a package that the others have, and why."""

    package: str
    """What adapters ask for."""
    use: str
    """A package (of the version that all have), or one of a version of its own (``numpy==1.26.4``)."""
    because: str
    beside: str = ""
    """Only in environments that hold this package, too."""


@dataclass(frozen=True, kw_only=True)
class Profile:
    """One platform: where it runs, and what its environments are built with."""

    name: str
    title: str
    needs: str
    """The machine that it needs, in words: "a machine with ..."."""
    system: str
    machine: str
    accelerator: str
    python: str
    wheel_platform: str
    torch_backend: str
    minimum_macos: str = ""
    minimum_driver: str = ""
    """Of NVIDIA's, for the CUDA that the environments hold."""
    venue: str = "native"
    """Where its workers run unless it is said otherwise: native or container."""
    substitutes: tuple[Substitute, ...] = ()

    def require_this_machine(self, device: str | None = None, *, container: bool = False) -> None:
        """Refuse a machine that this profile is not for, and before that what can be on none.

        Args:
            device: "cpu" to run on the processor, whatever the accelerator: then none need be there.
            container: Whether containers are asked for.

        Raises:
            UnsupportedError: the message says what is missing and what would be needed.
        """
        if container:
            accelerator = "cpu" if device == "cpu" else self.accelerator
            why = impossible.reason(system=self.system, accelerator=accelerator, venue="container")
            if why:
                raise UnsupportedError(f"profile {self.name} cannot run in containers: {why}. Leave --container out.")
        system, machine = platform.system().lower(), platform.machine().lower()
        if (system, machine) == ("darwin", "x86_64") and (self.system, self.machine) == ("darwin", "arm64"):
            raise self._refusal("this Python is one for Intel Macs, which on Apple Silicon runs under Rosetta")
        if (system, machine) != (self.system, self.machine):
            raise self._refusal(f"this one is {_SYSTEMS.get(system, system)} on {machine}")
        if self.minimum_macos and _numbers(platform.mac_ver()[0]) < _numbers(self.minimum_macos):
            raise self._refusal(f"this one has macOS {platform.mac_ver()[0]}")
        if self.accelerator == "cuda" and device != "cpu":
            self._require_nvidia()

    def _require_nvidia(self) -> None:
        gpus = fingerprint.nvidia_gpus()
        on_processor = "to try its environments on the processor, add --device cpu"
        if not gpus:
            raise self._refusal(
                f"nvidia-smi names no GPU here (or is missing: it comes with the driver); {on_processor}"
            )
        driver = str(gpus[0].get("driver") or "")
        if self.minimum_driver and driver and _numbers(driver) < _numbers(self.minimum_driver):
            raise self._refusal(f"this one's driver is {driver}: update it; {on_processor}")

    def _refusal(self, found: str) -> UnsupportedError:
        return UnsupportedError(
            f"profile {self.name} needs {self.needs}; {found}. Run it on such a machine, "
            "or leave --profile out to take the one for this machine."
        )


def names(folder: Path = home.PLATFORMS) -> list[str]:
    """Return the names of all profiles, from their files' names."""
    return sorted(path.stem for path in folder.glob("*.toml"))


def load(name: str, folder: Path = home.PLATFORMS) -> Profile:
    """Read the profile called ``name``.

    Raises:
        InputError: there is no such profile, or its file is not TOML, lacks a key, has one too many or one whose value
            will not do.
    """
    if name not in names(folder):
        why = impossible.of_name(name)
        if why:
            there_is = ", ".join(names(folder))
            raise InputError(f"there is no profile '{name}', nor can there be: {why}. There is {there_is}.")
        raise unknown("profile", name, names(folder))
    path = folder / f"{name}.toml"
    try:
        text = path.read_text(encoding="utf-8")
        values = tomllib.loads(text)
    except OSError as error:
        raise InputError(f"{path} cannot be read: {error.strerror}.") from None
    except ValueError as error:  # TOMLDecodeError and UnicodeDecodeError both are
        raise InputError(f"{path} is no TOML: {error}.") from None
    found = values.pop("substitute", [])
    if not isinstance(found, list) or not all(isinstance(each, dict) for each in found):
        where = f"{path}, line {_line(text, 'substitute')}"
        raise InputError(f"{where}: substitutes are tables, each headed [[substitute]].")
    known = _keys(Profile) - {"name", "substitutes"}
    for table, allowed in ((values, known), *((each, _keys(Substitute)) for each in found)):
        _refuse_wrong(table, allowed, path, text)
    _refuse_missing(values, Profile, path)
    for each in found:
        _refuse_missing(each, Substitute, path)
    _refuse_senseless(values, path, text)
    return Profile(name=name, **values, substitutes=tuple(Substitute(**each) for each in found))


def of_this_machine(folder: Path = home.PLATFORMS) -> Profile:
    """Return the profile for this machine, one for its accelerator before one for the processor alone.

    Raises:
        UnsupportedError: there is none.
    """
    known = [load(name, folder) for name in names(folder)]
    for profile in sorted(known, key=lambda profile: profile.accelerator == "cpu"):
        try:
            profile.require_this_machine()
        except UnsupportedError:
            continue
        return profile
    raise UnsupportedError(
        f"no profile is for {platform.system().lower()} on {platform.machine().lower()}; "
        f"there is {', '.join(names(folder))}."
    )


def _keys(kind: type[Profile | Substitute]) -> set[str]:
    return {field.name for field in fields(kind)}


def _refuse_wrong(table: dict[str, Any], allowed: set[str], path: Path, text: str) -> None:
    for key, value in table.items():
        where = f"{path}, line {_line(text, key)}"
        if key not in allowed:
            raise InputError(f"{where}: unknown key '{key}'; the keys of a profile are {', '.join(sorted(allowed))}.")
        if not isinstance(value, str):
            raise InputError(f"{where}: '{key}' has to be text in quotes, not {value!r}.")


def _refuse_missing(table: dict[str, Any], kind: type[Profile | Substitute], path: Path) -> None:
    needed = {field.name for field in fields(kind) if field.default is MISSING} - {"name"}
    missing = sorted(needed - table.keys())
    if missing:
        raise InputError(f"{path} lacks the key{'s' * (len(missing) > 1)} {', '.join(missing)}.")


def _refuse_senseless(values: dict[str, Any], path: Path, text: str) -> None:
    """Refuse what would otherwise be noticed late, without a place, or never."""
    for key, known in {"accelerator": ACCELERATORS, "venue": ("native", "container")}.items():
        if values.get(key, known[0]) not in known:
            allowed = f"{', '.join(known[:-1])} or {known[-1]}"
            raise InputError(f"{path}, line {_line(text, key)}: '{key}' is {allowed}, not {values[key]!r}.")
    for key in ("minimum_driver", "minimum_macos"):
        if values.get(key) and not re.fullmatch(r"[0-9]+(\.[0-9]+)*", values[key]):
            where = f"{path}, line {_line(text, key)}"
            raise InputError(f"{where}: '{key}' has to be a version like 580 or 14.0, not {values[key]!r}.")


def _line(text: str, key: str) -> int:
    """Return the line on which ``key`` (or the table of that name) begins; 1 if it is written in a way not foreseen."""
    pattern = re.compile(rf"^\s*\[*\s*['\"]?{re.escape(key)}['\"]?\s*[].=]")
    return next((number for number, line in enumerate(text.splitlines(), 1) if pattern.match(line)), 1)


def _numbers(version: str) -> list[int]:
    return [int(part) for part in version.split(".") if part.isdigit()]
