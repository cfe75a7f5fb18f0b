"""``doctor``: what is here, what would run, what is missing and how to get it."""

from __future__ import annotations

import platform
import re
import sys
from pathlib import Path
from typing import Any

import filelock
import pytest

from suite import doctor, fingerprint, profiles
from suite.environments import engine
from suite.errors import UnsupportedError
from tests import toy

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="the toys' interpreters are shell scripts")

Rows = dict[str, str]


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> str:
    """What the doctor says of a checkout with one good profile, and others that are not."""
    checkout = toy.make(tmp_path_factory.mktemp("doctor") / "checkout")
    checkout.write_profile("z-plan9", system="plan9", needs="plan9 on any machine")
    checkout.write_profile("z-no-lock")
    (checkout.platforms / "z-malformed.toml").write_text("oh no")
    (checkout.cache / "environments" / toy.PROFILE / "toytwo" / "evenmatch.json").unlink()
    done = checkout.run("doctor")
    assert (done.returncode, done.stderr) == (0, "")
    with filelock.FileLock(checkout.cache / "environments" / toy.PROFILE / "toytwo.lock"):
        while_building = checkout.run("doctor").stdout
    while_building = while_building[while_building.index("Profile toy-cpu: a toy") :]
    while_building = while_building[: while_building.index("Profile z-no-lock")]
    assert "environment is being built now, by another process" in row(while_building, "Toytwo")
    assert "environment ready" in row(while_building, "Toyone")
    return done.stdout


def row(told: str, label: str) -> str:
    (line,) = (line.strip() for line in told.splitlines() if line.strip().startswith(label))
    return line


def test_it_says_what_machine_this_is(told: str) -> None:
    assert len(row(told, "machine id").split()[-1]) == 16
    assert "This machine" in told


def test_it_says_which_environments_are_ready(told: str) -> None:
    good = told[told.index("Profile toy-cpu: a toy") :]
    assert "environment ready" in row(good[: good.index("Profile z-no-lock")], "Toyone")
    broken = row(good[: good.index("Profile z-no-lock")], "Toytwo")
    assert "environment will be built (its building was not finished)" in broken
    assert "plain (default)" in broken


def test_one_bad_profile_does_not_hide_the_others(told: str) -> None:
    flat = " ".join(told.split())
    assert row(told, "toy-cpu").split(maxsplit=1)[1] == "runs here: a toy"
    assert row(told, "z-no-lock").split(maxsplit=1)[1] == "runs here: a toy"
    assert row(told, "z-plan9").split(maxsplit=1)[1].startswith("does not run here: needs ")
    assert re.search(r"z-plan9 does not run here: needs .*?; this one is \w+ on \w+ Profile toy-cpu", flat)
    assert re.search(r"z-malformed cannot be read: \S+z-malformed\.toml is no TOML", flat)
    assert "make it with nox -s lock" in flat


def test_one_profile_alone_on_the_processor(tmp_path: Path) -> None:
    checkout = toy.make(tmp_path / "checkout")
    checkout.write_profile("toy-gpu", accelerator="cuda", minimum_driver="9999")
    without = checkout.run("doctor", "--profile", "toy-gpu").stdout
    assert row(without, "toy-gpu").split(maxsplit=1)[1].startswith("does not run here")
    told = checkout.run("doctor", "--profile", "toy-gpu", "--device", "cpu").stdout
    assert row(told, "toy-gpu").split(maxsplit=1)[1].startswith("runs here")
    assert "toy-cpu" not in told
    assert checkout.run("doctor", "--profile", "toy-cup").returncode == 2


def test_files_of_facts_that_are_damaged_are_named(tmp_path: Path, told: str) -> None:
    assert "cannot be used" not in told
    checkout = toy.make(tmp_path / "checkout")
    facts = checkout.platforms / "facts"
    (facts / "versions.toml").write_text("")
    (facts / "verified.toml").write_text("rubbish")
    (facts / "impossible.toml").write_text("rubbish")
    (checkout.root / "containers" / "images.toml").write_text("rubbish")
    done = checkout.run("doctor")
    flat = " ".join(done.stdout.split())
    assert (done.returncode, done.stderr) == (0, "")
    assert "Files of this checkout that cannot be used" in flat
    assert re.search(r"facts/versions\.toml \S+versions\.toml names no version of torch", flat)
    assert re.search(r"facts/verified\.toml \S+verified\.toml is no TOML", flat)
    assert re.search(r"facts/impossible\.toml \S+impossible\.toml is no TOML", flat)
    assert re.search(r"containers/images\.toml \S+images\.toml is no TOML", flat)


def test_it_says_how_to_get_data(told: str) -> None:
    flat = " ".join(told.split())
    assert "not found: set EVENMATCH_DATA to its folder, or start a run with --data DIR or --download" in flat
    assert "synthetic stand-in for CIFAR-10 made when needed" in flat


