"""What a person sees on the terminal, at any width."""

from __future__ import annotations

import io
from typing import Any

import pytest
from madeup import recipe
from rich.console import Console

from suite.errors import UnsupportedError
from suite.recipes import command, showing
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
    assert lines[-1] == "1 of 5 recipes could not be verified: windows-cpu-pytorch: no network."
    assert sum("no network" in line for line in lines) == 1
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
    assert lines[4] == "windows-cpu-pytorch  [yellow]not verified[/]"


def test_a_known_breakage_is_no_success() -> None:
    broken = recipe(name="mixed", expects="", fails="nms", at="imports")
    record = {"evidence": "run", "grade": "installs", "verdict": "as expected", "cause": "unlike builds"}
    assert showing.line(broken, record).endswith("installs, then fails (expected): unlike builds")
    record |= {"grade": "", "seconds": 40.4, "download_bytes": 3_000_000_000}
    row = showing._row(broken, record)
    assert row[1:] == ["does not resolve (expected)", "–", "–", "–", "–"]  # nothing was installed to time or weigh


def test_one_reason_is_told_once() -> None:
    gone = {"evidence": "none", "grade": "", "verdict": "not verified", "why": "is there a network?"}
    outcome = Outcome(records={"a": gone, "b": gone, "c": FOUND["linux-cpu-pytorch"]})
    assert showing.unverified(outcome) == "2 of 3 recipes could not be verified: a, b: is there a network?"
    assert showing.unverified(Outcome(records={"a": gone, "b": gone})) == ""  # the error at the end says it
    with pytest.raises(UnsupportedError, match=r"^no recipe could be verified on this machine: is there a network\?$"):
        command._judge(Outcome(records={"a": gone, "b": gone}))
