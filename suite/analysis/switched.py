"""What a setting does, measured: an arm against the same arm with one setting switched the other way.

The setting is switched by a probe, a run of the same mode, or by a companion, a mode that differs from its framework's
default mode in that setting. Both are compared block by block with the arm itself, and with nothing else. So is an arm
in a container, where what is switched is the venue.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from suite import stats
from suite.analysis.cells import quantity
from suite.analysis.comparisons import by_block
from suite.cells import IN_CONTAINER
from suite.frameworks import Framework
from suite.notes import compared, name
from suite.records import Record


@dataclass(frozen=True, kw_only=True)
class _Switch:
    """One setting switched in one arm: the ledger's key, what to call it, and the runs with it and without."""

    key: str
    probe: str
    words: str
    without: list[Record]
    switched: list[Record]


def switched(raws: Sequence[Record], frameworks: Mapping[str, Framework]) -> Iterator[tuple[str, Record]]:
    """Yield (key of the ledger, an entry of its ``measured``) for each setting switched, in each case measured.

    Args:
        raws: Raw results that ended well.
        frameworks: The adapters by name, which know what their probes and companions switch.
    """
    cases: dict[tuple[str, ...], list[Record]] = {}
    for raw in raws:
        profile, lane, workload, parameters = compared(raw)
        framework = str(raw["framework"])
        cases.setdefault((profile, lane, workload, parameters.partition("+")[0], framework), []).append(raw)
    for (*_, who), runs in cases.items():
        adapter = frameworks.get(who)
        for switch in (*_probes(runs, adapter), *_companions(runs, adapter)):
            yield switch.key, _entry(switch, adapter.title if adapter else who)


def _probes(runs: Sequence[Record], adapter: Framework | None) -> Iterator[_Switch]:
    probed = [run for run in runs if run.get("probe") not in (None, IN_CONTAINER)]
    for probe, mode in dict.fromkeys((str(run["probe"]), run["mode"]) for run in probed):
        known = next((each for each in adapter.probes if each.name == probe), None) if adapter else None
        own = [run for run in runs if run["mode"] == mode]
        yield _Switch(
            key=known.key if known else probe,
            probe=probe,
            words=known.sentence if known else probe,
            without=[run for run in own if not run.get("probe")],
            switched=[run for run in own if run.get("probe") == probe],
        )


def _companions(runs: Sequence[Record], adapter: Framework | None) -> Iterator[_Switch]:
    for mode in adapter.modes if adapter else ():
        own = [run for run in runs if run["mode"] == mode.name and not run.get("probe")]
        if adapter and mode.switches and own:
            default = [run for run in runs if run["mode"] == adapter.default_mode and not run.get("probe")]
            words = f"mode {mode.name} instead of {adapter.default_mode}"
            yield _Switch(key=mode.switches, probe=mode.name, words=words, without=default, switched=own)


def venues(raws: Sequence[Record], frameworks: Mapping[str, Framework]) -> list[Record]:
    """Return the ``venues`` of the analysis: each arm in a container against the same arm natively, in each case.

    Args:
        raws: Raw results that ended well.
        frameworks: The adapters by name.
    """
    cases: dict[tuple[str, ...], list[Record]] = {}
    for raw in raws:
        if raw.get("probe") in (None, IN_CONTAINER):
            profile, lane, workload, parameters = compared(raw)
            case = (profile, lane, workload, parameters.partition("+")[0], name(raw))
            cases.setdefault(case, []).append(raw)
    return [
        row for runs in cases.values() if any(run.get("probe") for run in runs) for row in [_venue(runs, frameworks)]
    ]


def _venue(runs: Sequence[Record], frameworks: Mapping[str, Framework]) -> Record:
    native, contained = ([run for run in runs if bool(run.get("probe")) is inside] for inside in (False, True))
    adapter = frameworks.get(str(runs[0]["framework"]))
    switch = _Switch(key=IN_CONTAINER, probe=IN_CONTAINER, words="in a container", without=native, switched=contained)
    entry = _entry(switch, adapter.title if adapter else str(runs[0]["framework"]))
    return {
        **entry,
        "profile": runs[0].get("profile"),
        "lane": runs[0].get("lane"),
        "quantity": quantity(runs[0]),
        "native_s": stats.median(by_block(native).values()),
        "container_s": stats.median(by_block(contained).values()),
        "within_tolerance": within(entry["low"], entry["high"]),
        "interpreters": {"native": _interpreters(native), "container": _interpreters(contained)},
    }


def _interpreters(runs: Sequence[Record]) -> list[str]:
    """Return which Python, and on which C library, ran: "Python 3.11.7 (glibc 2.36)"."""
    found = set()
    for run in runs:
        if python := (run.get("versions") or {}).get("python"):
            found.add(f"Python {python}" + (f" ({run['libc']})" if run.get("libc") else ""))
    return sorted(found)


TOLERANCE = 0.01
"""How much a container may cost, as a part of the native time, to count for nothing."""


def within(low: float | None, high: float | None) -> bool | None:
    """Tell whether a ratio is within :data:`TOLERANCE` of 1; None: its interval does not tell."""
    if low is None or high is None:
        return None
    if low >= 1 - TOLERANCE and high <= 1 + TOLERANCE:
        return True
    return False if high < 1 - TOLERANCE or low > 1 + TOLERANCE else None


def _entry(switch: _Switch, title: str) -> Record:
    without, with_it = by_block(switch.without), by_block(switch.switched)
    pairs = [(without[block], with_it[block]) for block in without if block in with_it]
    found = stats.compare(pairs) if pairs else None
    interval = found.interval if found else None
    first = switch.switched[0]
    parameters = compared(first)[3].partition("+")[0]
    return {
        "arm": name(switch.without[0] if switch.without else first),
        "probe": switch.probe,
        "workload": first["workload"],
        "params": first.get("params"),
        "sentence": f"{switch.words}: {title} {_amount(found)} ({first['workload']}, {parameters})",
        "ratio": found.ratio if found else None,
        "low": interval.low if interval else None,
        "high": interval.high if interval else None,
        "verdict": found.verdict if found else "too few runs",
        "runs": len(pairs),
    }


def _amount(found: stats.Comparison | None) -> str:
    """Return what switching does to the time: "takes 1.5 to 1.7 times as long"."""
    if found is None:
        return "was never measured both ways in one block"
    if found.interval is None:
        blocks = "1 block" if found.runs == 1 else f"{found.runs} blocks"
        return f"took {_range(found.ratio)} times as long in {blocks}, too few runs for a verdict"
    if found.verdict == "equal within 3 %":
        return "takes as long, within 3 %"
    ending = ", not resolved" if found.verdict == "not resolved" else ""
    return f"takes {_range(found.interval.low, found.interval.high)} times as long{ending}"


def _range(*values: float) -> str:
    """Return "1.5 to 1.7"; one number where both read the same."""
    return " to ".join(dict.fromkeys(f"{value:.2f}" if value >= 0.1 else f"{value:.2g}" for value in values))
