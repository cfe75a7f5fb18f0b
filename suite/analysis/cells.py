"""One row for each cell: the medians over its runs that ended well, and their spread."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from suite import stats
from suite.analysis.passports import status
from suite.notes import at, number
from suite.notes.devices import device
from suite.records import Record


def summaries(raws: Sequence[Record]) -> list[Record]:
    """Return the ``cells`` of the analysis, in the order in which the cells first appear in ``raws``."""
    cells: dict[str, list[Record]] = {}
    for raw in raws:
        cells.setdefault(str(raw["cell"]), []).append(raw)
    return [_summary(cell, runs) for cell, runs in cells.items()]


def quantity(raw: Record) -> str:
    """Return what a run measures: ``training``, a whole one, or ``step``, sampled ones."""
    return "step" if at(raw, "params.epochs") is None else "training"


def seconds(raw: Record) -> float | None:
    """Return what a run that ended well took in seconds: the sum of its epochs' training, or its median steady step."""
    if quantity(raw) == "step":
        value = number(at(raw, "steps.median_s"))
    else:
        times = [number(epoch.get("train_s")) for epoch in raw.get("epochs") or []]
        value = sum(time or 0.0 for time in times) if times and None not in times else None
    return value if value is not None and value > 0 else None


def _summary(cell: str, runs: Sequence[Record]) -> Record:
    ok = [run for run in runs if run["status"] == "ok"]
    times = [time for run in ok if (time := seconds(run)) is not None]
    # Seconds of unlike machines or devices have no median worth the name: the row keeps the values, sums nothing up.
    pooled = times if len({(at(run, "machine.id"), device(run)) for run in ok}) == 1 else []
    return {
        "cell": cell,
        **{field: runs[0].get(field) for field in ("profile", "lane", "workload", "framework", "mode", "params")},
        "probe": runs[0].get("probe"),
        "device": _only(device(run) for run in ok or runs),
        "passport": status(ok or runs),
        "quantity": quantity(runs[0]),
        "runs_ok": len(ok),
        "runs_not_ok": len(runs) - len(ok),
        "values_s": times,
        "median_s": stats.median(pooled),
        "min_s": min(pooled, default=None),
        "max_s": max(pooled, default=None),
        "spread": stats.spread(pooled),
        "first_step_s": _median(ok, "phases.first_step") if pooled else None,
        "peak_rss_bytes": _median(ok, "peak_rss_bytes"),
        "cpu_per_wall": stats.median(
            cpu / wall for run in ok if (cpu := number(run.get("cpu_s"))) and (wall := number(run.get("wall_s")))
        ),
        "parameter_count": _only(run.get("parameter_count") for run in ok),
        "train_examples": _only(at(run, "data.train_examples") for run in ok),
        "synthetic": any(at(run, "data.synthetic") is True for run in runs),
        "epochs": _epochs(ok),
        "final_accuracy": [accuracy for run in ok if (accuracy := _final_accuracy(run)) is not None],
    }


def _epochs(runs: Iterable[Record]) -> list[Record]:
    """Return for each epoch the medians over runs of what was recorded of it."""
    found: dict[int, list[Record]] = {}
    for run in runs:
        for epoch in run.get("epochs") or []:
            found.setdefault(int(epoch["epoch"]), []).append(epoch)
    fields = ("train_loss", "test_accuracy", "train_s", "eval_s")
    return [{"epoch": epoch} | {field: _median(found[epoch], field) for field in fields} for epoch in sorted(found)]


def _final_accuracy(run: Record) -> float | None:
    epochs = run.get("epochs") or []
    return number(epochs[-1].get("test_accuracy")) if epochs else None


def _median(records: Iterable[Record], path: str) -> float | None:
    return stats.median(value for record in records if (value := number(at(record, path))) is not None)


def _only(values: Iterable[Any]) -> Any:
    """Return the value that all runs recorded, None if they recorded several or none."""
    different = {value for value in values if value is not None}
    return different.pop() if len(different) == 1 else None
