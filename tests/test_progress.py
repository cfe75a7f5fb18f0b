"""The lines a person sees."""

from __future__ import annotations

import io
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.console import Console

from suite.progress import Progress, duration


def ok(**more: Any) -> dict[str, Any]:
    return {
        "status": "ok",
        "reason": None,
        "wall_s": 10.0,
        "steps": {"median_s": 0.01234},
        "epochs": [],
        "data": {"synthetic": True},
    } | more


def shown(raw: dict[str, Any], *, terminal: bool = False) -> str:
    screen = io.StringIO()
    progress = Progress(Console(file=screen, width=200, force_terminal=terminal, no_color=True))
    progress.begin("p/matched/w/f-m/b32", 1, 2, 9, 100.0)
    progress.end(raw)
    return screen.getvalue()


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (0, "0 s"),
        (41.6, "42 s"),
        (59.4, "59 s"),
        (59.6, "1 min 00 s"),
        (200, "3 min 20 s"),
        (3599.6, "1 h 00 min"),
        (7500, "2 h 05 min"),
        (90_000, "25 h 00 min"),
    ],
)
def test_lengths_of_time_are_said_as_people_do(seconds: float, words: str) -> None:
    assert duration(seconds) == words


@given(st.floats(0, 1e7))
def test_lengths_of_time_are_right_to_a_minute(seconds: float) -> None:
    units = {"s": 1, "min": 60, "h": 3600}
    words = duration(seconds).split()
    meant = sum(int(number) * units[unit] for number, unit in zip(words[::2], words[1::2], strict=True))
    assert abs(meant - seconds) <= (0.5 if seconds < 3599 else 60.5)


def test_a_run_that_ended_well() -> None:
    assert shown(ok()) == "[3/9] block 2  p/matched/w/f-m/b32  12.34 ms/step  (1 min 30 s left)\n"


def test_a_training_says_whether_its_accuracy_is_synthetic() -> None:
    epochs = [{"test_accuracy": 0.1}, {"test_accuracy": 0.71234}]
    assert "12.34 ms/step, synthetic accuracy 0.7123  (" in shown(ok(epochs=epochs))
    assert "12.34 ms/step, accuracy 0.7123  (" in shown(ok(epochs=epochs, data={"synthetic": False}))


def test_a_run_that_failed_says_why() -> None:
    assert "  FAILED: it broke  (" in shown(ok(status="failed", reason="it broke", steps=None))
    assert "  TIMEOUT: too long  (" in shown({"status": "timeout", "reason": "too long", "wall_s": 1000.0})


@pytest.mark.parametrize("reason", ["RuntimeError: [enforce fail at alloc.cpp:75] no", "expected [/] or [/red]"])
def test_brackets_in_a_reason_are_shown(reason: str) -> None:
    assert reason in shown(ok(status="failed", reason=reason))


def test_only_a_terminal_gets_a_line_that_counts_down() -> None:
    assert "about 1 min 40 s left\r" in shown(ok(), terminal=True)
    assert "about" not in shown(ok())
    assert "\r" not in shown(ok())
