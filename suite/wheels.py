"""Which wheel each package of a lock is installed from on the lock's platform, as the package index lists them now.

So that a lock for a platform that is not at hand is known to be installable there: nothing is missing from it, nothing
would be built from source, and each wheel has a hash that the lock names.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any, Literal
from urllib.parse import unquote, urlsplit

from suite import locks
from suite.errors import InputError
from suite.frameworks import Packages
from suite.installer import uv
from suite.profiles import Profile
from suite.requirements import requirements

_PIN = re.compile(r"^([A-Za-z0-9][A-Za-z0-9._-]*)(?:\[[^\]]*\])?==([^\s;\\]+)", re.MULTILINE)
_HASH = re.compile(r"--hash=sha256:([0-9a-f]{64})\b")

Kind = Literal["current", "complete", "hashed", "installable"]
"""What a lock has to be: made from what is asked for now, whole, with every hash, of wheels that exist."""


@dataclass(frozen=True, kw_only=True)
class Fault:
    """One thing that is wrong with a lock."""

    kind: Kind
    sentence: str


@dataclass(frozen=True, kw_only=True)
class Pin:
    """One package of a lock."""

    name: str
    version: str
    sha256: frozenset[str]


@dataclass(frozen=True, kw_only=True)
class Wheel:
    """The one wheel that the installer takes on a platform."""

    name: str
    version: str
    file: str
    """Its name; "" where the package has no wheel."""
    sha256: str
    url: str
    """Where it is now, a folder on this machine or a page of an index."""


def pins(text: str) -> list[Pin]:
    """Return the packages that a lock's text names, in its order."""
    starts = list(_PIN.finditer(text))
    ends = [*(match.start() for match in starts[1:]), *([len(text)] if starts else [])]
    return [
        Pin(name=canonical(match[1]), version=match[2], sha256=frozenset(_HASH.findall(text, match.end(), end)))
        for match, end in zip(starts, ends, strict=True)
    ]


def canonical(name: str) -> str:
    """Return a package's name as indexes write it: ``Typing_Extensions`` as ``typing-extensions``."""
    return re.sub(r"[-_.]+", "-", name).lower()


def chosen(profile: Profile, packages: Packages) -> list[Wheel]:
    """Return the wheels that a lock comes to on its platform, its requirements resolved anew within it.

    Raises:
        InputError: there is no wheel for the platform, or the lock contradicts itself; uv's words say which.
        UnsupportedError: there is no network.
    """
    asked = "\n".join(requirements(profile, packages))
    options = locks.torch_source(profile, packages)
    return resolved(profile, locks.path(profile, packages), ["-"], options=options, input_text=asked)


def resolved(
    profile: Profile, lock: Path, sources: Sequence[str], *, options: Sequence[str] = (), input_text: str | None = None
) -> list[Wheel]:
    """Return the wheels for a profile's platform that ``sources`` come to when only a lock's versions may be taken.

    Raises:
        InputError: there is no wheel for the platform, or the lock contradicts itself; uv's words say which.
        UnsupportedError: there is no network.
    """
    command = ["pip", "compile", "--quiet", "--no-header", "--only-binary=:all:", "--format", "pylock.toml"]
    command += ["--python-version", profile.python, "--python-platform", profile.wheel_platform]
    command += ["--constraints", str(lock), *options, *sources]
    text = uv(command, input_text=input_text, variables=locks.macos(profile))
    return [_wheel(package) for package in tomllib.loads(text).get("packages", [])]


def problems(profile: Profile, packages: Packages) -> list[str]:
    """Return what keeps a lock from being installed on its platform, a sentence each; nothing if all is well.

    Raises:
        UnsupportedError: there is no network.
    """
    return [fault.sentence for fault in [*plain_faults(profile, packages), *index_faults(profile, packages)]]


def plain_faults(profile: Profile, packages: Packages) -> list[Fault]:
    """Return what is wrong with a lock as far as it can be seen without a network."""
    held = pins(locks.path(profile, packages).read_text(encoding="utf-8", errors="replace"))
    versions = {pin.name: pin.version.split("+")[0] for pin in held}
    found = unhashed(held)
    for line in requirements(profile, packages):
        name, _, version = line.partition("==")
        name = canonical(name.split("[")[0])
        if name not in versions:
            found.append(Fault(kind="complete", sentence=f"{name} {version}, which is asked for, is missing"))
        elif versions[name] != version:
            sentence = f"{name} is {versions[name]}, and {version} is asked for"
            found.append(Fault(kind="current", sentence=sentence))
    return found


def index_faults(profile: Profile, packages: Packages) -> list[Fault]:
    """Return what is wrong with a lock by what the package index lists.

    Raises:
        UnsupportedError: there is no network.
    """
    held = pins(locks.path(profile, packages).read_text(encoding="utf-8", errors="replace"))
    try:
        wheels = chosen(profile, packages)
    except InputError as error:
        return [Fault(kind="installable", sentence=str(error))]
    return [*compared(held, wheels), *_unasked(held, wheels)]


def unhashed(held: Sequence[Pin]) -> list[Fault]:
    """Return a fault for each package without a hash, or for a lock of nothing."""
    if not held:
        return [Fault(kind="complete", sentence="it names no package")]
    return [Fault(kind="hashed", sentence=f"{pin.name} has no hash") for pin in held if not pin.sha256]


def compared(held: Sequence[Pin], wheels: Sequence[Wheel]) -> list[Fault]:
    """Return what the wheels of a platform show to be wrong with a lock: missing, not a wheel, of another hash."""
    known = {(pin.name, pin.version): pin for pin in held}
    found = []
    for wheel in wheels:
        pin = known.get((canonical(wheel.name), wheel.version))
        label = f"{wheel.name} {wheel.version}"
        if pin is None:
            found.append(Fault(kind="complete", sentence=f"{label}, which others need, is missing"))
        elif not wheel.file:
            found.append(Fault(kind="installable", sentence=f"{label} would be built from source"))
        elif pin.sha256 and wheel.sha256 not in pin.sha256:
            sentence = f"it does not name the hash of {wheel.file}, the wheel for this platform"
            found.append(Fault(kind="hashed", sentence=sentence))
    return found


def _unasked(held: Sequence[Pin], wheels: Sequence[Wheel]) -> list[Fault]:
    needed = {canonical(wheel.name) for wheel in wheels}
    return [
        Fault(kind="current", sentence=f"{pin.name} {pin.version} is needed by nothing")
        for pin in held
        if pin.name not in needed
    ]


def _wheel(package: dict[str, Any]) -> Wheel:
    """Read one package of a pylock.toml (PEP 751)."""
    listed = package.get("wheels") or ([package["archive"]] if "archive" in package else [])
    wheel: dict[str, Any] = listed[0] if listed else {}
    url = str(wheel.get("url") or "") or (Path(wheel["path"]).resolve().as_uri() if "path" in wheel else "")
    file = unquote(PurePosixPath(urlsplit(url).path).name)
    return Wheel(
        name=package["name"],
        version=str(package.get("version", "")),
        file=file if file.endswith(".whl") else "",
        sha256=str(wheel.get("hashes", {}).get("sha256", "")),
        url=url,
    )
