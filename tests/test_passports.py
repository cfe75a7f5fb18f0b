"""Passports from the command line, with toy frameworks: made once, kept, refused, made anew; and what is never kept."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from suite import records
from tests import toy
from tests.toy import Toy

WORKLOAD = ("--workload", "cifar10-cnn5x5")
FIELDS = {"workload", "framework", "mode", "status", "failed_item", "diagnosis", "items", "residues", "free_run"}


@pytest.fixture
def kept(toy_checkout: Toy) -> Path:
    """The folder of kept passports, emptied."""
    place = toy_checkout.cache / "passports"
    shutil.rmtree(place, ignore_errors=True)
    return place


def ask(checkout: Toy, *arguments: str) -> tuple[int | str, str, str]:
    ((code, out, err),) = toy.many(checkout, [(["parity", *WORKLOAD, *arguments], {})])
    return code, out, err


def test_json_is_a_list_of_passports(toy_checkout: Toy, kept: Path) -> None:
    code, out, err = ask(toy_checkout, "--json")
    assert (code, err) == (0, "")
    passports = json.loads(out)
    assert [(p["framework"], p["mode"], p["status"]) for p in passports] == [
        ("toyone", "plain", "matched"),
        ("toytwo", "plain", "matched"),
    ]
    for passport in passports:
        assert passport.keys() >= FIELDS
        assert (passport["failed_item"], passport["diagnosis"], passport["findings"]) == (None, None, [])
        items = {(item["item"], item["dtype"]) for item in passport["items"]}
        assert len(items) == len(passport["items"]) == 23
        assert all(item["passed"] and item["measured"] <= item["tolerance"] for item in passport["items"])
    assert len(list(kept.iterdir())) == 2


def test_the_second_time_nothing_is_proved_again(toy_checkout: Toy, kept: Path) -> None:
    _, first, told = ask(toy_checkout)
    assert "passports of cifar10-cnn5x5: 2 to prove" in told
    times = {path: path.stat().st_mtime_ns for path in kept.iterdir()}
    _, second, told = ask(toy_checkout)
    assert (told, second) == ("", first)
    assert {path: path.stat().st_mtime_ns for path in kept.iterdir()} == times


def test_estimates_are_what_it_took_here_before_whatever_has_changed(toy_checkout: Toy, kept: Path) -> None:
    ask(toy_checkout)
    for path in kept.iterdir():
        records.replace_json(path, json.loads(path.read_text()) | {"seconds": 41.0})
    _, _, told = ask(toy_checkout, "--threads", "1")
    assert "2 to prove, about 82 s" in told
    assert "about 41 s left" in told


def test_every_item_is_printed_beside_what_is_tolerated(toy_checkout: Toy, kept: Path) -> None:
    code, out, _ = ask(toy_checkout, "--mode", "unlike", "--framework", "toyone")
    rows = [[part.strip() for part in line.split("│")[1:-1]] for line in out.splitlines() if line.startswith("│")]
    items = {(item, precision): (tolerated, found) for item, precision, tolerated, found in rows}
    assert code == 1
    assert items["parameters", "float32"] == ("0", "0")
    assert items["update", "float64"][0] == "1e-11"
    assert items["update", "float64"][1].startswith("✗ ")
    assert "toyone-unlike: UNMATCHED (update): " in out


def test_a_damaged_passport_is_made_anew(toy_checkout: Toy, kept: Path) -> None:
    ask(toy_checkout)
    victim = min(kept.iterdir())
    victim.write_text(victim.read_text()[:100])
    code, _, told = ask(toy_checkout)
    assert (code, "1 to prove" in told) == (0, True)
    assert json.loads(victim.read_text())["status"] == "matched"


def test_other_threads_are_another_passport(toy_checkout: Toy, kept: Path) -> None:
    ask(toy_checkout, "--threads", "1")
    ask(toy_checkout, "--threads", "1", "--framework", "toyone")
    assert len(list(kept.iterdir())) == 2


def test_an_unlike_mode_is_refused_and_named(toy_checkout: Toy, kept: Path) -> None:
    code, out, err = ask(toy_checkout, "--mode", "unlike", "--framework", "toyone", "--json")
    (passport,) = json.loads(out)
    assert (code, passport["status"], passport["failed_item"]) == (1, "unmatched", "update")
    assert "Nesterov" in passport["diagnosis"]
    assert err.startswith("evenmatch: not matched: matched/cifar10-cnn5x5/toyone-unlike")


@pytest.mark.parametrize(("mode", "words"), [("crash", "SIGSEGV"), ("memory", "out of memory"), ("leave", "exit")])
def test_a_mode_that_dies_is_an_error_and_not_kept(toy_checkout: Toy, kept: Path, mode: str, words: str) -> None:
    code, out, _ = ask(toy_checkout, "--mode", mode, "--framework", "toyone", "--json")
    (passport,) = json.loads(out)
    assert (code, passport["status"], passport["items"]) == (1, "error", [])
    assert passport["diagnosis"].startswith("The exam could not be sat: ")
    assert words in passport["diagnosis"] or mode == "leave"
    assert not kept.exists() or not list(kept.iterdir())
    assert not list(toy_checkout.cache.glob("exam-*"))


def test_a_mode_that_dies_costs_no_other_its_passport(toy_checkout: Toy, kept: Path) -> None:
    code, out, _ = ask(toy_checkout, "--mode", "all", "--framework", "toyone", "--timeout", "2", "--json")
    statuses = {passport["mode"]: passport["status"] for passport in json.loads(out)}
    assert code == 1
    assert {mode for mode, status in statuses.items() if status == "matched"} == {"plain", "slow"}
    assert {mode for mode, status in statuses.items() if status == "error"} >= {
        "crash",
        "abort",
        "hang",
        "memory",
        "leave",
    }
    assert {mode for mode, status in statuses.items() if status == "unmatched"} >= {"unlike", "nan", "parameters"}


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["--workload", "cifar"], "unknown workload 'cifar': did you mean cifar10-cnn5x5"),
        (["--framework", "toythree"], "unknown framework 'toythree': did you mean toytwo"),
        (["--mode", "plan"], "unknown mode 'plan': did you mean plain"),
        (["--profile", "toy"], "unknown profile 'toy': did you mean toy-cpu?"),
        (["--lane", "as-published"], "nothing to prove in lane as-published"),
    ],
)
def test_bad_names_are_told(toy_checkout: Toy, arguments: list[str], sentence: str) -> None:
    ((code, out, err),) = toy.many(toy_checkout, [(["parity", *arguments], {})])
    assert (code, out) == (2, "")
    assert sentence in err
