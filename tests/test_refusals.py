"""Profiles of other machines: refused end to end, exit 3, with why and what would be needed."""

from __future__ import annotations

import platform
import re

import pytest

from suite import cli, fingerprint, locks, profiles
from suite.errors import UnsupportedError
from suite.frameworks import frameworks
from suite.profiles import Profile


def elsewhere() -> list[str]:
    """Return the profiles that this machine cannot run."""
    found = []
    for name in profiles.names():
        try:
            profiles.load(name).require_this_machine()
        except UnsupportedError:
            found.append(name)
    return found


@pytest.mark.parametrize("command", ["run", "plan", "parity"])
@pytest.mark.parametrize("name", elsewhere())
def test_a_profile_of_another_machine_is_refused(name: str, command: str, capsys: pytest.CaptureFixture[str]) -> None:
    profile = profiles.load(name)
    assert cli.main([command, "--profile", name]) == 3
    told = capsys.readouterr()
    assert told.out == ""
    assert told.err.startswith(f"evenmatch: profile {name} needs {profile.needs}; ")
    assert told.err.count("\n") == 1
    assert "Traceback" not in told.err
    if (profile.system, profile.machine) == (platform.system().lower(), platform.machine().lower()):
        assert "nvidia-smi names no GPU here" in told.err
        assert "add --device cpu" in told.err
    else:
        assert re.search(r"; this one is \w+ on \w+\. Run it on such a machine, or leave --profile out", told.err)


@pytest.mark.parametrize("name", profiles.names())
def test_every_profile_runs_on_the_machine_that_it_is_for(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    profile = profiles.load(name)
    be(monkeypatch, profile)
    profile.require_this_machine()
    assert profiles.of_this_machine().system == profile.system
    others = [each for each in map(profiles.load, profiles.names()) if each.machine != profile.machine]
    for other in others:
        with pytest.raises(UnsupportedError):
            other.require_this_machine()


def be(monkeypatch: pytest.MonkeyPatch, profile: Profile) -> None:
    """Make this machine look like the one that a profile is for."""
    driver = [{"name": "NVIDIA H200", "memory_bytes": 1, "driver": "580.65.06"}]
    monkeypatch.setattr(platform, "system", lambda: {"darwin": "Darwin"}.get(profile.system, profile.system.title()))
    monkeypatch.setattr(platform, "machine", lambda: {"amd64": "AMD64"}.get(profile.machine, profile.machine))
    monkeypatch.setattr(platform, "mac_ver", lambda: ("15.1", ("", "", ""), "arm64"))
    monkeypatch.setattr(fingerprint, "nvidia_gpus", lambda: driver if profile.accelerator == "cuda" else [])


@pytest.mark.parametrize("name", profiles.names())
def test_a_profile_says_what_it_needs_and_its_locks_are_there(name: str) -> None:
    profile = profiles.load(name)
    assert re.match(r"a (machine|Mac) with \w", profile.needs)
    assert not profile.needs.endswith(".")
    assert profile.title
    available = {each.name for each in locks.available(profile)}
    assert {"pytorch", "tensorflow", "keras", "keras-torch"} <= available
    assert set(frameworks()) - available <= {"keras-jax"}
    found = {path.stem for path in locks.path(profile, locks.available(profile)[0]).parent.iterdir()}
    assert found == {each.name for each in locks.every(profile)}  # no lock is missing, none is left over
    for packages in locks.every(profile):
        locks.check(profile, packages)


def test_a_machine_of_no_profile_is_told_which_there_are(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(platform, "system", lambda: "FreeBSD")
    monkeypatch.setattr(platform, "machine", lambda: "riscv64")
    assert cli.main(["plan"]) == 3
    assert capsys.readouterr().err == (
        f"evenmatch: no profile is for freebsd on riscv64; there is {', '.join(profiles.names())}.\n"
    )


@pytest.mark.parametrize("name", ["windows-cuda", "macos-arm-docker"])
def test_a_profile_that_cannot_be_is_told_why(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["plan", "--profile", name]) == 2
    assert f"there is no profile '{name}', nor can there be: " in capsys.readouterr().err


def test_a_framework_that_a_profile_lacks_is_told_why(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    be(monkeypatch, profiles.load("macos-arm"))
    for arguments in (["plan", "--mode", "keras-jax-fit"], ["parity", "--framework", "keras-jax"]):
        assert cli.main([*arguments, "--profile", "macos-arm"]) == 3
        told = capsys.readouterr().err
        assert told.startswith("evenmatch: Keras on JAX is not on profile macos-arm: Apple's Metal plug-in for JAX")


@pytest.mark.parametrize(
    ("name", "options", "why"),
    [
        ("macos-arm", [], "so there is no Metal in them (https://"),
        ("macos-arm", ["--device", "cpu"], "containers on a Mac are Linux ones"),
        ("macos-arm-cpu", [], "containers on a Mac are Linux ones"),
        ("windows-cpu", [], "which Docker runs in WSL 2 on Windows"),
    ],
)
@pytest.mark.parametrize("command", ["run", "plan", "parity", "compare"])
def test_containers_that_cannot_be_are_refused_with_the_reason(
    command: str, name: str, options: list[str], why: str, capsys: pytest.CaptureFixture[str]
) -> None:
    where = ["--native-vs-container"] if command == "compare" else ["--container"]
    assert cli.main([command, "--profile", name, *where, *options]) == 3
    told = capsys.readouterr().err
    assert told.startswith(f"evenmatch: profile {name} cannot run in containers: ")
    assert why in told
    assert told.endswith("). Leave --container out.\n")
