"""A run's folder: one run at a time, nothing overwritten, and only the same run goes on in it."""

from __future__ import annotations

import copy
import errno
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from suite import home, records
from suite.errors import InputError
from suite.store import RunFolder

PLAN: dict[str, Any] = {
    "schema": 1,
    "preset": "smoke",
    "profile": "linux-cpu",
    "seed": 0,
    "threads": 2,
    "device": "cuda",
    "venue": "container",
    "steps": {"warmup": 5, "sample_images": 640},
    "data": {"name": "cifar10-twin", "synthetic": True, "sha256": "d" * 64},
    "locks": {"pytorch": "a" * 64, "keras": "b" * 64},
    "code_sha256": "c" * 64,
    "machine_id": "0123456789abcdef",
    "created_at": "2026-11-21T05:30:00+00:00",
    "command": ["evenmatch", "run"],
    "runs": [{"name": "one"}, {"name": "two"}],
}


@pytest.fixture
def folder(tmp_path: Path) -> RunFolder:
    return RunFolder(tmp_path / "reports" / "run")


def raw(status: str = "ok", **more: Any) -> dict[str, Any]:
    return {"schema": 1, "status": status} | more


def test_holding_makes_the_folder(folder: RunFolder) -> None:
    with folder.held():
        assert folder.path.is_dir()


def test_a_folder_that_nothing_came_of_is_removed(folder: RunFolder) -> None:
    with pytest.raises(KeyboardInterrupt), folder.held():
        raise KeyboardInterrupt
    assert not folder.path.exists()
    with folder.held():
        folder.begin(PLAN)
    assert folder.plan_file.exists()


def test_a_folder_of_the_users_own_is_left_where_it_is(folder: RunFolder) -> None:
    folder.path.mkdir(parents=True)
    with folder.held():
        pass
    assert folder.path.is_dir()