def test_it_says_what_there_is_to_run_with(told: str) -> None:
    assert int(row(told, "cores to use").split()[-1]) >= 1
    assert " GiB" in row(told, "free disk")
    assert row(told, "C++ compiler").split()[2] in ("found", "missing:")
    assert row(told, "container engine")
    assert row(told, "NVIDIA driver")


class FakeEngine:
    """A container engine as Docker's library shows it."""

    def __init__(self, version: dict[str, Any], info: dict[str, Any]) -> None:
        self.version = lambda: version
        self.info = lambda: info


DOCKER = {"Components": [{"Name": "Engine"}], "Version": "28.2.2", "ApiVersion": "1.50"}
PODMAN = {"Components": [{"Name": "Podman Engine"}], "Version": "5.4.0", "ApiVersion": "1.41"}
GPU = {"name": "NVIDIA H200", "memory_bytes": 1, "driver": "580.65.06"}


def around(monkeypatch: pytest.MonkeyPatch, client: FakeEngine | Exception, gpus: list[Any], **identity: Any) -> Rows:
    def connect() -> FakeEngine:
        if isinstance(client, Exception):
            raise client
        return client

    monkeypatch.setattr(engine, "connect", connect)
    monkeypatch.setattr(fingerprint, "nvidia_gpus", lambda: gpus)
    return dict(doctor.around(identity))


def test_an_engine_and_a_driver_are_told(monkeypatch: pytest.MonkeyPatch) -> None:
    told = around(monkeypatch, FakeEngine(DOCKER, {"Runtimes": {"runc": {}, "nvidia": {}}}), [GPU, GPU])
    assert told["container engine"].endswith(" 28.2.2, API 1.50")
    assert told["NVIDIA driver"] == "580.65.06, for NVIDIA H200, NVIDIA H200"
    assert "Rosetta" not in told


def test_a_gpu_without_the_container_toolkit_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    rootless = {"SecurityOptions": ["name=rootless"], "Runtimes": {"runc": {}}}
    told = around(monkeypatch, FakeEngine(PODMAN, rootless), [GPU])
    assert told["container engine"] == (
        "Podman 5.4.0, API 1.41, rootless; it names no NVIDIA runtime: to use the GPU in containers, install "
        "NVIDIA's container toolkit"
    )


def test_what_is_missing_is_told_with_who_needs_it(monkeypatch: pytest.MonkeyPatch) -> None:
    told = around(monkeypatch, UnsupportedError("no container engine answers: start Docker."), [])
    assert (
        told["container engine"] == "missing, which only --container needs: no container engine answers: start Docker."
    )
    assert told["NVIDIA driver"] == "none found (nvidia-smi names no GPU): only profile cuda needs one"
    assert around(monkeypatch, KeyError("ApiVersion"), [])["container engine"] == (
        "answers in a way that is not understood (KeyError: 'ApiVersion'): see that it runs"
    )


def test_rosetta_is_told_on_macs_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    client = FakeEngine(DOCKER, {})
    told = around(monkeypatch, client, [], translated=True)
    assert told["Rosetta"] == "this Python is translated: profiles of Apple Silicon need one for arm64"
    monkeypatch.setattr(platform, "system", lambda: "Darwin")
    assert around(monkeypatch, client, [], translated=False)["Rosetta"] == "not in the way"
    monkeypatch.setattr(platform, "system", lambda: "Linux")
    assert "Rosetta" not in around(monkeypatch, client, [], translated="unknown because Linux does not say")


@pytest.mark.parametrize(
    ("system", "machine", "gpus", "runs"),
    [
        ("Linux", "x86_64", [], {"linux-cpu"}),
        ("Linux", "x86_64", [GPU], {"linux-cpu", "cuda"}),
        ("Linux", "aarch64", [GPU], {"linux-arm-cpu"}),
        ("Windows", "AMD64", [GPU], {"windows-cpu"}),
        ("Darwin", "arm64", [], {"macos-arm", "macos-arm-cpu"}),
        ("Darwin", "x86_64", [], set()),
        ("FreeBSD", "amd64", [], set()),
    ],
)
def test_every_profile_is_told_to_run_or_why_not(
    monkeypatch: pytest.MonkeyPatch, system: str, machine: str, gpus: list[Any], runs: set[str]
) -> None:
    monkeypatch.setattr(platform, "system", lambda: system)
    monkeypatch.setattr(platform, "machine", lambda: machine)
    monkeypatch.setattr(platform, "mac_ver", lambda: ("15.1", ("", "", ""), machine))
    monkeypatch.setattr(fingerprint, "nvidia_gpus", lambda: gpus)
    here, refused = doctor._sorted(profiles.names(), None)
    assert {profile.name for profile in here} == runs
    assert {profile.name for profile in here} | {name for name, _ in refused} == set(profiles.names())
    for name, why in refused:
        assert why.startswith(f"does not run here: needs {profiles.load(name).needs}; ")
