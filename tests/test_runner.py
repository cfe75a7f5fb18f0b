"""The runner: whatever a worker does becomes a row, the rest goes on, and no process is left behind."""

from __future__ import annotations

import json
import os
import signal
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import psutil
import pytest

from suite import records, runner
from suite.cells import IN_CONTAINER
from suite.environments import contained
from suite.errors import InputError, InterruptedRunError
from suite.process import Worker
from suite.progress import Progress
from tests.workerbench import Bench, workers_of

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="workers here are shell scripts")


@pytest.fixture
def bench(tmp_path: Path, own_home: Path) -> Bench:
    return Bench(tmp_path)


def test_a_result_holds_what_driver_and_worker_know(bench: Bench) -> None:
    raw = bench.run(bench.plan())["pytorch"]
    (planned,) = bench.plan(arms=("pytorch-eager",))
    assert raw["cell"] == planned.cell.name == "linux-cpu/matched/cifar10-cnn5x5/pytorch-eager/b32"
    driver = {
        "schema": 1,
        "run": "smoke-1",
        "preset": "smoke",
        "profile": "linux-cpu",
        "lane": "matched",
        "workload": "cifar10-cnn5x5",
        "framework": "pytorch",
        "mode": "eager",
        "params": {"batch": 32, "epochs": None},
        "block": 0,
        "position": 0,
        "seed": planned.seed,
        "status": "ok",
        "reason": None,
        "exit_code": 0,
        "log": f"logs/{planned.name}.log",
        "log_tail": [],
        "data": {"name": "cifar10-twin", "synthetic": True, "train_examples": 2048},
        "lock_sha256": "lock of pytorch",
        "code_sha256": "the code",
    }
    assert {key: raw[key] for key in driver} == driver
    assert raw["steps"] == {
        "count": 2,
        "median_s": 0.25,
        "warmup": 1,
        "sha256": "5a",
        "file": f"raw/{planned.name}.steps.npy",
    }
    assert raw["parameter_count"] == 62006
    assert raw["settings"] == {"threads_intra": 2}
    assert raw["machine"]["id"] == "0123456789abcdef"
    assert raw["machine"]["before"].keys() == raw["machine"]["after"].keys() >= {"load_1m", "available_bytes"}
    assert 0 < raw["wall_s"] < 20
    assert (bench.folder.path / raw["steps"]["file"]).read_bytes() == bench.steps
    assert (bench.folder.path / raw["log"]).read_bytes() == b""


def test_nothing_but_results_is_left(bench: Bench) -> None:
    bench.run(bench.plan())
    assert {path.name for path in bench.folder.path.iterdir()} - {".lock"} == {"raw", "logs", "inputs"}
    assert list(bench.folder.path.rglob("*.part")) == []


def test_every_framework_of_a_block_is_given_the_same(bench: Bench) -> None:
    for name in bench.environments:
        bench.behave(name, f"open({str(bench.path / name)!r} + str(os.getpid()), 'w').write(json.dumps(job)); finish()")
    bench.run(bench.plan(blocks=2))
    jobs = [json.loads(path.read_text()) for name in bench.environments for path in bench.path.glob(f"{name}[0-9]*")]
    assert len(jobs) == 6
    assert len({(job["weights"], job["order"]) for job in jobs}) == 2  # one pair for each block
    by_order = {job["order"]: {other["weights"] for other in jobs if other["order"] == job["order"]} for job in jobs}
    assert all(len(weights) == 1 for weights in by_order.values())
    for job in jobs:
        assert {key: job[key] for key in ("batch", "epochs", "warmup", "steady", "threads")} == {
            "batch": 32,
            "epochs": None,
            "warmup": 5,
            "steady": 20,
            "threads": 2,
        }
        assert np.load(job["order"]).shape == (1, 2048)


