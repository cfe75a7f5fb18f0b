"""What a person sees while runs go on: a line per run and the time left.

The driver sleeps while a worker measures: a display that redraws itself many times a second would take processor time
from what is being timed.
"""

from __future__ import annotations

import time
from typing import Any

from rich.console import Console
from rich.markup import escape


class Progress:
    """Prints one line per finished run; on a terminal, one more line that counts down."""

    period_s = 5.0
    """How often the line is redrawn, in seconds."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._label = ""
        self._left_s = 0.0
        self._since = 0.0

    def begin(self, cell: str, block: int, index: int, count: int, left_s: float) -> None:
        """Say which run starts now, and how long all that are left will take."""
        self._label = f"[{index + 1}/{count}] block {block + 1}  {cell}"
        self._left_s = left_s
        self._since = time.monotonic()
        self.beat()

    def beat(self) -> None:
        """Redraw the line with the time left."""
        left = max(0.0, self._left_s - (time.monotonic() - self._since))
        if self._console.is_terminal:
            self._console.print(
                f"{self._label}  about {duration(left)} left", end="\r", highlight=False, overflow="crop"
            )

    def end(self, raw: dict[str, Any]) -> None:
        """Print the finished run's line."""
        if self._console.is_terminal:
            self._console.print(" " * (self._console.width - 1), end="\r")
        left = max(0.0, self._left_s - raw["wall_s"])
        self._console.print(f"{self._label}  {_says(raw)}  ({duration(left)} left)", highlight=False, soft_wrap=True)


def _says(raw: dict[str, Any]) -> str:
    if raw["status"] != "ok":
        return f"[red]{raw['status'].upper()}[/]: {escape(str(raw['reason']))}"
    median = f"{raw['steps']['median_s'] * 1e3:.2f} ms/step"
    if not raw["epochs"]:
        return median
    word = "synthetic accuracy" if raw["data"]["synthetic"] else "accuracy"
    return f"{median}, {word} {raw['epochs'][-1]['test_accuracy']:.4f}"


def duration(seconds: float) -> str:
    """Return a length of time as people say it: ``42 s``, ``3 min 20 s``, ``2 h 05 min``."""
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60} min {whole % 60:02} s"
    return f"{whole // 3600} h {whole % 3600 // 60:02} min"
