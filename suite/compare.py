"""``evenmatch compare``: what was measured in two places, side by side on the terminal."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from rich.console import Console
from rich.table import Table

from suite.analysis.switched import TOLERANCE
from suite.notes import PUBLISHED
from suite.records import Record


def print_venues(console: Console, rows: Sequence[Record]) -> None:
    """Print a row for each arm and case that ran natively and in a container; nothing where none did."""
    cases: dict[str, list[Record]] = {}
    for row in rows:
        cases.setdefault(what(row), []).append(row)
    for case, own in cases.items():
        table = Table(title=f"native and in a container: {case}", title_justify="left")
        for column in ("framework", "native", "container"):
            table.add_column(column, no_wrap=True)
        for column in ("ratio", f"within {TOLERANCE:.0%}?"):
            table.add_column(column, overflow="fold")
        for row in own:
            table.add_row(row["arm"], _time(row, row["native_s"]), _time(row, row["container_s"]), *says(row))
        console.print(table)
    if told := interpreters(rows):
        console.print(told, markup=False, highlight=False, soft_wrap=True)


def interpreters(rows: Sequence[Record]) -> str:
    """Return which Python ran in each place, and what follows for the ratios; "" where it was not recorded."""
    native, contained = (
        sorted({each for row in rows for each in (row.get("interpreters") or {}).get(place) or []})
        for place in ("native", "container")
    )
    if not native or not contained:
        return ""
    if native == contained:
        return f"{', '.join(native)} in both places, but not the same build: each ratio holds what that makes, too."
    return (
        f"{', '.join(native)} natively, {', '.join(contained)} in containers: each ratio holds the difference between "
        "these interpreters, too, not that of the container alone."
    )


def what(row: Record) -> str:
    """Return what a row is of: ``cifar10-cnn3x3, batch 32``."""
    params: dict[str, Any] = row.get("params") or {}
    epochs = params.get("epochs")
    whole = f", training of {epochs} epoch{'s' * (epochs > 1)}" if epochs else ""
    published = ", as published" if row.get("lane") == PUBLISHED else ""
    return f"{row['workload']}, batch {params.get('batch')}{whole}{published}"


def says(row: Record) -> tuple[str, str]:
    """Return a row's ratio with its interval, and whether a container costs anything that counts."""
    if row["ratio"] is None:
        return "–", "never both in one block"
    if row["low"] is None:
        return f"{row['ratio']:.3f}", f"cannot be told from {row['runs']} block{'s' * (row['runs'] != 1)}"
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
