"""What is made of a run's results afterwards: the notes of a thousand runs."""

from __future__ import annotations

import statistics
import time
from collections.abc import Sequence

from benchmarks.setting import Setting
from benchmarks.table import Row
from suite import analysis, home
from suite import notes as rules
from suite.records import Record

RUNS = 1000
NOTES_BOUND_S = 1.0


def notes(setting: Setting) -> list[Row]:
    """Return what every note rule together takes over the example report's results, repeated to a thousand runs."""
    plan, raws = analysis.load_run(home.REPORTS / "example")
    many = repeated(raws, RUNS)
    found = analysis.analyse(many, plan)
    seconds = []
    for _ in range(setting.rounds):
        evidence = rules.Evidence(many, plan, found["cells"], found["passports"], found["comparisons"])
        since = time.perf_counter()
        rules.evaluate(evidence)
        seconds.append(time.perf_counter() - since)
    return [
        Row(
            benchmark="notes",
            subject="driver",
            measure=f"all {len(rules.rules())} rules over {len(many)} runs",
            value=statistics.median(seconds),
            low=min(seconds),
            high=max(seconds),
            spread=f"smallest and largest of {len(seconds)} rounds",
            unit="s",
            bound=NOTES_BOUND_S,
        )
    ]


def repeated(raws: Sequence[Record], count: int) -> list[Record]:
    """Return at least ``count`` results: these again and again, each time as blocks of their own."""
    blocks = 1 + max(raw["block"] for raw in raws)
    times = -(-count // len(raws))
    return [raw | {"block": raw["block"] + blocks * n} for n in range(times) for raw in raws]
