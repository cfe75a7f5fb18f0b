"""Probes as processes: each answer is its own, and what dies has no answer, never a "no"."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

import pytest

from suite import home, locks, profiles
from suite.environments.native import NativeEnvironment, ensure
from suite.features import probing
from suite.features.evidence import NO_ANSWER, Evidence
from suite.features.proofs import FRAMEWORKS, Metadata, Probe
from suite.frameworks import framework
from suite.installer import UnreachedError

PLANTED = """
import os, signal, sys, time
from suite.features.probes.found import Found, no, require, yes

def works(): return yes("so", "it was seen")
def is_not_there(): return no("none", "nothing of the kind")
def raises(): raise ValueError("the cat is out")
def computes_wrong(): require(False, "outputs differ by 3")
def crashes(): os.kill(os.getpid(), signal.SIGSEGV)
def vanishes(): os._exit(0)
def hangs(): time.sleep(60)
def says_nonsense(): return Found(answer="perhaps", says="hm", brief="hm")
def stops_the_answer_of_another(): sys.exit(3)
"""


@pytest.fixture(scope="module")
def here() -> NativeEnvironment:
    """An environment that holds no framework: the Python of the tests."""
    return NativeEnvironment(name="pytorch", python=Path(sys.executable), lock_sha256="ab")


@pytest.fixture
def planted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A checkout whose probes of PyTorch are :data:`PLANTED`."""
    place = tmp_path / "checkout" / "suite"
    shutil.copytree(home.ROOT / "suite" / "features", place / "features", ignore=shutil.ignore_patterns("*.pyc"))
    shutil.copy(home.ROOT / "suite" / "__init__.py", place)
    (place / "features" / "probes" / "pytorch.py").write_text(PLANTED)
    monkeypatch.setattr(home, "ROOT", tmp_path / "checkout")
    return place / "features" / "probes"


def asked(environment: NativeEnvironment, name: str, timeout_s: float = 60.0, of: str = "pytorch") -> Evidence:
    return probing.examine(of, Probe(name=name), environment, device="cpu", timeout_s=timeout_s)


def test_an_answer_comes_with_its_day_and_versions(planted: Path, here: NativeEnvironment) -> None:
    found = asked(here, "works")
    assert (found.answer, found.says, found.brief) == ("yes", "it was seen", "so")
    assert found.versions["python"].startswith("3.")
    assert len(found.date) == 10


def test_no_is_what_was_seen_not_to_be_there(planted: Path, here: NativeEnvironment) -> None:
    assert asked(here, "is_not_there").answer == "no"


@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("raises", "ValueError: the cat is out"),
        ("computes_wrong", "outputs differ by 3"),
        ("crashes", "crashed with SIGSEGV"),
        ("vanishes", "it ended without a usable result"),
        ("says_nonsense", "it ended without a usable result"),
        ("stops_the_answer_of_another", "it ended with exit code 3"),
        ("is_missing", "has no attribute 'is_missing'"),
    ],
)
def test_what_dies_has_no_answer_and_says_why(planted: Path, here: NativeEnvironment, name: str, why: str) -> None:
    found = asked(here, name)
    assert found.answer == NO_ANSWER
    assert why in found.says
    assert found.brief == ""


def test_what_hangs_is_given_up(planted: Path, here: NativeEnvironment) -> None:
    found = asked(here, "hangs", timeout_s=1.0)
    assert (found.answer, found.says) == (NO_ANSWER, "it did not finish within 1 s and was stopped")


def test_one_that_dies_costs_no_other(planted: Path, here: NativeEnvironment, monkeypatch: pytest.MonkeyPatch) -> None:
    names = ("crashes", "works", "raises", "is_not_there")
    monkeypatch.setattr(probing, "needed", lambda _framework: [Probe(name=name) for name in names])
    told: list[str] = []
    found = probing.probe("pytorch", here, told.append, device="cpu")
    answers = [found.proofs[f"probe {name}"].answer for name in names]
    assert answers == [NO_ANSWER, "yes", NO_ANSWER, "no"]
    assert found.lock_sha256 == "ab"
    assert told[1] == "pytorch, probe works: yes: it was seen"


@pytest.mark.parametrize("name", FRAMEWORKS)
def test_without_the_framework_there_is_no_answer(here: NativeEnvironment, name: str) -> None:
    found = asked(here, "cpu", of=name)
    assert found.answer == NO_ANSWER
    assert "No module named" in found.says


def test_a_lock_that_does_not_match_gives_no_answer(here: NativeEnvironment, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_args: object) -> str:
        raise UnreachedError("the lock platforms/locks/x does not match")

    monkeypatch.setattr(locks, "check", refuse)
    found = probing.examine("keras", Metadata(name="gpus"), here, device="cpu", timeout_s=1)
    assert (found.answer, found.says) == (NO_ANSWER, "the lock platforms/locks/x does not match")


REAL = ("autodiff", "save_and_load", "data_loading", "training", "debugging")


@pytest.mark.frameworks
@pytest.mark.parametrize("of", FRAMEWORKS)
@pytest.mark.parametrize("name", REAL)
def test_probes_answer_in_the_real_environment(of: str, name: str) -> None:
    environment = ensure(profiles.of_this_machine(), framework(of), print)
    found = asked(environment, name, timeout_s=300, of=of)
    expected = {("pytorch", "training"): "no", ("keras", "debugging"): "partly"}
    assert found.answer == expected.get((of, name), "yes"), found.says
    assert found.says
    assert found.brief


@pytest.mark.frameworks
@pytest.mark.parametrize("of", FRAMEWORKS)
def test_metadata_is_read_in_the_real_environment(of: str) -> None:
    environment = ensure(profiles.of_this_machine(), framework(of), print)
    found = probing.examine(of, Metadata(name="licence"), environment, device="cpu", timeout_s=300)
    assert found.answer == "yes", found.says
    assert "names" in found.says


@pytest.mark.frameworks
def test_a_gradient_that_is_wrong_is_noticed(planted: Path) -> None:
    environment = ensure(profiles.of_this_machine(), framework("pytorch"), print)
    text = (Path(probing.__file__).parent / "probes" / "pytorch.py").read_text()
    assert "_difference(found, numeric)" in text
    (planted / "pytorch.py").write_text(
        text.replace("_difference(found, numeric)", "_difference(1.01 * found, numeric)")
    )
    found = asked(environment, "autodiff", timeout_s=300)
    assert found.answer == NO_ANSWER
    assert "the gradient is off" in found.says
