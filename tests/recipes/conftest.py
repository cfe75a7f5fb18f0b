from __future__ import annotations

import sys
from pathlib import Path

import pytest

from suite.recipes import loading

sys.path.insert(0, str(Path(__file__).parent))  # madeup.py, shared by these tests


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of recipes of the test's own."""
    place = tmp_path / "recipes"
    place.mkdir()
    monkeypatch.setattr(loading, "folder", lambda: place)
    return place
