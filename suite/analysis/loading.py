"""Reading a run's folder: plan.json where there is one, and every raw result."""

from __future__ import annotations

from pathlib import Path

from suite.errors import InputError
from suite.notes import at, number
from suite.records import Record, read_json

_ALWAYS = ("cell", "profile", "lane", "workload", "framework", "mode", "params.batch", "block", "status")
_TIMED = ("wall_s", "phases.first_step", "steps.median_s", "data.train_examples")


def load_run(folder: Path) -> tuple[Record | None, list[Record]]:
    """Return the plan (None if the folder has none) and the raw results, in the order of their file names.

    Raises:
        InputError: the folder holds no raw result, or a file is damaged or lacks what every result has; it is named.
    """
    if not folder.is_dir():
        raise InputError(f"{folder} is no folder: name the folder of a run, the one that holds raw/.")
    plan = read_json(folder / "plan.json", "the plan") if (folder / "plan.json").exists() else None
    if plan is not None and not isinstance(plan.get("runs"), list):
        raise InputError(f"{folder / 'plan.json'} (the plan) is damaged: it lists no runs.")
    files = sorted((folder / "raw").glob("*.json"))
    if not files:
        raise InputError(f"{folder / 'raw'} holds no raw result: run the benchmark first, or name another folder.")
    return plan, [_read(file) for file in files]


def _read(file: Path) -> Record:
    raw = read_json(file, "a raw result")
    missing = [path for path in _ALWAYS if at(raw, path) is None]
    if raw.get("status") == "ok":
        missing += [path for path in _TIMED if number(at(raw, path)) is None]
        if at(raw, "params.epochs") is not None and not raw.get("epochs"):
            missing.append("epochs")
    if missing:
        raise InputError(
            f"{file} (a raw result) is damaged: it lacks {', '.join(missing)}. "
            "Remove it and repeat that run with --resume, or restore it from a copy."
        )
    return raw
