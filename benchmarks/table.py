"""What was measured beside its bound, as a table and as a record."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any, Literal

from rich.console import Console
from rich.table import Table

Unit = Literal["ratio", "s", "MB"]


@dataclass(frozen=True, kw_only=True)
class Row:
    """One measured value with its spread and its bound.

    ``spread`` says what ``low`` and ``high`` are. ``bound`` None: for information. ``unless`` is the other way in which
    a bound may be met, in words, where it is met that way.
    """

    benchmark: str
    subject: str
    measure: str
    value: float
    low: float
    high: float
    spread: str
    unit: Unit
    bound: float | None
    unless: str | None = None

    @property
    def broken(self) -> bool:
        """Whether the bound is exceeded and not met in another way; doubt is no excuse."""
        return self.bound is not None and self.value > self.bound and self.unless is None

    @property
    def verdict(self) -> str:
        """``within`` or ``ABOVE``; with a question mark where the spread reaches to the other side of the bound."""
        if self.bound is None:
            return ""
        above = self.value > self.bound
        doubt = "?" if self.low <= self.bound < self.high else ""
        reason = f", but {self.unless}" if above and self.unless else ""
        return f"{'ABOVE' if above else 'within'}{doubt}{reason}"

    def record(self) -> dict[str, Any]:
        """Return the row as it is written to disk."""
        return {**asdict(self), "verdict": self.verdict, "broken": self.broken}


def show(console: Console, rows: Sequence[Row]) -> None:
    """Print all rows as one table."""
    table = Table(title="what the suite costs", title_justify="left")
    for column in ("benchmark", "subject", "measured"):
        table.add_column(column, overflow="fold")
    for column in ("value", "from", "to", "bound"):
        table.add_column(column, justify="right", no_wrap=True)
    table.add_column("verdict", overflow="fold")
    for row in rows:
        numbers = [_number(value, row.unit) for value in (row.value, row.low, row.high)]
        bound = "" if row.bound is None else _number(row.bound, row.unit)
        table.add_row(row.benchmark, row.subject, row.measure, *numbers, bound, row.verdict)
    console.print(table)


def _number(value: float, unit: Unit) -> str:
    return {"ratio": f"{value:.3f}", "s": f"{value:.2f} s", "MB": f"{value:.0f} MB"}[unit]
