"""The settings ledger: what took effect in each framework-mode, where that differs, and what it was measured to do."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from suite import ledger as catalogue
from suite.analysis.switched import switched
from suite.fingerprint import is_unknown
from suite.frameworks import Framework
from suite.notes import PUBLISHED, name
from suite.records import Record


def ledger(raws: Sequence[Record], frameworks: Mapping[str, Framework]) -> list[Record]:
    """Return the ``ledger`` of the analysis: a row for each setting read back or measured.

    Rows in which the default modes differ come first, then those in which other modes do, then what is equal; what
    differs by its nature alone comes last among its kind.
    """
    ok = [raw for raw in raws if raw["status"] == "ok"]
    values = _values([raw for raw in ok if raw.get("probe") is None])
    measured: dict[str, list[Record]] = {}
    for key, found in switched(ok, frameworks):
        measured.setdefault(key, []).append(found)
    arms = {name(raw): str(raw["framework"]) for raw in ok}
    usual = {f"{each.name}-{each.default_mode}" for each in frameworks.values()}

    def rank(row: Record) -> tuple[Any, ...]:
        among_defaults = {arm: value for arm, value in row["values"].items() if arm in usual}
        unlike = differs(among_defaults, arms), row["differs"], row["comparable"] or not row["differs"]
        return *(not each for each in unlike), catalogue.place(row["key"])

    keys = dict.fromkeys([*values, *measured])
    return sorted((_row(key, values.get(key, {}), measured.get(key, []), arms) for key in keys), key=rank)


def differs(values: Mapping[str, Any], frameworks: Mapping[str, str]) -> bool:
    """Tell whether two arms of unlike frameworks read unlike; what is not known is no difference.

    Args:
        values: What each arm reads.
        frameworks: The framework of each arm.
    """
    known = [(frameworks[arm], value) for arm, value in values.items() if value is not None and not is_unknown(value)]
    return any(a != b and one != other for a, one in known for b, other in known)


def _row(key: str, values: dict[str, Any], measured: list[Record], arms: Mapping[str, str]) -> Record:
    entry = catalogue.entry(key)
    return {
        "key": key,
        "title": entry.title,
        "sentence": entry.sentence,
        "comparable": entry.comparable,
        "values": values,
        "differs": differs(values, arms),
        "measured": measured,
    }


def _values(raws: Sequence[Record]) -> dict[str, dict[str, Any]]:
    """Return by key what each arm read back, a list where its runs disagree.

    Arms are those of the matched lane, or programs as published where there are no others.
    """
    matched = [raw for raw in raws if raw["lane"] != PUBLISHED]
    seen: dict[str, dict[str, list[Any]]] = {}
    for raw in matched or raws:
        for key, value in (raw.get("settings") or {}).items():
            found = seen.setdefault(key, {}).setdefault(name(raw), [])
            if value not in found:
                found.append(value)
    return {
        key: {arm: found[0] if len(found) == 1 else found for arm, found in arms.items()} for key, arms in seen.items()
    }
