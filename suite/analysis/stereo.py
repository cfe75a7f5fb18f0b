"""Stereo matching in the terms of the ECAI 2021 study: its four times and its error rates, beside block matching's."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from suite.notes import at, number
from suite.records import Record
from suite.stats import median


def matching(raws: Sequence[Record], cells: Sequence[Record], baseline: Record | None) -> Record:
    """Return the ``stereo`` of the analysis: ``rows``, one for each cell that matched pairs, and the ``baseline``.

    A row has ``runs``, the four times in seconds (``total_s`` of all epochs, ``epoch_s`` of the mean one, ``step_s`` of
    the median steady step, ``map_s`` of the median pair), ``error_rate`` over all pairs, and ``pairs``: each one's
    ``name``, ``known`` pixels, ``error_rate`` and ``seconds``. All of them are medians over the cell's runs. Cells with
    a setting switched (``probe``) are left out.
    """
    own: dict[str, list[Record]] = {}
    for raw in raws:
        if raw["status"] == "ok" and _pairs(raw):
            own.setdefault(str(raw["cell"]), []).append(raw)
    rows = [_row(cell, own[cell["cell"]]) for cell in cells if cell["cell"] in own and not cell["probe"]]
    fields = ("method", "window", "disparities", "pairs", "error_rate", "map_sha256")
    kept = None if baseline is None else {field: baseline.get(field) for field in fields}
    return {"rows": rows, "baseline": kept if rows else None}


def _row(cell: Record, runs: Sequence[Record]) -> Record:
    fields = ("cell", "profile", "lane", "workload", "framework", "mode", "params", "passport", "synthetic")
    return {
        **{field: cell[field] for field in fields},
        "runs": len(runs),
        "disparities": at(runs[0], "stereo.disparities"),
        "total_s": cell["median_s"],
        "epoch_s": _median(_mean_epoch(run) for run in runs),
        "step_s": _median(number(at(run, "steps.median_s")) for run in runs),
        "map_s": _median(_median(number(pair.get("seconds")) for pair in _pairs(run)) for run in runs),
        "error_rate": _median(number(at(run, "stereo.error_rate")) for run in runs),
        "pairs": [_pair(name, found) for name, found in _by_name(runs).items()],
    }


def _mean_epoch(run: Record) -> float | None:
    times = [number(epoch.get("train_s")) for epoch in run.get("epochs") or []]
    known = [time for time in times if time is not None]
    return sum(known) / len(known) if known and len(known) == len(times) else None


def _by_name(runs: Iterable[Record]) -> dict[str, list[Record]]:
    found: dict[str, list[Record]] = {}
    for run in runs:
        for pair in _pairs(run):
            found.setdefault(str(pair.get("name")), []).append(pair)
    return found


def _pairs(run: Record) -> list[Record]:
    found = at(run, "stereo.pairs")
    return [pair for pair in found if isinstance(pair, dict)] if isinstance(found, list) else []


def _pair(name: str, found: Sequence[Mapping[str, Any]]) -> Record:
    return {
        "name": name,
        "known": found[0].get("known"),
        **{field: _median(number(pair.get(field)) for pair in found) for field in ("error_rate", "seconds")},
    }


def _median(values: Iterable[float | None]) -> float | None:
    return median(value for value in values if value is not None)
