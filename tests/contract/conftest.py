"""One probe process per framework, in its own environment, for all contract tests together."""

import json
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from suite import inputs, locks, profiles, runner
from suite.environments import native
from suite.frameworks import frameworks
from suite.workloads import workloads

EXAMPLES = 5 * 32 + 16  # five whole batches and a partial one


@dataclass(frozen=True)
class Probed:
    """What every adapter did: facts and arrays by ``workload|framework-mode``, and what they were given."""

    facts: dict[str, dict[str, Any]]
    arrays: dict[str, np.ndarray]
    given: dict[str, dict[str, np.ndarray]]


@pytest.fixture(scope="session")
def probed(tmp_path_factory: pytest.TempPathFactory) -> Probed:
    work = tmp_path_factory.mktemp("adapters")
    profile = profiles.of_this_machine()
    given = {}
    for workload in workloads().values():
        values = np.random.default_rng(0)
        arrays = {
            **inputs.weights(workload, 0),
            "images": values.uniform(-1, 1, (EXAMPLES, *workload.input_shape)).astype(np.float32),
            "labels": values.integers(0, workload.classes, EXAMPLES),
        }
        np.savez(work / f"{workload.name}.npz", **arrays)
        given[workload.name] = arrays
    facts, arrays = {}, {}
    probe = Path(__file__).with_name("adapter_probe.py")
    env = runner.worker_environment() | {"EVENMATCH_DRIVER_PIPE": "0"}
    for framework in locks.available(profile):
        python = native.ensure(profile, framework, print).python
        done = subprocess.run(
            [python, probe, framework.name, work], env=env, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stderr[-3000:]
        facts |= json.loads((work / f"{framework.name}.json").read_text())
        with np.load(work / f"{framework.name}.npz") as file:
            arrays |= {key: file[key] for key in file.files}
    return Probed(facts, arrays, given)


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if {"workload_name", "arm"} <= set(metafunc.fixturenames):
        every = [
            (workload, f"{framework.name}-{mode.name}")
            for workload in workloads()
            for framework in frameworks().values()
            for mode in framework.modes
        ]
        metafunc.parametrize(("workload_name", "arm"), every)
