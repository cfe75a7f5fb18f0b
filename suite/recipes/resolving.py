"""Recipes of other platforms: resolved for that platform's Python and wheel tags from here, nothing run."""

from __future__ import annotations

import math
import time
import tomllib
import urllib.error
import urllib.request
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

from suite import locks, profiles
from suite.errors import InputError
from suite.installer import uv
from suite.profiles import Profile
from suite.recipes import Recipe
from suite.recipes.children import TooLongError
from suite.recipes.commands import Install, parse
from suite.recipes.surroundings import wheels_for

ANSWER_S = 10.0
"""How long the index may take to say how large a file is."""


@dataclass(frozen=True, kw_only=True)
class Package:
    """One package that a recipe comes to on its platform."""

    name: str
    version: str
    wheel: bool
    """Whether there is a wheel for the platform; otherwise it would be built from source."""
    url: str


class UnresolvableError(Exception):
    """The recipe does not resolve; the message is what the resolver said."""


def resolve(recipe: Recipe, until: float = math.inf) -> list[Package]:
    """Return what a recipe's commands install on its platform, all of them together.

    Args:
        recipe: the recipe.
        until: the time of ``time.monotonic()`` at which it is given up.

    Raises:
        TooLongError: the time is over.
        UnresolvableError: there is no set of packages that fits, or one would be built from source that cannot be
            built just anywhere.
        UnsupportedError: there is no network.
    """
    profile = profiles.load(recipe.platform)
    found: dict[str, Package] = {}
    for command in recipe.commands:
        found |= {package.name: package for package in _compile(recipe, profile, parse(command), found, until)}
    built = [package for package in found.values() if not package.wheel and package.name not in recipe.builds]
    if built:
        names = ", ".join(f"{package.name} {package.version}" for package in built)
        have = "has" if len(built) == 1 else "have"
        raise UnresolvableError(
            f"no wheel: {names} {have} none for {profile.wheel_platform} and Python {recipe.python}, so pip would "
            "build from source, which needs compilers and often fails"
        )
    return list(found.values())


def _compile(
    recipe: Recipe, profile: Profile, install: Install, before: dict[str, Package], until: float
) -> Iterable[Package]:
    """Resolve one command beside what the commands before it installed, which pip keeps where it fits."""
    command = ["pip", "compile", "--quiet", "--no-header", "--format", "pylock.toml"]
    command += ["--python-version", recipe.python, "--python-platform", profile.wheel_platform]
    command += ["--no-deps"] if install.no_deps else []
    asked = list(install.requirements)
    if install.pytorch_cpu:
        wheels = wheels_for(install, (recipe.python, profile.wheel_platform))
        command += [f"--find-links={place}" for place in wheels.places] or ["--torch-backend=cpu"]
        asked += wheels.pins()
    elif not (install.no_deps or install.upgrade):
        asked += [f"{package.name}=={package.version}" for package in before.values() if "+" not in package.version]
    left_s = None if until == math.inf else max(0.0, until - time.monotonic())
    try:
        text = uv([*command, "-"], input_text="\n".join(asked), variables=locks.macos(profile), timeout_s=left_s)
    except TimeoutError:
        raise TooLongError from None
    except InputError as error:
        if "no solution found" in str(error).lower():
            raise UnresolvableError(str(error)) from None
        raise
    return [_package(package) for package in tomllib.loads(text).get("packages", [])]


def _package(listed: dict[str, Any]) -> Package:
    wheels = listed.get("wheels") or ([listed["archive"]] if "archive" in listed else [])
    url = str(wheels[0].get("url", "")) if wheels else ""
    return Package(name=listed["name"], version=str(listed.get("version", "")), wheel=bool(wheels), url=url)


def download_bytes(packages: Sequence[Package]) -> int | None:
    """Return how much all the wheels weigh, as the index says; None where it does not say it of each."""
    if not packages or not all(package.url.startswith("https:") for package in packages):
        return None
    with ThreadPoolExecutor(8) as pool:
        sizes = list(pool.map(_size, [package.url for package in packages]))
    return None if None in sizes else sum(size or 0 for size in sizes)


def _size(url: str) -> int | None:
    try:
        request = urllib.request.Request(url, method="HEAD")  # noqa: S310 (https only, see above)
        with urllib.request.urlopen(request, timeout=ANSWER_S) as answer:  # noqa: S310
            return int(answer.headers["Content-Length"])
    except (urllib.error.URLError, OSError, TypeError, ValueError):
        return None
