"""Verifying: several at a time, each result kept at once, resumed, stopped, and said."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from madeup import INSTALLS, TEXT, TRAINS, python

from suite import cli, installer
from suite.errors import InputError, UnsupportedError
from suite.recipes import Recipe, loading, pythons, resolving, verified, verify
from suite.recipes.resolving import Package, UnresolvableError

WHEEL = Package(name="torch", version="2.13.0", wheel=True, url="")
Write = Callable[..., None]


@pytest.fixture
def write(folder: Path, own_home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Write:
    """Write a recipe of this machine (or another) and have everything run with a made-up Python."""
    here = {"linux": "linux-cpu"}

    def write(name: str, platform: str = here["linux"], **other: str) -> None:
        text = TEXT.replace('"linux-cpu"', f'"{platform}"')
        for old, new in other.items():
            text = text.replace(f"{old} = ", f"{new}\n# ", 1)
        (folder / f"{name}.toml").write_text(text)

    program = python(tmp_path / "fake", pip=INSTALLS, probe=TRAINS)
    monkeypatch.setattr(pythons, "find", lambda _version: program)
    monkeypatch.setattr(verify, "resolve", lambda _recipe, _until: [WHEEL])
    monkeypatch.setattr(verify, "download_bytes", lambda _packages: 7)
    return write


def go(**wish: Any) -> tuple[verify.Outcome, list[str]]:
    told: list[str] = []

    def done(recipe: Recipe, _record: dict[str, Any], _count: int, _left: float) -> None:
        told.append(recipe.name)

    return verify.verify(verify.Wish(recipes=loading.load_all(), **wish), done), told


def test_what_can_run_here_is_run_and_the_rest_resolved(write: Write, folder: Path) -> None:
    write("a")
    write("b", "macos-arm")
    outcome, told = go()
    assert sorted(told) == ["a", "b"]
    assert outcome.records["a"]["evidence"] == "run"
    assert outcome.records["b"]["evidence"] == "resolved only"
    assert outcome.records["b"]["why"].startswith("it needs a Mac with Apple Silicon")
    kept = verified.read()
    assert verified.best(kept, loading.load("a"))["versions"] == {"torch": "2.13.0+cpu"}  # type: ignore[index]
    assert "transcript" not in kept["a"]["run"]
    assert (folder / "transcripts" / "a.txt").read_text().startswith("$ python -m venv")


def test_a_python_that_is_not_here(write: Write, monkeypatch: pytest.MonkeyPatch) -> None:
    write("a")
    monkeypatch.setattr(pythons, "find", lambda _version: None)
    record = go()[0].records["a"]
    assert (record["evidence"], record["why"]) == (
        "resolved only",
        "it needs Python 3.11, which is not on this machine",
    )


def test_nothing_is_kept_if_asked(write: Write) -> None:
    write("a")
    go(keep=False)
    assert verified.read() == {}


def test_resuming_leaves_out_what_is_done(write: Write, monkeypatch: pytest.MonkeyPatch, own_home: Path) -> None:
    write("a")
    go()
    write("b")
    outcome, told = go(resume=True)
    assert (told, outcome.resumed, sorted(outcome.records)) == (["b"], 1, ["a", "b"])
    assert go()[1].count("a") == 1
    write("a", commands='commands = ["pip install torch"]')
    assert "a" in go(resume=True)[1], "a recipe that was changed is done again"


def test_a_machine_that_cannot_is_no_fault_of_the_recipe(write: Write, monkeypatch: pytest.MonkeyPatch) -> None:
    write("a", "macos-arm")
    write("b", "macos-arm-cpu")

    def refuse(recipe: Recipe, _until: float) -> list[Package]:
        raise (
            UnsupportedError("a package index could not be reached. uv said: failed after 6.9s")
            if recipe.name == "a"
            else OSError(28, "No space left on device")
        )

    monkeypatch.setattr(verify, "resolve", refuse)
    found = go()[0].records
    assert (found["a"]["evidence"], found["a"]["why"]) == ("none", "a package index could not be reached")
    assert found["b"]["why"] == "the disk is full; free some space"


def test_pip_without_a_network(write: Write, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write("a")
    program = python(tmp_path / "off", pip="sys.exit('NewConnectionError: no route')")
    monkeypatch.setattr(pythons, "find", lambda _version: program)
    record = go()[0].records["a"]
    assert (record["evidence"], record["why"]) == (
        "none",
        "a package index could not be reached; is there a network?",
    )


def test_too_long(write: Write, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write("a")
    monkeypatch.setattr(pythons, "find", lambda _version: python(tmp_path / "slow", pip="time.sleep(60)"))
    assert go(timeout_s=1)[0].records["a"]["why"] == "it took longer than 1 s; give it more with --timeout"


def test_too_long_to_resolve(write: Write, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write("a", "macos-arm")
    slow = tmp_path / "uv"
    slow.write_text(f"#!{sys.executable}\nimport time\ntime.sleep(60)\n")
    slow.chmod(0o755)
    monkeypatch.setattr(installer, "uv", lambda *_args, **_more: "uv 0")  # asked for its version first
    monkeypatch.setattr(installer, "_uv_program", lambda: str(slow))
    monkeypatch.setattr(verify, "resolve", resolving.resolve)
    record = go(timeout_s=1)[0].records["a"]
    assert (record["evidence"], record["why"]) == ("none", "it took longer than 1 s; give it more with --timeout")


def test_stopping_keeps_what_is_done_and_ends_the_rest(
    write: Write, tmp_path: Path, own_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write("a", "macos-arm")
    write("b")
    monkeypatch.setattr(pythons, "find", lambda _version: python(tmp_path / "slow", pip="time.sleep(60)"))

    def stop(*_args: object) -> None:
        raise KeyboardInterrupt

    start = time.monotonic()
    with pytest.raises(KeyboardInterrupt):
        verify.verify(verify.Wish(recipes=loading.load_all()), stop)
    assert time.monotonic() - start < 20
    assert list(verified.read()) == ["a"]
    assert list((own_home / "recipes" / "work").iterdir()) == []
    monkeypatch.setattr(pythons, "find", lambda _version: python(tmp_path / "quick", pip=INSTALLS, probe=TRAINS))
    assert go(resume=True)[1] == ["b"]


def command(capsys: pytest.CaptureFixture[str], *words: str) -> tuple[int, str, str]:
    code = cli.main(["verify-recipes", *words])
    printed = capsys.readouterr()
    return code, printed.out, printed.err


@pytest.mark.usefixtures("signals")
def test_the_command_says_what_it_found(write: Write, capsys: pytest.CaptureFixture[str]) -> None:
    write("a")
    write("b", "macos-arm")
    code, out, err = command(capsys)
    assert (code, err) == (0, "")
    assert "a  ok  matches the lock" in out
    assert "b  ok  resolves (resolved only, not run)" in out
    code, out, _ = command(capsys, "a", "--json")
    assert code == 0
    assert json.loads(out)["recipes"]["a"]["grade"] == "matches"


@pytest.mark.usefixtures("signals")
def test_a_recipe_that_starts_to_fail_is_a_change(
    write: Write, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    write("a", "macos-arm")
    assert command(capsys)[0] == 0

    def unresolvable(_recipe: Recipe, _until: float) -> list[Package]:
        raise UnresolvableError("no solution found")

    monkeypatch.setattr(verify, "resolve", unresolvable)
    code, out, err = command(capsys)
    assert code == 1
    assert "changed: a does not resolve now, on 20" in out
    assert "not as expected: a should reach 'trains', but does not resolve: no solution found." in " ".join(out.split())
    assert "1 of 1 recipes are not as their files say: a" in err
    monkeypatch.setattr(verify, "resolve", lambda _recipe, _until: [WHEEL])
    assert "changed: a resolves now, on 20" in command(capsys)[1]


@pytest.mark.usefixtures("signals")
def test_exit_codes(write: Write, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    write("a", "macos-arm")
    assert command(capsys, "b")[0] == 2
    assert command(capsys, "--platform", "b")[0] == 2
    assert command(capsys, "--jobs", "0")[0] == 2
    monkeypatch.setattr(
        verify, "resolve", lambda _recipe, _until: (_ for _ in ()).throw(UnsupportedError("no network."))
    )
    code, _, err = command(capsys)
    assert code == 3
    assert "no recipe could be verified on this machine: no network." in err


def test_a_damaged_file_of_an_earlier_go(write: Write, own_home: Path) -> None:
    write("a")
    (own_home / "recipes").mkdir(parents=True)
    (own_home / "recipes" / "go.json").write_text("{")
    with pytest.raises(InputError, match="Leave --resume out to begin anew"):
        go(resume=True)
    assert go()[1] == ["a"]
