"""Texts that real machines give, cut to what is read (and some lines that are not)."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

_FIXTURES = Path(__file__).parent / "fixtures"


@pytest.fixture(scope="session")
def sample() -> Callable[[str], str]:
    return lambda name: (_FIXTURES / name).read_text(encoding="utf-8")


@pytest.fixture
def programs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Path]:
    """Put programs of our own first on PATH: ``programs("sysctl", text, code=1)``, ``programs("x", script="...")``."""
    if os.name != "posix":
        pytest.skip("the stand-in programs are shell scripts")
    folder = tmp_path / "bin"
    folder.mkdir()
    monkeypatch.setenv("PATH", str(folder), prepend=":")

    def install(name: str, text: str = "", code: int = 0, script: str | None = None) -> Path:
        answer = folder / f"{name}.answer"
        answer.write_text(text, encoding="utf-8")
        program = folder / name
        program.write_text(f"#!/bin/sh\n{script or f'cat {answer}; exit {code}'}\n", encoding="utf-8")
        program.chmod(0o755)
        return program

    return install
