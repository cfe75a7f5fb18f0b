"""What a run says: raw results in, the contents of analysis.json out. Derived numbers are never kept as if measured."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from suite import notes, stats
from suite.analysis.cells import summaries
from suite.analysis.comparisons import comparisons, precedence
from suite.analysis.lanes import beside
from suite.analysis.ledger import ledger
from suite.analysis.loading import STATUSES, load_run
from suite.analysis.passports import load_passports
from suite.analysis.stereo import matching
from suite.analysis.study import scaled_times, study_tables
from suite.analysis.switched import venues
from suite.frameworks import frameworks
from suite.notes import devices
from suite.notes.grade import grade
from suite.records import SCHEMA, Record

__all__ = ["analyse", "load_passports", "load_run"]


def analyse(
    raws: Sequence[Record],
    plan: Record | None = None,
    passports: Sequence[Record] = (),
    baseline: Record | None = None,
) -> Record:
    """Return the analysis (schema 1) of a run's raw results; what cannot be had is None, never made up.

    Args:
        raws: The raw results, in any order.
        plan: What was planned; without it nothing is known to be missing. Its ``scale_epochs`` (default 10 and 20, the
            study's) are the trainings that sampled steps are scaled to.
        passports: The parity passports kept with the run. Which arms are matched is read from the raw results.
        baseline: Block matching's error rates on the run's test pairs, where it has any.
    """
    adapters = frameworks()
    default_modes = {name: framework.default_mode for name, framework in adapters.items()}
    raws = sorted(raws, key=lambda raw: _order(raw, default_modes))
    ok = [raw for raw in raws if raw["status"] == "ok"]
    cells = summaries(raws)
    scaled = scaled_times(cells, (plan or {}).get("scale_epochs") or (10, 20))
    compared = comparisons(raws, default_modes)
    places = venues(ok, adapters)
    found = notes.evaluate(notes.Evidence(raws, plan, cells, passports, compared, places))
    known = [*raws, *([plan] if plan else [])]
    return {
        "schema": SCHEMA,
        "run": _first(known, "run"),
        "preset": _first(known, "preset"),
        "synthetic": any(notes.at(record, "data.synthetic") is True for record in known),
        "device": _device(ok or raws, plan),
        "counts": _counts(raws, plan),
        "cells": cells,
        "comparisons": compared,
        "scaled": scaled,
        "study": study_tables(cells, scaled, default_modes),
        "stereo": matching(raws, cells, baseline),
        "lanes": beside(raws, cells, compared, default_modes),
        "grade": grade(found, compared, places),
        "notes": [note.record() for note in found],
        "passports": list(passports),
        "failures": [_failure(raw) for raw in raws if raw["status"] != "ok"],
        "machines": _machines(raws),
        "versions": _agreed_by(ok, lambda raw: str(raw["framework"]), "versions"),
        "settings": _agreed_by([raw for raw in ok if raw.get("probe") is None], notes.name, "settings"),
        "ledger": ledger(raws, adapters),
        "venues": places,
        "confidence_target": stats.TARGET_CONFIDENCE,
    }


def _order(raw: Record, default_modes: Mapping[str, str]) -> tuple[Any, ...]:
    batch, epochs = notes.at(raw, "params.batch"), notes.at(raw, "params.epochs")
    profile, lane, workload, parameters = notes.compared(raw)
    what = (profile, lane == notes.PUBLISHED, lane, workload, epochs is not None, epochs or 0, batch, parameters)
    return *what, precedence(raw, default_modes), raw["block"], raw.get("position") or 0, str(raw.get("started_at"))


def _device(raws: Sequence[Record], plan: Record | None) -> Record:
    """Return where the runs computed, and what stands beside every verdict if that is not what the profile is for."""
    used = sorted({found for raw in raws if (found := devices.device(raw)) is not None})
    smoke = any(devices.on_processor_instead(raw, plan) for raw in raws)
    meant = {found for raw in raws if (found := devices.accelerator(raw, plan)) is not None}
    return {"used": used, "accelerators": sorted(meant), "mark": devices.SMOKE if smoke else None}


def _first(records: Sequence[Record], key: str) -> Any:
    return next((record[key] for record in records if record.get(key) is not None), None)


def _counts(raws: Sequence[Record], plan: Record | None) -> dict[str, int | None]:
    statuses = Counter(raw["status"] for raw in raws)
    counts: dict[str, int | None] = {status: statuses[status] for status in STATUSES}
    if plan is None:
        return counts | {"planned": None, "missing": None}
    missing = Counter((run["cell"], run["block"]) for run in plan["runs"])
    missing.subtract((raw["cell"], raw["block"]) for raw in raws)
    return counts | {"planned": len(plan["runs"]), "missing": sum(count for count in missing.values() if count > 0)}


def _failure(raw: Record) -> Record:
    fields = ("cell", "block", "status", "reason", "exit_code", "log")
    return {field: raw.get(field) for field in fields} | {"log_tail": raw.get("log_tail") or []}


def _machines(raws: Sequence[Record]) -> list[Record]:
    found: dict[Any, Record] = {}
    for raw in raws:
        if (machine := raw.get("machine") or {}).get("id") is not None:
            found.setdefault(machine["id"], {"id": machine["id"], "identity": machine.get("identity") or {}})
    return list(found.values())


def _agreed_by(raws: Sequence[Record], group: Callable[[Record], str], field: str) -> dict[str, dict[str, Any]]:
    """Return the recorded values by group; where runs of a group disagree, the list of the different values."""
    seen: dict[str, dict[str, list[Any]]] = {}
    for raw in raws:
        values = seen.setdefault(group(raw), {})
        for key, value in (raw.get(field) or {}).items():
            if value not in values.setdefault(key, []):
                values[key].append(value)
    return {
        who: {key: found[0] if len(found) == 1 else found for key, found in values.items()}
        for who, values in seen.items()
    }
