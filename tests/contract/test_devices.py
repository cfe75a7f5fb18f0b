"""A device that is not there: each real framework says so, where a run and an exam can be told, and takes no other."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from suite import fingerprint, home, profiles, runner
from suite.environments import native
from suite.frameworks import framework, frameworks
from suite.outcome import explain
from suite.parity import questions
from suite.workloads import workloads
from tests.contract import networks

pytestmark = [
    pytest.mark.frameworks,
    pytest.mark.skipif(bool(fingerprint.nvidia_gpus()), reason="this machine has an NVIDIA GPU"),
    pytest.mark.skipif(sys.platform == "darwin", reason="this machine has a Metal GPU"),
]


def run(name: str, *arguments: str, log: Path) -> int:
    python = native.ensure(profiles.of_this_machine(), framework(name), print).python
    env = runner.worker_environment() | {"EVENMATCH_DRIVER_PIPE": "0", "PYTHONPATH": str(home.ROOT)}
    with log.open("wb") as file:
        return subprocess.run([str(python), *arguments], env=env, stdout=file, stderr=file, check=False).returncode


def test_an_exam_on_a_gpu_that_is_not_there_ends_with_the_reason(tmp_path: Path) -> None:
    name = "pytorch"
    task = next(iter(workloads()))
    job = {"schema": 1, "lane": "matched", "workload": task, "framework": name, "threads": 1, "device": "cuda"}
    asked = {"modes": [framework(name).default_mode], "batches": [4], "folder": str(tmp_path)}
    (tmp_path / "job.json").write_text(json.dumps(job | asked))
    questions.draw(networks.NETWORKS[task], tmp_path)
    log = tmp_path / "log"
    code = run(name, "-m", "suite.worker.exam", str(tmp_path / "job.json"), log=log)
    assert code == 3
    assert f"{framework(name).title} does not find device cuda" in explain(code, log, 1)
    assert not list(tmp_path.glob(f"{name}-*"))


@pytest.mark.parametrize("name", list(frameworks()))
def test_a_framework_says_that_it_does_not_find_a_gpu_and_takes_nothing_else(name: str, tmp_path: Path) -> None:
    devices = ["cuda"] if name == "keras-jax" else ["cuda", "metal"]  # JAX looks for devices once in a process
    code = f"""
from suite.errors import UnsupportedError
from suite.frameworks import framework
for device in {devices!r}:
    try:
        framework({name!r}).start(1, device)
    except UnsupportedError as error:
        print(error)
    else:
        raise SystemExit("it started")
"""
    done, said = run(name, "-c", code, log=tmp_path / "log"), (tmp_path / "log").read_text()
    assert done == 0, said
    for device in devices:
        assert f"{framework(name).title} does not find device {device}, which needs " in said
