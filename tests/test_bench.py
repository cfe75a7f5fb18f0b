"""The main job from end to end, with toy frameworks: finished, failed, interrupted, killed, resumed, refused."""

from __future__ import annotations

import json
import re
import shutil
import signal
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import cast

import pytest

from suite import bench, data, records
from tests import fixednames, toy
from tests.processes import measuring, until
from tests.toy import Toy

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="the toys' interpreters are shell scripts")


@pytest.fixture(scope="module")
def finished(toy_checkout: Toy) -> Path:
    """A run that ended well; tests copy it before they change it."""
    done = toy_checkout.run("run", "--preset", "smoke", "--out", "finished")
    assert (done.returncode, done.stderr) == (0, "")
    assert f"report: {Path('finished') / 'report.html'}" in done.stdout
    return toy_checkout.root / "finished"


@pytest.fixture
def again(finished: Path, tmp_path: Path) -> Path:
    """A copy of the finished run."""
    return shutil.copytree(finished, tmp_path / finished.name)


def contents(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in (folder / "raw").iterdir() if path.is_file()}


def told(done: subprocess.CompletedProcess[str]) -> str:
    """Return the one sentence on standard error."""
    assert "Traceback" not in done.stdout + done.stderr
    lines = done.stderr.strip().splitlines()
    assert len(lines) == 1, done.stderr
    assert lines[0].startswith("evenmatch: ")
    return lines[0]


def test_a_finished_run_has_every_file_and_field(finished: Path) -> None:
    fixednames.check(finished)
    assert {raw["status"] for raw in fixednames.results(finished).values()} == {"ok"}


def test_whole_trainings_leave_pictures_that_the_report_shows(finished: Path) -> None:
    raws = fixednames.results(finished)
    shown = {name for name, raw in raws.items() if "pictures" in raw}
    assert shown == {name for name, raw in raws.items() if raw["params"]["epochs"]}
    for name in shown:
        file = finished / raws[name]["pictures"]["file"]
        assert records.sha256_of_file(file) == raws[name]["pictures"]["sha256"]
    html = (finished / "report.html").read_text(encoding="utf-8")
    assert "cifar10-cnn5x5: test images with their labels" in html
    assert "a prediction that Toyone (plain) gets wrong" in html
    assert "The pictures of" not in html


def test_a_stereo_run_from_data_to_pictures(toy_checkout: Toy) -> None:
    done = toy_checkout.run("run", "--preset", "smoke", "--study", "ecai2021", "--out", "stereo")
    assert (done.returncode, done.stderr) == (0, "")
    assert "Block matching of 2 test pairs, the baseline" in done.stdout
    folder = toy_checkout.root / "stereo"
    trained = [raw for raw in fixednames.results(folder).values() if raw["params"]["epochs"]]
    assert {raw["framework"] for raw in trained} == {"toyone", "toytwo"}
    analysis = json.loads((folder / "analysis.json").read_text())["stereo"]
    blocks = json.loads((folder / "baseline.json").read_text())
    assert analysis["baseline"]["error_rate"] == blocks["error_rate"]
    for raw in trained:
        assert [pair["name"] for pair in raw["stereo"]["pairs"]] == [pair["name"] for pair in blocks["pairs"]]
        assert [pair["known"] for pair in raw["stereo"]["pairs"]] == [pair["known"] for pair in blocks["pairs"]]
        assert 0 < raw["stereo"]["error_rate"] < 1
        assert raw["phases"]["maps"] >= sum(pair["seconds"] for pair in raw["stereo"]["pairs"]) > 0
    assert len({raw["stereo"]["error_rate"] for raw in trained}) == 1  # the same arithmetic twice
    html = (folder / "report.html").read_text(encoding="utf-8")
    for words in ("Ground truth", "Toyone (plain): disparities", "Toytwo (plain): errors", "Block matching: errors"):
        assert words in html
    assert "The pictures of" not in html


def test_the_plan_says_how_to_repeat_it(finished: Path) -> None:
    plan = json.loads((finished / "plan.json").read_text())
    assert plan["command"] == ["evenmatch", "run", "--preset", "smoke", "--out", "finished"]
    assert plan["request"]["profile"] == toy.PROFILE
    assert plan["data"]["synthetic"] is True
    assert re.fullmatch(r"2\d{3}-\d\d-\d\dT\d\d:\d\d:\d\d\+00:00", plan["created_at"])


