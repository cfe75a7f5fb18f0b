"""Framework-mode against framework-mode, paired block by block within one machine."""

from __future__ import annotations

import itertools
import statistics
from collections.abc import Mapping, Sequence
from typing import Any

from suite import stats
from suite.analysis.cells import quantity, seconds
from suite.notes import at, compared, name
from suite.records import Record

_Block = tuple[Any, Any]
"""(machine id, block number): only runs alike in both are paired."""


def comparisons(raws: Sequence[Record], default_modes: Mapping[str, str]) -> list[Record]:
    """Return the ``comparisons`` of the analysis: every pair of framework-modes that share all else.

    ``a`` is the framework that comes first in ``default_modes``, the default mode before others. A pair without
    a common block has a row too, without numbers, so that a framework which failed everywhere is not simply absent.
    """
    groups: dict[tuple[str, ...], list[Record]] = {}
    for raw in raws:
        groups.setdefault(compared(raw), []).append(raw)
    return [row for group in groups.values() for row in _rows(group, default_modes)]


def _rows(group: Sequence[Record], default_modes: Mapping[str, str]) -> list[Record]:
    blocks: dict[str, dict[_Block, float]] = {}
    for raw in sorted(group, key=lambda raw: precedence(raw, default_modes)):
        blocks.setdefault(name(raw), {})
    for who, times in blocks.items():
        times.update(_by_block([raw for raw in group if name(raw) == who]))
    return [_row(group[0], a, b, blocks) for a, b in itertools.combinations(blocks, 2)]


def precedence(raw: Record, default_modes: Mapping[str, str]) -> tuple[int, str, bool, str]:
    """Return what to sort framework-modes by: frameworks as in ``default_modes``, the default mode before others."""
    framework, mode = str(raw["framework"]), str(raw["mode"])
    known = list(default_modes)
    rank = known.index(framework) if framework in known else len(known)
    return rank, framework, mode != default_modes.get(framework), mode


def _by_block(raws: Sequence[Record]) -> dict[_Block, float]:
    """Return the seconds of each block; several runs in one block count as one, their median."""
    found: dict[_Block, list[float]] = {}
    for raw in raws:
        if raw["status"] == "ok" and (time := seconds(raw)) is not None:
            found.setdefault((at(raw, "machine.id"), raw["block"]), []).append(time)
    return {block: statistics.median(times) for block, times in found.items()}


def _row(raw: Record, a: str, b: str, blocks: Mapping[str, Mapping[_Block, float]]) -> Record:
    pairs = [(blocks[a][block], blocks[b][block]) for block in blocks[a] if block in blocks[b]]
    found = stats.compare(pairs) if pairs else None
    interval = found.interval if found else None
    return {
        **{field: raw.get(field) for field in ("profile", "lane", "workload", "params")},
        "quantity": quantity(raw),
        "a": a,
        "b": b,
        "ratio": found.ratio if found else None,
        "low": interval.low if interval else None,
        "high": interval.high if interval else None,
        "confidence": interval.confidence if interval else None,
        "runs": len(pairs),
        "verdict": found.verdict if found else "too few runs",
        "sentence": _sentence(a, b, found),
    }


def _sentence(a: str, b: str, found: stats.Comparison | None) -> str:
    if found is None:
        return f"{b} and {a} were never both measured in one block: no ratio"
    if found.interval is None:
        blocks = "1 block" if found.runs == 1 else f"{found.runs} blocks"
        return (
            f"{b} took {_amount(found.ratio, found.ratio)} the time of {a} in {blocks}: "
            f"too few runs for a verdict (at least {stats.FEWEST_RUNS})"
        )
    return f"{b} takes {_amount(found.interval.low, found.interval.high)} the time of {a}: {found.verdict}"


def _amount(low: float, high: float) -> str:
    """Return "0.46 to 0.54 of", "1.8 to 2.2 times"; one number where both read the same."""
    words = list(dict.fromkeys(f"{value:.2f}" if value >= 0.1 else f"{value:.2g}" for value in (low, high)))
    return f"{' to '.join(words)} {'of' if high < 1 else 'times'}"
