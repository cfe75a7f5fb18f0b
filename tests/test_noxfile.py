"""``nox -l``: every session with a sentence of its own, every profile with a session that says what it needs."""

from __future__ import annotations

import importlib.util
import json
import subprocess
import sys
from typing import Any

import pytest
from nox.command import CommandFailed

from suite import home, profiles


@pytest.fixture(scope="module")
def sessions() -> dict[str, dict[str, Any]]:
    every = ["--keywords", "not nothing"]  # without it, those that run when none is named
    command = [sys.executable, "-m", "nox", "--list", "--json", *every, "--noxfile", str(home.ROOT / "noxfile.py")]
    done = subprocess.run(command, cwd=home.ROOT, capture_output=True, text=True, check=True)
    return {each["session"]: each for each in json.loads(done.stdout)}


def test_every_session_has_a_sentence(sessions: dict[str, dict[str, Any]]) -> None:
    for name, session in sessions.items():
        assert len(session["description"] or "") > 20, name
        assert session["description"].endswith((".", ".)")), name
        assert session["description"][0].isupper(), name
    assert len({session["description"] for session in sessions.values()}) == len(sessions)


def test_every_profile_has_a_session_that_says_what_it_needs(sessions: dict[str, dict[str, Any]]) -> None:
    found = {name.removeprefix("bench-") for name in sessions if name.startswith("bench-")}
    assert found == set(profiles.names())
    for name in profiles.names():
        profile, told = profiles.load(name), sessions[f"bench-{name}"]["description"]
        assert told.startswith(f"Measure PyTorch, TensorFlow and Keras on {profile.title}")
        assert told.endswith(f"; it needs {profile.needs}.")
        assert ("in a container unless --native" in told) == (profile.venue == "container")


def test_what_the_readme_names_is_there(sessions: dict[str, dict[str, Any]]) -> None:
    assert {"bench", "report", "evenmatch", "lock", "tests", "lint", "benchmarks"} <= set(sessions)


def test_nox_ends_with_the_commands_own_code() -> None:
    spec = importlib.util.spec_from_file_location("the_noxfile", home.ROOT / "noxfile.py")
    assert spec is not None
    assert spec.loader is not None
    noxfile = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(noxfile)

    class Session:
        name = "bench-macos-arm"
        posargs = ()

        def install(self, *_: str) -> None: ...

        def run(self, *_: str, env: dict[str, str]) -> None:
            raise CommandFailed("Returned code 3", return_code=3)

    with pytest.raises(SystemExit) as ended:
        noxfile.evenmatch(Session(), "run", "--profile", "macos-arm")
    assert ended.value.code == 3