def test_another_data_set_can_be_named_and_has_to_fit(toy_checkout: Toy, tmp_path: Path) -> None:
    refused = told(
        toy_checkout.run("run", "--preset", "smoke", "--dataset", "mnist-twin", "--out", str(tmp_path / "r"))
    )
    assert "needs images (32, 32, 3) of 10 classes" in refused
    refused = told(toy_checkout.run("run", "--preset", "smoke", "--dataset", "cifar", "--out", str(tmp_path / "r")))
    assert "unknown data set 'cifar': did you mean cifar10" in refused
    assert not (tmp_path / "r").exists()


def test_analyse_and_report_make_the_same_bytes_again(toy_checkout: Toy, again: Path) -> None:
    before = {name: (again / name).read_bytes() for name in ("analysis.json", "report.html")}
    raw = contents(again)
    for name in before:
        (again / name).unlink()
    done = toy.many(toy_checkout, [(["analyse", str(again)], {}), (["report", str(again)], {})])
    assert [code for code, _, _ in done] == [0, 0]
    assert {name: (again / name).read_bytes() for name in before} == before
    assert contents(again) == raw


def test_what_is_missing_is_run_and_nothing_else_is_touched(toy_checkout: Toy, again: Path) -> None:
    victims = sorted((again / "raw").glob("*toytwo*.json"))
    for victim in victims:
        victim.unlink()
    kept = {name: data for name, data in contents(again).items() if "toytwo" not in name}
    done = toy_checkout.run("run", "--resume", "--out", again)
    assert (done.returncode, done.stderr) == (0, "")
    assert f"3 runs ({6 - len(victims)} finished before)" in done.stdout
    assert kept.items() <= contents(again).items()
    fixednames.check(again)


def test_a_finished_run_resumed_runs_nothing(toy_checkout: Toy, again: Path) -> None:
    before = contents(again)
    done = toy_checkout.run("run", "--resume", "--out", again)
    assert done.returncode == 0
    assert "0 runs (6 finished before)" in done.stdout
    assert contents(again) == before


def refusals(checkout: Toy, folder: Path, *commands: list[str]) -> list[str]:
    """Resume with each of ``commands``, and return what was told; the folder has to stay as it was."""
    before = contents(folder)
    asked: list[tuple[list[str], dict[str, str]]] = [
        (["run", "--resume", "--out", str(folder), *command], {}) for command in commands
    ]
    found = []
    for code, _, err in toy.many(checkout, asked):
        assert code == 2, err
        found.append(err.strip())
    assert contents(folder) == before
    return found


def test_another_plan_is_refused_and_the_difference_named(toy_checkout: Toy, again: Path) -> None:
    preset, seed, threads, blocks, batch, select = refusals(
        toy_checkout,
        again,
        ["--preset", "quick"],
        ["--seed", "7"],
        ["--threads", "1"],
        ["--blocks", "3"],
        ["--batch", "16"],
        ["--select", "*toyone*"],
    )
    assert "preset: smoke there, quick now" in preset
    assert "seed: 0 there, 7 now" in seed
    assert "runs: 0 of the old plan are not in the new one, 2 are new" in blocks
    assert "runs: 6 of the old plan are not in the new one, 6 are new" in batch
    assert "runs: 3 of the old plan are not in the new one, 0 are new" in select
    plan = json.loads((again / "plan.json").read_text())
    if plan["threads"] != 1:
        assert f"thread count: {plan['threads']} there, 1 now" in threads


@pytest.mark.parametrize(
    ("key", "value", "words"),
    [
        ("code_sha256", "0" * 64, "version of the measuring code: 000000000000... there, "),
        ("locks", {"toyone": "0" * 64, "toytwo": "0" * 64}, "locks: toyone 000000000000..., toytwo 000000000000... th"),
        ("machine_id", "0" * 16, "machine: 0000000000000000 there, "),
    ],
)
def test_another_lock_code_or_machine_is_refused(
    toy_checkout: Toy, again: Path, key: str, value: object, words: str
) -> None:
    plan = json.loads((again / "plan.json").read_text())
    (again / "plan.json").write_text(json.dumps(plan | {key: value}))
    (sentence,) = refusals(toy_checkout, again, [])
    assert words in sentence
    assert "resume it as it was begun, or name another --out" in sentence


