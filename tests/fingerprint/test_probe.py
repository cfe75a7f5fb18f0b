from __future__ import annotations

import os
import sys
import time

import psutil
import pytest

from suite.fingerprint import pycpuinfo
from suite.fingerprint.probe import (
    Once,
    Source,
    UnreadableError,
    collect,
    is_unknown,
    read_text,
    run_command,
    texts,
    unreadable,
)


def source(name, read, *fields):
    return Source(name=name, fields=fields, read=read)


def test_the_first_source_that_states_a_field_wins_and_is_named():
    facts, origins = collect(
        [source("a", lambda: {"x": 1}, "x", "y"), source("b", lambda: {"x": 2, "y": 3}, "x", "y")], ("x", "y")
    )
    assert facts == {"x": 1, "y": 3}
    assert origins == {"x": "a", "y": "b"}


def test_a_source_is_not_asked_for_what_is_known_already():
    def never():
        raise AssertionError("asked")

    facts, _ = collect([source("a", lambda: {"x": None}, "x"), source("b", never, "x")], ("x",))
    assert facts == {"x": None}, "None is a value: there is none"


def test_what_no_source_states_is_unknown_with_every_reason():
    def broken():
        raise ZeroDivisionError("/home/somebody/secret")

    facts, origins = collect(
        [
            unreadable("the lid is shut", "x"),
            source("b", dict, "x"),
            source("c", broken, "x"),
        ],
        ("x", "y"),
    )
    assert facts["x"] == (
        "unknown because the lid is shut; b does not state it; reading c failed with ZeroDivisionError"
    )
    assert facts["y"] == "unknown because this operating system has no probe for it"
    assert all(map(is_unknown, facts.values()))
    assert origins == {}


def test_text_that_utf8_cannot_write_is_made_writable():
    facts, _ = collect([source("a", lambda: {"x": [{"name": "a\ud800b"}]}, "x")], ("x",))
    assert facts["x"][0]["name"].encode() == b"a?b"


def test_once_remembers_answers_and_refusals():
    calls = []

    def refuse():
        calls.append(1)
        raise UnreadableError("no")

    once = Once(refuse)
    for _ in range(2):
        with pytest.raises(UnreadableError, match="no"):
            once()
    assert len(calls) == 1
    answers = Once(lambda: calls.append(2) or "yes")
    assert [answers(), answers()] == ["yes", "yes"]
    assert calls == [1, 2]


def test_reading_files(tmp_path):
    (tmp_path / "a").write_bytes(b"caf\xe9")
    assert read_text(tmp_path / "a").startswith("caf")
    with pytest.raises(UnreadableError, match="does not exist"):
        read_text(tmp_path / "b")
    with pytest.raises(UnreadableError, match="cannot be read"):
        read_text(tmp_path)
    assert list(texts(f"{tmp_path}/*")) == [str(tmp_path / "a")]
    assert texts("/nowhere/at/all/*") == {}


def test_commands_answer_in_english_and_with_allowed_codes(programs):
    programs("one", script='printf "%s" "$LC_ALL"; exit 1')
    assert run_command(["one"], codes=(0, 1)) == "C"
    with pytest.raises(UnreadableError, match="one failed with exit code 1"):
        run_command(["one"])
    with pytest.raises(UnreadableError, match="not-there is not installed"):
        run_command(["not-there"])


def test_a_program_that_cannot_start_is_unreadable(programs):
    programs("bad").write_bytes(b"\x7fELF nonsense")
    with pytest.raises(UnreadableError, match="bad cannot be started"):
        run_command(["bad"])


@pytest.mark.skipif(os.name != "posix", reason="the hanging program is a shell script")
def test_a_program_that_hangs_is_killed_with_its_children(programs, tmp_path):
    pid_file = tmp_path / "child"
    programs("hang", script=f"sleep 60 & echo $! > {pid_file}; wait")
    started = time.monotonic()
    with pytest.raises(UnreadableError, match=r"hang gave no answer within 0\.5 s"):
        run_command(["hang"], limit_s=0.5)
    assert time.monotonic() - started < 5
    child = int(pid_file.read_text())
    deadline = time.monotonic() + 5
    while psutil.pid_exists(child) and psutil.Process(child).status() != psutil.STATUS_ZOMBIE:
        assert time.monotonic() < deadline, "the child outlived its parent"
        time.sleep(0.02)


def test_pycpuinfo_that_hangs_leaves_its_fields_unknown(monkeypatch):
    monkeypatch.setattr(pycpuinfo, "COMMAND", (sys.executable, "-c", "import time; time.sleep(60)"))
    monkeypatch.setattr(pycpuinfo, "LIMIT_S", 0.3)
    started = time.monotonic()
    facts, _ = collect([pycpuinfo.source()], pycpuinfo.FIELDS)
    assert time.monotonic() - started < 5
    for field in pycpuinfo.FIELDS:
        assert facts[field].startswith("unknown because py-cpuinfo could not be asked (")
        assert facts[field].endswith("gave no answer within 0.3 s)")


def test_pycpuinfo_that_answers_nonsense_or_fails():
    with pytest.raises(UnreadableError, match="no JSON object"):
        pycpuinfo.read((sys.executable, "-c", "print('[1]')"))
    with pytest.raises(UnreadableError, match="failed with exit code 3"):
        pycpuinfo.read((sys.executable, "-c", "raise SystemExit(3)"))


def test_the_real_pycpuinfo_answers():
    facts = pycpuinfo.read()
    assert set(facts) <= set(pycpuinfo.FIELDS)
    assert facts, "py-cpuinfo knows nothing at all of this machine"
