"""How a worker ended: status and one sentence."""

from __future__ import annotations

import json
import signal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from suite.errors import InputError
from suite.outcome import LOG_TAIL_LINES, Outcome, judge

RESULT: dict[str, Any] = {"schema": 1, "phases": {"import": 1.0}, "steps": {"median_s": 0.01}, "epochs": []}


def judged(
    folder: Path, exit_code: int | None, *, result: Any = None, log: str | bytes = "", oom_kills: int = 0
) -> Outcome:
    if result is not None:
        (folder / "result.json").write_text(result if isinstance(result, str) else json.dumps(result))
    (folder / "log").write_bytes(log if isinstance(log, bytes) else log.encode())
    return judge(exit_code, folder / "result.json", folder / "log", timeout_s=42.4, oom_kills=oom_kills)


def test_a_run_that_ended_well(tmp_path: Path) -> None:
    assert judged(tmp_path, 0, result=RESULT, log="a warning\n") == Outcome(
        status="ok", reason=None, log_tail=[], result=RESULT
    )


@pytest.mark.parametrize(
    "result",
    [
        None,
        "",
        '{"schema": 1, "phases": {',
        "[]",
        '{"schema": 2}',
        '{"schema": 1}',
        json.dumps(RESULT | {"steps": None}),
        json.dumps(RESULT | {"steps": []}),
        json.dumps(RESULT | {"steps": {}}),
        json.dumps(RESULT | {"steps": {"median_s": None}}),
        json.dumps(RESULT | {"steps": {"median_s": float("nan")}}),
        json.dumps(RESULT | {"epochs": None}),
        json.dumps(RESULT | {"phases": 3}),
    ],
)
def test_a_result_that_is_none_is_never_taken_for_one(tmp_path: Path, result: str | None) -> None:
    ended = judged(tmp_path, 0, result=result, log="bye\n")
    assert ended.status == "failed"
    assert ended.reason == "it ended without a usable result: bye"
    assert ended.log_tail == ["bye"]


def test_nonsense_says_what_the_worker_said_and_keeps_what_it_measured(tmp_path: Path) -> None:
    result = RESULT | {"reason": "the training loss is nan after 3 steps", "steps": {"median_s": None}}
    ended = judged(tmp_path, 4, result=result)
    assert (ended.status, ended.reason) == ("failed", "the training loss is nan after 3 steps")
    assert ended.result == result


@pytest.mark.parametrize("number", [signal.SIGSEGV, signal.SIGABRT, signal.SIGFPE, signal.SIGILL, signal.SIGBUS])
def test_a_crash_is_the_runs_own_failure(tmp_path: Path, number: signal.Signals) -> None:
    ended = judged(tmp_path, -number, log="last words\n\n")
    assert (ended.status, ended.reason) == ("failed", f"it crashed with {number.name}: last words")


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
def test_an_end_from_outside_is_no_failure_of_the_run(tmp_path: Path, number: signal.Signals) -> None:
    ended = judged(tmp_path, -number, log="last words\n")
    assert (ended.status, ended.reason) == ("killed", f"it was ended from outside by {number.name}")
    assert ended.log_tail == ["last words"]


def test_the_kernels_killing_for_memory_says_so(tmp_path: Path) -> None:
    ended = judged(tmp_path, -signal.SIGKILL, oom_kills=1)
    assert ended.status == "killed"
    assert ended.reason == "the kernel ended it for want of memory (SIGKILL): choose a smaller batch or free memory"
    assert judged(tmp_path, -signal.SIGTERM, oom_kills=1).reason == "it was ended from outside by SIGTERM"


def test_a_hang_says_how_long_was_waited(tmp_path: Path) -> None:
    ended = judged(tmp_path, None, log="still at it\n")
    assert (ended.status, ended.reason) == ("timeout", "it did not finish within 42 s and was stopped")
    assert ended.log_tail == ["still at it"]


@pytest.mark.parametrize(
    "line",
    [
        "MemoryError: Unable to allocate 99 TB",
        "terminate called after throwing an instance of 'std::bad_alloc'",
        "RuntimeError: [enforce fail] DefaultCPUAllocator: can't allocate memory: you tried to allocate 9 bytes",
        "RuntimeError: DefaultCPUAllocator: not enough memory: you tried to allocate 9 bytes",
        "tensorflow.python.framework.errors_impl.ResourceExhaustedError: OOM when allocating tensor",
        "torch.OutOfMemoryError: CUDA out of memory.",
    ],
)
@pytest.mark.parametrize("exit_code", [1, -signal.SIGABRT])
def test_want_of_memory_is_named_first(tmp_path: Path, line: str, exit_code: int) -> None:
    ended = judged(tmp_path, exit_code, log=f"Traceback\n{line}\n  during handling\n")
    assert (ended.status, ended.reason) == ("failed", f"out of memory: {line}")


def test_any_other_exit_code_comes_with_the_last_line(tmp_path: Path) -> None:
    ended = judged(tmp_path, 1, log="Traceback:\n  oh\nValueError: no\n\n  \n")
    assert (ended.status, ended.reason) == ("failed", "it ended with exit code 1: ValueError: no")
    assert judged(tmp_path, 3).reason == "it ended with exit code 3: it printed nothing"


def test_a_missing_log_is_an_empty_one(tmp_path: Path) -> None:
    ended = judge(9, tmp_path / "result.json", tmp_path / "log", timeout_s=1, oom_kills=0)
    assert (ended.reason, ended.log_tail) == ("it ended with exit code 9: it printed nothing", [])


@pytest.mark.parametrize("line", ["OSError: [Errno 28] No space left on device", "OSError: Disk quota exceeded"])
def test_a_full_disk_stops_everything_and_is_no_row(tmp_path: Path, line: str) -> None:
    with pytest.raises(InputError) as caught:
        judged(tmp_path, 1, log=f"{line}\n")
    assert str(caught.value) == (
        "the disk is full: free some space, then go on with --resume; every finished run is kept."
    )


def test_the_tail_is_the_last_lines_without_empty_ones(tmp_path: Path) -> None:
    ended = judged(tmp_path, 1, log="".join(f"line {number}  \n\n" for number in range(100)))
    assert ended.log_tail == [f"line {number}" for number in range(100 - LOG_TAIL_LINES, 100)]


@given(st.binary(max_size=200), st.binary(max_size=80), st.integers(-64, 255) | st.none())
def test_whatever_a_worker_leaves_gets_a_status(
    tmp_path_factory: pytest.TempPathFactory, log: bytes, result: bytes, exit_code: int | None
) -> None:
    folder = tmp_path_factory.mktemp("run")
    (folder / "result.json").write_bytes(result)
    ended = judged(folder, exit_code, log=log)
    assert ended.status in ("failed", "timeout", "killed")
    assert ended.reason
    assert ended.result == {}
    assert len(ended.log_tail) <= LOG_TAIL_LINES
