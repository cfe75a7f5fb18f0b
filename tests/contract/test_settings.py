"""What every adapter has to do with settings: read back what it asked for, under keys that the ledger explains."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest

from suite import home, ledger, profiles, runner
from suite.environments import native
from suite.frameworks import arms, framework, frameworks
from tests.contract.conftest import Case, Probed

pytestmark = pytest.mark.frameworks

PROBES = [(each.name, probe.name) for each in frameworks().values() for probe in each.probes]


def test_what_was_asked_for_took_effect(case: Case) -> None:
    name, mode = arms.split(case.arm)
    asked, settings = framework(name).requested(1, mode), case.facts["settings"]
    assert asked
    assert {key: settings.get(key) for key in asked} == asked


def test_every_setting_has_its_sentence(probed: Probed) -> None:
    facts, _ = probed
    assert {key for each in facts.values() for key in each["settings"] if not ledger.entry(key).known} == set()


def test_settings_are_flat(case: Case) -> None:
    assert all(isinstance(value, str | int | float | bool) for value in case.facts["settings"].values())


def test_arithmetic_bears_out_the_flags(case: Case) -> None:
    settings = case.facts["settings"]
    assert settings["float32_kept_matmul"] is settings["float32_kept_convolutions"] is True
    # XLA on a processor keeps denormals, and JAX has no switch for it: it is read back, and a note says it
    assert settings["denormals_flushed"] is (not case.arm.startswith("keras-jax"))


@pytest.fixture(scope="session")
def plain() -> dict[str, dict[str, Any]]:
    return {name: read_back(name) for name in frameworks()}


@pytest.mark.parametrize(("name", "probe"), PROBES)
def test_a_probe_switches_its_setting_and_no_other(name: str, probe: str, plain: dict[str, dict[str, Any]]) -> None:
    found, switched = read_back(name, probe), framework(name).probe(probe)
    assert {key: found["settings"].get(key) for key in found["requested"]} == found["requested"]
    before, after = plain[name]["settings"], found["settings"]
    counts = {"process_threads"}  # which vary by themselves
    unlike = {key for key in before.keys() | after.keys() if before.get(key) != after.get(key)} - counts
    assert switched.key in unlike
    also = {f"env:{variable}" for variable in switched.environment}
    told_with_it = {"onednn": {"onednn_built"}, "denormals_flushed": {"main_thread_denormals_flushed"}}
    assert unlike - {switched.key} - also <= told_with_it.get(switched.key, set())


def test_the_process_has_its_sentences_too(plain: dict[str, dict[str, Any]]) -> None:
    keys = {key for each in plain.values() for key in each["settings"]}
    assert {"affinity", "allocator", "process_threads", "blas", "openmp"} <= keys
    assert {key for key in keys if not ledger.entry(key).known} == set()


def read_back(name: str, probe: str | None = None) -> dict[str, Any]:
    """Train in a process of its own, which is the only way to switch what is read at a framework's start."""
    python = native.ensure(profiles.of_this_machine(), framework(name), print).python
    variables = framework(name).probe(probe).environment if probe else {}
    env = runner.worker_environment(variables=variables) | {"EVENMATCH_DRIVER_PIPE": "0", "PYTHONPATH": str(home.ROOT)}
    script = Path(__file__).with_name("settings_probe.py")
    command = [str(python), str(script), name, *([probe] if probe else [])]
    done = subprocess.run(command, env=env, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-3000:]
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found
