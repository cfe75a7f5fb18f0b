"""Which wheel each package of a lock is installed from on the lock's platform, as the package index lists them now.

So that a lock for a platform that is not at hand is known to be installable there: nothing is missing from it, nothing
would be built from source, and each wheel has a hash that the lock names.
"""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any
from urllib.parse import unquote, urlsplit

from suite import locks
from suite.errors import InputError
from suite.frameworks import Packages
from suite.installer import uv
from suite.profiles import Profile

_PIN = re.compile(r"^([A-Za-z0-9][A-Za-z0-9._-]*)(?:\[[^\]]*\])?==([^\s;\\]+)", re.MULTILINE)
_HASH = re.compile(r"--hash=sha256:([0-9a-f]{64})\b")


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
    ends = [match.start() for match in starts[1:]] + [len(text)]
    return [
        Pin(name=match[1], version=match[2], sha256=frozenset(_HASH.findall(text, match.end(), end)))
        for match, end in zip(starts, ends, strict=True)
    ]


def chosen(profile: Profile, packages: Packages) -> list[Wheel]:
    """Return the wheels that a lock comes to on its platform, its dependencies resolved anew.

    Raises:
        InputError: there is no wheel for the platform, or the lock contradicts itself; uv's words say which.
        UnsupportedError: there is no network.
    """
    command = ["pip", "compile", "--quiet", "--no-header", "--only-binary=:all:", "--format", "pylock.toml"]
    command += ["--python-version", profile.python, "--python-platform", profile.wheel_platform]
    lock = locks.path(profile, packages)
    text = uv([*command, *locks.torch_source(profile, packages), str(lock)], variables=locks.macos(profile))
    return [_wheel(package) for package in tomllib.loads(text).get("packages", [])]


def problems(profile: Profile, packages: Packages) -> list[str]:
    """Return what keeps a lock from being installed on its platform, a sentence each; nothing if all is well."""
    held = {pin.name: pin for pin in pins(locks.path(profile, packages).read_text(encoding="utf-8"))}
    found = [f"{pin.name} has no hash" for pin in held.values() if not pin.sha256]
    try:
        wheels = chosen(profile, packages)
    except InputError as error:
        return [*found, str(error)]
    for wheel in wheels:
        pin = held.get(wheel.name)
        if pin is None:
            found.append(f"{wheel.name} {wheel.version}, which others need, is missing")
        elif not wheel.file:
            found.append(f"{pin.name} {pin.version} would be built from source")
        elif pin.sha256 and wheel.sha256 not in pin.sha256:
            found.append(f"the lock does not name the hash of {wheel.file}, the wheel for this platform")
    return found


def _wheel(package: dict[str, Any]) -> Wheel:
    """Read one package of a pylock.toml (PEP 751)."""
    listed = package.get("wheels") or [package["archive"]] if "archive" in package else package.get("wheels", [])
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