def test_a_folder_that_holds_a_run_is_not_begun_anew(toy_checkout: Toy, again: Path) -> None:
    before = contents(again)
    ((code, _, err),) = toy.many(toy_checkout, [(["run", "--preset", "smoke", "--out", str(again)], {})])
    assert code == 2
    assert err.strip() == (f"evenmatch: {again} holds a run already: go on with it by --resume, or name another --out.")
    assert contents(again) == before


def test_a_damaged_raw_result_stops_a_resume_and_is_named(toy_checkout: Toy, again: Path) -> None:
    victim = min((again / "raw").glob("*.json"))
    victim.write_text("{")
    (sentence,) = refusals(toy_checkout, again, [])
    assert f"{victim} (a raw result) is damaged" in sentence


def test_two_runs_into_one_folder(toy_checkout: Toy, tmp_path: Path) -> None:
    out = tmp_path / "run"
    narrowed = ("--mode", "toyone-slow", "--select", "*slow/b32", "--blocks", "1")
    first = toy_checkout.start("run", "--preset", "smoke", "--out", out, *narrowed)
    try:
        assert until((out / "plan.json").exists)
        second = toy_checkout.run("run", "--preset", "smoke", "--out", out)
        assert second.returncode == 2
        assert told(second) == f"evenmatch: another evenmatch is running in {out}: wait for it, or name another --out."
        _, errors = first.communicate(timeout=120)
    finally:
        first.kill()
    assert (first.returncode, errors) == (0, "")
    assert {raw["status"] for raw in fixednames.results(out).values()} == {"ok"}


def test_every_bad_end_is_a_row(toy_checkout: Toy, tmp_path: Path) -> None:
    out = tmp_path / "run"
    bad = ("crash", "abort", "hang", "memory", "nan", "parameters", "leave")
    modes = [word for mode in bad for word in ("--mode", f"toyone-{mode}")]
    command = ["run", "--preset", "smoke", "--out", out, "--blocks", "1", "--timeout", "2", "--select", "*/b32", *modes]
    done = toy_checkout.run(*command)
    assert done.returncode == 1
    sentence = told(done)
    assert sentence.startswith("evenmatch: 7 runs did not end well, in ")
    assert all(f"toyone-{mode}/b32" in sentence for mode in bad)
    assert sentence.endswith(f"run them again with: nox -s bench -- --resume --retry-failed --out {out}")
    fixednames.check(out)
    raws = fixednames.results(out)
    ends = {raw["mode"]: (raw["status"], raw["exit_code"], raw["reason"]) for raw in raws.values()}
    assert ends == {
        "plain": ("ok", 0, None),
        "crash": ("failed", -signal.SIGSEGV, "it crashed with SIGSEGV: about to crash"),
        "abort": ("failed", -signal.SIGABRT, "it crashed with SIGABRT: it printed nothing"),
        "hang": ("timeout", None, "it did not finish within 2 s and was stopped"),
        "memory": ("failed", 1, "out of memory: MemoryError: cannot allocate 99 TB"),
        "nan": ("failed", 4, "the training loss is nan after 1 steps"),
        "parameters": ("failed", 4, "the live network has 10 parameters, the workload has 490"),
        "leave": ("failed", 0, "it ended without a usable result: it printed nothing"),
    }


def test_what_is_unmatched_is_run_and_shown_and_enters_no_verdict(toy_checkout: Toy, tmp_path: Path) -> None:
    out = tmp_path / "run"
    command = [
        "run",
        "--preset",
        "smoke",
        "--out",
        out,
        "--blocks",
        "5",
        "--select",
        "*/b32",
        "--mode",
        "toyone-unlike",
    ]
    done = toy_checkout.run(*command)
    assert done.returncode == 0, done.stderr
    assert "passports: 2 of 3 matched\n" in done.stdout
    assert "cifar10-cnn5x5 toyone-unlike: UNMATCHED (update): Nesterov momentum is on" in done.stdout
    raws = fixednames.results(out).values()
    assert {(raw["mode"], raw["passport"]["status"]) for raw in raws} == {("plain", "matched"), ("unlike", "unmatched")}
    assert {raw["status"] for raw in raws} == {"ok"}
    analysis = json.loads((out / "analysis.json").read_text())
    verdicts = {(row["a"], row["b"]): row["verdict"] for row in analysis["comparisons"]}
    assert {pair for pair, verdict in verdicts.items() if verdict == "UNMATCHED"} == {
        pair for pair in verdicts if "toyone-unlike" in pair
    }
    assert len(analysis["passports"]) == len(list((out / "passports").glob("*.json"))) == 3
    assert "UNMATCHED" in (out / "report.html").read_text()


