"""``python -m benchmarks``: measure what the suite costs, print it beside its bounds; exit code 1: one is broken."""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path

from rich.console import Console
from rich.markup import escape

from benchmarks import depthmaps, installing, proofs, reading, setting, table, turns, twins, whole
from suite import fingerprint, records
from suite.errors import EvenmatchError

RESULTS = Path(__file__).parent / "results"

BENCHMARKS: dict[str, Callable[[setting.Setting], list[table.Row]]] = {
    "harness": turns.harness,
    "layouts": turns.layouts,
    "fixed": whole.fixed,
    "driver": whole.driver,
    "notes": reading.notes,
    "passports": proofs.passports,
    "twins": twins.twins,
    "sampling": twins.sampling,
    "depth-map": depthmaps.depth_maps,
    "environments": installing.environments,
    "lock": installing.lock_times,
}


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the benchmarks asked for; return the exit code."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--only", action="append", choices=list(BENCHMARKS), help="only this one; may be repeated")
    parser.add_argument("--rounds", type=int, default=7, metavar="N", help="rounds of turns, at least 5; default 7")
    parser.add_argument(
        "--threads", type=int, metavar="N", help="of each framework; default: all cores that can be used"
    )
    parser.add_argument("--data", type=Path, metavar="DIR", help="folder of real data sets, for twins")
    options = parser.parse_args(arguments)
    if options.rounds < 5:
        parser.error("--rounds has to be 5 or more: no interval can be given for fewer")
    console = Console()
    try:
        return run(options.only or list(BENCHMARKS), options.rounds, options.threads, console, options.data)
    except EvenmatchError as error:
        Console(stderr=True).print(f"[red]benchmarks:[/] {escape(str(error))}", highlight=False, soft_wrap=True)
        return error.exit_code


def run(names: Sequence[str], rounds: int, threads: int | None, console: Console, source: Path | None = None) -> int:
    """Run the benchmarks called ``names``, print and keep their rows; return 1 if a bound is broken, else 0."""
    started, since, before = datetime.now(UTC), time.perf_counter(), fingerprint.readings()
    shared = setting.prepare(rounds, threads, console.print, source)
    rows = [row for name in names for row in BENCHMARKS[name](shared)]
    table.show(console, rows)
    path = RESULTS / f"{started:%Y%m%d-%H%M%S}.json"
    record = {
        "schema": records.SCHEMA,
        "started_at": started.isoformat(timespec="seconds"),
        "seconds": time.perf_counter() - since,
        "threads": shared.threads,
        "rounds": rounds,
        "machine": {"identity": fingerprint.identity(), "before": before, "after": fingerprint.readings()},
        "rows": [row.record() for row in rows],
    }
    records.write_json_once(path, record)
    console.print(f"{record['seconds']:.0f} s; kept in {path}", soft_wrap=True, highlight=False)
    broken = [row for row in rows if row.broken]
    for row in broken:
        console.print(f"[red]above its bound:[/] {row.benchmark}, {row.subject}, {row.measure}", highlight=False)
    if any(row.verdict.endswith("?") for row in rows):
        console.print("?: the interval reaches past the bound; more --rounds, or one thread, would settle it.")
    return 1 if broken else 0


if __name__ == "__main__":
    sys.exit(main())
