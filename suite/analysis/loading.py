"""Reading a run's folder: plan.json where there is one, and every raw result."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np

from suite.errors import InputError
from suite.notes import at, number
from suite.records import Record, read_json, sha256_of_file

STATUSES = ("ok", "failed", "timeout", "killed")
"""How a run can have ended."""

_WORDS = ("cell", "profile", "lane", "workload", "framework", "mode")
_NUMBERS = ("params.batch", "block")
_TIMES = ("wall_s", "phases.first_step", "steps.median_s", "data.train_examples")


def load_run(folder: Path) -> tuple[Record | None, list[Record]]:
    """Return the plan (None if the folder has none) and the raw results, in the order of their file names.

    Raises:
        InputError: the folder holds no raw result, or a file is damaged or lacks what every result has; it is named.
    """
    if not folder.is_dir():
        raise InputError(f"{folder} is no folder: name the folder of a run, the one that holds raw/.")
    plan = read_json(folder / "plan.json", "the plan") if (folder / "plan.json").exists() else None
    if plan is not None and not _lists_runs(plan):
        raise InputError(f"{folder / 'plan.json'} (the plan) is damaged: it does not list its runs by cell and block.")
    files = sorted((folder / "raw").glob("*.json"))
    if not files:
        raise InputError(f"{folder / 'raw'} holds no raw result: run the benchmark first, or name another folder.")
    raws = [_read(file) for file in files]
    for file, raw in zip(files, raws, strict=True):
        _refuse_altered(folder, file, raw)
    return plan, raws


def _refuse_altered(folder: Path, file: Path, raw: Record) -> None:
    """Refuse a result whose step times are not those it was made from; a file that is gone is the report's to tell."""
    name, sha256 = at(raw, "steps.file"), at(raw, "steps.sha256")
    if raw.get("status") != "ok" or not isinstance(name, str) or not (folder / name).is_file():
        return
    if sha256_of_file(folder / name) != sha256:
        raise InputError(
            f"{folder / name} (step times) was altered or damaged since {file} was written: restore it from a copy, or "
            "remove both files and repeat that run with --resume."
        )
    median = np.median(np.load(folder / name, allow_pickle=False)[int(at(raw, "steps.warmup") or 0) :])
    if not math.isclose(median, at(raw, "steps.median_s"), rel_tol=1e-9):
        raise InputError(
            f"{file} (a raw result) was altered: it says a step takes {at(raw, 'steps.median_s')} s, its step times "
            f"say {median} s; restore it from a copy, or remove it and repeat that run with --resume."
        )


def _lists_runs(plan: Record) -> bool:
    runs = plan.get("runs")
    return isinstance(runs, list) and all(isinstance(run, dict) and {"cell", "block"} <= run.keys() for run in runs)


def _read(file: Path) -> Record:
    raw = read_json(file, "a raw result")
    missing = [path for path in _WORDS if not isinstance(raw.get(path), str)]
    missing += [path for path in _NUMBERS if number(at(raw, path)) is None]
    missing += [] if raw.get("status") in STATUSES else [f"status ({', '.join(STATUSES)})"]
    if raw.get("status") == "ok":
        missing += [path for path in _TIMES if number(at(raw, path)) is None]
        if at(raw, "params.epochs") is not None and not raw.get("epochs"):
            missing.append("epochs")
    if missing:
        raise InputError(
            f"{file} (a raw result) is damaged: it lacks {', '.join(missing)}. "
            "Remove it and repeat that run with --resume, or restore it from a copy."
        )
    return raw
