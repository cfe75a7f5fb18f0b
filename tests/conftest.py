"""What tests of several files share."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests import toy

WITH_ENGINE = (
    "tests/e2e/test_containers.py",
    "tests/environments/test_container.py",
    "tests/environments/test_images.py",
    "tests/environments/test_second_engine.py",
    "tests/test_images.py",
)
"""The files whose tests take a container engine."""


def pytest_configure() -> None:
    """Let tests interrupt themselves and what they start: what a shell runs in its background ignores the signal."""
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with what takes long, so that processes which share the tests end together."""
    items.sort(key=lambda item: not item.get_closest_marker("frameworks") and _file(item.nodeid) not in WITH_ENGINE)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    """Let one process run a whole file, since its tests share what they set up, and one all that takes the engine.

    Tests with the engine look at everything that is there of ours, so they cannot run beside each other.
    """
    from xdist.scheduler import LoadFileScheduling

    class ByFile(LoadFileScheduling):
        def _split_scope(self, nodeid: str) -> str:
            return "engine" if _file(nodeid) in WITH_ENGINE else _file(nodeid)

    return ByFile(config, log)


def _file(nodeid: str) -> str:
    return nodeid.partition("::")[0]


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
