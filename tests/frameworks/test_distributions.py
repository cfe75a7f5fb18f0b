"""Versions that are read: on every platform, each is of a distribution that is in the lock there."""

from __future__ import annotations

import importlib.metadata
import re

import pytest

from suite import home, locks, profiles
from suite.frameworks import Distributions, Packages
from suite.notes.releases import FRAMEWORKS
from suite.published.programs import programs_for
from suite.worker.__main__ import versions


def read_on(profile: profiles.Profile) -> list[tuple[Packages, Distributions]]:
    known = locks.available(profile)
    programs = programs_for(profile.accelerator, known)
    return [(each, each.distributions) for each in known] + [(each.packages, each.distributions) for each in programs]


CASES = [
    pytest.param(profile, packages, names, id=f"{profile.name}-{packages.name}-{number}")
    for profile in map(profiles.load, profiles.names())
    for number, (packages, names) in enumerate(read_on(profile))
]


@pytest.mark.parametrize(("profile", "packages", "names"), CASES)
def test_each_version_that_is_read_is_of_a_distribution_in_the_lock(
    profile: profiles.Profile, packages: Packages, names: Distributions
) -> None:
    text = locks.path(profile, packages).read_text()
    locked = set(re.findall(r"^([a-z0-9][a-z0-9._-]*)==", text, re.MULTILINE))
    for name in (*names, "numpy"):
        assert locked & ({name} if isinstance(name, str) else set(name)), f"none of {name} is in the lock"


def test_the_name_that_says_most_of_a_build_is_the_one_that_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    """On Apple Silicon tensorflow-macos brings a tensorflow along; tensorflow-cpu stands alone."""
    installed = {"numpy": "2.4.6", "keras": "3.15.1"}

    def version(name: str) -> str:
        if name not in installed:
            raise importlib.metadata.PackageNotFoundError(name)
        return installed[name]

    monkeypatch.setattr(importlib.metadata, "version", version)
    (tensorflow,) = {
        each
        for packages, names in read_on(profiles.load("linux-cpu"))
        for each in names
        if packages.name == "tensorflow" and isinstance(each, tuple)
    }
    for there, expected in (
        ({"tensorflow": "2.21.0"}, "tensorflow"),
        ({"tensorflow-cpu": "2.21.0"}, "tensorflow-cpu"),
        ({"tensorflow-macos": "2.16.2", "tensorflow": "2.16.2", "tensorflow-metal": "1.2.0"}, "tensorflow-macos"),
    ):
        installed |= there
        found = versions((tensorflow, "keras"))
        assert found.keys() == {"python", expected, "keras", "numpy"} | (there.keys() & {"tensorflow-metal"})
        assert expected in FRAMEWORKS
        for name in there:
            del installed[name]
    with pytest.raises(importlib.metadata.PackageNotFoundError, match="tensorflow"):
        versions((tensorflow,))


def test_each_framework_s_own_cuda_libraries_are_read_where_they_are_installed(monkeypatch: pytest.MonkeyPatch) -> None:
    """By the names that the locks of profile cuda have for them."""
    locks = home.PLATFORMS / "locks" / "cuda"
    for framework, cudnn in (("pytorch", "nvidia-cudnn-cu13"), ("tensorflow", "nvidia-cudnn-cu12")):
        lines = re.findall(
            r"^([a-z0-9-]+)==(\S+)", (locks / f"{framework}.txt").read_text(encoding="utf-8"), re.MULTILINE
        )
        locked = dict(lines)

        def version(name: str, locked: dict[str, str] = locked) -> str:
            if name not in locked:
                raise importlib.metadata.PackageNotFoundError(name)
            return locked[name]

        monkeypatch.setattr(importlib.metadata, "version", version)
        found = versions(())
        assert found[cudnn] == locked[cudnn]
        assert any(name.startswith("nvidia-cuda-runtime") for name in found)
