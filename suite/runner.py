"""Run the plan: one fresh process per run, watched, stopped whole, and each kept as soon as it has ended."""

from __future__ import annotations

import os
import shutil
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from suite import fingerprint, home, inputs, lanes, outcome, records
from suite.cells import IN_CONTAINER, Cell
from suite.environments import Environment, contained
from suite.errors import InterruptedRunError
from suite.estimates import Estimates
from suite.frameworks import Device, framework
from suite.plan import PlannedRun, steady_steps
from suite.presets import Preset
from suite.progress import Progress
from suite.store import RunFolder
from suite.worker.job import Job
from suite.workloads import workload

PASSED_ON = (
    *("PATH", "HOME", "LANG", "LC_ALL", "TMPDIR", "TEMP", "TMP", "XDG_CACHE_HOME", "LD_LIBRARY_PATH"),
    *("SYSTEMROOT", "SYSTEMDRIVE", "USERPROFILE", "LOCALAPPDATA"),
)
"""Environment variables a worker gets from ours; what is not listed cannot change a timing."""

PASSED_ON_TO_GPUS = ("CUDA_VISIBLE_DEVICES", "CUDA_DEVICE_ORDER")
"""Those by which one of several GPUs is chosen."""


@dataclass(frozen=True, kw_only=True)
class Setting:
    """What all runs of one plan share."""

    run_id: str
    preset: Preset
    threads: int
    device: Device
    data_folder: Path
    data: dict[str, Any]
    code_sha256: str
    environments: Mapping[str, Environment]
    machine_id: str
    identity: dict[str, Any]
    timeout_s: float | None
    passports: Mapping[tuple[str, str, str], dict[str, Any]]
    """By lane, workload and arm: what every raw result carries of its arm's passport."""
    other_versions: Mapping[str, Sequence[str]]
    """By environment: a sentence for each package that another platform has in another version."""


class Runner:
    """Runs planned runs one after another in a run's folder."""

    def __init__(self, folder: RunFolder, setting: Setting, estimates: Estimates, progress: Progress) -> None:
        self._folder = folder
        self._setting = setting
        self._estimates = estimates
        self._progress = progress

    def run_all(self, runs: Sequence[PlannedRun]) -> None:
        """Run all of ``runs`` in order; a run that fails becomes a row, and the rest goes on.

        Raises:
            InterruptedRunError: Ctrl-C; finished runs are kept.
        """
        finished = 0
        try:
            for run in runs:
                left = sum(self._estimates.seconds(each.cell) for each in runs[finished:])
                self._progress.begin(run.cell.name, run.block, finished, len(runs), left)
                raw = self._run(run)
                finished += 1  # from here on it is kept, whatever interrupts the rest
                if raw["status"] == "ok":
                    self._estimates.learn(run.cell, raw["wall_s"])
                self._progress.end(raw)
        except KeyboardInterrupt:
            shutil.rmtree(self._folder.jobs, ignore_errors=True)
            raise InterruptedRunError(
                f"stopped: {finished} of the {len(runs)} runs that were to do are finished and kept in "
                f"{self._folder.path}; go on with: nox -s bench -- --resume --out {self._folder.path}"
            ) from None
        self._estimates.save()
        shutil.rmtree(self._folder.jobs, ignore_errors=True)

    def _run(self, run: PlannedRun) -> records.Record:
        folder, name = self._folder.jobs / run.name, run.name
        folder.mkdir(parents=True)
        job = self._job(run, folder)
        job.write(folder / "job.json")
        timeout_s = self._setting.timeout_s or 120 + 10 * self._estimates.seconds(run.cell)
        self._folder.logs.mkdir(exist_ok=True)
        log = self._folder.logs / f"{name}.log"
        started_at = datetime.now(UTC).isoformat(timespec="seconds")
        before, kills = fingerprint.readings(), oom_kills()
        since = time.perf_counter()
        exit_code = self._wait(run, folder, log, timeout_s)
        wall_s = time.perf_counter() - since
        after = fingerprint.readings()
        ended = outcome.judge(
            exit_code, folder / "result.json", log, timeout_s=timeout_s, oom_kills=oom_kills() - kills
        )
        raw = self._raw(run, ended, exit_code, started_at, wall_s, before, after)
        self._folder.keep(name, raw, Path(job.steps_file) if raw.get("steps") else None, _pictures(job, raw))
        shutil.rmtree(folder)
        return raw

    def _wait(self, run: PlannedRun, folder: Path, log: Path, timeout_s: float) -> int | None:
        """Start the worker and wait for it; whatever happens here, no process of it is left behind."""
        place = folder.resolve()
        with log.open("wb") as file:
            worker = self._environment(run.cell).start(
                ["-m", "suite.worker", str(place / "job.json"), str(place / "result.json")],
                variables=worker_environment(self._setting.device, _variables(run.cell)),
                folder=folder,
                reads=[self._setting.data_folder, self._folder.inputs],
                log=file,
            )
            try:
                deadline = time.monotonic() + timeout_s
                while (remaining := deadline - time.monotonic()) > 0:
                    exit_code = worker.wait(min(remaining, self._progress.period_s))
                    if exit_code is not None:
                        return exit_code
                    self._progress.beat()
                return None
            finally:
                worker.stop()

    def _environment(self, cell: Cell) -> Environment:
        name = lanes.arm_of(cell).packages.name
        return self._setting.environments[contained(name) if cell.probe == IN_CONTAINER else name]

    def _job(self, run: PlannedRun, folder: Path) -> Job:
        """Store what the run is given (in the matched lane: shared by all frameworks of the block) and describe it."""
        cell, setting = run.cell, self._setting
        task = workload(cell.workload)
        examples = setting.data["train_examples"]
        count = min(cell.examples or examples, examples)
        epochs = cell.epochs or 1
        weights = self._folder.inputs / f"weights-{task.name}-{run.seed}.npz"
        order = self._folder.inputs / f"order-{run.seed}-{examples}-{count}-{epochs}.npy"
        matched = cell.lane == "matched"
        if matched:
            inputs.store_weights(weights, task, run.seed)
            inputs.store_order(order, examples, count, epochs, run.seed)
        return Job(
            lane=cell.lane,
            workload=cell.workload,
            framework=cell.framework,
            mode=cell.mode,
            batch=cell.batch,
            epochs=cell.epochs,
            warmup=setting.preset.warmup,
            steady=steady_steps(setting.preset, cell.batch),
            threads=setting.threads,
            device=setting.device,
            data=str(setting.data_folder),
            weights=str(weights.absolute()) if matched else "",
            order=str(order.absolute()) if matched else "",
            examples=count,
            seed=run.seed,
            steps_file=str((folder / "steps.npy").absolute()),
            pictures_file=str((folder / "pictures.npz").absolute()) if _is_shown(run) else "",
            probe=cell.switched,
        )

    def _raw(
        self,
        run: PlannedRun,
        ended: outcome.Outcome,
        exit_code: int | None,
        started_at: str,
        wall_s: float,
        before: dict[str, Any],
        after: dict[str, Any],
    ) -> records.Record:
        """Join what the driver knows with what the worker measured into one self-contained raw result."""
        cell, setting, environment = run.cell, self._setting, self._environment(run.cell)
        measured = dict(ended.result)
        if measured.get("steps"):
            measured["steps"]["file"] = f"raw/{run.name}.steps.npy"
        if measured.get("pictures"):
            measured["pictures"]["file"] = f"raw/{run.name}.pictures.npz"
        return {
            **measured,
            "schema": records.SCHEMA,
            "run": setting.run_id,
            "preset": setting.preset.name,
            "cell": cell.name,
            "profile": cell.profile,
            "lane": cell.lane,
            "workload": cell.workload,
            "framework": cell.framework,
            "mode": cell.mode,
            "params": cell.params(),
            "probe": cell.probe,
            "block": run.block,
            "position": run.position,
            "seed": run.seed,
            "status": ended.status,
            "reason": home.without_user(ended.reason) if ended.reason else None,
            "exit_code": exit_code,
            "log": f"logs/{run.name}.log",
            "log_tail": [home.without_user(line) for line in ended.log_tail],
            "started_at": started_at,
            "wall_s": wall_s,
            "data": setting.data,
            "passport": setting.passports.get((cell.lane, cell.workload, cell.arm)),
            "device": setting.device,
            "environment": environment.name,
            "lock_sha256": environment.lock_sha256,
            "container": environment.container,
            "other_versions": list(setting.other_versions[environment.name]),
            "code_sha256": setting.code_sha256,
            "machine": {"id": setting.machine_id, "identity": setting.identity, "before": before, "after": after},
        }