def test_two_runs_in_one_folder_are_refused_and_afterwards_not(folder: RunFolder) -> None:
    code = (
        "import sys; from pathlib import Path; from suite.store import RunFolder\n"
        "with RunFolder(Path(sys.argv[1])).held():\n    print('held', flush=True); sys.stdin.read()"
    )
    env = os.environ | {"PYTHONPATH": str(home.ROOT)}
    with subprocess.Popen(
        [sys.executable, "-c", code, str(folder.path)], env=env, stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as other:
        assert other.stdout is not None
        assert other.stdout.readline() == b"held\n"
        with pytest.raises(InputError) as caught, folder.held():
            pytest.fail("two hold it")
        other.kill()
    assert str(caught.value) == f"another evenmatch is running in {folder.path}: wait for it, or name another --out."
    with folder.held():  # the lock went with the process that was killed
        pass


def test_jobs_of_a_run_that_was_killed_are_cleared_away(folder: RunFolder) -> None:
    (folder.jobs / "one").mkdir(parents=True)
    (folder.jobs / "one" / "job.json").write_text("{}")
    with folder.held():
        assert not folder.jobs.exists()


def test_a_file_in_the_folders_place_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("mine")
    for path in (tmp_path / "file", tmp_path / "file" / "run"):
        with pytest.raises(InputError) as caught, RunFolder(path).held():
            pytest.fail("it cannot be held")
        assert str(caught.value).startswith(f"{path} cannot be written: ")
        assert str(caught.value).endswith("Name another --out.")
    assert (tmp_path / "file").read_text() == "mine"


@pytest.mark.parametrize("number", [errno.EACCES, errno.EROFS, errno.ENOSPC])
def test_a_folder_that_cannot_be_made_is_told(folder: RunFolder, monkeypatch: pytest.MonkeyPatch, number: int) -> None:
    def fail(self: Path, *_args: object, **_options: object) -> None:
        raise OSError(number, os.strerror(number), str(self))

    monkeypatch.setattr(Path, "mkdir", fail)
    with (
        pytest.raises(InputError, match=rf"run cannot be written: {os.strerror(number)}\. Name another --out"),
        folder.held(),
    ):
        pytest.fail("it cannot be held")


def test_a_failure_inside_names_the_file_and_lets_go(folder: RunFolder) -> None:
    with (
        pytest.raises(InputError, match=r"run/logs/x\.log cannot be written: No space left on device\."),
        folder.held(),
    ):
        raise OSError(errno.ENOSPC, "No space left on device", str(folder.path / "logs" / "x.log"))
    with folder.held():
        pass


def test_a_failure_elsewhere_is_not_blamed_on_the_folder(folder: RunFolder) -> None:
    with pytest.raises(PermissionError), folder.held():
        raise PermissionError(errno.EACCES, "Permission denied", str(folder.path.parent / "run-other" / "python"))
    with folder.held():
        pass


def test_a_run_begins_once(folder: RunFolder) -> None:
    folder.begin(PLAN)
    assert records.read_json(folder.plan_file, "the plan") == PLAN
    with pytest.raises(InputError, match=r"holds a run already: go on with it by --resume, or name another --out\."):
        folder.begin(PLAN | {"seed": 1})
    assert records.read_json(folder.plan_file, "the plan") == PLAN


def test_the_same_plan_goes_on_whenever_it_was_made(folder: RunFolder) -> None:
    folder.begin(PLAN)
    folder.resume(PLAN | {"created_at": "later", "command": ["evenmatch", "run", "--resume"]})


@pytest.mark.parametrize(
    ("key", "value", "told"),
    [
        ("profile", "windows-cpu", "profile: linux-cpu there, windows-cpu now"),
        ("preset", "quick", "preset: smoke there, quick now"),
        ("seed", 1, "seed: 0 there, 1 now"),
        ("threads", 1, "thread count: 2 there, 1 now"),
        ("device", "cpu", "device: cuda there, cpu now"),
        ("venue", "native", "place where workers run: container there, native now"),
        ("steps", {"warmup": 6, "sample_images": 640}, "(number of sampled steps: warmup 5 there, warmup 6 now)"),
        (
            "data",
            {"name": "cifar10", "title": "CIFAR-10", "synthetic": False, "sha256": "e" * 64},
            "(data: synthetic images there, CIFAR-10 now)",
        ),
        (
            "data",
            {"name": "cifar10-twin", "synthetic": True, "sha256": "e" * 64},
            "(data: synthetic images (dddddddddddd...) there, synthetic images (eeeeeeeeeeee...) now)",
        ),
        (
            "locks",
            {"pytorch": "f" * 64, "keras": "b" * 64},
            "(locks: pytorch aaaaaaaaaaaa... there, pytorch ffffffffffff... now)",
        ),
        (
            "locks",
            {"pytorch": "a" * 64},
            "(locks: keras bbbbbbbbbbbb... there, keras none now)",
        ),
        ("code_sha256", "9" * 64, "version of the measuring code: cccccccccccc... there, 999999999999... now"),
        ("machine_id", "fedcba9876543210", "machine: 0123456789abcdef there, fedcba9876543210 now"),
        ("runs", [{"name": "one"}, {"name": "new"}], "runs: 1 of the old plan are not in the new one, 1 are new"),
    ],
)
def test_another_plan_is_refused_and_what_differs_is_named(
    folder: RunFolder, key: str, value: object, told: str
) -> None:
    folder.begin(PLAN)
    with pytest.raises(InputError) as caught:
        folder.resume(PLAN | {key: value})
    sentence = str(caught.value)
    assert sentence.startswith(f"{folder.path} was made by another plan and cannot be continued (")
    assert told in sentence
    assert sentence.count(" now") == (key != "runs")
    assert sentence.endswith("resume it as it was begun, or name another --out.")


def test_all_differences_are_named_at_once(folder: RunFolder) -> None:
    folder.begin(PLAN)
    with pytest.raises(InputError, match=r"seed: 0 there, 1 now; thread count: 2 there, 4 now"):
        folder.resume(PLAN | {"seed": 1, "threads": 4})


def test_a_folder_without_a_run_cannot_go_on(folder: RunFolder) -> None:
    with pytest.raises(InputError, match=r"plan\.json is missing"):
        folder.resume(PLAN)


@pytest.mark.parametrize("content", ["", "{", '{"schema": 1}', '{"schema": 1, "runs": {}}'])
def test_a_damaged_plan_is_named(folder: RunFolder, content: str) -> None:
    folder.path.mkdir(parents=True)
    folder.plan_file.write_text(content)
    with pytest.raises(InputError, match=r"plan\.json \(the plan\) is damaged"):
        folder.resume(PLAN)


def test_results_are_kept_with_their_step_times_and_found_again(folder: RunFolder, tmp_path: Path) -> None:
    steps = tmp_path / "steps.npy"
    steps.write_bytes(b"times")
    folder.keep("one", raw(), steps)
    folder.keep("two", raw("failed"), None)
    assert folder.done() == {"one": raw(), "two": raw("failed")}
    assert (folder.raw / "one.steps.npy").read_bytes() == b"times"
    assert not (folder.raw / "two.steps.npy").exists()


def test_pictures_lie_beside_their_result_and_go_aside_with_it(folder: RunFolder, tmp_path: Path) -> None:
    (tmp_path / "steps.npy").write_bytes(b"times")
    (tmp_path / "pictures.npz").write_bytes(b"pictures")
    folder.keep("one", raw("failed"), tmp_path / "steps.npy", tmp_path / "pictures.npz")
    assert (folder.raw / "one.pictures.npz").read_bytes() == b"pictures"
    assert list(folder.done()) == ["one"]
    folder.set_failed_aside()
    names = sorted(path.name for path in (folder.raw / "superseded").iterdir())
    assert names == ["one.0.json", "one.0.pictures.npz", "one.0.steps.npy"]
    assert not (folder.raw / "one.pictures.npz").exists()


def test_a_result_is_never_overwritten(folder: RunFolder) -> None:
    folder.keep("one", raw(), None)
    with pytest.raises(InputError, match=r"one\.json exists already and raw results are never overwritten"):
        folder.keep("one", raw("failed"), None)
    assert folder.done() == {"one": raw()}


def test_step_times_left_by_a_driver_that_died_are_replaced(folder: RunFolder, tmp_path: Path) -> None:
    folder.raw.mkdir(parents=True)
    (folder.raw / "one.steps.npy").write_bytes(b"of a run that was never finished")
    assert folder.done() == {}
    (tmp_path / "steps.npy").write_bytes(b"times")
    folder.keep("one", raw(), tmp_path / "steps.npy")
    assert (folder.raw / "one.steps.npy").read_bytes() == b"times"


def test_what_was_only_half_written_is_no_result(folder: RunFolder) -> None:
    folder.raw.mkdir(parents=True)
    (folder.raw / ".one.json.abc.part").write_text('{"schema": 1, "sta')
    assert folder.done() == {}


def test_a_damaged_result_is_named(folder: RunFolder) -> None:
    folder.keep("one", raw(), None)
    (folder.raw / "two.json").write_text("{")
    with pytest.raises(InputError, match=r"raw/two\.json \(a raw result\) is damaged"):
        folder.done()


def test_what_failed_is_set_aside_and_kept(folder: RunFolder, tmp_path: Path) -> None:
    steps = tmp_path / "steps.npy"
    steps.write_bytes(b"times")
    folder.keep("good", raw(), steps)
    for attempt in range(2):
        folder.keep("bad", raw("failed", attempt=attempt), steps)
        folder.keep("gone", raw("killed", attempt=attempt), None)
        assert folder.set_failed_aside() == 2
        assert folder.done() == {"good": raw()}
    aside = folder.raw / "superseded"
    assert sorted(path.name for path in aside.iterdir()) == [
        *("bad.0.json", "bad.0.steps.npy", "bad.1.json", "bad.1.steps.npy", "gone.0.json", "gone.1.json")
    ]
    assert json.loads((aside / "bad.1.json").read_text())["attempt"] == 1
    assert (folder.raw / "good.steps.npy").exists()
    assert folder.set_failed_aside() == 0


def test_a_full_disk_while_keeping_leaves_no_half_result(
    folder: RunFolder, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "steps.npy").write_bytes(b"times")

    def full(_descriptor: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(InputError, match=r"No space left on device\. Free some space, then go on with --resume\."):
        folder.keep("one", raw(), tmp_path / "steps.npy")
    assert list(folder.raw.iterdir()) == []
    assert folder.done() == {}


def test_the_comparison_does_not_change_the_plan(folder: RunFolder) -> None:
    folder.begin(PLAN)
    before = copy.deepcopy(PLAN)
    folder.resume(PLAN)
    assert before == PLAN


def test_a_folder_of_other_files_is_refused_and_left_alone(tmp_path: Path) -> None:
    (tmp_path / "thesis.tex").write_text("mine")
    with pytest.raises(InputError, match="holds other files and no run"), RunFolder(tmp_path).held():
        raise AssertionError("the folder was taken")
    assert [path.name for path in tmp_path.iterdir()] == ["thesis.tex"]
