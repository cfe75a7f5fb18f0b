"""A run's folder with workers that behave as told, for the tests of the runner."""

from __future__ import annotations

import io
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import psutil
from rich.console import Console

from suite import profiles
from suite.environments import Environment
from suite.environments.native import NativeEnvironment
from suite.estimates import Estimates
from suite.frameworks import frameworks
from suite.plan import Options, PlannedRun, planned_runs
from suite.presets import preset
from suite.progress import Progress
from suite.runner import Runner, Setting
from suite.store import RunFolder

SMOKE = preset("smoke")
COMPARED = ("pytorch", "tensorflow", "keras")
ARMS = ("pytorch-eager", "tensorflow-function", "keras-fit")

WORKER = """
import json, os, signal, sys, time
assert sys.argv[1:3] == ["-m", "suite.worker"], sys.argv
job, result = json.load(open(sys.argv[3])), sys.argv[4]
RESULT = {
    "schema": 1, "phases": {"import": 0.5}, "epochs": [], "settings": {"threads_intra": job["threads"]},
    "steps": {"count": 2, "median_s": 0.25, "warmup": 1, "sha256": "5a"}, "parameter_count": 62006,
    "status": "forged", "cell": "forged",
}
def finish(result_record=RESULT):
    with open(job["steps_file"], "wb") as file:
        file.write(bytes.fromhex(STEPS))
    with open(result, "w") as file:
        file.write(result_record if isinstance(result_record, str) else json.dumps(result_record))
"""


class Bench:
    """A run's folder, and workers of our own making in place of frameworks."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.folder = RunFolder(path / "run")
        self.screen = io.StringIO()
        buffer = io.BytesIO()
        np.save(buffer, np.array([0.5, 0.25, 0.25]))
        self.steps = buffer.getvalue()
        self.environments = {name: self.environment(name, "finish()") for name in COMPARED}

    def environment(self, framework: str, code: str) -> Environment:
        script = self.path / f"{framework}.py"
        script.write_text(f"STEPS = {self.steps.hex()!r}\n{WORKER}{code}\n")
        python = self.interpreter(framework)
        python.write_text(f'#!/bin/sh\nexec "{sys.executable}" "{script}" "$@"\n')
        python.chmod(0o755)
        return NativeEnvironment(name=framework, python=python, lock_sha256=f"lock of {framework}")

    def interpreter(self, framework: str) -> Path:
        return self.path / f"{framework}-python"

    def behave(self, framework: str, code: str) -> None:
        self.environments[framework] = self.environment(framework, code)

    def plan(self, blocks: int = 1, arms: tuple[str, ...] = ARMS) -> list[PlannedRun]:
        sampled = replace(SMOKE, sampled_blocks=blocks, trainings=())
        planned = planned_runs(sampled, profiles.load("linux-cpu"), list(frameworks().values()), Options())
        return [run for run in planned if run.cell.arm in arms]

    def run(self, runs: list[PlannedRun], timeout_s: float = 20.0) -> dict[str, dict[str, Any]]:
        """Run them all and return the raw results by framework (of the last block)."""
        setting = Setting(
            run_id="smoke-1",
            preset=SMOKE,
            threads=2,
            device="cpu",
            data_folder=self.path,
            data={"name": "cifar10-twin", "synthetic": True, "train_examples": 2048},
            code_sha256="the code",
            environments=self.environments,
            machine_id="0123456789abcdef",
            identity={"cpu_model": "one"},
            passports={},
            other_versions={name: [f"other than elsewhere in {name}"] for name in self.environments},
            timeout_s=timeout_s,
        )
        estimates = Estimates(preset=SMOKE, threads=2)
        progress = Progress(Console(file=self.screen, width=200))
        progress.period_s = 0.05
        with self.folder.held():
            Runner(self.folder, setting, estimates, progress).run_all(runs)
        return self.results()

    def results(self) -> dict[str, dict[str, Any]]:
        return {raw["framework"]: raw for raw in self.folder.done().values()}


def workers_of(folder: Path) -> list[psutil.Process]:
    found = []
    for process in psutil.process_iter(["cmdline", "status"]):
        words = " ".join(process.info["cmdline"] or [])
        if str(folder) in words and process.info["status"] != psutil.STATUS_ZOMBIE:
            found.append(process)
    return found
