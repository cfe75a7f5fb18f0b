"""What a person sees on the terminal, at any width."""

from __future__ import annotations

import io
from typing import Any

import pytest
from madeup import recipe
from rich.console import Console

from suite.recipes import showing
from suite.recipes.verify import Outcome

FOUND: dict[str, dict[str, Any]] = {
    "linux-cpu-pytorch": {"evidence": "run", "grade": "matches", "verdict": "as expected", "packages": 10},
    "linux-cpu-tensorflow-of-a-long-name": {
        "evidence": "run",
        "grade": "installs",
        "verdict": "not as expected",
        "cause": "protobuf is too new [sic]",
        "disk_bytes": 1_500_000_000,
        "seconds": 12.3,
    },
    "macos-arm-pytorch": {"evidence": "resolved only", "grade": "resolves", "verdict": "as expected as far as seen"},
    "cuda-pytorch": {
        "evidence": "run without its accelerator",
        "grade": "imports",
        "verdict": "as expected as far as seen",
        "download_bytes": 83_000_000,
    },
    "windows-cpu-pytorch": {"evidence": "none", "grade": "", "verdict": "not verified", "why": "no network"},
}


def shown(width: int) -> str:
    screen = io.StringIO()
    recipes = [recipe(name=name) for name in FOUND]
    changes = ["linux-cpu-pytorch matches the lock now, on 2026-11-20 it was: trains"]
    showing.conclude(Console(file=screen, width=width, no_color=True), recipes, Outcome(records=FOUND, changes=changes))
    return screen.getvalue()


def test_the_table_and_what_is_to_be_known() -> None:
    lines = [" ".join(line.split()) for line in shown(120).splitlines()]
    assert "linux-cpu-pytorch matches the lock 10 – – –" in lines
    assert "linux-cpu-tensorflow-of-a-long-name NOT AS EXPECTED, installs – – 1.5 GB 12 s" in lines
    assert "macos-arm-pytorch resolves, not run – – – –" in lines
    assert "cuda-pytorch imports, no accelerator here – 83 MB – –" in lines
    assert "windows-cpu-pytorch not verified – – – –" in lines
    assert "changed: linux-cpu-pytorch matches the lock now, on 2026-11-20 it was: trains." in lines
    assert "not verified: windows-cpu-pytorch: no network." in lines
    unlike = (
        "not as expected: linux-cpu-tensorflow-of-a-long-name should reach 'trains', but installs: protobuf is too new"
    )
    assert unlike in " ".join(lines)


@pytest.mark.parametrize("width", [60, 80, 200])
def test_nothing_is_cut_off(width: int) -> None:
    words = shown(width)
    for sign in ("1.5 GB", "83 MB", "12 s"):
        assert sign in words
    assert "…" not in words
    assert "".join(FOUND["cuda-pytorch"]["grade"]) in words


def test_a_line_for_each() -> None:
    lines = [showing.line(recipe(name=name), record) for name, record in FOUND.items()]
    assert lines[1].endswith("installs: protobuf is too new \\[sic]")
    assert lines[2] == "macos-arm-pytorch  [green]ok[/]  resolves (resolved only, not run)"
    assert lines[4] == "windows-cpu-pytorch  [yellow]not verified[/]: no network"
