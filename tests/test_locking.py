"""``evenmatch lock`` and ``lock --check``: every lock of ours is well; whatever is not is told, with the exit code."""

from __future__ import annotations

import shutil
import threading
import time
from pathlib import Path

import pytest
from rich.console import Console

from suite import cli, home, installer, locking, locks, profiles, wheels
from suite.errors import InputError, UnsupportedError
from suite.frameworks import Packages, frameworks
from suite.installer import UnreachedError
from suite.locking import Finding, Index
from suite.profiles import Profile
from suite.wheels import Fault

OWN = [(profiles.load(name), packages) for name in profiles.names() for packages in locks.every(profiles.load(name))]
SILENT = "a package index could not be reached; is there a network? uv said: so"


@pytest.fixture
def checkout(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of everything that locks are made from, which a test may spoil."""
    monkeypatch.setenv("COLUMNS", "120")
    shutil.copytree(home.PLATFORMS, tmp_path / "platforms")
    shutil.copy(home.ROOT / "pyproject.toml", tmp_path)
    monkeypatch.setattr(home, "ROOT", tmp_path)
    monkeypatch.setattr(home, "PLATFORMS", tmp_path / "platforms")
    return tmp_path


@pytest.fixture
def well(monkeypatch: pytest.MonkeyPatch) -> None:
    """Indexes that have everything."""
    monkeypatch.setattr(wheels, "index_faults", lambda _profile, _packages: [])
    monkeypatch.setattr(wheels, "resolved", lambda *_args, **_options: [])


def silence(monkeypatch: pytest.MonkeyPatch, *, pytorchs: bool = False) -> list[str]:
    """Let no index answer; return the list of what is asked."""
    asked: list[str] = []

    def ask(profile: Profile, packages: Packages) -> list[Fault]:
        asked.append(packages.name)
        if not pytorchs or (packages.name == "pytorch" and profile.name == "linux-cpu"):
            raise UnreachedError(SILENT, only_pytorchs=pytorchs)
        return []

    monkeypatch.setattr(wheels, "index_faults", ask)
    return asked


def rows(printed: str) -> dict[str, list[str]]:
    """Return the words of the table's rows by the lock's name."""
    lines = [line.split() for line in printed.splitlines()]
    return {line[0]: line[1:] for line in lines if len(line) == 5 and "/" in line[0]}


def test_every_lock_of_ours_is_current_complete_hashed_and_installable(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Needs a network; without PyTorch's own index, its wheel in a folder that PIP_FIND_LINKS names."""
    monkeypatch.setenv("COLUMNS", "120")
    code = cli.main(["lock", "--check"])
    told = capsys.readouterr()
    found = rows(told.out)
    assert set(found) == {f"{p.name}/{each.name}" for p, each in OWN} | {"evenmatch/driver", "evenmatch/development"}
    assert {word for words in found.values() for word in words} == {"yes"}, told.err
    assert (code, told.err) == (0, "")
    assert f"{len(found)} locks of " in told.out


@pytest.mark.usefixtures("well")
def test_a_wrong_lock_is_told_in_a_sentence_and_exits_2(checkout: Path, capsys: pytest.CaptureFixture[str]) -> None:
    keras = locks.path(profiles.load("windows-cpu"), frameworks()["keras"])
    keras.write_text(keras.read_text().replace("\nabsl-py==", "\n# absl-py==", 1).replace("# made by", "# made for", 1))
    pytorch = locks.path(profiles.load("windows-cpu"), frameworks()["pytorch"])
    lines = [line for line in pytorch.read_text().splitlines() if not line.lstrip().startswith("--hash")]
    pytorch.write_text("\n".join(lines))
    locks.path(profiles.load("windows-cpu"), frameworks()["tensorflow"]).unlink()
    assert cli.main(["lock", "--check", "--profile", "windows-cpu"]) == 2
    told = capsys.readouterr()
    found = rows(told.out)
    assert found["windows-cpu/pytorch"] == ["yes", "yes", "NO", "yes"]
    assert found["windows-cpu/keras"] == found["windows-cpu/tensorflow"] == ["NO", "?", "?", "?"]
    assert found["windows-cpu/keras-torch"] == ["yes"] * 4
    assert "windows-cpu/pytorch: torch has no hash.\n" in told.out
    assert "does not match profile windows-cpu" in told.out
    assert "cannot be read (No such file or directory): make it with nox -s lock.\n" in told.out
    assert "3 of 6 locks cannot be used as they are (windows-cpu/pytorch, windows-cpu/tensorflow, " in told.err
    assert told.err.count("evenmatch:") == 1


@pytest.mark.usefixtures("well")
@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ('    "docker",\n', "", "docker is no longer asked for by pyproject.toml"),
        (
            '    "docker",\n',
            '    "docker",\n    "Hyper_Text>=2",\n',
            "hyper-text, which pyproject.toml asks for, is missing",
        ),
    ],
)
def test_the_drivers_locks_have_to_be_what_pyproject_asks_for(
    checkout: Path, capsys: pytest.CaptureFixture[str], old: str, new: str, told: str
) -> None:
    project = checkout / "pyproject.toml"
    assert old in project.read_text()
    project.write_text(project.read_text().replace(old, new, 1))
    assert cli.main(["lock", "--check"]) == 2
    printed = capsys.readouterr().out
    assert rows(printed)["evenmatch/driver"] == ["NO", "yes", "yes", "yes"]
    for name in ("driver", "development"):
        assert f"evenmatch/{name}: {told}; make it anew with nox -s lock.\n" in printed


