"""That tests with the container engine are known to be such: they cannot run beside each other."""

from __future__ import annotations

from pathlib import Path

from suite import home
from tests.conftest import WITH_ENGINE


def test_every_file_that_takes_the_engine_is_listed() -> None:
    files = (path for path in (home.ROOT / "tests").rglob("test_*.py") if path != Path(__file__))
    taking = {path.relative_to(home.ROOT).as_posix() for path in files if "engines.client()" in path.read_text()}
    assert taking == set(WITH_ENGINE)
