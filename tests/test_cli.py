"""The command line: every bad input gets one sentence and the right exit code, and loses nothing."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from suite import __version__, cli, records
from suite.errors import InputError
from tests import toy
from tests.rawfactory import blocks, raw
from tests.toy import Toy

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="the toys' interpreters are shell scripts")

HERE = ("--profile", "toy-cpu")  # a broken profile beside it would stop the search for one
SMOKE = ["run", "--preset", "smoke", "--out", "OUT", *HERE]


@dataclass(frozen=True)
class Bad:
    """A bad command line, its exit code, and what its one sentence has to say."""

    arguments: list[str]
    code: int
    says: tuple[str, ...]
    variables: dict[str, str] = field(default_factory=dict)


CASES = {
    "profile": Bad([*SMOKE, "--profile", "toy-cup"], 2, ("unknown profile 'toy-cup'", "toy-cpu")),
    "preset": Bad(
        ["run", *HERE, "--preset", "smok", "--out", "OUT"], 2, ("unknown preset 'smok'", "did you mean smoke?")
    ),
    "mode": Bad([*SMOKE, "--mode", "toyone-plane"], 2, ("unknown framework-mode 'toyone-plane'", "toyone-plain")),
    "framework": Bad([*SMOKE, "--mode", "caffe-plain"], 2, ("unknown framework-mode 'caffe-plain'",)),
    "glob": Bad(
        [*SMOKE, "--select", "*/cifar10-cnn7x7/*"],
        2,
        ("--select '*/cifar10-cnn7x7/*' matches none of the", "the nearest are toy-cpu/matched/cifar10-cnn5x5/"),
    ),
    "plan-glob": Bad(
        ["plan", *HERE, "--select", "nothing"],
        2,
        (
            "--select 'nothing' matches none of the 8 cells: it has to match a whole name like toy-cpu/matched/",
            "with * for any text, e.g. '*/cifar10-cnn3x3/*'",
        ),
    ),
    "empty-glob": Bad([*SMOKE, "--select", ""], 2, ("--select '' matches none of the",)),
    "batch-large": Bad(
        ["plan", *HERE, "--batch", "32", "50001"],
        2,
        ("--batch 50001 is more than the 50000 training examples of toy-cpu/",),
    ),
    "batch-large-run": Bad(
        [*SMOKE, "--batch", "2049"], 2, ("--batch 2049 is more than the 2048", "/b2049-e1-n2048: choose a smaller")
    ),
    "other-machine": Bad([*SMOKE, "--profile", "z-plan9"], 3, ("profile z-plan9 needs plan9 on", "this one is")),
    "malformed": Bad([*SMOKE, "--profile", "z-malformed"], 2, ("z-malformed.toml is no TOML", "line 2")),
    "key": Bad([*SMOKE, "--profile", "z-key"], 2, ("z-key.toml, line 9: unknown key 'pyhton'", "the keys of a prof")),
    "lacks": Bad([*SMOKE, "--profile", "z-lacks"], 2, ("z-lacks.toml lacks the keys",)),
    "accelerator": Bad(  # 2, and no longer 3: no machine has such an accelerator, the file is at fault
        [*SMOKE, "--profile", "z-abacus"], 2, ("z-abacus.toml, line 5: 'accelerator' is cpu, cuda or metal",)
    ),
    "no-lock": Bad([*SMOKE, "--profile", "z-no-lock"], 2, ("toyone.txt cannot be read", "nox -s lock")),
    "other-lock": Bad([*SMOKE, "--profile", "z-other-lock"], 2, ("toyone.txt does not match profile z-other-lock",)),
    "lock-check": Bad(
        ["lock", "--check", "--profile", "z-other-lock"], 2, ("2 of 2 locks cannot be used", "lock/toyone")
    ),
    "threads": Bad([*SMOKE, "--threads", "4097"], 3, ("--threads 4097 is more than the", "cores")),
    "no-data": Bad([*SMOKE, "--data", "nowhere"], 2, ("nowhere (named by --data) does not exist",)),
    "wrong-data": Bad([*SMOKE, "--data", "platforms"], 2, ("platforms (named by --data) holds no CIFAR-10",)),
    "named-data": Bad(SMOKE, 2, ("nowhere (named by EVENMATCH_DATA) does not exist",), {"EVENMATCH_DATA": "nowhere"}),
    "out-is-file": Bad(["run", "--preset", "smoke", *HERE, "--out", "platforms/z-key.toml"], 2, ("cannot be written",)),
    "out-below-file": Bad(
        ["run", "--preset", "smoke", *HERE, "--out", "platforms/z-key.toml/x"], 2, ("cannot be written",)
    ),
    "home-is-file": Bad(
        SMOKE, 2, ("z-key.toml/prepared cannot be written: Not a dir",), {"EVENMATCH_HOME": "platforms/z-key.toml"}
    ),
    "resume-where": Bad(["run", "--resume"], 2, ("--resume needs --out",)),
    "resume-nothing": Bad(["run", "--resume", "--out", "OUT"], 2, ("nothing was begun in", "leave out --resume")),
    "retry-alone": Bad([*SMOKE, "--retry-failed"], 2, ("--retry-failed goes together with --resume",)),
    "report-nowhere": Bad(["report", "nowhere"], 2, ("nowhere is no folder",)),
    "report-empty": Bad(["report", "platforms"], 2, ("holds no raw result",)),
    "analyse-nowhere": Bad(["analyse", "nowhere"], 2, ("nowhere is no folder",)),
    "notes-nowhere": Bad(["notes", "nowhere"], 2, ("nowhere is no folder",)),
    "notes-empty": Bad(["notes", "platforms", "--json"], 2, ("holds no raw result",)),
}

USAGE = {
    "blocks": ([*SMOKE, "--blocks", "-1"], "argument --blocks: '-1' is no whole number above 0"),
    "batch": ([*SMOKE, "--batch", "0"], "argument --batch: '0' is no whole number above 0"),
    "batches": ([*SMOKE, "--batch", "4", "-8"], "argument --batch: '-8' is no whole number above 0"),
    "epochs": ([*SMOKE, "--epochs", "x"], "argument --epochs: 'x' is no whole number above 0"),
    "threads": ([*SMOKE, "--threads", "-2"], "argument --threads: '-2' is no whole number above 0"),
    "timeout": ([*SMOKE, "--timeout", "0.5"], "argument --timeout: '0.5' is no whole number above 0"),
    "seed": ([*SMOKE, "--seed", "one"], "argument --seed: 'one' is no whole number from 0 to 4294967295"),
    "seed-low": ([*SMOKE, "--seed", "-1"], "argument --seed: '-1' is no whole number from 0 to 4294967295"),
    "seed-high": ([*SMOKE, "--seed", "4294967296"], "argument --seed: '4294967296' is no whole number from 0"),
    "data": ([*SMOKE, "--data", ""], "argument --data: '' is no path"),
    "out": (["run", "--out", ""], "argument --out: '' is no path"),
    "base": ([*SMOKE, "--base", ""], "argument --base: it is empty, where an image's name has to stand"),
    "command": (["rum"], "argument COMMAND: invalid choice: 'rum' (choose from 'run', 'plan',"),
    "nothing": ([], "the following arguments are required: COMMAND"),
    "option": ([*SMOKE, "--presett", "x"], "unrecognized arguments: --presett x"),
}


@pytest.fixture(scope="module")
def checkout(tmp_path_factory: pytest.TempPathFactory) -> Toy:
    """A toy checkout with bad profiles beside the good one (they sort behind it)."""
    made = toy.make(tmp_path_factory.mktemp("cli") / "checkout")
    made.write_profile("z-plan9", system="plan9", needs="plan9 on any machine")
    (made.platforms / "z-malformed.toml").write_text('title = "x"\nsystem = oh no\n')
    made.write_profile("z-key", pyhton="3.11")
    (made.platforms / "z-lacks.toml").write_text('title = "x"\n')
    made.write_profile("z-abacus", accelerator="abacus")
    made.write_profile("z-no-lock")
    made.write_profile("z-other-lock")
    lock = made.platforms / "locks" / "z-other-lock" / "toyone.txt"
    lock.parent.mkdir()
    lock.write_text("# made by: nox -s lock, from: {}\n")
    return made


@pytest.fixture(scope="module")
def told(checkout: Toy) -> dict[str, tuple[int | str, str, str]]:
    """What each bad command line came to, all run in one process, for speed."""
    commands = [(case.arguments, case.variables) for case in CASES.values()]
    commands += [(arguments, {}) for arguments, _ in USAGE.values()]
    before = sorted(path.name for path in checkout.root.iterdir())
    found = toy.many(checkout, [([word.replace("OUT", "out") for word in words], more) for words, more in commands])
    after = sorted(path.name for path in checkout.root.iterdir())
    assert set(after) - set(before) <= {"out", "cache"}
    assert not list(checkout.root.glob("out/raw/*"))
    assert not list(checkout.root.glob("out/plan.json"))
    return dict(zip([*CASES, *(f"usage-{name}" for name in USAGE)], found, strict=True))


@pytest.mark.parametrize("name", CASES)
def test_bad_input_gets_one_sentence_and_its_exit_code(told: dict[str, tuple[int | str, str, str]], name: str) -> None:
    code, _, errors = told[name]
    assert code == CASES[name].code, errors
    lines = errors.strip().splitlines()
    assert len(lines) == 1, errors
    assert lines[0].startswith("evenmatch: ")
    for words in CASES[name].says:
        assert words in lines[0]


@pytest.mark.parametrize("name", USAGE)
def test_bad_usage_is_one_sentence_on_what_was_wrong(told: dict[str, tuple[int | str, str, str]], name: str) -> None:
    code, out, errors = told[f"usage-{name}"]
    assert (code, out) == (2, "")
    (sentence,) = errors.strip().splitlines()
    assert sentence.startswith(f"evenmatch: {USAGE[name][1]}")
    assert sentence.endswith(": add --help to see what there is.")


def test_the_process_itself_ends_with_the_code(checkout: Toy) -> None:
    done = checkout.run("run", "--preset", "smoke", "--profile", "z-plan9")
    assert (done.returncode, done.stdout) == (3, "")
    assert done.stderr.startswith("evenmatch: profile z-plan9 needs plan9 on ")


def test_plan_lists_cells_and_runs_nothing(checkout: Toy) -> None:
    before = sorted(path.as_posix() for path in checkout.root.rglob("*") if path.suffix != ".pyc")
    done = checkout.run("plan", *HERE, "--preset", "smoke")
    assert (done.returncode, done.stderr) == (0, "")
    for cell in ("toyone-plain/b32", "toytwo-plain/b32", "toyone-plain/b32-e1-n2048"):
        assert f"toy-cpu/matched/cifar10-cnn5x5/{cell} " in done.stdout
    assert "6 runs of 4 cells" in done.stdout
    assert "2 passports are not kept yet: about 24 s on top, once." in done.stdout
    assert "nothing was run." in done.stdout
    assert sorted(path.as_posix() for path in checkout.root.rglob("*") if path.suffix != ".pyc") == before


def test_a_plan_in_containers_says_why_it_could_not_run_here(checkout: Toy) -> None:
    arguments = ["plan", *HERE, "--preset", "smoke", "--container"]
    ((code, out, err),) = toy.many(checkout, [(arguments, {"DOCKER_HOST": "unix:///nowhere/docker.sock"})])
    assert (code, err) == (0, "")
    assert "6 runs of 4 cells" in out
    told = out.splitlines()[-1]
    assert told.startswith("It could not run here: ")
    assert "engine" in told


def test_a_closed_pipe_is_no_error(checkout: Toy) -> None:
    with subprocess.Popen(
        checkout.command("plan", *HERE, "--preset", "full"),
        cwd=checkout.root,
        env=checkout.environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    ) as driver:
        assert driver.stdout is not None
        assert driver.stderr is not None
        driver.stdout.close()
        assert b"Traceback" not in driver.stderr.read()


@pytest.mark.usefixtures("signals")
class TestInThisProcess:
    def test_version(self, capsys: pytest.CaptureFixture[str]) -> None:
        with pytest.raises(SystemExit) as caught:
            cli.main(["--version"])
        assert caught.value.code == 0
        assert capsys.readouterr().out == f"evenmatch {__version__}\n"

    @pytest.mark.parametrize("command", ["run", "plan", "doctor", "analyse", "notes", "report", "lock"])
    def test_every_command_has_its_help(self, capsys: pytest.CaptureFixture[str], command: str) -> None:
        with pytest.raises(SystemExit) as caught:
            cli.main([command, "--help"])
        assert caught.value.code == 0
        assert f"usage: evenmatch {command}" in capsys.readouterr().out

    def test_the_projects_own_locks_fit(self, capsys: pytest.CaptureFixture[str]) -> None:
        assert cli.main(["lock", "--check", "--profile", "linux-cpu"]) == 0
        told = capsys.readouterr().out
        assert told.count("linux-cpu/") == 6  # those of five frameworks, and of a program as published
        assert "6 locks of " in told

    def test_notes_come_from_raw_results_alone(self, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
        for number, run in enumerate(blocks(1)):
            records.write_json_once(tmp_path / "raw" / f"{number}.json", run)
        assert cli.main(["notes", str(tmp_path)]) == 0
        text = " ".join(capsys.readouterr().out.split())
        assert text.startswith("Fair with cautions: nothing was found unlike")
        assert "caution too-few-runs 3 cells had fewer than 5 runs" in text
        assert cli.main(["notes", str(tmp_path), "--json"]) == 0
        found = json.loads(capsys.readouterr().out)
        assert found.keys() == {"grade", "notes"}
        assert found["grade"]["grade"] == "fair with cautions"
        assert {"too-few-runs", "passport-not-kept"} <= {note["id"] for note in found["notes"]}
        assert [path.name for path in tmp_path.iterdir()] == ["raw"]  # nothing is written

    def test_a_damaged_passport_is_named(self, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
        records.write_json_once(tmp_path / "raw" / "0.json", raw())
        (tmp_path / "passports").mkdir()
        (tmp_path / "passports" / "bad.json").write_text("{")
        assert cli.main(["notes", str(tmp_path)]) == 2
        assert "bad.json (a parity passport) is damaged" in capsys.readouterr().err

    def test_an_interruption_before_anything_ran(
        self, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
    ) -> None:
        def interrupt(*_: object, **_options: object) -> None:
            raise KeyboardInterrupt

        monkeypatch.setattr(cli.bench, "bench", interrupt)
        assert cli.main(["run"]) == 130
        assert "stopped before anything was measured; run the same command again" in capsys.readouterr().err
        monkeypatch.setattr(cli.prove, "prove", interrupt)
        assert cli.main(["parity"]) == 130
        told = capsys.readouterr().err
        assert told.startswith("evenmatch: stopped before every exam was sat; passports of frameworks that were done")
        monkeypatch.setattr(cli.doctor, "examine", interrupt)
        assert cli.main(["doctor"]) == 130
        assert capsys.readouterr().err == "evenmatch: stopped; run the same command again.\n"

    def test_a_mistake_of_our_own_is_told_and_written_down(
        self, own_home: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
    ) -> None:
        def fail(*_: object) -> None:
            raise ZeroDivisionError("nobody foresaw this")

        monkeypatch.setattr(cli.bench, "bench", fail)
        assert cli.main(["run"]) == cli.OWN_MISTAKE == 70
        errors = capsys.readouterr().err
        assert "this is a mistake of evenmatch itself; please report" in errors
        assert "Traceback" not in errors
        assert "ZeroDivisionError: nobody foresaw this" in (own_home / "crash.log").read_text()

    def test_a_systems_error_names_its_file(
        self, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
    ) -> None:
        def fail(*_: object) -> None:
            raise PermissionError(13, "Permission denied", "/some/file")

        monkeypatch.setattr(cli.bench, "bench", fail)
        assert cli.main(["run"]) == 2
        assert "evenmatch: /some/file: Permission denied; see that it is there" in capsys.readouterr().err

    def test_a_sentence_with_brackets_is_printed_as_it_is(
        self, tmp_path: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        assert cli.main(["report", str(tmp_path / "[red]none[/]")]) == 2
        assert "[red]none[/] is no folder" in capsys.readouterr().err

    def test_a_report_without_recipes_says_so(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
    ) -> None:
        def damaged() -> None:
            raise InputError("platforms/recipes/verified.json is damaged.")

        monkeypatch.setattr(cli.bench, "render", lambda folder: ({}, folder / "report.html"))
        monkeypatch.setattr(cli.verified, "known", damaged)
        assert cli.main(["report", str(tmp_path)]) == 0
        told = capsys.readouterr().out
        assert "Installation recipes are not in it: platforms/recipes/verified.json is damaged." in told
