"""The step times of a run, held against what its raw result says of them.

Every duration in a raw result that an analysis uses comes from the step times, so it can be worked out again; what does
not come out the same was changed afterwards. What only the step times tell is added to the result in memory.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from suite.errors import InputError
from suite.notes import PUBLISHED, at, number
from suite.records import Record, sha256_of_file

AGREEMENT = 1e-9
"""How closely a recorded number has to agree with the step times, relative: both are sums of the same nanoseconds."""

_AGAIN = "remove it and repeat that run with --resume"


def hold_against(folder: Path, file: Path, raw: Record) -> None:
    """Compare the raw result in ``file`` with its step times, and add to its ``steps`` what only those tell.

    Added are ``file_missing``, true where the file that it names is not there, and for whole trainings
    ``epoch_starts_s``, the durations of those steady steps that were the first of an epoch. A run that did not end well
    is left as it is.

    Raises:
        InputError: the step times, or a number worked out from them, are not those that were written; it is named.
    """
    name = at(raw, "steps.file")
    if raw.get("status") != "ok" or not isinstance(name, str):
        return
    if not (folder / name).is_file():
        raw["steps"]["file_missing"] = True
        return
    times = _times(folder / name, file, at(raw, "steps.sha256"))
    warmup = int(number(at(raw, "steps.warmup")) or 0)
    for words, recorded, found in (*_steady(raw, times, warmup), *_phases(raw, times)):
        _refuse_unlike(file, words, recorded, found)
    if raw.get("epochs"):
        _hold_epochs(file, raw, times, warmup)


def _times(path: Path, file: Path, sha256: object) -> np.ndarray:
    again = "restore it from a copy, or remove both files and repeat that run with --resume."
    if sha256_of_file(path) != sha256:
        raise InputError(f"{path} (step times) was altered or damaged since {file} was written: {again}")
    try:
        times = np.load(path, allow_pickle=False)
    except (OSError, ValueError):
        times = None
    if not isinstance(times, np.ndarray) or times.ndim != 1 or times.dtype != np.float64:
        raise InputError(f"{path} (step times) holds no list of seconds: {again}")
    return times


def _steady(raw: Record, times: np.ndarray, warmup: int) -> Iterator[tuple[str, object, float]]:
    """Yield (what is said, the number recorded, the number that the step times give), as the worker works them out."""
    steady = times[warmup:]
    if not len(steady):
        return
    quarter = len(steady) // 4
    yield "{} of its steps count", at(raw, "steps.count"), len(steady)
    yield "a step takes {} s", at(raw, "steps.median_s"), float(np.median(steady))
    yield "a step takes {} s on average", at(raw, "steps.mean_s"), float(np.mean(steady))
    yield "the longest step takes {} s", at(raw, "steps.max_s"), float(np.max(steady))
    if quarter:
        yield "an early step takes {} s", at(raw, "steps.early_s"), float(np.median(steady[:quarter]))
        yield "a late step takes {} s", at(raw, "steps.late_s"), float(np.median(steady[-quarter:]))


def _phases(raw: Record, times: np.ndarray) -> Iterator[tuple[str, object, float]]:
    yield "the first step takes {} s", at(raw, "phases.first_step"), float(times[0]) if len(times) else 0.0


def _hold_epochs(file: Path, raw: Record, times: np.ndarray, warmup: int) -> None:
    """Compare each epoch's seconds with its share of the step times, and keep how long its first step took.

    A matched training warms up before its first epoch and starts anew; a program as published has its first step, the
    only one that does not count, inside its first epoch. All epochs have equally many steps.
    """
    begin = 0 if raw.get("lane") == PUBLISHED else warmup
    epochs, steps = raw["epochs"], len(times) - begin
    if len(epochs) != at(raw, "params.epochs") or steps <= 0 or steps % len(epochs):
        raise InputError(
            f"{file} (a raw result) was altered: it lists {len(epochs)} of {at(raw, 'params.epochs')} epochs, its "
            f"training has {steps} step times; restore it from a copy, or {_AGAIN}."
        )
    parts = np.split(times[begin:], len(epochs))
    for nth, (epoch, part) in enumerate(zip(epochs, parts, strict=True), start=1):
        recorded = epoch.get("train_s") if isinstance(epoch, dict) else None
        _refuse_unlike(file, f"epoch {nth} takes {{}} s", recorded, float(part.sum()))
    each = steps // len(epochs)
    starts = [begin + nth * each for nth in range(len(epochs))]
    raw["steps"]["epoch_starts_s"] = [float(times[start]) for start in starts if start >= warmup]


def _refuse_unlike(file: Path, words: str, recorded: object, found: float) -> None:
    """Refuse a number that is not what the step times give; one that was not recorded says nothing."""
    value = number(recorded)
    if value is None or math.isclose(value, found, rel_tol=AGREEMENT):
        return
    unit = " s" if words.endswith(("{} s", "{} s on average")) else ""
    raise InputError(
        f"{file} (a raw result) was altered: it says {words.format(value)}, its step times say {found:.12g}{unit}; "
        f"restore it from a copy, or {_AGAIN}."
    )
