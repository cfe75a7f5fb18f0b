"""Whole trainings scaled from sampled steps, and the tables in the layout of the COMP5511 study (its Fig. 16-33)."""

from __future__ import annotations

import math
import statistics
from collections.abc import Mapping, Sequence
from typing import Any

from suite.records import Record

FORMULA = (
    "median first step + (steps - 1) x median steady step, steps = epochs x (training examples / batch, rounded up), "
    "evaluation excluded"
)
"""How a whole training is scaled from sampled steps."""

_Case = tuple[Any, ...]
"""(profile, lane, workload, epochs, batch): one row of the study's tables."""


def scaled_times(cells: Sequence[Record], epochs: Sequence[int]) -> list[Record]:
    """Return the ``scaled`` of the analysis: each cell of sampled steps, scaled to trainings of so many ``epochs``."""
    rows = []
    for cell in cells:
        step, first, examples = cell["median_s"], cell["first_step_s"], cell["train_examples"]
        if cell["quantity"] != "step" or step is None or first is None or not examples:
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
                    "formula": FORMULA,
                }
            )
    return rows


def study_tables(cells: Sequence[Record], scaled: Sequence[Record], default_modes: Mapping[str, str]) -> Record:
    """Return the ``study`` of the analysis: times and final accuracies of the default modes, a row for each case.

    A row of times is either all measured or all scaled. It is measured unless scaling covers more of the frameworks.
    Trainings on a part of the examples are no case of a study.
    """
    default = [
        cell
        for cell in cells
        if cell["quantity"] == "training" and default_modes.get(cell["framework"]) == cell["mode"]
        if cell["params"].get("examples") is None
    ]
    measured: dict[_Case, dict[str, float]] = {}
    accuracies: dict[_Case, dict[str, list[float]]] = {}
    for cell in default:
        case = _case(cell, cell["params"]["epochs"], cell["params"]["batch"])
        if cell["median_s"] is not None:
            measured.setdefault(case, {})[cell["framework"]] = cell["median_s"]
        if cell["final_accuracy"]:
            accuracies.setdefault(case, {})[cell["framework"]] = cell["final_accuracy"]
    worked_out: dict[_Case, dict[str, float]] = {}
    for row in scaled:
        if default_modes.get(row["framework"]) == row["mode"]:
            worked_out.setdefault(_case(row, row["epochs"], row["batch"]), {})[row["framework"]] = row["seconds"]
    return {
        "time": [
            _time(case, measured.get(case, {}), worked_out.get(case, {})) for case in sorted({*measured, *worked_out})
        ],
        "accuracy": [_accuracy(case, accuracies[case]) for case in sorted(accuracies)],
    }


def slower_pct(time: float | None, pytorch: float | None) -> float | None:
    """Return the study's "% TF slower": (time - pytorch) / time x 100, the share of its time lost against PyTorch."""
    return None if time is None or pytorch is None else (time - pytorch) / time * 100


def _case(record: Record, epochs: int, batch: int) -> _Case:
    return record["profile"], record["lane"], record["workload"], epochs, batch


def _named(case: _Case) -> Record:
    return dict(zip(("profile", "lane", "workload", "epochs", "batch"), case, strict=True))


def _time(case: _Case, measured: Mapping[str, float], scaled: Mapping[str, float]) -> Record:
    use_scaled = len(scaled) > len(measured)
    seconds = scaled if use_scaled else measured
    pytorch, tensorflow, keras = (seconds.get(framework) for framework in ("pytorch", "tensorflow", "keras"))
    return _named(case) | {
        "pytorch_s": pytorch,
        "tensorflow_s": tensorflow,
        "keras_s": keras,
        "tf_slower_pct": slower_pct(tensorflow, pytorch),
        "keras_slower_pct": slower_pct(keras, pytorch),
        "scaled": use_scaled,
    }


def _mean(values: Sequence[float]) -> float | None:
    return statistics.fmean(values) if values else None


def _accuracy(case: _Case, found: Mapping[str, Sequence[float]]) -> Record:
    """Return the means over runs, which is what the study's tables hold, and the fewest runs behind any of them."""
    frameworks = ("pytorch", "tensorflow", "keras")
    return (
        _named(case)
        | {framework: _mean(found.get(framework, ())) for framework in frameworks}
        | {"runs": min(map(len, found.values()))}
    )