def test_settings_are_run_both_ways_also_after_an_interruption(toy_checkout: Toy, tmp_path: Path) -> None:
    out = tmp_path / "probed"
    done = toy_checkout.run("run", "--preset", "smoke", "--select", "*/b32*", "--probe-settings", "--out", out)
    assert (done.returncode, done.stderr) == (0, "")
    raws = [json.loads(path.read_bytes()) for path in (out / "raw").glob("*.json")]
    switched = [raw for raw in raws if raw["probe"]]
    assert {(raw["cell"].rpartition("/")[2], raw["probe"]) for raw in switched} == {("b32+onednn-off", "onednn-off")}
    for raw in raws:
        assert raw["requested"] == {"threads_intra": raw["settings"]["threads_intra"], "device": "cpu"} | (
            {"onednn": False} if raw["probe"] else {}
        )
        assert raw["settings"]["onednn"] is (raw["probe"] is None)
        assert "allocator" in raw["settings"]
    analysis = json.loads((out / "analysis.json").read_bytes())
    (row,) = [row for row in analysis["ledger"] if row["key"] == "onednn"]
    assert set(row["values"].values()) == {True}
    assert [found["arm"] for found in row["measured"]] == ["toyone-plain", "toytwo-plain"]
    assert all(found["verdict"] == "too few runs" for found in row["measured"])
    assert "measured here: oneDNN off: Toyone took" in (out / "report.html").read_text()

    gone = next(path for path in (out / "raw").glob("*onednn-off*.json"))
    gone.unlink()
    gone.with_suffix("").with_suffix(".steps.npy").unlink()
    assert toy_checkout.run("run", "--resume", "--out", out).returncode == 0  # it was begun with --probe-settings
    assert gone.exists()


def test_what_failed_is_run_again_only_when_asked(toy_checkout: Toy, again: Path) -> None:
    victim = max((again / "raw").glob("*.json"))
    victim.write_text(json.dumps(json.loads(victim.read_text()) | {"status": "failed", "reason": "it did"}))
    before = contents(again)
    ((code, said, err),) = toy.many(toy_checkout, [(["run", "--resume", "--out", str(again)], {})])
    assert (code, "0 runs (6 finished before)" in said) == (1, True)
    assert "1 run did not end well" in err
    assert contents(again) == before
    ((code, said, _),) = toy.many(toy_checkout, [(["run", "--resume", "--retry-failed", "--out", str(again)], {})])
    assert (code, "1 runs (5 finished before)" in said) == (0, True)
    after = contents(again)
    assert {name for name in before if before[name] != after[name]} <= {victim.name, f"{victim.stem}.steps.npy"}
    assert json.loads(after[victim.name])["status"] == "ok"
    assert (again / "raw" / "superseded" / f"{victim.stem}.0.json").read_bytes() == before[victim.name]
    fixednames.check(again)