def test_a_switched_setting_reaches_the_worker_and_the_result(bench: Bench) -> None:
    (plain,) = bench.plan(arms=("tensorflow-function",))
    probed = replace(plain, cell=replace(plain.cell, probe="onednn-off"))
    seen = bench.path / "seen"
    bench.behave(
        "tensorflow",
        f"open({str(seen)!r}, 'a').write(json.dumps([job['probe'], os.environ.get('TF_ENABLE_ONEDNN_OPTS')]) + '\\n'); "
        "finish()",
    )
    bench.run([plain, probed])
    raws = {raw["cell"]: raw for raw in bench.folder.done().values()}
    assert {cell.rpartition("/")[2]: raw["probe"] for cell, raw in raws.items()} == {
        "b32": None,
        "b32+onednn-off": "onednn-off",
    }
    assert [json.loads(line) for line in seen.read_text().splitlines()] == [[None, None], ["onednn-off", "0"]]


def test_whole_matched_trainings_leave_pictures_once(bench: Bench) -> None:
    (plain,) = bench.plan(arms=("pytorch-eager",))
    whole = replace(plain, cell=replace(plain.cell, epochs=1))
    code = (
        f"open({str(bench.path / 'asked')!r}, 'a').write(json.dumps(os.path.basename(job['pictures_file'])) + '\\n')\n"
        "if job['pictures_file']:\n"
        "    open(job['pictures_file'], 'w').write('pictures'); RESULT['pictures'] = {'sha256': '6b'}\n"
        "finish()"
    )
    bench.behave("pytorch", code)
    bench.run([plain, whole, replace(whole, block=1)])
    assert [json.loads(line) for line in (bench.path / "asked").read_text().splitlines()] == ["", "pictures.npz", ""]
    assert not runner._is_shown(replace(whole, cell=replace(whole.cell, probe="onednn-off")))
    assert not runner._is_shown(replace(whole, cell=replace(whole.cell, lane="as-published")))
    raw = bench.folder.done()[whole.name]
    assert raw["pictures"] == {"sha256": "6b", "file": f"raw/{whole.name}.pictures.npz"}
    assert (bench.folder.path / raw["pictures"]["file"]).read_text() == "pictures"
    assert [name for name, other in bench.folder.done().items() if "pictures" in other] == [whole.name]


