"""Tables and lines on the terminal."""

from __future__ import annotations

import math
import time
from typing import Any

from rich.console import Console
from rich.markup import escape
from rich.padding import Padding
from rich.table import Table

from suite import notes
from suite.frameworks import arms, frameworks
from suite.published import programs

LONGEST_NOTE = 240
"""Characters of a caution on the terminal; some name many cells, and the report has them all."""

STYLES = {"unfair": "bold red", "caution": "bold yellow", "info": "bold"}
"""How the severity of a note is set."""


def print_comparisons(console: Console, analysis: dict[str, Any]) -> None:
    """Print a table per workload and parameters, verdicts in words, and one line per caution; the report has it all.

    Cases with too few runs for any verdict are left to the report, unless there are no others.
    """
    groups: dict[str, list[dict[str, Any]]] = {}
    for row in _foremost(analysis["comparisons"]):
        as_published = ", as published" if row["lane"] == notes.PUBLISHED else ""
        groups.setdefault(f"{row['workload']}, {_what(row)}{as_published}", []).append(row)
    if not groups and not analysis.get("venues"):
        console.print("nothing to compare: fewer than two framework-modes have a finished run in common.")
    if mark := analysis["device"]["mark"]:
        console.print(f"{mark[0].upper()}{mark[1:]}: a smoke run.", style=STYLES["unfair"], highlight=False)
        groups = {f"{title}, {mark}": rows for title, rows in groups.items()}
    told = {title: rows for title, rows in groups.items() if any(row["low"] is not None for row in rows)}
    for title, rows in (told or groups).items():
        console.print(_table(title, rows))
        for row in rows:
            if row["low"] is not None:
                console.print(f"{row['sentence']}.", markup=False, highlight=False)
    for note in analysis["notes"]:
        if note["severity"] != "info":
            text = f"[bold]{note['severity']}:[/] {escape(note['sentence'])}"
            console.print(text if len(text) <= LONGEST_NOTE else f"{text[:LONGEST_NOTE]}… (report)", highlight=False)
    console.print(escape(analysis["grade"]["sentence"]), style="bold", highlight=False)


def print_notes(console: Console, analysis: dict[str, Any]) -> None:
    """Print the grade with its reasons, then every note, gravest first: what was found, and what to do about it."""
    grade, found = analysis["grade"], analysis["notes"]
    console.print(escape(grade["sentence"]), style="bold", highlight=False)
    deciding = [note["id"] for note in found if note["sentence"] in grade["reasons"]]
    if deciding:  # their sentences follow below, once
        console.print(f"Decided by: {', '.join(deciding)}.", highlight=False)
    for note in found:
        console.print(f"\n[{STYLES[note['severity']]}]{note['severity']}[/]  {note['id']}", highlight=False)
        console.print(Padding(escape(note["sentence"]), (0, 0, 0, 2)), highlight=False)
        console.print(Padding(f"[dim]{escape(note['todo'])}[/]", (0, 0, 0, 2)), highlight=False)


def _foremost(comparisons: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Leave out another framework's companions: they are there to be held against their own framework's default.

    As published, so are the programs with a difference switched.
    """
    defaults = {f"{name}-{framework.default_mode}" for name, framework in frameworks().items()}
    companions = {
        f"{name}-{mode.name}" for name, framework in frameworks().items() for mode in framework.modes if mode.companion
    }
    published = {row[side] for row in comparisons if row["lane"] == notes.PUBLISHED for side in ("a", "b")}
    defaults |= {arm for arm in published if arm.endswith(f"-{programs.PUBLISHED}")}
    companions |= published - defaults
    return [
        row
        for row in comparisons
        if not ({row["a"], row["b"]} & companions)
        or (arms.split(row["a"])[0] == arms.split(row["b"])[0] and {row["a"], row["b"]} & defaults)
    ]


def _table(title: str, rows: list[dict[str, Any]]) -> Table:
    table = Table(title=title, title_justify="left")
    table.add_column("time of this over time of that", overflow="fold")
    table.add_column("ratio", justify="right", no_wrap=True)
    table.add_column("interval", justify="right", no_wrap=True)
    table.add_column("runs", justify="right", no_wrap=True)
    table.add_column("verdict", overflow="fold")
    for row in rows:
        interval = f"{_ratio(row['low'])} to {_ratio(row['high'])}" if row["low"] is not None else "none"
        ratio = "none" if row["ratio"] is None else _ratio(row["ratio"])
        table.add_row(f"{row['b']} over {row['a']}", ratio, interval, str(row["runs"]), row["verdict"])
    return table


def _ratio(value: float) -> str:
    """Return a ratio with two decimals, or below 0.1 with two significant digits: 0.84, 0.017, 0.0023."""
    if value >= 0.1:
        return f"{value:.2f}"
    return f"{value:.{1 - math.floor(math.log10(value))}f}" if value > 0 else "0"


def print_pairs(console: Console, title: str, rows: list[tuple[str, str]]) -> None:
    """Print label and value rows under a title."""
    table = Table(title=title, title_justify="left", show_header=False, box=None)
    table.add_column(style="bold", no_wrap=True)
    table.add_column(overflow="fold")
    for label, value in rows:
        table.add_row(escape(label), escape(value))
    console.print(table)


class DownloadProgress:
    """One line that says how much of a download is here and how long the rest will take."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._since = time.monotonic()
        self._first: int | None = None
        self._here = 0
        self._last_print = 0.0

    def update(self, here: int, total: int) -> None:
        """Note that ``here`` of ``total`` bytes have come; prints once a second."""
        now = time.monotonic()
        if self._first is None or here < self._here:  # the first file, or the next one
            self._first, self._since = here, now
        self._here = here
        if now - self._last_print < 1.0:
            return
        self._last_print = now
        rate = (here - self._first) / max(now - self._since, 1e-3)
        left = f", about {(total - here) / rate:.0f} s left" if rate else ""
        end = "\r" if self._console.is_terminal else "\n"
        self._console.print(f"downloading: {here / 1e6:.0f} of {total / 1e6:.0f} MB{left}   ", end=end, highlight=False)

    def done(self) -> None:
        """End the line."""
        self._console.print("downloaded and checked.           ", highlight=False)


def _what(row: dict[str, Any]) -> str:
    batch, epochs = row["params"]["batch"], row["params"]["epochs"]
    if epochs is None:
        return f"step, batch {batch}"
    return f"training, batch {batch}, {epochs} epoch{'s' * (epochs > 1)}"
