"""Files that are written whole or not at all."""

from __future__ import annotations

import errno
import json
import math
import os
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from suite import records
from suite.errors import InputError

WRITERS: list[Callable[[Path, bytes], None]] = [records.write_once, records.replace]

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)


def names_in(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()}


@given(st.dictionaries(st.text(), VALUES, max_size=5))
def test_records_come_back_as_they_were(tmp_path_factory: pytest.TempPathFactory, record: dict[str, Any]) -> None:
    path = tmp_path_factory.mktemp("records") / "record.json"
    full = record | {"schema": records.SCHEMA}
    try:
        data = records.to_json(full)
    except UnicodeEncodeError:  # lone surrogates are no text
        return
    records.replace(path, data)
    assert records.read_json(path, "a record") == full
    assert path.read_bytes().endswith(b"\n")


@pytest.mark.parametrize("write", WRITERS)
def test_what_is_written_is_there_whole_and_nothing_else_is(tmp_path: Path, write: Callable[..., None]) -> None:
    write(tmp_path / "deep" / "er" / "file", b"abc")
    assert (tmp_path / "deep" / "er" / "file").read_bytes() == b"abc"
    assert names_in(tmp_path / "deep" / "er") == {"file"}


def test_others_may_read_what_was_written(tmp_path: Path) -> None:
    records.write_once(tmp_path / "file", b"abc")
    assert (tmp_path / "file").stat().st_mode & 0o777 == 0o644


def test_write_once_never_overwrites(tmp_path: Path) -> None:
    path = tmp_path / "raw.json"
    records.write_once(path, b"first")
    with pytest.raises(InputError, match=r"raw\.json exists already and raw results are never overwritten"):
        records.write_once(path, b"second")
    assert path.read_bytes() == b"first"
    assert names_in(tmp_path) == {"raw.json"}


def test_write_once_works_and_refuses_without_hard_links(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def no_links(*_: object) -> None:
        raise OSError(errno.EPERM, "Operation not permitted")

    monkeypatch.setattr(os, "link", no_links)
    path = tmp_path / "raw.json"
    records.write_once(path, b"first")
    with pytest.raises(InputError, match="exists already"):
        records.write_once(path, b"second")
    assert path.read_bytes() == b"first"
    assert names_in(tmp_path) == {"raw.json"}


def test_of_many_writers_at_once_exactly_one_wins(tmp_path: Path) -> None:
    path, wins = tmp_path / "raw.json", []

    def attempt(number: int) -> None:
        try:
            records.write_once(path, f"{number}".encode() * 1000)
        except InputError:
            return
        wins.append(number)

    threads = [threading.Thread(target=attempt, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    (winner,) = wins
    assert path.read_bytes() == f"{winner}".encode() * 1000
    assert names_in(tmp_path) == {"raw.json"}


@pytest.mark.parametrize("write", WRITERS)
@pytest.mark.parametrize(
    ("number", "remedy"),
    [
        (errno.ENOSPC, "Free some space, then go on with --resume."),
        (errno.EDQUOT, "Free some space, then go on with --resume."),
        (errno.EIO, "Name a folder that can be written with --out."),
    ],
)
def test_a_disk_that_fails_gives_one_sentence_and_leaves_what_was_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, write: Callable[..., None], number: int, remedy: str
) -> None:
    def fail(_descriptor: int) -> None:
        raise OSError(number, os.strerror(number))

    (tmp_path / "other").write_bytes(b"kept")
    monkeypatch.setattr(os, "fsync", fail)
    with pytest.raises(InputError) as caught:
        write(tmp_path / "file", b"abc")
    assert str(caught.value) == f"{tmp_path / 'file'} cannot be written: {os.strerror(number)}. {remedy}"
    assert names_in(tmp_path) == {"other"}


def test_a_failed_replacement_keeps_the_old_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "analysis.json"
    records.replace(path, b"old")

    def fail(*_: object) -> None:
        raise OSError(errno.EACCES, "Permission denied")

    monkeypatch.setattr(Path, "replace", fail)
    with pytest.raises(InputError, match="cannot be written: Permission denied"):
        records.replace(path, b"new")
    assert path.read_bytes() == b"old"
    assert names_in(tmp_path) == {"analysis.json"}


@pytest.mark.parametrize("write", WRITERS)
def test_a_folder_that_cannot_be_made_is_named(tmp_path: Path, write: Callable[..., None]) -> None:
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(InputError, match=r"file/below/x cannot be written: Not a directory\. Name a folder"):
        write(tmp_path / "file" / "below" / "x", b"abc")
    assert names_in(tmp_path) == {"file"}


def test_an_interruption_while_writing_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupt(_descriptor: int) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(os, "fsync", interrupt)
    with pytest.raises(KeyboardInterrupt):
        records.write_once(tmp_path / "file", b"abc")
    assert names_in(tmp_path) == set()


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf])
def test_what_is_no_number_is_refused(tmp_path: Path, value: float) -> None:
    with pytest.raises(ValueError, match="not JSON compliant"):
        records.write_json_once(tmp_path / "file", {"schema": 1, "loss": value})
    assert names_in(tmp_path) == set()


