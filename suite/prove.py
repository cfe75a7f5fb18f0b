"""``evenmatch parity``: which arms train alike, proved here and now or read from what was proved before."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from suite import fingerprint, home, lanes, locks, profiles
from suite.cells import Cell
from suite.environments import native
from suite.errors import CellsFailedError, InputError, UnsupportedError, unknown
from suite.lanes import Arm, Lane
from suite.parity.passport import Passport
from suite.passports import Examiner, Subject, in_words
from suite.profiles import Profile
from suite.workloads import workloads


@dataclass(frozen=True, kw_only=True)
class Question:
    """What is to be proved; None or nothing means all workloads, all frameworks, each framework's default mode."""

    profile: str | None = None
    workload: str | None = None
    framework: str | None = None
    mode: str | None = None
    lane: Lane = "matched"
    threads: int | None = None
    timeout_s: float | None = None


def of_cells(cells: Iterable[Cell]) -> list[Subject]:
    """Return the subjects that cells to be run need passports of, each once."""
    found: dict[tuple[str, str, str], Cell] = {}
    batches: dict[str, set[int]] = {}
    for cell in cells:
        found[cell.lane, cell.workload, cell.arm] = cell
        batches.setdefault(cell.workload, set(workloads()[cell.workload].batches)).add(cell.batch)
    return [
        Subject(
            lane=cell.lane,
            workload=cell.workload,
            framework=cell.framework,
            mode=cell.mode,
            packages=lanes.arm_of(cell).packages.name,
            batches=tuple(sorted(batches[cell.workload])),
        )
        for cell in found.values()
    ]


def prove(question: Question, console: Console, *, as_json: bool) -> None:
    """Print the passports that a question asks for, as a table or as JSON.

    Raises:
        InputError: a workload, framework or mode does not exist.
        UnsupportedError: this machine cannot run the profile.
        CellsFailedError: not every arm of the matched lane is matched; they are named.
    """
    home.require_checkout()
    profile = profiles.load(question.profile) if question.profile else profiles.of_this_machine()
    profile.require_this_machine()
    say = Console(stderr=True, quiet=as_json).print
    asked = _asked(question, profile)
    environments = {arm.packages.name: native.ensure(profile, arm.packages, say) for _, arm in asked}
    examiner = Examiner(
        environments=environments,
        threads=_threads(question.threads),
        identity=fingerprint.identity(),
        say=lambda words: say(words, highlight=False, markup=False, soft_wrap=True),
        timeout_s=question.timeout_s,
    )
    found = examiner.passports([_subject(question.lane, name, arm) for name, arm in asked])
    if as_json:
        console.print_json(json.dumps(list(found.values())))
    else:
        _show(console, list(found.values()))
    refused = [s.name.replace("__", "/") for s, p in found.items() if p["status"] in ("unmatched", "error")]
    if refused:
        raise CellsFailedError(f"not matched: {', '.join(refused)}; the reason stands with each.")


def _asked(question: Question, profile: Profile) -> list[tuple[str, Arm]]:
    available = locks.available(profile)
    if question.workload is not None and question.workload not in workloads():
        raise unknown("workload", question.workload, workloads())
    if question.framework is not None and question.framework not in {each.name for each in available}:
        raise unknown("framework", question.framework, [each.name for each in available])
    names = [question.workload] if question.workload else list(workloads())
    known = [
        (name, arm)
        for name in names
        for arm in lanes.arms(question.lane, name, profile.accelerator, available)
        if question.framework in (None, arm.framework)
    ]
    chosen = [(name, arm) for name, arm in known if _wanted(question.mode, arm)]
    if not chosen and question.mode and known:
        raise unknown("mode", question.mode, [*dict.fromkeys(arm.mode for _, arm in known), "all"])
    if not chosen:
        raise InputError(f"there is nothing to prove in lane {question.lane} for that workload and framework.")
    return chosen


def _wanted(mode: str | None, arm: Arm) -> bool:
    return arm.default if mode is None else mode in ("all", arm.mode, arm.name)


def _subject(lane: Lane, workload: str, arm: Arm) -> Subject:
    return Subject(
        lane=lane,
        workload=workload,
        framework=arm.framework,
        mode=arm.mode,
        packages=arm.packages.name,
        batches=workloads()[workload].batches,
    )


def _threads(asked: int | None) -> int:
    cores = fingerprint.usable_cores()
    if asked is not None and asked > cores:
        raise UnsupportedError(
            f"--threads {asked} is more than the {cores} cores that can be used here: ask for fewer."
        )
    return asked or cores


def _show(console: Console, found: Sequence[Passport]) -> None:
    for workload, framework in dict.fromkeys((passport["workload"], passport["framework"]) for passport in found):
        members = [p for p in found if (p["workload"], p["framework"]) == (workload, framework)]
        table = _deviations(members)
        table.title = f"{workload}, {framework}: measured deviation, and what is tolerated"
        console.print(table)
        for passport in members:
            _tell(console, passport)


def _deviations(members: Sequence[Passport]) -> Table:
    """Return what the modes of one framework were measured to be off, item by item in each precision."""
    table = Table(title_justify="left")
    table.add_column("item", no_wrap=True)
    table.add_column("precision", no_wrap=True)
    table.add_column("tolerated", justify="right", no_wrap=True)
    for passport in members:
        table.add_column(passport["mode"], justify="right")
    rows = [(row["item"], row["dtype"], row["tolerance"]) for passport in members for row in passport["items"]]
    for item, dtype, tolerance in dict.fromkeys(rows):
        table.add_row(item, dtype, f"{tolerance:.0g}", *(_cell(passport, item, dtype) for passport in members))
    return table


def _tell(console: Console, passport: Passport) -> None:
    """Print how one exam ended, then what is stated or found, a line each."""
    name = f"{passport['framework']}-{passport['mode']}"
    told = [f"[bold]{name}[/]: {escape(in_words(passport))}"]
    told += [f"  known residue: {escape(residue['sentence'])}" for residue in passport["residues"]]
    if passport["status"] != "unmatched" or len(passport["findings"]) > 1:
        told += [f"  {finding['item']}: {escape(finding['sentence'])}" for finding in passport["findings"]]
    if passport["free_run"]:
        told.append(f"  free run, not judged: {escape(passport['free_run']['sentence'])}")
    for line in told:
        console.print(line, highlight=False, soft_wrap=True)


def _cell(passport: Passport, item: str, dtype: str) -> str:
    row: dict[str, Any] | None = next(
        (row for row in passport["items"] if (row["item"], row["dtype"]) == (item, dtype)), None
    )
    if row is None:
        return "–"
    measured = "?" if row["measured"] is None else f"{row['measured']:.1g}"
    return measured if row["passed"] else f"[red]✗ {measured}[/]"
