"""Real frameworks in their real environments: the smoke preset from the command line, and kills at random moments."""

from __future__ import annotations

import json
import os
import random
import re
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from suite import home, locks, profiles
from suite.environments import native
from suite.frameworks import frameworks
from suite.profiles import Profile
from tests import fixednames
from tests.processes import measuring, until

pytestmark = pytest.mark.frameworks

HANGS_S = 900
"""After how long a run of the smoke preset hangs: it takes a minute, and several on a machine with other work."""

ALL = sorted(each.name for each in frameworks().values() if not each.further)


def evenmatch(*arguments: str | Path) -> subprocess.Popen[str]:
    environment = {
        key: value for key, value in os.environ.items() if key not in ("EVENMATCH_DATA", "EVENMATCH_COMMAND")
    }
    return subprocess.Popen(
        [sys.executable, "-m", "suite", *map(str, arguments)],
        cwd=home.ROOT,
        env=environment | {"NO_COLOR": "1", "COLUMNS": "200"},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def ended(driver: subprocess.Popen[str]) -> tuple[int, str, str]:
    out, errors = driver.communicate(timeout=HANGS_S)
    return driver.returncode, out, errors


def contents(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in (folder / "raw").glob("*.json")}


@pytest.fixture(scope="module", autouse=True)
def profile() -> Profile:
    """This machine's profile, with every environment built."""
    found = profiles.of_this_machine()
    for framework in locks.available(found):
        environment = native.ensure(found, framework, lambda _line: None)
        assert environment.python.exists()
    return found


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("e2e") / "smoke"
    code, out, errors = ended(evenmatch("run", "--preset", "smoke", "--out", folder))
    assert (code, errors) == (0, "")
    assert str(folder / "report.html") in out
    return folder


def test_every_file_and_field_is_there(finished: Path) -> None:
    fixednames.check(finished)
    raws = fixednames.results(finished)
    assert len(raws) == 9
    assert {raw["status"] for raw in raws.values()} == {"ok"}
    assert {raw["parameter_count"] for raw in raws.values()} == {62_006}


def test_all_frameworks_were_given_the_same_and_ran_alike(finished: Path) -> None:
    raws = list(fixednames.results(finished).values())
    groups: dict[tuple[int, int | None], list[dict[str, object]]] = {}
    for raw in raws:
        groups.setdefault((raw["block"], raw["params"]["epochs"]), []).append(raw)
    for group in groups.values():
        assert sorted(str(raw["framework"]) for raw in group) == ALL
        for same in ("inputs", "data", "seed"):
            assert len({json.dumps(raw[same], sort_keys=True) for raw in group}) == 1, same
    threads = {raw["settings"]["threads_intra"] for raw in raws}
    assert threads == {json.loads((finished / "plan.json").read_text())["threads"]}
    assert len({raw["versions"]["numpy"] for raw in raws}) == 1


def test_frameworks_agree_on_the_first_epochs_loss(finished: Path) -> None:
    losses = [raw["epochs"][0]["train_loss"] for raw in fixednames.results(finished).values() if raw["epochs"]]
    assert len(losses) == 3
    assert max(losses) - min(losses) < 1e-3
    assert all(2.0 < loss < 2.4 for loss in losses)  # ln 10 is 2.303; one epoch of 64 steps at 0.001 moves it a little


def test_the_report_says_synthetic_and_needs_no_network(finished: Path) -> None:
    report = (finished / "report.html").read_text()
    assert "synthetic" in report.lower()
    for name in ("PyTorch", "TensorFlow", "Keras"):
        assert name in report
    loaded = re.findall(r"<(?:link|script|img|iframe|source)\b[^>]*?(?:src|href)=\"([^\"]*)\"", report)
    assert all(address.startswith("data:") for address in loaded)
    assert "@import" not in report
    assert not re.search(r"url\((?![\"']?(?:data:|#))", report)


def test_analyse_and_report_make_the_same_bytes_again(finished: Path, tmp_path: Path) -> None:
    again = shutil.copytree(finished, tmp_path / finished.name)
    before = {name: (again / name).read_bytes() for name in ("analysis.json", "report.html")}
    for name in before:
        (again / name).unlink()
    for command in ("analyse", "report"):
        assert ended(evenmatch(command, again))[::2] == (0, "")
    assert {name: (again / name).read_bytes() for name in before} == before


def test_no_finished_run_is_lost_when_driver_and_workers_are_killed(tmp_path: Path) -> None:
    folder = tmp_path / "killed"
    randomness = random.Random(20261121)
    narrowed = ("--preset", "smoke", "--select", "*/b32", "--out", folder)
    seen: dict[str, bytes] = {}
    command: tuple[str | Path, ...] = ("run", *narrowed)
    for _ in range(3):
        driver = evenmatch(*command)
        wanted = min(len(seen) + 1, 6)
        until(lambda: driver.poll() is not None or len(contents(folder)) >= wanted, seconds=60)  # noqa: B023
        if driver.poll() is not None:
            assert (driver.returncode, driver.communicate()[1]) == (0, "")
        time.sleep(randomness.uniform(0, 3))
        driver.kill()
        driver.communicate()
        assert until(lambda: not measuring(folder), seconds=10), "a worker outlived its driver"
        now = contents(folder)
        assert len(now) >= wanted
        assert seen.items() <= now.items()
        seen = now
        command = ("run", "--resume", "--out", folder)
    code, _, errors = ended(evenmatch("run", "--resume", "--out", folder))
    assert (code, errors) == (0, "")
    assert seen.items() <= contents(folder).items()
    fixednames.check(folder)


def test_a_worker_killed_from_outside_is_a_row_and_the_rest_goes_on(tmp_path: Path) -> None:
    folder = tmp_path / "outside"
    driver = evenmatch("run", "--preset", "smoke", "--select", "*/b32", "--blocks", "1", "--out", folder)
    assert until(lambda: measuring(folder), seconds=300)
    time.sleep(0.5)
    (worker,) = measuring(folder)
    worker.send_signal(signal.SIGKILL)
    code, _, errors = ended(driver)
    assert code == 1
    assert "1 run did not end well, in " in errors
    raws = list(fixednames.results(folder).values())
    assert sorted(raw["status"] for raw in raws) == ["killed", "ok", "ok"]
    (killed,) = (raw for raw in raws if raw["status"] == "killed")
    assert (killed["exit_code"], killed["reason"]) == (-9, "it was ended from outside by SIGKILL")
    fixednames.check(folder)


def test_real_environments_are_sound_and_a_changed_lock_would_be_seen(profile: Profile) -> None:
    for framework in locks.available(profile):
        place = native.folder(profile, framework)
        assert native.why_unsound(place, locks.check(profile, framework)) is None
        assert native.why_unsound(place, "0" * 64) == "its lock changed"
