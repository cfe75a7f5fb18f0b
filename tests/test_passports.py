"""Passports from the command line, with toy frameworks: made once, kept, refused, made anew; and what is never kept."""

from __future__ import annotations

import errno
import json
import shutil
import time
from pathlib import Path

import pytest

from suite import passports, prove, records
from suite.environments.native import NativeEnvironment
from suite.errors import InputError
from suite.exams import Subject
from suite.parity.passport import error
from suite.passports import Examiner
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
    assert second == first
    kept_line, how = told.splitlines()
    made_at = json.loads(next(iter(times)).read_text())["made_at"]
    names = "cifar10-cnn5x5 toyone-plain, cifar10-cnn5x5 toytwo-plain"
    assert kept_line == f"kept from {made_at[:10]} {made_at[11:16]} UTC: {names}"
    assert how.endswith("add --again to examine anew all the same.")
    assert {path: path.stat().st_mtime_ns for path in kept.iterdir()} == times


def test_estimates_are_what_it_took_here_before_whatever_has_changed(toy_checkout: Toy, kept: Path) -> None:
    ask(toy_checkout)
    for path in kept.iterdir():
        records.replace_json(path, json.loads(path.read_text()) | {"seconds": 41.0})
    _, _, told = ask(toy_checkout, "--threads", "1")
    assert "2 to prove, about 1 min 22 s" in told
    assert "toyone sits its exam (plain), about 41 s" in told
    assert "about 41 s left" in told
    assert told.index("toyone sits") < told.index("toyone-plain: matched") < told.index("toytwo sits")


def test_what_an_exam_took_is_all_of_it(toy_checkout: Toy, kept: Path) -> None:
    began = time.monotonic()
    ask(toy_checkout, "--framework", "toyone")
    whole = time.monotonic() - began
    (path,) = kept.iterdir()
    assert 0.5 * whole <= json.loads(path.read_text())["seconds"] + 1.5  # all but the driver's own start


def test_again_examines_anew(toy_checkout: Toy, kept: Path) -> None:
    ask(toy_checkout)
    times = {path: path.stat().st_mtime_ns for path in kept.iterdir()}
    code, _, told = ask(toy_checkout, "--again", "--framework", "toyone")
    assert (code, "1 to prove" in told, "kept from" in told) == (0, True, False)
    unlike = [path.name.split("__")[2] for path, before in times.items() if path.stat().st_mtime_ns != before]
    assert [name.startswith("toyone-plain") for name in unlike] == [True]


def test_several_frameworks_and_modes_are_all_examined(toy_checkout: Toy, kept: Path) -> None:
    several = ("--framework", "toytwo", "--framework", "toyone", "--mode", "plain", "--mode", "unlike", "--json")
    _, out, _ = ask(toy_checkout, *several)
    assert sorted((p["framework"], p["mode"]) for p in json.loads(out)) == [
        ("toyone", "plain"),
        ("toyone", "unlike"),
        ("toytwo", "plain"),
        ("toytwo", "unlike"),
    ]


def test_a_folder_in_a_passports_place_is_told_before_any_exam(toy_checkout: Toy, kept: Path) -> None:
    ask(toy_checkout, "--framework", "toyone")
    (path,) = kept.iterdir()
    path.unlink()
    path.mkdir()
    code, out, err = ask(toy_checkout, "--framework", "toyone")
    assert (code, out) == (2, "")
    assert err == f"evenmatch: {path} is a folder, where a passport is to be kept: remove it.\n"


@pytest.mark.parametrize(("mode", "seconds"), [("eager", 12), ("compile", 50), ("fit-xla", 50)])
def test_what_was_never_examined_is_guessed(tmp_path: Path, mode: str, seconds: float) -> None:
    environment = NativeEnvironment(name="any", python=tmp_path, lock_sha256="0")
    examiner = Examiner(environments={"any": environment}, threads=1, identity={}, say=lambda _: None, cache=tmp_path)
    subject = Subject(
        lane="matched", workload="cifar10-cnn5x5", framework="any", mode=mode, packages="any", batches=(4,)
    )
    assert examiner.missing([subject, subject]) == [subject]
    assert examiner.seconds([subject]) == seconds


@pytest.mark.parametrize(
    ("error", "why"),
    [
        (OSError(errno.ENOSPC, "No space left on device"), "the disk is full"),
        (OSError("4096 requested and 0 written"), "4096 requested and 0 written"),
        (OSError(errno.EACCES, "Permission denied"), "Permission denied"),
    ],
)
def test_a_disk_that_fails_is_told_in_words(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, error: OSError, why: str
) -> None:
    def fail(*_: object) -> None:
        raise error

    monkeypatch.setattr(passports.questions, "draw", fail)
    environment = NativeEnvironment(name="pytorch", python=tmp_path, lock_sha256="0")
    examiner = Examiner(
        environments={"pytorch": environment}, threads=1, identity={}, say=lambda _: None, cache=tmp_path / "cache"
    )
    subject = Subject(
        lane="matched", workload="cifar10-cnn5x5", framework="pytorch", mode="eager", packages="pytorch", batches=(4,)
    )
    with pytest.raises(InputError, match=rf"cannot be written, {why}: passports need about 1 GB there for a while"):
        examiner.passports([subject])


