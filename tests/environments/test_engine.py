"""The container engine: absent, too old, full, gone; and what is ours of what it holds."""

from __future__ import annotations

import os
import sys
from typing import Any

import docker
import docker.errors
import psutil
import pytest
import requests.exceptions
import urllib3.exceptions

from suite.environments import engine
from suite.errors import EvenmatchError, InputError, UnsupportedError


class Fake:
    """An engine that says what it is told to."""

    def __init__(self, api: str = "1.41", **info: Any) -> None:
        self._api, self._info = api, info

    def version(self) -> dict[str, Any]:
        return {"ApiVersion": self._api, "Version": "9.9", "Components": [{"Name": "Engine"}]}

    def info(self) -> dict[str, Any]:
        return self._info


def test_an_engine_that_is_absent_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DOCKER_HOST", "unix:///nowhere/docker.sock")
    with pytest.raises(UnsupportedError, match=r"no container engine answers \(.*\): start Docker .* or run natively"):
        engine.connect()


@pytest.mark.skipif(sys.platform == "win32", reason="Windows says it in words of its own")
@pytest.mark.parametrize(
    ("named", "words"),
    [
        ("tcp://127.0.0.1:9", "(at tcp://127.0.0.1:9, which DOCKER_HOST names: Connection refused): start Docker"),
        ("unix:///nowhere/s", "(at unix:///nowhere/s, which DOCKER_HOST names: No such file or directory): start"),
        ("rubbish", "(DOCKER_HOST is 'rubbish', which is no address like unix:///PATH or tcp://HOST:PORT): start"),
        ("tcp://x:1:2", "(DOCKER_HOST is 'tcp://x:1:2', which is no address like unix:///PATH or tcp://HOST:PORT)"),
        ("ssh://a@b", "DOCKER_HOST is ssh://a@b, and an engine is not reached by ssh here: name its socket (unix://"),
    ],
)
def test_where_no_engine_answers_is_told(monkeypatch: pytest.MonkeyPatch, named: str, words: str) -> None:
    monkeypatch.setenv("DOCKER_HOST", named)
    with pytest.raises(UnsupportedError) as told:
        engine.connect()
    assert words in str(told.value)
    assert str(told.value).endswith("or run natively with --native.")


def test_words_are_not_cut_in_the_middle(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        docker, "from_env", lambda **_: (_ for _ in ()).throw(docker.errors.DockerException("wo " * 99))
    )
    with pytest.raises(UnsupportedError, match=r"\((wo )+\.\.\.\): start"):
        engine.connect()


@pytest.mark.parametrize(("api", "taken"), [("1.39", False), ("1.9", False), ("1.40", True), ("1.51", True)])
def test_an_engine_that_is_too_old_is_told(monkeypatch: pytest.MonkeyPatch, api: str, taken: bool) -> None:
    monkeypatch.setattr(docker, "from_env", lambda **_: Fake(api))
    if taken:
        assert isinstance(engine.connect(), Fake)
    else:
        with pytest.raises(UnsupportedError, match=f"speaks API {api}, and 1.40 is needed: update it, or run natively"):
            engine.connect()


@pytest.mark.parametrize("api", ["new", "", "1.x"])
def test_what_answers_and_is_no_engine_is_told(monkeypatch: pytest.MonkeyPatch, api: str) -> None:
    monkeypatch.setattr(docker, "from_env", lambda **_: Fake(api))
    with pytest.raises(UnsupportedError, match="no container engine answers"):
        engine.connect()


def test_facts_of_the_engine() -> None:
    fake: Any = Fake(CgroupVersion="2", Driver="overlay2", SecurityOptions=["name=seccomp", "name=rootless"])
    facts = {"engine": "Docker", "version": "9.9", "api": "1.41", "cgroup_version": "2", "storage": "overlay2"}
    assert engine.facts(fake) == facts | {"rootless": True}


@pytest.mark.parametrize(
    ("raised", "kind", "words"),
    [
        (docker.errors.APIError("x", explanation="write /f: no space left on device"), InputError, "disk is full"),
        (docker.errors.APIError("x", explanation="no such\nthing"), InputError, "refused, trying: no such thing"),
        (
            docker.errors.APIError("x", explanation='could not select device driver "" with capabilities: [[gpu]]'),
            UnsupportedError,
            "install the NVIDIA Container Toolkit",
        ),
        (requests.exceptions.ConnectionError("refused"), UnsupportedError, "stopped answering while trying (refused)"),
        (urllib3.exceptions.ProtocolError("broken"), UnsupportedError, "every finished run is kept"),
        (docker.errors.BuildError("Unknown", iter(())), UnsupportedError, "stopped answering while trying"),
    ],
)
def test_what_it_complains_of_is_told(raised: Exception, kind: type[EvenmatchError], words: str) -> None:
    with pytest.raises(kind) as told, engine.explained("trying"):
        raise raised
    assert words in str(told.value)
    assert "\n" not in str(told.value)


def test_a_failed_build_is_told_by_who_asked_for_it() -> None:
    with pytest.raises(docker.errors.BuildError), engine.explained("building"):
        raise docker.errors.BuildError("exit 1", iter(()))


def test_whose_driver_is_gone() -> None:
    mine = engine.driver()
    host, pid, started = mine.rsplit(" ", 2)
    assert int(pid) == os.getpid()
    assert not engine._gone(mine)
    assert engine._gone(f"{host} {pid} {int(started) - 1}"), "ids come round again"
    assert engine._gone(f"{host} {max(psutil.pids()) + 100_000} 1")
    assert not engine._gone(f"elsewhere {pid} 1"), "another machine's, by the same engine"
    assert not engine._gone("nonsense")