def test_a_driver_lock_without_hash_or_package_is_found(checkout: Path) -> None:
    lock = checkout / "platforms" / "locks" / "driver.txt"
    text = lock.read_text()
    start = text.index("\nurllib3==") + 1
    lock.write_text(text[:start])
    found = locking.look_at_driver("driver", Index())
    assert {fault.kind for fault in found.faults} == {"current", "complete"}
    assert any(fault.sentence.startswith("urllib3 ") for fault in found.faults)
    assert any(fault.sentence.startswith("uv, which pyproject.toml asks for") for fault in found.faults)


def test_without_a_network_it_says_what_was_checked_and_exits_3(
    checkout: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = silence(monkeypatch)
    assert cli.main(["lock", "--check", "--profile", "linux-cpu", "--profile", "cuda"]) == 3
    told = capsys.readouterr()
    assert len(asked) <= locking.THREADS  # each try takes seconds
    assert {tuple(words) for words in rows(told.out).values()} == {("yes", "?", "yes", "?")}
    assert told.err == (
        "evenmatch: whether each wheel exists could not be checked of any lock, only what stands in the lock itself: "
        f"{SILENT}\n"
    )


def test_without_pytorchs_index_the_others_are_checked_still(
    checkout: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    silence(monkeypatch, pytorchs=True)
    assert cli.main(["lock", "--check", "--profile", "linux-cpu"]) == 3
    told = capsys.readouterr()
    found = rows(told.out)
    assert found.pop("linux-cpu/pytorch") == ["yes", "?", "yes", "?"]
    assert {tuple(words) for words in found.values()} == {("yes",) * 4}
    assert "could not be checked of linux-cpu/pytorch, only what stands" in told.err


def test_a_wrong_lock_counts_more_than_no_network(
    checkout: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    silence(monkeypatch)
    locks.path(profiles.load("linux-cpu"), frameworks()["keras"]).write_text("")
    assert cli.main(["lock", "--check", "--profile", "linux-cpu"]) == 2
    assert "1 of 6 locks cannot be used as it is (linux-cpu/keras): the reasons stand above." in capsys.readouterr().err


def test_locks_are_made_a_few_at_a_time_and_told_as_they_are_done(
    checkout: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    running, most = set[int](), 0
    guard = threading.Lock()

    def make(profile: Profile, packages: Packages) -> Path:
        nonlocal most
        with guard:
            running.add(threading.get_ident())
            most = max(most, len(running))
        time.sleep(0.02)
        with guard:
            running.discard(threading.get_ident())
        return locks.path(profile, packages)

    monkeypatch.setattr(locks, "make", make)
    assert cli.main(["lock"]) == 0
    told = capsys.readouterr().out
    assert 1 < most <= locking.THREADS
    assert all(f" {profile.name}/{packages.name}: " in told for profile, packages in OWN)
    assert f"[{len(OWN)}/{len(OWN)}] " in told
    assert f"{len(OWN)} locks made in " in told


def test_a_lock_that_cannot_be_made_stops_no_other(
    checkout: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def make(profile: Profile, packages: Packages) -> Path:
        if packages.name == "keras":
            raise InputError("uv pip compile failed: [no] such version.")
        return locks.path(profile, packages)

    monkeypatch.setattr(locks, "make", make)
    assert cli.main(["lock", "--profile", "linux-cpu"]) == 2
    told = capsys.readouterr()
    assert "linux-cpu/keras: failed: uv pip compile failed: [no] such version.\n" in told.out
    assert told.out.count(" packages\n") == 5
    assert "1 of 6 locks could not be made, for the reason that stands above with each." in told.err


def test_without_a_network_no_more_locks_are_tried(
    checkout: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    tried: list[str] = []

    def make(_profile: Profile, packages: Packages) -> Path:
        tried.append(packages.name)
        time.sleep(0.05)
        raise UnreachedError(SILENT)

    monkeypatch.setattr(locks, "make", make)
    assert cli.main(["lock"]) == 3
    assert len(tried) <= 2 * locking.THREADS
    assert capsys.readouterr().err == f"evenmatch: no further lock was made: {SILENT}\n"


def test_a_missing_uv_is_told_once(
    checkout: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(installer, "_uv_program", lambda: "evenmatch-has-no-such-program")
    assert cli.main(["lock", "--check", "--profile", "windows-cpu"]) == 3
    assert capsys.readouterr().err.count("uv is missing") == 1


def test_no_lock_is_looked_at_over_the_network_when_measuring(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_args: object, **_options: object) -> None:
        raise AssertionError("asked")

    monkeypatch.setattr(installer, "uv", fail)
    monkeypatch.setattr(wheels, "uv", fail)
    for profile, packages in OWN:
        assert len(locks.check(profile, packages)) == 64


def test_an_interrupted_check_leaves_nothing_running(monkeypatch: pytest.MonkeyPatch) -> None:
    begun: list[str] = []

    def look(_profile: Profile, packages: Packages, _index: Index) -> Finding:
        begun.append(packages.name)
        if len(begun) == 2:
            raise KeyboardInterrupt
        time.sleep(0.05)
        return Finding(owner="a", name="b", packages=1, faults=())

    monkeypatch.setattr(locking, "look_at", look)
    with pytest.raises(KeyboardInterrupt):
        locking.check([], Console(quiet=True))
    count = len(begun)
    time.sleep(0.15)
    assert len(begun) == count < len(OWN)


def test_an_index_that_was_silent_is_not_asked_again() -> None:
    index, asked = Index(), list[int]()

    def question() -> list[Fault]:
        asked.append(1)
        raise UnsupportedError("nothing there.")

    assert index.ask(question) == index.ask(question) == ([], "nothing there.")
    assert len(asked) == 1
