"""Other programs: run to the end, stopped whole, and ended when the driver dies."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest

from suite import home, process
from suite.process import Worker
from tests.processes import until

needs_signals = pytest.mark.skipif(sys.platform == "win32", reason="signals and process groups")


def start(tmp_path: Path, code: str) -> Worker:
    with (tmp_path / "log").open("wb") as log:
        return Worker([sys.executable, "-c", code], env=dict(os.environ), cwd=tmp_path, log=log)


def test_what_takes_too_long_is_killed(tmp_path: Path) -> None:
    said = tmp_path / "pid"
    code = f"import os, pathlib, time; pathlib.Path({str(said)!r}).write_text(str(os.getpid())); time.sleep(60)"
    with pytest.raises(TimeoutError, match="took longer than 2 s"):
        process.run([sys.executable, "-c", code], timeout_s=2)
    assert not psutil.pid_exists(int(said.read_text()))


def alive(pid: int) -> bool:
    try:
        return bool(psutil.Process(pid).status() != psutil.STATUS_ZOMBIE)
    except psutil.NoSuchProcess:
        return False


def test_run_returns_code_output_and_errors() -> None:
    code = "import sys; print(sys.stdin.read()[::-1]); print('oh', file=sys.stderr); sys.exit(3)"
    assert process.run([sys.executable, "-c", code], input_text="abc") == (3, "cba\n", "oh\n")


def test_run_gives_only_the_environment_asked_for() -> None:
    code = "import os; print(os.environ.get('HOME'), os.environ['MINE'])"
    assert process.run([sys.executable, "-c", code], env={"MINE": "1"})[1] == "None 1\n"


def test_a_program_that_does_not_exist() -> None:
    with pytest.raises(FileNotFoundError):
        process.run(["evenmatch-has-no-such-program"])


def test_the_exit_code_and_the_log_are_kept(tmp_path: Path) -> None:
    worker = start(tmp_path, "import sys; print('out', flush=True); print('err', file=sys.stderr); sys.exit(7)")
    assert worker.wait(20) == 7
    worker.stop()
    assert (tmp_path / "log").read_text().split() == ["out", "err"]


def test_waiting_ends_after_its_time(tmp_path: Path) -> None:
    worker = start(tmp_path, "import time; time.sleep(60)")
    assert worker.wait(0.05) is None
    worker.stop()
    assert not alive(worker.pid)


@needs_signals
def test_a_death_by_signal_is_a_negative_code(tmp_path: Path) -> None:
    worker = start(tmp_path, "import os, signal; os.kill(os.getpid(), signal.SIGKILL)")
    assert worker.wait(20) == -signal.SIGKILL
    worker.stop()


@needs_signals
def test_stopping_takes_its_children_along(tmp_path: Path) -> None:
    code = (
        "import subprocess, sys, time; "
        "child = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(60)']); "
        "open('child', 'w').write(f'{child.pid} '); time.sleep(60)"
    )
    worker = start(tmp_path, code)
    assert until(lambda: (tmp_path / "child").exists() and (tmp_path / "child").read_text().endswith(" "))
    child = int((tmp_path / "child").read_text())
    assert alive(child)
    worker.stop()
    assert not alive(worker.pid)
    assert until(lambda: not alive(child), seconds=10)


@needs_signals
def test_children_that_outlive_a_worker_are_ended(tmp_path: Path) -> None:
    code = (
        "import subprocess, sys; "
        "child = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(60)']); "
        "open('child', 'w').write(str(child.pid))"
    )
    worker = start(tmp_path, code)
    assert worker.wait(20) == 0
    child = int((tmp_path / "child").read_text())
    assert alive(child)
    worker.stop()
    assert until(lambda: not alive(child), seconds=10)


@needs_signals
def test_a_worker_that_will_not_end_is_killed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(process, "GRACE_S", 0.2)
    code = (
        "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); open('ready', 'w').close(); time.sleep(60)"
    )
    worker = start(tmp_path, code)
    assert until((tmp_path / "ready").exists)
    worker.stop()
    assert not alive(worker.pid)
    assert worker.wait(0) == -signal.SIGKILL


def test_stopping_twice_is_no_harm(tmp_path: Path) -> None:
    worker = start(tmp_path, "pass")
    assert worker.wait(20) == 0
    worker.stop()
    worker.stop()
    assert worker.wait(0) == 0


DRIVER = """
import os, sys, time
from pathlib import Path
from suite.process import Worker
from tests.processes import until
code = (
    "from suite.worker.__main__ import die_with_the_driver as tie; import time; tie();"
    "open('ready', 'w').close(); time.sleep(60)"
)
with open("log", "wb") as log:
    worker = Worker([sys.executable, "-c", code], env=os.environ | {"EVENMATCH_DRIVER_PIPE": "1"}, cwd=Path(), log=log)
while not os.path.exists("ready"):
    time.sleep(0.02)
print(worker.pid, flush=True)
time.sleep(60)
"""


@needs_signals
def test_a_worker_ends_when_its_driver_is_killed(tmp_path: Path) -> None:
    env = os.environ | {"PYTHONPATH": str(home.ROOT)}
    with subprocess.Popen(
        [sys.executable, "-c", DRIVER], cwd=tmp_path, env=env, stdout=subprocess.PIPE, text=True
    ) as driver:
        assert driver.stdout is not None
        worker = int(driver.stdout.readline())
        assert alive(worker)
        time.sleep(0.2)
        assert alive(worker)  # it is the driver's death that ends it
        driver.kill()
        assert until(lambda: not alive(worker), seconds=5)
