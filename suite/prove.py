"""``evenmatch parity``: which arms train alike, proved here and now or read from what was proved before."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from rich.console import Console
from rich.markup import escape
from rich.measure import Measurement
from rich.table import Table

from suite import fingerprint, home, lanes, locks, profiles
from suite.cells import Cell
from suite.environments import venues
from suite.errors import CellsFailedError, InputError, UnsupportedError, unknown
from suite.exams import Subject
from suite.frameworks import Device
from suite.lanes import Arm, Lane
from suite.parity.passport import Passport
from suite.passports import Examiner, in_words
from suite.profiles import Profile
from suite.request import Layout, device_of, venue
from suite.workloads import workloads


@dataclass(frozen=True, kw_only=True)
class Question:
    """What is to be proved; nothing means all workloads, all frameworks, each framework's default mode."""

    profile: str | None = None
    workloads: tuple[str, ...] = ()
    frameworks: tuple[str, ...] = ()
    modes: tuple[str, ...] = ()
    lane: Lane = "matched"
    threads: int | None = None
    device: Device | None = None
    container: bool | None = None
    base: str | None = None
    timeout_s: float | None = None
    again: bool = False
    """Examine anew, also where a passport is kept."""


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
    profile.require_this_machine(question.device, container=question.container is True)
    say = Console(stderr=True, quiet=as_json).print
    asked = _asked(question, profile)
    threads = _threads(question.threads)
    device = device_of(profile, question.device)
    where = venue(profile, device, question.container, question.base, threads)
    packages = {arm.packages.name: arm.packages for _, arm in asked}
    examiner = Examiner(
        environments=venues.ensure(profile, list(packages.values()), where, say),
        threads=threads,
        device=device,
        identity=fingerprint.identity(),
        say=lambda words: say(words, highlight=False, markup=False, soft_wrap=True),
        timeout_s=question.timeout_s,
        again=question.again,
    )
    subjects = [_subject(question.lane, name, arm) for name, arm in asked]
    kept = examiner.kept(subjects)
    found = examiner.passports(subjects)
    if as_json:
        console.print_json(json.dumps(list(found.values())))
    else:
        _show(console, list(found.values()))
        _tell_kept(examiner.say, kept)
    refused = [s.name.replace("__", "/") for s, p in found.items() if p["status"] in ("unmatched", "error")]
    if refused:
        raise CellsFailedError(f"not matched: {', '.join(refused)}; the reason stands with each.")


def outstanding(layout: Layout) -> tuple[int, float]:
    """Return how many passports the runs still need, and how many seconds those will take; nothing is made.

    Raises:
        InputError: a lock does not fit its profile.
    """
    subjects = of_cells(run.cell for run in layout.runs)
    examiner = Examiner(
        environments=venues.named(layout.profile, layout.packages, layout.venue),
        threads=layout.threads,
        device=layout.device,
        identity=fingerprint.identity(),
        say=lambda _words: None,
    )
    missing = examiner.missing(subjects)
    return len(missing), examiner.seconds(missing)


def _asked(question: Question, profile: Profile) -> list[tuple[str, Arm]]:
    available = locks.available(profile)
    for workload in question.workloads:
        if workload not in workloads():
            raise unknown("workload", workload, workloads())
    names = [each.name for each in available]
    locks.refuse_absent(profile, [*question.frameworks, *question.modes])
    for framework in question.frameworks:
        if framework not in names:
            raise unknown("framework", framework, names)
    known = [
        (name, arm)
        for name in question.workloads or workloads()
        for arm in lanes.arms(question.lane, name, profile.accelerator, available)
        if _meant(question, arm)
    ]
    if not known:
        raise InputError(f"there is nothing to prove in lane {question.lane} for that workload and framework.")
    for mode in question.modes:
        if not any(_wanted((mode,), arm) for _, arm in known):
            raise unknown("mode", mode, [*dict.fromkeys(arm.mode for _, arm in known), "all"], likeness=0.6)
    return list(dict.fromkeys((name, arm) for name, arm in known if _wanted(question.modes, arm)))


