"""What an environment is made of: exact requirement lines, from adapter, worker and profile.

Adapters name packages, ``platforms/facts/versions.toml`` the version that all platforms have, and a profile what it has
in place of one, and why.
"""

from __future__ import annotations

import functools
import tomllib

from suite import home
from suite.errors import InputError
from suite.frameworks import Packages
from suite.profiles import Profile, Substitute

WORKER_REQUIREMENTS = ("numpy", "psutil", "threadpoolctl")
"""What the worker itself needs in every environment."""


def requirements(profile: Profile, packages: Packages) -> list[str]:
    """Return the exact requirement lines of an environment: what adapter and worker ask for, as the profile has it."""
    asked = [*packages.requirements[profile.accelerator], *WORKER_REQUIREMENTS]
    chosen = {name: substitutes(profile, packages).get(name) for name in asked}
    return sorted({_exact(name if found is None else found.use) for name, found in chosen.items()})


def substitutes(profile: Profile, packages: Packages) -> dict[str, Substitute]:
    """Return what the profile has in place of packages of this environment, by the name of what is replaced."""
    asked = {*packages.requirements[profile.accelerator], *WORKER_REQUIREMENTS}
    found = {each.package: each for each in profile.substitutes if each.package in asked and not each.beside}
    held = {*asked, *(each.use.split("==")[0] for each in found.values())}
    beside = {each.package: each for each in profile.substitutes if each.package in asked and each.beside in held}
    return found | beside


def other_versions(profile: Profile, packages: Packages) -> list[str]:
    """Return a sentence for each package of an environment that has another version than on the other platforms."""
    return [
        f"{each.use.replace('==', ' ')} in place of {_exact(each.package).replace('==', ' ')}, because {each.because}"
        for each in substitutes(profile, packages).values()
        if "==" in each.use
    ]


@functools.cache
def versions() -> dict[str, str]:
    """Return the version of each package that every profile has unless its own file says otherwise.

    Raises:
        InputError: the file is missing or damaged.
    """
    file = home.PLATFORMS / "facts" / "versions.toml"
    try:
        found = tomllib.loads(file.read_text(encoding="utf-8"))
    except OSError as error:
        raise InputError(f"{file} cannot be read: {error.strerror}.") from None
    except ValueError as error:
        raise InputError(f"{file} is no TOML: {error}.") from None
    if not found:
        raise InputError(f"{file} names no version of torch, nor of anything else: take it from version control.")
    for name, version in found.items():
        if not isinstance(version, str):
            raise InputError(f"{file}: the version of {name} has to be text in quotes, not {version!r}.")
    return dict(found)


def _exact(line: str) -> str:
    """Return a requirement line with its version: ``jax[cuda13]`` as ``jax[cuda13]==0.10.2``."""
    name = line.split("[")[0]
    if "==" in line:
        return line
    if name not in versions():
        raise InputError(f"no version of {name} is named in {home.PLATFORMS / 'facts' / 'versions.toml'}.")
    return f"{line}=={versions()[name]}"