def _is_shown(run: PlannedRun) -> bool:
    """Tell whether a run leaves pictures behind: each whole matched training does once, nothing in it switched."""
    return run.block == 0 and run.cell.epochs is not None and run.cell.lane == "matched" and run.cell.probe is None


def _pictures(job: Job, raw: records.Record) -> Path | None:
    return Path(job.pictures_file) if job.pictures_file and raw.get("pictures") else None


def _variables(cell: Cell) -> Mapping[str, str]:
    """Return the environment variables by which a cell's probe switches its setting."""
    return framework(cell.framework).probe(cell.switched).environment if cell.switched else {}


def worker_environment(device: Device = "cpu", variables: Mapping[str, str] | None = None) -> dict[str, str]:
    """Return the whole environment of a worker: the variables passed on, those we set, and ``variables``."""
    names = PASSED_ON if device == "cpu" else (*PASSED_ON, *PASSED_ON_TO_GPUS)
    passed = {name: os.environ[name] for name in names if name in os.environ}
    return passed | {
        "PYTHONPATH": str(home.ROOT),
        "PYTHONNOUSERSITE": "1",
        "PYTHONHASHSEED": "0",
        "PYTHONUNBUFFERED": "1",
        "TF_CPP_MIN_LOG_LEVEL": "2",
        "TORCHINDUCTOR_CACHE_DIR": str(home.cache() / "torchinductor"),
        "EVENMATCH_DRIVER_PIPE": "1",
        **({"CUDA_VISIBLE_DEVICES": ""} if device == "cpu" else {}),  # some builds for the processor know GPUs, too
        **(variables or {}),
    }


def oom_kills() -> int:
    """Return how many processes this kernel has ended for want of memory since it started; 0 where it does not say."""
    if sys.platform != "linux":
        return 0
    try:
        lines = Path("/proc/vmstat").read_text().splitlines()
    except OSError:
        return 0
    return sum(int(line.split()[1]) for line in lines if line.startswith("oom_kill "))
