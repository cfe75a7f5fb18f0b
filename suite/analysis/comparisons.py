"""Framework-mode against framework-mode, paired block by block within one machine, each lane by itself."""

from __future__ import annotations

import itertools
import statistics
from collections.abc import Mapping, Sequence
from typing import Any

from suite import stats
from suite.analysis.cells import quantity, seconds
from suite.analysis.passports import objection
from suite.notes import PUBLISHED, at, compared, listed, name
from suite.notes.devices import PROCESSOR, device
from suite.published import programs
from suite.records import Record

UNMATCHED = "UNMATCHED"
"""Stands for the verdict where it is not proved that both sides train alike."""

_Block = tuple[Any, str, Any]
"""(machine id, device, block number): only runs alike in all are paired."""


def comparisons(raws: Sequence[Record], default_modes: Mapping[str, str]) -> list[Record]:
    """Return the ``comparisons`` of the analysis: every pair of framework-modes that share all else.

    ``a`` is the framework that comes first in ``default_modes``, the default mode before others. A pair without
    a common block has a row too, without numbers, so that a framework which failed everywhere is not simply absent.
    Runs with a setting switched the other way (``probe``) are held against their own arm alone, elsewhere.
    """
    groups: dict[tuple[str, ...], list[Record]] = {}
    for raw in raws:
        if raw.get("probe") is None:
            groups.setdefault(compared(raw), []).append(raw)
    rows = [row for group in groups.values() for row in _rows(group, default_modes)]
    tested = [row for row in rows if row["low"] is not None and not row["unmatched"]]
    for row, holds in zip(tested, stats.holm([row["p_value"] for row in tested]), strict=True):
        row["holds_after_holm"] = holds
    return rows


def _rows(group: Sequence[Record], default_modes: Mapping[str, str]) -> list[Record]:
    arms: dict[str, list[Record]] = {}
    for raw in sorted(group, key=lambda raw: precedence(raw, default_modes)):
        arms.setdefault(name(raw), []).append(raw)
    blocks = {who: by_block(runs) for who, runs in arms.items()}
    objections = {who: words for who, runs in arms.items() if (words := objection(_counted(runs)))}
    return [_row(group[0], a, b, blocks, objections) for a, b in itertools.combinations(arms, 2)]


def precedence(raw: Record, default_modes: Mapping[str, str]) -> tuple[int, str, bool, str]:
    """Return what to sort framework-modes by: frameworks as in ``default_modes``, the default mode before others."""
    framework, mode = str(raw["framework"]), str(raw["mode"])
    known = list(default_modes)
    rank = known.index(framework) if framework in known else len(known)
    return rank, framework, not is_default(raw, default_modes), mode


def is_default(record: Record, default_modes: Mapping[str, str]) -> bool:
    """Whether a run or a cell is its framework's main one: in the default mode, or as it was published."""
    if record["lane"] == PUBLISHED:
        return bool(record["mode"] == programs.PUBLISHED)
    return bool(record["mode"] == default_modes.get(record["framework"]))


def _counted(runs: list[Record]) -> list[Record]:
    return [run for run in runs if run["status"] == "ok"] or runs


def device_of(raw: Record) -> str:
    """Return where a run computed; older results say nothing, and were all made on the processor."""
    return device(raw) or PROCESSOR


def by_block(raws: Sequence[Record]) -> dict[_Block, float]:
    """Return the seconds of each block; several runs in one block count as one, their median."""
    found: dict[_Block, list[float]] = {}
    for raw in raws:
        if raw["status"] == "ok" and (time := seconds(raw)) is not None:
            found.setdefault((at(raw, "machine.id"), device_of(raw), raw["block"]), []).append(time)
    return {block: statistics.median(times) for block, times in found.items()}


def _row(
    raw: Record, a: str, b: str, blocks: Mapping[str, Mapping[_Block, float]], objections: Mapping[str, str]
) -> Record:
    shared = [block for block in blocks[a] if block in blocks[b]]
    devices = {arm: sorted({device for _, device, _ in blocks[arm]}) for arm in (a, b)}
    apart = _apart(devices, {device for _, device, _ in shared})
    pairs = [] if apart else [(blocks[a][block], blocks[b][block]) for block in shared]
    found = stats.compare(pairs) if pairs else None
    interval = found.interval if found else None
    unmatched = [arm for arm in (a, b) if arm in objections]
    verdict = UNMATCHED if unmatched else found.verdict if found else "too few runs"
    why = "; ".join([f"{arm} {objections[arm]}" for arm in unmatched] + ([apart] if apart else []))
    return {
        **{field: raw.get(field) for field in ("profile", "lane", "workload", "params")},
        "quantity": quantity(raw),
        "a": a,
        "b": b,
        "device": listed(devices[a]) if pairs else None,
        "ratio": found.ratio if found else None,
        "low": interval.low if interval else None,
        "high": interval.high if interval else None,
        "confidence": interval.confidence if interval else None,
        "runs": len(pairs),
        "unmatched": unmatched,
        "verdict": verdict,
        "p_value": found.p_value if found and not unmatched else None,
        "holds_after_holm": None,
        "sentence": f"{'as published, ' if raw['lane'] == PUBLISHED else ''}{_sentence(a, b, found, why)}",
    }


def _apart(devices: Mapping[str, Sequence[str]], shared: set[str]) -> str:
    """Return where both sides computed, if no one device is theirs: devices are never put together in a ratio."""
    one, other = (set(seen) for seen in devices.values())
    if len(shared) == 1 or not one or not other or (not shared and one & other):
        return ""
    return ", ".join(f"{arm} computed on {listed(each)}" for arm, each in devices.items())


def _sentence(a: str, b: str, found: stats.Comparison | None, unmatched: str) -> str:
    if found is None:
        ending = f" ({unmatched})" if unmatched else ""
        return f"{b} and {a} were never both measured in one block: no ratio{ending}"
    if unmatched:
        blocks = "1 block" if found.runs == 1 else f"{found.runs} blocks"
        took = f"{b} took {_amount(found.ratio, found.ratio)} the time of {a} in {blocks}"
        return f"{UNMATCHED}, so no verdict: {unmatched}; {took}"
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