@pytest.mark.parametrize(
    ("content", "complaint"),
    [
        (b"", "is damaged, it is no JSON: Expecting value: line 1 column 1 (char 0). Restore it from a copy."),
        (b"[" * 100_000, "is damaged, it is nested too deeply. Restore it from a copy."),
        (b'{"schema": 1, "runs": [', "is damaged, it is no JSON"),
        (b"\xff\xfe\x00", "is damaged, it is no JSON"),
        (b"[1, 2]", "a JSON object was expected, not list"),
        (b"null", "a JSON object was expected, not NoneType"),
        (b"{}", "is damaged: it does not say its schema version. Restore it from a copy."),
        (b'{"schema": 2}', "has schema version 2, this evenmatch reads 1: use the version of evenmatch that wrote it."),
        (b'{"schema": "1"}', "has schema version '1', this evenmatch reads 1"),
    ],
)
def test_a_damaged_record_is_named(tmp_path: Path, content: bytes, complaint: str) -> None:
    path = tmp_path / "plan.json"
    path.write_bytes(content)
    with pytest.raises(InputError) as caught:
        records.read_json(path, "the plan")
    assert complaint in str(caught.value)
    assert str(caught.value).startswith(f"{path} (the plan)")


@given(st.binary(max_size=60))
def test_no_bytes_at_all_make_it_fail_otherwise(tmp_path_factory: pytest.TempPathFactory, content: bytes) -> None:
    path = tmp_path_factory.mktemp("records") / "plan.json"
    path.write_bytes(content)
    try:
        record = records.read_json(path, "the plan")
    except InputError as error:
        complaint = str(error)
    else:
        assert json.loads(content) == record
        complaint = str(path)
    assert str(path) in complaint


def test_a_damaged_record_s_reader_says_what_to_do(tmp_path: Path) -> None:
    for content in (b"{", b"[]", b"{}"):
        (tmp_path / "a.json").write_bytes(content)
        with pytest.raises(InputError, match=r"Throw it away\.$"):
            records.read_json(tmp_path / "a.json", "a record", "Throw it away.")


def test_a_missing_record_is_named(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"plan\.json is missing: the plan has to be there"):
        records.read_json(tmp_path / "plan.json", "the plan")
    with pytest.raises(InputError, match=r"\(the plan\) cannot be read: Is a directory"):
        records.read_json(tmp_path, "the plan")


def test_sha256(tmp_path: Path) -> None:
    (tmp_path / "abc").write_bytes(b"abc")
    known = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
    assert records.sha256_of(b"abc") == records.sha256_of_file(tmp_path / "abc") == known
