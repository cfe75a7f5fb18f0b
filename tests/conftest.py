"""What tests of several files share."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests import toy


@pytest.fixture
def own_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A cache folder of the test's own, as ``$EVENMATCH_HOME``."""
    home = tmp_path / "evenmatch-home"
    monkeypatch.setenv("EVENMATCH_HOME", str(home))
    return home


@pytest.fixture
def signals() -> Iterator[None]:
    """Put back the handlers that the command line sets."""
    before = {number: signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGINT)}
    yield
    for number, handler in before.items():
        signal.signal(number, handler)


@pytest.fixture(scope="session")
def toy_checkout(tmp_path_factory: pytest.TempPathFactory) -> toy.Toy:
    """A checkout whose frameworks are toys; tests may add files of their own to it, but change none."""
    return toy.make(tmp_path_factory.mktemp("toy") / "checkout")
