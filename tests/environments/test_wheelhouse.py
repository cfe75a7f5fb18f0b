"""Wheelhouses: fetched once, checked whenever they are used, repaired where they are damaged."""

from __future__ import annotations

from pathlib import Path

import pytest

from suite import locks, process
from suite.environments import wheelhouse
from suite.errors import InputError, UnsupportedError
from tests.environments import toyimage

TOY, PROFILE = toyimage.TOY, toyimage.profile()


@pytest.fixture
def wheel(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    return toyimage.prepare(tmp_path, monkeypatch)


@pytest.fixture
def fetched(wheel: Path, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What pip was asked to download."""
    asked: list[str] = []
    run = process.run

    def watched(command: list[str], **rest: object) -> tuple[int, str, str]:
        if "download" in command:
            asked.append(Path(command[-1]).read_text())
        return run(command, **rest)  # type: ignore[arg-type]

    monkeypatch.setattr(process, "run", watched)
    return asked


def test_it_is_fetched_once(wheel: Path, fetched: list[str]) -> None:
    found = wheelhouse.ensure(PROFILE, TOY)
    assert found.keys() == {wheel.name}
    assert found[wheel.name].read_bytes() == wheel.read_bytes()
    assert wheelhouse.ensure(PROFILE, TOY) == found
    assert len(fetched) == 1
    assert fetched[0].startswith("evenmatch-toy @ ")
    assert "--hash=sha256:" in fetched[0]


@pytest.mark.parametrize("damage", ["changed", "cut", "gone", "unlisted", "listed badly"])
def test_what_is_missing_or_damaged_is_fetched_again(wheel: Path, fetched: list[str], damage: str) -> None:
    (path,) = wheelhouse.ensure(PROFILE, TOY).values()
    match damage:
        case "changed":
            path.write_bytes(path.read_bytes()[:-1] + b"x")
        case "cut":
            path.write_bytes(b"")
        case "gone":
            path.unlink()
        case "unlisted":  # killed before it was finished
            path.with_name("complete").unlink()
            path.unlink()
        case "listed badly":
            path.with_name("complete").write_text("[1")
    assert wheelhouse.ensure(PROFILE, TOY)[wheel.name].read_bytes() == wheel.read_bytes()
    assert len(fetched) == (1 if damage == "listed badly" else 2)


def test_a_wheel_of_another_hash_is_refused(wheel: Path, tmp_path: Path) -> None:
    with pytest.raises(InputError) as told:
        wheelhouse._download(tmp_path, f"evenmatch-toy @ {wheel.as_uri()} --hash=sha256:{'0' * 64}", Path("toy.txt"))
    assert str(told.value) == (
        "evenmatch-toy does not match the hash in its lock toy.txt, so no image was built: take the lock from version "
        "control, or make it anew with nox -s lock."
    )


@pytest.mark.parametrize(
    ("said", "kind", "words"),
    [
        ("OSError: [Errno 28] No space left on device", InputError, "the disk is full"),
        ("Temporary failure in name resolution", UnsupportedError, "is there a network"),
        ("something else", InputError, "pip download failed: something else"),
    ],
)
def test_failures_are_told(said: str, kind: type[Exception], words: str) -> None:
    error = wheelhouse._explain(f"WARNING: nothing\n{said}\n", Path("toy.txt"))
    assert isinstance(error, kind)
    assert words in str(error)


def test_those_of_old_locks_are_removed_and_no_others(wheel: Path) -> None:
    assert wheelhouse.prune(set()) == 0
    wheelhouse.ensure(PROFILE, TOY)
    old = locks.check(PROFILE, TOY)
    toyimage.lock(wheel, PROFILE, "# changed\n")
    found = wheelhouse.ensure(PROFILE, TOY)
    assert wheelhouse.prune({locks.check(PROFILE, TOY)}) == 1
    assert not (wheelhouse.folder() / wheelhouse.name(old)).exists()
    assert all(path.exists() for path in found.values())
