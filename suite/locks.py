"""Locks: every package of an environment, exact and hashed, one file per profile and environment.

Made by ``nox -s lock`` and handed to the installer unread. The first line says which requirements a lock was made from,
so that a lock that no longer matches its profile is refused without a network.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from pathlib import Path
from typing import assert_never
from urllib.parse import urlsplit

from suite import home, impossible, records
from suite.errors import InputError, UnsupportedError
from suite.frameworks import Framework, Packages, frameworks
from suite.installer import find_links, uv
from suite.profiles import Profile
from suite.published.programs import programs_for
from suite.requirements import requirements

MAIN_INDEX = "main index"
"""What a profile names as its PyTorch backend where it takes the main index's build."""

_MADE_FROM = "# made by: nox -s lock, from: "


def path(profile: Profile, packages: Packages) -> Path:
    """Return where the lock of ``packages`` on ``profile`` lies."""
    return home.PLATFORMS / "locks" / profile.name / f"{packages.name}.txt"


def available(profile: Profile) -> list[Framework]:
    """Return the frameworks that exist for the profile's accelerator."""
    return [framework for framework in frameworks().values() if profile.accelerator in framework.requirements]


def refuse_absent(profile: Profile, names: Iterable[str]) -> None:
    """Refuse frameworks, or modes as ``keras-jax-fit``, that this suite has, but not for the profile's accelerator.

    Raises:
        UnsupportedError: one is such; the message says why.
    """
    known = frameworks()
    for name in names:
        meant = max((each for each in known if name == each or name.startswith(f"{each}-")), key=len, default="")
        if meant and profile.accelerator not in known[meant].requirements:
            why = impossible.reason(system=profile.system, accelerator=profile.accelerator, framework=meant)
            raise UnsupportedError(
                f"{known[meant].title} is not on profile {profile.name}: "
                f"{why or f'there is no build of it for {profile.accelerator}'}."
            )


def every(profile: Profile) -> list[Packages]:
    """Return all that is locked for the profile: its frameworks, then what as-published programs need beyond them."""
    known = available(profile)
    found: dict[str, Packages] = {framework.name: framework for framework in known}
    for program in programs_for(profile.accelerator, known):
        found.setdefault(program.packages.name, program.packages)
    return list(found.values())


def check(profile: Profile, packages: Packages) -> str:
    """Return the sha256 of a lock after seeing that it is there and was made from what the profile asks for now.

    Raises:
        InputError: the lock is missing, or was made from other requirements, another Python or platform.
    """
    file = path(profile, packages)
    try:
        data = file.read_bytes()
    except OSError as error:
        raise InputError(f"the lock {file} cannot be read ({error.strerror}): make it with nox -s lock.") from None
    found, wanted = data.decode(errors="replace").split("\n", 1)[0], _made_from(profile, packages)
    if found != wanted:
        raise InputError(
            f"the lock {file} does not match profile {profile.name}: it says '{found.removeprefix(_MADE_FROM)}', "
            f"the profile wants '{wanted.removeprefix(_MADE_FROM)}'; make it anew with nox -s lock."
        )
    return hashlib.sha256(data).hexdigest()


def make(profile: Profile, packages: Packages) -> Path:
    """Resolve the requirements for the profile's Python and platform, with every hash, and write the lock.

    Raises:
        InputError: the resolver cannot satisfy them.
        UnsupportedError: there is no network.
    """
    command = ["pip", "compile", "--quiet", "--generate-hashes", "--no-header", "--only-binary=:all:"]
    command += ["--python-version", profile.python, "--python-platform", profile.wheel_platform]
    text = uv(
        [*command, *torch_source(profile, packages), "-"],
        input_text="\n".join(requirements(profile, packages)),
        variables=macos(profile),
    )
    file = path(profile, packages)
    records.replace(file, f"{_made_from(profile, packages)}\n{text}".encode())
    return file


def torch_source(profile: Profile, packages: Packages) -> list[str]:
    """Return the options that tell uv where PyTorch's build for these packages comes from.

    The profile's own build: folders or pages of wheels named by ``UV_FIND_LINKS`` or ``PIP_FIND_LINKS`` come first, if
    they hold a PyTorch wheel (a page on the web is taken on trust); else it is PyTorch's own index for the profile's
    backend, which uv knows. The main index's build: neither, since a build for processors alone also satisfies the
    requirement, and torchvision from the main index does not work with it.
    """
    match packages.torch_build:
        case "main index":
            return []
        case "profile" if profile.torch_backend == MAIN_INDEX:
            return []
        case "profile":
            places = find_links()
            options = [f"--find-links={place}" for place in places]
            if any(_may_hold_torch(place) for place in places):
                return options
            return [*options, f"--torch-backend={profile.torch_backend}"]
        case _:
            assert_never(packages.torch_build)


def macos(profile: Profile) -> dict[str, str]:
    """Return what uv has to be told besides: the oldest macOS that wheels have to run on."""
    return {"MACOSX_DEPLOYMENT_TARGET": profile.minimum_macos} if profile.minimum_macos else {}


def _may_hold_torch(place: str) -> bool:
    if urlsplit(place).scheme in ("http", "https"):
        return True
    return any(Path(place.removeprefix("file://")).glob("torch-*.whl"))


def _made_from(profile: Profile, packages: Packages) -> str:
    facts = {
        "python": profile.python,
        "platform": profile.wheel_platform,
        "torch": profile.torch_backend if packages.torch_build == "profile" else packages.torch_build,
        "requirements": requirements(profile, packages),
    }
    return _MADE_FROM + json.dumps(facts)
