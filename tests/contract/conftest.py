"""One probe process per framework, in its own environment, side by side, for all contract tests together."""

from __future__ import annotations

import json
import subprocess
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from suite import home, locks, profiles, runner
from suite.environments import native
from suite.frameworks import DType, frameworks
from suite.workload import Workload
from tests.contract import networks

Probed = tuple[dict[str, dict[str, Any]], dict[str, dict[str, np.ndarray]]]
"""Facts by ``network|arm|dtype``; arrays by ``network|arm|dtype|what`` and their own name."""

REFERENCE = "pytorch-eager"


@dataclass(frozen=True, kw_only=True)
class Case:
    """What one arm did with one network in one precision, beside what the reference did and what both were given."""

    task: Workload
    arm: str
    dtype: DType
    facts: dict[str, Any]
    reference_facts: dict[str, Any]
    groups: dict[str, dict[str, np.ndarray]] = field(repr=False)

    def arrays(self, what: str, *, of: str | None = None) -> dict[str, np.ndarray]:
        """Return the arrays of ``what`` by name, of this arm or another."""
        return self.groups.get(f"{self.task.name}|{of or self.arm}|{self.dtype}|{what}", {})

    def array(self, what: str, *, of: str | None = None) -> np.ndarray:
        """Return one array."""
        return self.arrays(what, of=of)[""]


@pytest.fixture(scope="session")
def probed(tmp_path_factory: pytest.TempPathFactory) -> Probed:
    work = tmp_path_factory.mktemp("adapters")
    profile = profiles.of_this_machine()
    probe = Path(__file__).with_name("adapter_probe.py")
    env = runner.worker_environment() | {"EVENMATCH_DRIVER_PIPE": "0", "PYTHONPATH": str(home.ROOT)}
    processes = {}
    for framework in locks.available(profile):
        python = native.ensure(profile, framework, print).python
        with (work / f"{framework.name}.log").open("wb") as log:
            processes[framework.name] = subprocess.Popen([python, probe, framework.name, work], env=env, stderr=log)
    facts: dict[str, dict[str, Any]] = {}
    groups: dict[str, dict[str, np.ndarray]] = {}
    for name, process in processes.items():
        assert process.wait() == 0, (work / f"{name}.log").read_text()[-3000:]
        facts |= json.loads((work / f"{name}.json").read_text())
        with np.load(work / f"{name}.npz") as file:
            for key in file.files:
                group, array = key.rsplit("|", 1)
                groups.setdefault(group, {})[array] = file[key]
    return facts, groups


@pytest.fixture
def case(request: pytest.FixtureRequest, probed: Probed) -> Case:
    network, arm, dtype = request.param
    facts, groups = probed
    return Case(
        task=networks.NETWORKS[network],
        arm=arm,
        dtype=dtype,
        facts=facts[f"{network}|{arm}|{dtype}"],
        reference_facts=facts[f"{network}|{REFERENCE}|{dtype}"],
        groups=groups,
    )


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "case" in metafunc.fixturenames:
        every = [
            (task.name, f"{framework.name}-{mode}", dtype)
            for framework in frameworks().values()
            for task, mode, dtype in networks.tried(framework)
        ]
        metafunc.parametrize("case", every, indirect=True, ids="|".join)
