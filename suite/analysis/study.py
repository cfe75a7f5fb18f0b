"""Whole trainings scaled from sampled steps, and the tables in the layout of the COMP5511 study (its Fig. 16-33)."""

from __future__ import annotations

import math
import statistics
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from suite.analysis.comparisons import is_default
from suite.notes import PUBLISHED
from suite.records import Record

FORMULA = (
    "median first step + (steps - 1) x median steady step, steps = epochs x (training examples / batch, rounded up), "
    "evaluation excluded"
)
"""How a whole training is scaled from sampled steps."""

_Case = tuple[Any, ...]
"""(profile, lane, workload, epochs, batch): one row of the study's tables."""

_FRAMEWORKS = ("pytorch", "tensorflow", "keras")
"""The columns of the study's tables; further frameworks follow them, where they ran."""


@dataclass(frozen=True, kw_only=True)
class _Entry:
    """One value of a row, the number of runs it rests on, and whether its arm lacks the proof of training alike."""

    value: float
    runs: int
    unmatched: bool


def scaled_times(cells: Sequence[Record], epochs: Sequence[int]) -> list[Record]:
    """Return the ``scaled`` of the analysis: each cell of sampled steps, scaled to trainings of so many ``epochs``.

    Cells with a setting switched the other way (``probe``) are left out.
    """
    rows = []
    for cell in cells:
        step, first, examples = cell["median_s"], cell["first_step_s"], cell["train_examples"]
        if cell["quantity"] != "step" or cell["probe"] or step is None or first is None or not examples:
            continue
        for count in epochs:
            steps = math.ceil(examples / cell["params"]["batch"]) * count
            rows.append(
                {
                    **{field: cell[field] for field in ("cell", "profile", "lane", "workload", "framework", "mode")},
                    "batch": cell["params"]["batch"],
                    "epochs": count,
                    "seconds": first + (steps - 1) * step,
                    "steps": steps,
                    "runs": cell["runs_ok"],
                    "unmatched": _unmatched(cell),
                    "formula": FORMULA,
                }
            )
    return rows


def study_tables(cells: Sequence[Record], scaled: Sequence[Record], default_modes: Mapping[str, str]) -> Record:
    """Return the ``study`` of the analysis: times and final accuracies of the default modes, a row for each case.

    A row of times is either all measured or all scaled. It is measured unless scaling covers more of the frameworks.
    Trainings on a part of the examples are no case of a study. Lanes have rows of their own, and frameworks in a row
    that are not proved to train alike are named in its ``unmatched``.
    """
    default = [
        cell
        for cell in cells
        if cell["quantity"] == "training" and is_default(cell, default_modes)
        if cell["params"].get("examples") is None and not cell["probe"]
    ]
    measured: dict[_Case, dict[str, _Entry]] = {}
    accuracies: dict[_Case, dict[str, _Entry]] = {}
    for cell in default:
        case = _case(cell, cell["params"]["epochs"], cell["params"]["batch"])
        unmatched = bool(_unmatched(cell))
        if cell["median_s"] is not None:
            entry = _Entry(value=cell["median_s"], runs=len(cell["values_s"]), unmatched=unmatched)
            measured.setdefault(case, {})[cell["framework"]] = entry
        if finals := cell["final_accuracy"]:
            entry = _Entry(value=statistics.fmean(finals), runs=len(finals), unmatched=unmatched)
            accuracies.setdefault(case, {})[cell["framework"]] = entry
    worked_out: dict[_Case, dict[str, _Entry]] = {}
    for row in scaled:
        if is_default(row, default_modes):
            entry = _Entry(value=row["seconds"], runs=row["runs"], unmatched=bool(row["unmatched"]))
            worked_out.setdefault(_case(row, row["epochs"], row["batch"]), {})[row["framework"]] = entry
    return {
        "time": [
            _time(case, measured.get(case, {}), worked_out.get(case, {}))
            for case in sorted({*measured, *worked_out}, key=_place)
        ],
        "accuracy": [_accuracy(case, accuracies[case]) for case in sorted(accuracies, key=_place)],
    }


def slower_pct(time: float | None, pytorch: float | None) -> float | None:
    """Return the study's "% TF slower": (time - pytorch) / time x 100, the share of its time lost against PyTorch."""
    return None if time is None or pytorch is None else (time - pytorch) / time * 100


def _unmatched(cell: Record) -> list[str]:
    """Return the cell's framework in a list where nothing proves that it trains like the others, else an empty one."""
    return [] if cell["lane"] == PUBLISHED or cell["passport"] == "matched" else [cell["framework"]]


def _place(case: _Case) -> tuple[Any, ...]:
    profile, lane, *rest = case
    return profile, lane == PUBLISHED, *rest


def _case(record: Record, epochs: int, batch: int) -> _Case:
    return record["profile"], record["lane"], record["workload"], epochs, batch


def _named(case: _Case) -> Record:
    return dict(zip(("profile", "lane", "workload", "epochs", "batch"), case, strict=True))


def _behind(entries: Mapping[str, _Entry]) -> Record:
    """Return the fewest runs behind any value of a row, and the frameworks that are not proved to train alike."""
    return {
        "runs": min((entry.runs for entry in entries.values()), default=0),
        "unmatched": [
            framework for framework in _columns(entries) if framework in entries and entries[framework].unmatched
        ],
    }


def _columns(entries: Mapping[str, _Entry]) -> list[str]:
    return [*_FRAMEWORKS, *sorted(set(entries) - set(_FRAMEWORKS))]


def _time(case: _Case, measured: Mapping[str, _Entry], scaled: Mapping[str, _Entry]) -> Record:
    use_scaled = len(scaled) > len(measured)
    entries = scaled if use_scaled else measured
    seconds = {name: entries[name].value if name in entries else None for name in _columns(entries)}
    pytorch, tensorflow, keras = (seconds[name] for name in _FRAMEWORKS)
    return (
        _named(case)
        | {f"{name}_s": value for name, value in seconds.items()}
        | {
            "tf_slower_pct": slower_pct(tensorflow, pytorch),
            "keras_slower_pct": slower_pct(keras, pytorch),
            "scaled": use_scaled,
        }
        | _behind(entries)
    )


def _accuracy(case: _Case, found: Mapping[str, _Entry]) -> Record:
    """Return the means over runs, which is what the study's tables hold."""
    means = {name: found[name].value if name in found else None for name in _columns(found)}
    return _named(case) | means | _behind(found)
