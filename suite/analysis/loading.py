"""Reading a run's folder: plan.json where there is one, and every raw result."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from suite.analysis.steptimes import hold_against
from suite.errors import InputError
from suite.notes import at, number
from suite.records import Record, read_json

STATUSES = ("ok", "failed", "timeout", "killed")
"""How a run can have ended."""

_WORDS = ("cell", "profile", "lane", "workload", "framework", "mode")
_NUMBERS = ("params.batch", "block")
_TIMES = ("wall_s", "phases.first_step", "steps.median_s", "data.train_examples")
_EPOCH = ("epoch", "train_s")

_PLAN_GONE = "Restore it from a copy, or remove it: what was planned is then not known, and a note says so."
_REPEAT = "Remove it and repeat that run with --resume, or restore it from a copy."


def load_run(folder: Path) -> tuple[Record | None, list[Record]]:
    """Return the plan (None if the folder has none) and the raw results, in the order of their file names.

    What only the files of step times tell is added to the results in memory, see :mod:`suite.analysis.steptimes`.

    Raises:
        InputError: the folder holds no raw result, or a file is damaged, lacks what every result has, or does not agree
            with its step times; it is named.
    """
    if not folder.is_dir():
        raise InputError(f"{folder} is no folder: name the folder of a run, the one that holds raw/.")
    place = folder / "plan.json"
    plan = read_json(place, "the plan", _PLAN_GONE) if place.exists() else None
    if plan is not None and not _lists_runs(plan):
        raise InputError(f"{place} (the plan) is damaged: it does not list its runs by cell and block. {_PLAN_GONE}")
    files = sorted((folder / "raw").glob("*.json"))
    if not files:
        raise InputError(f"{folder / 'raw'} holds no raw result: run the benchmark first, or name another folder.")
    raws = [_read(file) for file in files]
    for file, raw in zip(files, raws, strict=True):
        hold_against(folder, file, raw)
    return plan, raws


def _lists_runs(plan: Record) -> bool:
    runs = plan.get("runs")
    return isinstance(runs, list) and all(isinstance(run, dict) and {"cell", "block"} <= run.keys() for run in runs)


def _read(file: Path) -> Record:
    raw = read_json(file, "a raw result", _REPEAT)
    wrong = [_wrong(raw, path, "no text") for path in _WORDS if not isinstance(raw.get(path), str)]
    wrong += _no_numbers(raw, _NUMBERS)
    wrong += [] if raw.get("status") in STATUSES else [f"lacks status ({', '.join(STATUSES)})"]
    if raw.get("status") == "ok":
        wrong += [*_no_numbers(raw, _TIMES), *_of_epochs(raw)]
    if wrong:
        raise InputError(f"{file} (a raw result) is damaged: it {'; it '.join(wrong)}. {_REPEAT}")
    return raw


def _of_epochs(raw: Record) -> Iterator[str]:
    """Yield what is wrong with the epochs of a whole training."""
    epochs = raw.get("epochs") or []
    if at(raw, "params.epochs") is not None and not epochs:
        yield "lacks epochs"
    elif not isinstance(epochs, list) or not all(isinstance(epoch, dict) for epoch in epochs):
        yield f"has {epochs!r:.40} under epochs, no list of them"
    else:
        for epoch in epochs:
            yield from _no_numbers(epoch, _EPOCH, "epochs.")


def _no_numbers(record: Record, paths: tuple[str, ...], within: str = "") -> list[str]:
    return [_wrong(record, path, "no number", within) for path in paths if number(at(record, path)) is None]


def _wrong(record: Record, path: str, instead: str, within: str = "") -> str:
    """Return "lacks steps.median_s", or "has 'abc' under steps.median_s, which is no number"."""
    value: Any = at(record, path)
    return f"lacks {within}{path}" if value is None else f"has {value!r:.40} under {within}{path}, which is {instead}"
