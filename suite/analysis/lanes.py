"""Matched beside as-published: what of a gap between frameworks is theirs, and what their programs' defaults.

No ratio is formed across lanes between frameworks: each lane has its own, and those two are held against each other.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from suite.analysis.comparisons import is_default
from suite.analysis.passports import status
from suite.notes import PUBLISHED, name, parameters
from suite.records import Record
from suite.stats import DEAD_BAND, median

_Case = tuple[str, str, str]
"""(profile, workload, parameters): what a matched and an as-published cell have to share to stand side by side."""


def beside(
    raws: Sequence[Record], cells: Sequence[Record], comparisons: Sequence[Record], default_modes: Mapping[str, str]
) -> list[Record]:
    """Return the ``lanes`` of the analysis: one row for each framework of each case that ran as published.

    ``matched`` and ``published`` hold ``cell``, ``arm``, ``seconds``, ``runs``, ``accuracy`` (the median final one),
    ``reported`` (what a program itself called its accuracy at the end, the median; ``reported_as``: what that was) and
    ``passport``, or are None where that was not run. ``against`` compares with each framework before it, lane by lane:
    ``remaining`` is the share of the as-published gap (on the scale of log ratios) that is left when both are matched.
    ``switched`` are the same program's runs with one difference switched, against the program as published.
    """
    cases: dict[_Case, list[Record]] = {}
    for cell in cells:
        if not cell["probe"]:
            cases.setdefault((cell["profile"], cell["workload"], parameters(cell)), []).append(cell)
    ratios = {_key(row, row["a"], row["b"]): row for row in comparisons}
    facts = _Facts(differences=_differences(raws), reported=_reported(raws))
    return [
        row
        for found in cases.values()
        if any(cell["lane"] == PUBLISHED for cell in found)
        for row in _rows(found, ratios, facts, default_modes)
    ]


@dataclass(frozen=True, kw_only=True)
class _Facts:
    """What raw results say, by cell: in what a program differs from its workload, and what it called its accuracy."""

    differences: Mapping[str, list[str]]
    reported: Mapping[str, Record]


def _rows(
    cells: Sequence[Record],
    ratios: Mapping[Any, Record],
    facts: _Facts,
    default_modes: Mapping[str, str],
) -> list[Record]:
    main = {(cell["framework"], cell["lane"] == PUBLISHED): cell for cell in cells if is_default(cell, default_modes)}
    rows: list[Record] = []
    for framework in dict.fromkeys(cell["framework"] for cell in cells):
        matched, published = main.get((framework, False)), main.get((framework, True))
        variants = [
            cell
            for cell in cells
            if cell["framework"] == framework and cell["lane"] == PUBLISHED and cell is not published
        ]
        if matched is None and published is None and not variants:  # ran in another mode only
            continue
        rows.append(
            {
                **{field: cells[0][field] for field in ("profile", "workload", "params", "quantity")},
                "framework": framework,
                "matched": _side(matched, facts),
                "published": _side(published, facts),
                "against": [
                    _against(row["framework"], _pair(main, ratios, row["framework"], framework)) for row in rows
                ],
                "switched": [_switched(cell, published, facts) for cell in variants],
                "differences": facts.differences.get(published["cell"], []) if published else [],
            }
        )
    return rows


def _side(cell: Record | None, facts: _Facts) -> Record | None:
    if cell is None:
        return None
    return {
        "cell": cell["cell"],
        "arm": name(cell),
        "seconds": cell["median_s"],
        "runs": cell["runs_ok"],
        "accuracy": median(cell["final_accuracy"]),
        **facts.reported.get(cell["cell"], {"reported": None, "reported_as": None}),
        "passport": cell["passport"],
    }


def _pair(
    main: Mapping[tuple[str, bool], Record], ratios: Mapping[Any, Record], other: str, framework: str
) -> dict[str, tuple[Record | None, float | None]]:
    """Return for each lane the comparison of a framework with another, and the difference of their accuracies."""
    found: dict[str, tuple[Record | None, float | None]] = {}
    for lane, published in (("matched", False), ("published", True)):
        a, b = main.get((other, published)), main.get((framework, published))
        if a is None or b is None:
            found[lane] = (None, None)
            continue
        accuracies = median(a["final_accuracy"]), median(b["final_accuracy"])
        gap = None if accuracies[0] is None or accuracies[1] is None else accuracies[1] - accuracies[0]
        found[lane] = (ratios.get(_key(a, name(a), name(b))), gap)
    return found


def _against(other: str, pair: Mapping[str, tuple[Record | None, float | None]]) -> Record:
    (matched, matched_gap), (published, published_gap) = pair["matched"], pair["published"]
    unmatched = matched["unmatched"] if matched else []
    return {
        "framework": other,
        "matched": matched["ratio"] if matched else None,
        "published": published["ratio"] if published else None,
        "unmatched": unmatched,
        "remaining": None if unmatched else _remaining(matched, published),
        "accuracy_gap": {"matched": matched_gap, "published": published_gap},
    }


def _remaining(matched: Record | None, published: Record | None) -> float | None:
    """Return log(matched ratio) / log(published ratio); None where one is not there or there is no gap to speak of."""
    ratios = [row["ratio"] if row else None for row in (matched, published)]
    if ratios[0] is None or ratios[1] is None or 1 / DEAD_BAND <= ratios[1] <= DEAD_BAND:
        return None
    return math.log(ratios[0]) / math.log(ratios[1])


def _switched(cell: Record, published: Record | None, facts: _Facts) -> Record:
    side, usual = _side(cell, facts) or {}, _side(published, facts) or {}
    known = {key: (side.get(key), usual.get(key)) for key in ("seconds", "accuracy")}
    (seconds, before), (accuracy, usually) = known["seconds"], known["accuracy"]
    return {
        "variant": cell["mode"],
        **side,
        "seconds_over_published": None if seconds is None or before is None else seconds / before,
        "accuracy_minus_published": None if accuracy is None or usually is None else accuracy - usually,
    }


def _reported(raws: Sequence[Record]) -> dict[str, Record]:
    """Return, by cell, the median of what its runs told as accuracy after their last epoch, and what that was."""
    found: dict[str, tuple[str, list[float]]] = {}
    for raw in raws:
        epochs = raw.get("epochs") or []
        if raw.get("reported_as") and epochs and epochs[-1].get("reported_accuracy") is not None:
            found.setdefault(raw["cell"], (raw["reported_as"], []))[1].append(epochs[-1]["reported_accuracy"])
    return {cell: {"reported": median(told), "reported_as": kind} for cell, (kind, told) in found.items()}


def _differences(raws: Sequence[Record]) -> dict[str, list[str]]:
    """Return, by cell, what its passport says is unlike the matched workload."""
    found: dict[str, list[str]] = {}
    for raw in raws:
        if raw.get("lane") == PUBLISHED and status([raw]) == "as-published":
            for sentence in (raw["passport"] or {}).get("differences") or []:
                if sentence not in found.setdefault(raw["cell"], []):
                    found[raw["cell"]].append(sentence)
    return found


def _key(record: Record, a: str, b: str) -> Any:
    params = tuple(sorted(record["params"].items()))
    return record["profile"], record["lane"], record["workload"], params, a, b