def test_numpys_own_error_on_a_full_disk_is_told_as_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    usage = shutil.disk_usage(tmp_path)
    monkeypatch.setattr(passports.shutil, "disk_usage", lambda _: usage._replace(free=60 * 2**20))
    told = passports._unwritable(tmp_path / "exam", OSError("4096 requested and 0 written"))
    assert "cannot be written, the disk is full: passports need" in told


@pytest.mark.parametrize(
    ("statuses", "told"),
    [
        (("matched", "matched"), "2 of 2 matched"),
        (("matched", "unmatched", "error"), "1 of 3 matched"),
        (("matched", "as-published", "as-published"), "1 of 1 matched, 2 as published, which claim nothing"),
        (("as-published",), "1 as published, which claim nothing"),
    ],
)
def test_what_is_matched_and_what_is_as_published_is_counted_apart(statuses: tuple[str, ...], told: str) -> None:
    assert passports.count([{"status": status} for status in statuses]) == told


@pytest.mark.parametrize(("count", "told"), [(0, "no differences"), (1, "1 difference"), (2, "2 differences")])
def test_differences_are_counted_in_words(count: int, told: str) -> None:
    found = {"status": "as-published", "findings": [{}] * count}
    assert passports.in_words(found) == f"{told} from the matched training"


@pytest.mark.parametrize(
    ("count", "told"), [(0, ""), (1, ", 1 known residue stated"), (2, ", 2 known residues stated")]
)
def test_residues_are_counted_in_words(count: int, told: str) -> None:
    assert passports.in_words({"status": "matched", "residues": [{}] * count}) == f"matched{told}"


def test_every_item_is_printed_beside_what_is_tolerated(toy_checkout: Toy, kept: Path) -> None:
    code, out, _ = ask(toy_checkout, "--mode", "unlike", "--framework", "toyone")
    rows = [[part.strip() for part in line.split("│")[1:-1]] for line in out.splitlines() if line.startswith("│")]
    items = {(item, precision): (tolerated, found) for item, precision, tolerated, found in rows}
    assert code == 1
    assert items["parameters", "float32"] == ("0", "0")
    assert items["update", "float64"][0] == "1e-11"
    assert items["update", "float64"][1].startswith("✗ ")
    assert "toyone-unlike: UNMATCHED (update): Nesterov momentum is on" in out


def test_a_finding_says_in_which_precision_and_is_told_once(toy_checkout: Toy, kept: Path) -> None:
    _, out, err = ask(toy_checkout, "--mode", "unlike", "--framework", "toyone")
    assert (out + err).count("Nesterov momentum is on") == 1
    assert "(in float64 and in float32, which is timed).\n" in out
    assert "toyone-unlike: UNMATCHED (update)\n" in err
    assert "✗: beyond what is tolerated." in out


def test_as_many_modes_stand_in_a_table_as_fit_the_screen(toy_checkout: Toy, kept: Path) -> None:
    modes = [word for mode in ("plain", "slow", "nan", "parameters", "unlike") for word in ("--mode", mode)]
    command = ["parity", *WORKLOAD, "--framework", "toyone", *modes]
    ((_, out, _),) = toy.many(toy_checkout, [(command, {"COLUMNS": "60"})])
    heads = [line for line in out.splitlines() if line.startswith("┃")]
    assert len(heads) >= 2
    shown = [word for line in heads for word in line.replace("┃", " ").split()]
    assert [word for word in shown if word not in ("item", "precision", "tolerated")] == modes[1::2]
    assert all(len(line) <= 60 for line in out.splitlines() if line[:1] in "┏┃┡│└")
    assert "?: no deviation as a number: not answered, of another kind, or a rule was compared and not numbers." in out
    assert out.count("cifar10-cnn5x5, toyone: measured deviation, and what is tolerated\n") == 1
    assert "…" not in "".join(line for line in out.splitlines() if line[:1] in "┃│")


def test_a_table_says_that_a_known_residue_is_taken_out() -> None:
    stated = {"items": [], "residues": [{"name": "float32-scalars"}]}
    assert prove._legend([stated]) == [
        "Where a known residue is stated, the table shows what is left after it is taken out."
    ]
    assert prove._legend([stated | {"residues": []}]) == []


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
        (["--mode", "nope"], "unknown mode 'nope': there is abort, all, crash, hang, leave, memory, nan, parameters,"),
        (["--profile", "toy"], "unknown profile 'toy': did you mean toy-cpu?"),
        (["--lane", "as-published"], "nothing to prove in lane as-published"),
    ],
)
def test_bad_names_are_told(toy_checkout: Toy, arguments: list[str], sentence: str) -> None:
    ((code, out, err),) = toy.many(toy_checkout, [(["parity", *arguments], {})])
    assert (code, out) == (2, "")
    assert sentence in err


@pytest.mark.parametrize("whole", [True, False])
def test_why_an_exam_could_not_be_sat_is_always_told(whole: bool) -> None:
    found = error("it was ended from outside by SIGKILL")
    told = "The exam could not be sat: it was ended from outside by SIGKILL"
    assert passports.in_words(found, whole=whole) == told