def test_a_worker_gets_a_clean_environment(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OMP_NUM_THREADS", "1")
    monkeypatch.setenv("PYTHONSTARTUP", "/nowhere")
    monkeypatch.setenv("TF_XLA_FLAGS", "--xla")
    bench.behave("pytorch", f"json.dump(dict(os.environ), open({str(bench.path / 'seen')!r}, 'w')); finish()")
    bench.run(bench.plan(arms=("pytorch-eager",)))
    seen = json.loads((bench.path / "seen").read_text())
    assert {"OMP_NUM_THREADS", "PYTHONSTARTUP", "TF_XLA_FLAGS"}.isdisjoint(seen)
    assert seen["EVENMATCH_DRIVER_PIPE"] == "1"
    assert seen["PYTHONHASHSEED"] == "0"
    assert seen["PATH"] == os.environ["PATH"]
    assert set(seen) - set(runner.worker_environment()) <= {"PWD", "SHLVL", "_", "LC_CTYPE"}  # of the shell


@pytest.mark.parametrize(
    ("code", "status", "exit_code", "reason"),
    [
        ("print('oh', flush=True); os.kill(os.getpid(), signal.SIGSEGV)", "failed", -11, "it crashed with SIGSEGV: oh"),
        ("os.abort()", "failed", -6, "it crashed with SIGABRT: it printed nothing"),
        ("os.kill(os.getpid(), signal.SIGKILL)", "killed", -9, "it was ended from outside by SIGKILL"),
        ("os.kill(os.getpid(), signal.SIGTERM)", "killed", -15, "it was ended from outside by SIGTERM"),
        ("sys.exit(7)", "failed", 7, "it ended with exit code 7: it printed nothing"),
        ("raise ValueError('no')", "failed", 1, "it ended with exit code 1: ValueError: no"),
        ("raise MemoryError('no 99 TB')", "failed", 1, "out of memory: MemoryError: no 99 TB"),
        ("print('bye')", "failed", 0, "it ended without a usable result: bye"),
        ("finish('garbage')", "failed", 0, "it ended without a usable result: it printed nothing"),
        ("finish('{\"schema\": 1}')", "failed", 0, "it ended without a usable result: it printed nothing"),
        ("finish(RESULT | {'x': float('nan')})", "failed", 0, "it ended without a usable result: it printed nothing"),
        ("finish(RESULT); sys.exit(1)", "failed", 1, "it ended with exit code 1: it printed nothing"),
        ("finish(RESULT | {'reason': 'the loss is nan'}); sys.exit(4)", "failed", 4, "the loss is nan"),
        ("time.sleep(60)", "timeout", None, "it did not finish within 1 s and was stopped"),
        (
            "signal.signal(signal.SIGTERM, lambda *_: finish()); time.sleep(60); sys.exit(0)",
            "timeout", None, "it did not finish within 1 s and was stopped",
        ),
    ],
)  # fmt: skip
def test_whatever_a_worker_does_is_a_row_and_the_rest_goes_on(
    bench: Bench, monkeypatch: pytest.MonkeyPatch, code: str, status: str, exit_code: int | None, reason: str
) -> None:
    monkeypatch.setattr("suite.process.GRACE_S", 0.3)
    monkeypatch.setattr(runner, "oom_kills", lambda: 0)
    bench.behave("pytorch", code)
    runs = bench.plan(arms=("pytorch-eager", "keras-fit"))
    results = bench.run(runs, timeout_s=1.0 if status == "timeout" else 20.0)
    bad = results["pytorch"]
    assert (bad["status"], bad["exit_code"], bad["reason"]) == (status, exit_code, reason)
    assert bad["log_tail"] == (bench.folder.path / bad["log"]).read_text().splitlines()[-20:]
    assert bad["cell"] == next(run.cell.name for run in runs if run.cell.framework == "pytorch")
    assert results["keras"]["status"] == "ok"
    assert workers_of(bench.path) == []
    assert reason in bench.screen.getvalue()


def test_the_kernels_killing_for_memory_is_told(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    counts = iter([3, 4])
    monkeypatch.setattr(runner, "oom_kills", lambda: next(counts))
    bench.behave("pytorch", "os.kill(os.getpid(), signal.SIGKILL)")
    raw = bench.run(bench.plan(arms=("pytorch-eager",)))["pytorch"]
    assert (raw["status"], raw["reason"]) == (
        "killed",
        "the kernel ended it for want of memory (SIGKILL): choose a smaller batch or free memory",
    )


def test_the_kernels_count_can_be_read() -> None:
    assert runner.oom_kills() >= 0


def test_a_worker_killed_from_outside(bench: Bench) -> None:
    bench.behave("pytorch", "print('at it', flush=True); time.sleep(60)")

    def kill() -> None:
        while not (
            found := [process for process in workers_of(bench.path) if "job.json" in process.info["cmdline"][-2]]
        ):
            time.sleep(0.02)
        while not any(log.stat().st_size for log in bench.folder.logs.iterdir()):
            time.sleep(0.02)
        found[0].kill()

    thread = threading.Thread(target=kill)
    thread.start()
    raw = bench.run(bench.plan(arms=("pytorch-eager",)))["pytorch"]
    thread.join()
    assert (raw["status"], raw["exit_code"], raw["log_tail"]) == ("killed", -signal.SIGKILL, ["at it"])


def test_a_full_disk_stops_the_plan_without_a_row(bench: Bench) -> None:
    bench.behave("tensorflow", "print('OSError: [Errno 28] No space left on device'); sys.exit(1)")
    with pytest.raises(InputError, match="the disk is full: free some space, then go on with --resume"):
        bench.run(bench.plan())
    assert set(bench.results()) == {"pytorch"}
    bench.behave("tensorflow", "finish()")
    missing = [run for run in bench.plan() if run.name not in bench.folder.done()]
    assert {name: raw["status"] for name, raw in bench.run(missing).items()} == dict.fromkeys(bench.environments, "ok")


def test_an_interpreter_that_is_gone_stops_the_plan(bench: Bench) -> None:
    bench.interpreter("pytorch").unlink()
    with pytest.raises(
        InputError, match=r"pytorch-python cannot be started \(No such file or directory\): run the same command"
    ):
        bench.run(bench.plan())


def interrupt_during(monkeypatch: pytest.MonkeyPatch, framework: str) -> list[int]:
    """Raise KeyboardInterrupt once, while the driver waits for the worker of ``framework``; return its pid, later."""
    wait: Callable[[Worker, float], int | None] = Worker.wait
    pids: list[int] = []

    def interrupted(self: Worker, timeout_s: float) -> int | None:
        try:
            words = " ".join(map(str, self._process.args))
        except psutil.Error:  # it has ended already
            words = ""
        if not pids and f"{framework}-" in words:
            pids.append(self.pid)
            raise KeyboardInterrupt
        return wait(self, timeout_s)

    monkeypatch.setattr(Worker, "wait", interrupted)
    return pids


def test_an_interruption_keeps_what_is_finished_and_leaves_no_process(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    bench.behave("tensorflow", "time.sleep(60)")
    pids = interrupt_during(monkeypatch, "tensorflow")
    with pytest.raises(InterruptedRunError) as caught:
        bench.run(bench.plan())
    assert str(caught.value) == (
        f"stopped: 1 of the 3 runs that were to do are finished and kept in {bench.folder.path}; "
        f"go on with: nox -s bench -- --resume --out {bench.folder.path}"
    )
    assert not psutil.pid_exists(pids[0])
    assert workers_of(bench.path) == []
    assert {name: raw["status"] for name, raw in bench.results().items()} == {"pytorch": "ok"}
    assert not bench.folder.jobs.exists()


def test_an_interruption_between_two_runs_counts_the_one_that_was_kept(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(self: Progress, raw: dict[str, Any]) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(Progress, "end", interrupted)
    with pytest.raises(InterruptedRunError, match="stopped: 1 of the 3 runs that were to do are finished and kept in"):
        bench.run(bench.plan())
    assert set(bench.results()) == {"pytorch"}


def test_a_result_is_never_overwritten(bench: Bench) -> None:
    runs = bench.plan(arms=("pytorch-eager",))
    bench.run(runs)
    before = (bench.folder.raw / f"{runs[0].name}.json").read_bytes()
    with pytest.raises(InputError, match="raw results are never overwritten"):
        bench.run(runs)
    assert (bench.folder.raw / f"{runs[0].name}.json").read_bytes() == before


def test_how_long_runs_took_is_learnt(bench: Bench, own_home: Path) -> None:
    bench.behave("keras", "sys.exit(1)")
    bench.run(bench.plan())
    known = json.loads((own_home / "durations.json").read_text())["seconds"]
    assert sorted(key.split()[0].split("/")[3] for key in known) == ["pytorch-eager", "tensorflow-function"]
    assert all(0 < seconds < 20 for seconds in known.values())


def test_the_home_folder_is_left_out_of_what_is_kept(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", "/home/somebody")
    bench.behave("pytorch", "print('/home/somebody/file is gone'); sys.exit(1)")
    raw = bench.run(bench.plan(arms=("pytorch-eager",)))["pytorch"]
    assert raw["log_tail"] == ["~/file is gone"]
    assert "somebody" not in records.to_json(raw).decode()


def test_what_is_compared_with_a_container_runs_in_the_containers_environment(bench: Bench) -> None:
    (run,) = bench.plan(arms=("pytorch-eager",))
    inside = replace(run, cell=replace(run.cell, probe=IN_CONTAINER))
    bench.behave("pytorch", "raise SystemExit(1)")
    bench.environments[contained("pytorch")] = bench.environment("keras", "assert job['probe'] is None; finish()")
    bench.run([run, inside])
    raws = {raw["probe"]: raw for raw in bench.folder.done().values()}
    assert (raws[None]["status"], raws[IN_CONTAINER]["status"]) == ("failed", "ok")
    assert raws[IN_CONTAINER]["cell"].endswith("/b32+in-container")
