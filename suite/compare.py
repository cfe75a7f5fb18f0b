"""``evenmatch compare``: what was measured in two places, side by side on the terminal."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from rich.console import Console
from rich.table import Table

from suite.analysis.switched import TOLERANCE
from suite.records import Record


def print_venues(console: Console, rows: Sequence[Record]) -> None:
    """Print a row for each arm and case that ran natively and in a container; nothing where none did."""
    if not rows:
        return
    table = Table(title="native and in a container", title_justify="left")
    table.add_column("framework", no_wrap=True)
    for column in ("what", "native", "container", "ratio", f"within {TOLERANCE:.0%}?"):
        table.add_column(column, overflow="fold")
    for row in rows:
        table.add_row(
            row["arm"], what(row), *(_time(row, row[f"{side}_s"]) for side in ("native", "container")), *says(row)
        )
    console.print(table)


def what(row: Record) -> str:
    """Return what a row is of: ``cifar10-cnn3x3, batch 32``."""
    params: dict[str, Any] = row.get("params") or {}
    whole = f", {params['epochs']} epochs" if params.get("epochs") else ""
    return f"{row['workload']}, batch {params.get('batch')}{whole}"


def says(row: Record) -> tuple[str, str]:
    """Return a row's ratio with its interval, and whether a container costs anything that counts."""
    if row["ratio"] is None:
        return "–", "never both in one block"
    if row["low"] is None:
        return f"{row['ratio']:.3f}", f"cannot be told from {row['runs']} blocks"
    ratio = f"{row['ratio']:.3f} ({row['low']:.3f} to {row['high']:.3f})"
    match row["within_tolerance"]:
        case True:
            return ratio, "yes"
        case False:
            return ratio, "no, it takes longer" if row["low"] > 1 else "no, it takes less"
        case _:
            return ratio, "cannot be told here: the interval is too wide"


def _time(row: Record, seconds: float | None) -> str:
    if seconds is None:
        return "–"
    return f"{seconds * 1e3:.3f} ms" if row["quantity"] == "step" else f"{seconds:.2f} s"