def _meant(question: Question, arm: Arm) -> bool:
    """Tell whether an arm is of the frameworks in question: a further one only where it, or its framework, is named."""
    if question.frameworks:
        return arm.framework in question.frameworks
    return not arm.further or bool({"all", arm.name} & set(question.modes))


def _wanted(modes: Sequence[str], arm: Arm) -> bool:
    return arm.default if not modes else bool({"all", arm.mode, arm.name} & set(modes))


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


def _tell_kept(say: Callable[[str], None], kept: Mapping[Subject, Passport]) -> None:
    """Say which results were not worked out now but are of an earlier day, and how to have them worked out again."""
    days: dict[str, list[str]] = {}
    for subject, passport in kept.items():
        days.setdefault(str(passport["made_at"])[:16].replace("T", " "), []).append(f"{subject.workload} {subject.arm}")
    for day, names in days.items():
        say(f"kept from {day} UTC: {', '.join(names)}")
    if days:
        say("Nothing has changed since that could change these; add --again to examine anew all the same.")


def _show(console: Console, found: Sequence[Passport]) -> None:
    for workload, framework in dict.fromkeys((passport["workload"], passport["framework"]) for passport in found):
        members = [p for p in found if (p["workload"], p["framework"]) == (workload, framework)]
        title = f"{workload}, {framework}: measured deviation, and what is tolerated"
        console.print(f"\n[italic]{title}[/]", highlight=False, soft_wrap=True)
        for part in _fitting(members, console.width):
            console.print(_deviations(part))
        for words in _legend(members):
            console.print(f"[dim]{escape(words)}[/]", highlight=False, soft_wrap=True)
        for passport in members:
            _tell(console, passport)


def _fitting(members: Sequence[Passport], width: int) -> list[list[Passport]]:
    """Return the modes in as many tables as it takes for each to fit the screen, at least one mode in each."""
    parts: list[list[Passport]] = []
    for passport in members:
        wider = [*parts[-1], passport] if parts else [passport]
        if parts and Measurement.get(_MEASURING, _MEASURING.options, _deviations(wider)).maximum <= width:
            parts[-1] = wider
        else:
            parts.append([passport])
    return parts


_MEASURING = Console(width=10_000)
"""A screen wide enough to ask a table how wide it would like to be."""


def _legend(members: Sequence[Passport]) -> list[str]:
    """Return what signs in the tables mean, those that are there."""
    rows = [row for passport in members for row in passport["items"]]
    told = []
    if any(row["measured"] is None for row in rows):
        told.append(
            "?: no deviation as a number: not answered, of another kind, or a rule was compared and not numbers."
        )
    if any(not row["passed"] for row in rows):
        told.append("✗: beyond what is tolerated.")
    if any(passport["residues"] for passport in members):
        told.append("Where a known residue is stated, the table shows what is left after it is taken out.")
    return told


def _deviations(members: Sequence[Passport]) -> Table:
    """Return what the modes of one framework were measured to be off, item by item in each precision."""
    table = Table()
    table.add_column("item", no_wrap=True)
    table.add_column("precision", no_wrap=True)
    table.add_column("tolerated", justify="right", no_wrap=True)
    for passport in members:
        table.add_column(passport["mode"], justify="right", overflow="fold")
    rows = [(row["item"], row["dtype"], row["tolerance"]) for passport in members for row in passport["items"]]
    for item, dtype, tolerance in dict.fromkeys(rows):
        table.add_row(item, dtype, f"{tolerance:.0g}", *(_cell(passport, item, dtype) for passport in members))
    return table


def _tell(console: Console, passport: Passport) -> None:
    """Print how one exam ended, then what is stated or found, a line each."""
    name = f"{passport['framework']}-{passport['mode']}"
    told = [f"[bold]{name}[/]: {escape(in_words(passport))}"]
    told += [f"  known residue: {escape(residue['sentence'])}" for residue in passport["residues"]]
    first = passport["status"] == "unmatched"  # the first finding is told already: it is the diagnosis
    told += [f"  {finding['item']}: {escape(finding['sentence'])}" for finding in passport["findings"][first:]]
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
