"""For which platforms and GPUs there are wheels, from the committed locks: each was made of wheels alone.

A lock is resolved with ``--only-binary=:all:`` for one platform and Python (:func:`suite.locks.make`), so what it pins
has a wheel there; it is checked against its profile before it is believed.
"""

from __future__ import annotations

from suite import locks, profiles
from suite.errors import InputError
from suite.features.probes.found import Found, no, yes
from suite.features.probes.packages import DISTRIBUTIONS
from suite.frameworks import frameworks
from suite.profiles import Profile
from suite.wheels import Pin, pins

GPUS = {"cuda": "NVIDIA GPUs", "metal": "Metal"}
SYSTEMS = {"linux": "Linux", "darwin": "macOS", "windows": "Windows"}


def platforms(framework: str) -> Found:
    """Say for which profiles a lock pins wheels of a framework, and of which version.

    Raises:
        InputError: a lock of it does not match its profile, or there is none.
    """
    where: dict[str, list[str]] = {}
    known = _held(framework)
    for profile, held in known:
        where.setdefault(f"{_version(held, framework)}, Python {profile.python}", []).append(profile.title)
    if not where:
        raise InputError(f"there is no lock of {framework}: make them with nox -s lock.")
    told = [f"{version}: {', '.join(titles)}" for version, titles in where.items()]
    systems = dict.fromkeys(SYSTEMS.get(profile.system, profile.system) for profile, _ in known)
    return yes(", ".join(systems), f"wheels locked: {'; '.join(told)}")


def gpus(framework: str) -> Found:
    """Say for which kinds of GPU a lock pins a build of a framework, and what comes with it.

    Raises:
        InputError: a lock of it does not match its profile.
    """
    found: dict[str, str] = {}
    for profile, held in _held(framework):
        if profile.accelerator == "cpu":
            continue
        beside = [f"{pin.name} {pin.version}" for pin in held if "cudnn" in pin.name or "metal" in pin.name]
        named = " and ".join([_version(held, framework), *beside])
        found[GPUS[profile.accelerator]] = named
    if not found:
        return no("no build", "no lock is for a GPU")
    return yes(
        ", ".join(found), f"locks of builds for {'; '.join(f'{kind}: {named}' for kind, named in found.items())}"
    )


def _held(framework: str) -> list[tuple[Profile, list[Pin]]]:
    """Return the profiles that have a lock of a framework, with what it pins."""
    packages = frameworks()[framework]
    found = []
    for profile in map(profiles.load, profiles.names()):
        if profile.accelerator in packages.requirements and locks.path(profile, packages).exists():
            locks.check(profile, packages)
            found.append((profile, pins(locks.path(profile, packages).read_text(encoding="utf-8"))))
    return found


def _version(held: list[Pin], framework: str) -> str:
    return ", ".join(f"{pin.name} {pin.version}" for pin in held if pin.name in DISTRIBUTIONS[framework])