def start_slow_run(checkout: Toy, out: Path) -> subprocess.Popen[str]:
    """Start a run of slow toys, and wait until one of them is finished and the next is at it."""
    command = ["run", "--preset", "smoke", "--out", out, "--select", "*toyone*/b32", "--mode", "toyone-slow"]
    driver = checkout.start(*command)
    assert until(lambda: list((out / "raw").glob("*.json")) and measuring(out))
    return driver


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_run_that_is_told_to_stop_goes_on_later(toy_checkout: Toy, tmp_path: Path, number: signal.Signals) -> None:
    out = tmp_path / "run"
    driver = start_slow_run(toy_checkout, out)
    driver.send_signal(number)
    _, errors = driver.communicate(timeout=120)
    assert driver.returncode == 130
    assert measuring(out) == []
    before = contents(out)
    (sentence,) = errors.strip().splitlines()
    planned = len(json.loads((out / "plan.json").read_text())["runs"])
    finished = len(fixednames.results(out))
    assert sentence == (
        f"evenmatch: stopped: {finished} of the {planned} runs that were to do are finished and kept in {out}; "
        f"go on with: nox -s bench -- --resume --out {out}"
    )
    assert 1 <= finished < planned
    assert fixednames.unfinished(out) == []
    if number == signal.SIGTERM:  # from here on it is the same
        return
    resumed = toy_checkout.run("run", "--resume", "--out", out)
    assert resumed.returncode == 0, resumed.stderr
    assert before.items() <= contents(out).items()
    assert len(fixednames.results(out)) == planned


def test_a_run_whose_driver_is_killed_goes_on_later(toy_checkout: Toy, tmp_path: Path) -> None:
    out = tmp_path / "run"
    driver = start_slow_run(toy_checkout, out)
    driver.kill()
    driver.communicate(timeout=120)
    assert until(lambda: not measuring(out), seconds=5), "a worker outlived its driver"
    before = {name: data for name, data in contents(out).items() if name.endswith(".json")}
    resumed = toy_checkout.run("run", "--resume", "--out", out)
    assert resumed.returncode == 0, resumed.stderr
    assert before.items() <= contents(out).items()
    assert len(fixednames.results(out)) == len(json.loads((out / "plan.json").read_text())["runs"])


def test_a_worker_killed_from_outside_is_a_row(toy_checkout: Toy, tmp_path: Path) -> None:
    out = tmp_path / "run"
    driver = start_slow_run(toy_checkout, out)
    (worker,) = measuring(out)
    worker.kill()
    _, errors = driver.communicate(timeout=120)
    assert driver.returncode == 1
    assert "1 run did not end well, in " in errors
    statuses = sorted(raw["status"] for raw in fixednames.results(out).values())
    assert statuses == ["killed", *["ok"] * (len(statuses) - 1)]
    assert len(statuses) == len(json.loads((out / "plan.json").read_text())["runs"])


def test_no_folder_is_left_of_a_run_that_never_began(toy_checkout: Toy, tmp_path: Path) -> None:
    out = tmp_path / "run"
    driver = toy_checkout.start(
        *("run", "--preset", "smoke", "--out", out, "--select", "*toyone-hang/b32", "--mode", "toyone-hang")
    )
    assert until(lambda: list(toy_checkout.cache.glob("exam-*/job.json")))
    driver.send_signal(signal.SIGINT)
    _, errors = driver.communicate(timeout=120)
    assert (driver.returncode, out.exists()) == (130, False)
    assert "stopped before anything was measured" in errors


def test_the_home_folder_is_left_out_of_the_plan(toy_checkout: Toy, tmp_path: Path) -> None:
    out = tmp_path / "run"
    environment = toy_checkout.environment() | {"HOME": str(tmp_path)}
    command = toy_checkout.command(
        "run", "--preset", "smoke", "--out", out, "--blocks", "1", "--select", "*toyone*/b32"
    )
    subprocess.run(command, cwd=toy_checkout.root, env=environment, check=True, capture_output=True)
    plan = json.loads((out / "plan.json").read_text())
    assert plan["command"][5] == "~/run"
    assert str(tmp_path) not in (out / "plan.json").read_text()
    assert str(tmp_path) not in next((out / "raw").glob("*.json")).read_text()


def test_terms_of_the_data_go_with_every_result() -> None:
    found = {"name": "kitti", "synthetic": False}
    terms = data.Licence(name="CC BY-NC-SA 3.0", sentence="name its authors", url="https://example.org")
    prepared = SimpleNamespace(facts=lambda: found, title="KITTI", citation="c", origin="o", licence=terms)
    named = {**found, "title": "KITTI", "citation": "c", "origin": "o"}
    told = named | {"licence": {"name": "CC BY-NC-SA 3.0", "sentence": "name its authors"}}
    assert bench._facts(cast("data.Prepared", prepared)) == told
    prepared.licence = None
    assert bench._facts(cast("data.Prepared", prepared)) == named
