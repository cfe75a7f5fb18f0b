"""Do they train alike? What every framework's parity passport says, how close it was, and what is not proved."""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence

from suite.records import Record
from suite.report import text
from suite.report.chartdata import FreeRun, FreeRuns, Margin, MarginRow, Margins
from suite.report.document import Block, Cell, Column, Facts, Figure, Figures, Fold, Section, Table, Text
from suite.report.material import Material, mapping, records
from suite.report.names import CROSS, MATCHED, TICK, UNMATCHED, Name

LEAD = (
    "Before anything is timed, each framework sits the same exam in each mode: from one file of weights and one order "
    "of batches, everything it computes is held against the workload’s definition, written out in NumPy apart from any "
    "framework. A pair that fails an item is UNMATCHED: it is still run and shown, and enters no verdict."
)
FREE = (
    "Relative difference of the loss, step by step; its own sensitivity is that of the same framework from weights one "
    "rounding unit away, the largest so far. Free runs are chaotic: rounding alone grows until a framework parts from "
    "itself. They prove nothing on their own; the synchronised steps do, in which the definition’s weights and state "
    "are loaded before each step."
)
SCOPE = (
    "A passport speaks for one network, optimiser, lock, number of threads and class of machine, and for the exam’s "
    "batches. Not verified: that whole trainings end alike (rounding parts them, see the free runs), what happens to "
    "files before all frameworks are given the same arrays, and anything about speed."
)
PRECISIONS = ("float32", "float64")
"""Everything is timed in the first; the second tells logic from rounding."""


def section(material: Material) -> Section:
    """Return the passports of the matched lane."""
    lane = material.of_lane(MATCHED)
    passports = [item for item in records(material.analysis.get("passports")) if item.get("lane") == MATCHED]
    tables: list[Block] = []
    charts: list[Figure] = []
    free: list[Figure] = []
    folds: list[Fold] = []
    for workload in dict.fromkeys([*lane.workloads, *(str(item.get("workload")) for item in passports)]):
        own = {_name(lane, item): item for item in passports if item.get("workload") == workload}
        names = _names(lane, workload, own)
        tables += [_table(lane, workload, names, own)] if names else []
        charts += _margins(workload, own, names)
        free += _free_runs(workload, own, names)
        folds += [_items(workload, name, own[name]) for name in names if records(own.get(name, {}).get("items"))]
    blocks = [*tables, *([Figures(figures=[*charts, *free])] if charts or free else []), *folds]
    blocks += _residues(lane, passports)
    if blocks:
        blocks.append(Facts(title="What is not verified", rows=_not_verified(lane, passports)))
    else:
        blocks.append(Text(text="Nothing was run in the matched lane, so there is nothing to be proved alike."))
    return Section(id="passports", title="Do they train alike?", lead=LEAD, blocks=blocks)


def _name(material: Material, passport: Record) -> Name:
    return material.name_of({**passport, "lane": MATCHED})


def _names(material: Material, workload: str, passports: dict[Name, Record]) -> list[Name]:
    """Return everything that was run or examined, in the usual order."""
    run = (material.name_of(item) for item in (*material.cells, *material.raws) if item.get("workload") == workload)
    order = [name.key for name in material.names]
    found = dict.fromkeys([*run, *passports])
    return sorted(found, key=lambda name: order.index(name.key) if name.key in order else len(order))


def _table(material: Material, workload: str, names: Sequence[Name], passports: dict[Name, Record]) -> Table:
    rows = [
        [
            Cell(text=name.plain),
            _status(name, material.standing(name, workload).status),
            Cell(text=_decided(material, workload, name, passports.get(name, {}))),
            Cell(text=_short_residues(passports.get(name, {}))),
        ]
        for name in names
    ]
    titles = ("Framework (mode)", "Passport", "What decided it", "Known residues")
    return Table(
        caption=f"{workload}: passports",
        columns=[Column(title=title) for title in titles],
        rows=rows,
        wordy=True,
        reproduce=material.parity_command(workload),
    )


def _status(name: Name, status: str) -> Cell:
    if not name.unmatched:
        return Cell(text=f"{TICK}matched", tone="matched")
    remark = {"none": "no passport", "error": "could not be examined"}.get(status, "")
    return Cell(text=UNMATCHED, remark=remark, tone="unmatched")


def _decided(material: Material, workload: str, name: Name, passport: Record) -> str:
    """Return why a passport is refused, with everything that failed, or how near the nearest item came."""
    if name.unmatched:
        standing = material.standing(name, workload)
        others = [
            f"{item.get('item')}: {item.get('sentence')}"
            for item in records(passport.get("findings"))
            if item.get("sentence") and item.get("sentence") != standing.diagnosis
        ]
        return " ".join(_sentence(words) for words in (standing.reason, *others))
    known = [item for item in records(passport.get("items")) if item.get("margin")]
    if not known:
        return (
            "Every item passed." if records(passport.get("items")) else "The run’s record says so; no items are kept."
        )
    nearest = min(known, key=lambda item: float(item["margin"]))
    return (
        f"Every item passed; the nearest to its tolerance is {_item(nearest)}: {text.size_of(nearest['measured'])}, "
        f"{_times(nearest['margin'])} inside {text.size_of(nearest['tolerance'])}."
    )


def _sentence(words: str) -> str:
    return f"{words[:1].upper()}{words[1:].rstrip('.')}."


def _item(item: Record) -> str:
    return " in ".join(str(item[key]) for key in ("item", "dtype") if item.get(key))


def _times(margin: float) -> str:
    return f"{text.significant(margin, 2)} times"


def _short_residues(passport: Record) -> str:
    if not records(passport.get("items")):
        return text.MISSING
    found = [f"{item.get('name')} ({text.size_of(item.get('size'))})" for item in records(passport.get("residues"))]
    return ", ".join(found) or "none"


def _residues(material: Material, passports: Sequence[Record]) -> list[Facts]:
    """Return each known residue in words, where it is largest, and its size everywhere."""
    found: dict[str, list[tuple[Record, Record]]] = {}
    for passport in passports:
        for residue in records(passport.get("residues")):
            found.setdefault(str(residue.get("name")), []).append((passport, residue))
    rows = []
    for name, stated in found.items():
        largest = max((residue for _, residue in stated), key=lambda residue: float(residue.get("size") or 0))
        sizes = [
            f"{_name(material, passport).plain}, {passport.get('workload')}: {text.size_of(residue.get('size'))}"
            for passport, residue in stated
        ]
        rows.append((name, f"{_sentence(str(largest.get('sentence') or ''))} Size in {'; '.join(sizes)}."))
    return [Facts(title="Known residues: differences that stay, stated and measured", rows=rows)] if rows else []


def _not_verified(material: Material, passports: Sequence[Record]) -> list[tuple[str, str]]:
    rows = [("by any passport", SCOPE)]
    single: dict[str, list[str]] = {}
    for passport in passports:
        seen = {item.get("dtype") for item in records(passport.get("items"))}
        if "float32" in seen and "float64" not in seen:
            single.setdefault(_name(material, passport).plain, []).append(str(passport.get("workload")))
    if single:
        alone = "examined in float32 alone, where a difference below the tolerance can be rounding or logic."
        rows.append(("in float64", f"{text.listing(list(single))}: {alone}"))
    missing: dict[str, list[str]] = {}
    for workload in material.workloads:
        for name in dict.fromkeys(material.name_of(raw) for raw in material.raws_of(workload)):
            if material.standing(name, workload).status == "none":
                missing.setdefault(name.plain, []).append(workload)
    rows += [(name, f"no passport: nothing is proved in {text.listing(where)}.") for name, where in missing.items()]
    return rows


def _margins(workload: str, passports: dict[Name, Record], names: Sequence[Name]) -> list[Figure]:
    """Return for each precision how far every item was from its tolerance."""
    figures = []
    for dtype in PRECISIONS:
        found: dict[str, list[Margin]] = {}
        shown: set[str] = set()
        for name in names:
            for item in records(passports.get(name, {}).get("items")):
                if item.get("dtype") in (dtype, None) and (item.get("dtype") or dtype == PRECISIONS[0]):
                    passed = bool(item.get("passed"))
                    found.setdefault(str(item["item"]), []).append(Margin(name=name, share=_share(item), passed=passed))
                    shown |= {str(item["item"])} if item.get("tolerance") or not passed else set()
        kept = [MarginRow(label=item, margins=margins) for item, margins in found.items() if item in shown]
        exact = [item for item in found if item not in shown]
        if not kept:
            continue
        nearest = max((margin.share, row.label, margin.name.plain) for row in kept for margin in row.margins)
        same = f" {text.listing(exact).capitalize()}: no tolerance, and no difference at all." if exact else ""
        figures.append(
            Figure(
                title=f"{workload}: margins in {dtype}",
                chart=Margins(rows=kept),
                caption="Measured difference over its tolerance. Right of the line, in the grey, is a mismatch, "
                f"crossed out; at the left edge there is no difference, at the right one it has no number.{same}",
                description=f"The largest share of a tolerance is {_described(nearest[0])}, of {nearest[1]} in "
                f"{nearest[2]}; {_failing(kept)}.",
            )
        )
    return figures


def _share(item: Record) -> float:
    """Return how much of its tolerance an item used up; infinite where it failed without a number."""
    measured, tolerance = item.get("measured"), item.get("tolerance")
    if measured is None:
        return 0.0 if item.get("passed") else math.inf
    return measured / tolerance if tolerance else math.inf if measured else 0.0


def _described(share: float) -> str:
    return "beyond any number" if math.isinf(share) else text.size_of(share)


def _failing(rows: Sequence[MarginRow]) -> str:
    bad = [f"{margin.name.plain} in {row.label}" for row in rows for margin in row.margins if not margin.passed]
    return f"beyond their tolerance are {text.listing(bad)}" if bad else "nothing is beyond its tolerance"


def _free_runs(workload: str, passports: dict[Name, Record], names: Sequence[Name]) -> list[Figure]:
    runs, said = [], []
    for name in names:
        free = mapping(passports.get(name, {}).get("free_run"))
        if free.get("difference") and free.get("envelope"):
            difference = [float(value) for value in free["difference"]]
            envelope = list(itertools.accumulate((float(value) for value in free["envelope"]), max))
            runs.append(FreeRun(name=name, difference=difference, envelope=envelope))
            said.append(f"{name.plain}: {_sentence(str(free.get('sentence') or 'no sentence was kept'))}")
    if not runs:
        return []
    steps = max(len(run.difference) for run in runs)
    return [
        Figure(
            title=f"{workload}: {steps} steps left to run freely",
            chart=FreeRuns(runs=runs),
            caption=FREE,
            description=" ".join(said),
        )
    ]


def _items(workload: str, name: Name, passport: Record) -> Fold:
    rows = [
        [
            Cell(text=str(item.get("item"))),
            Cell(text=str(item.get("dtype") or "any")),
            _outcome(item),
            Cell(text=text.size_of(item.get("measured"))),
            Cell(text=text.size_of(item.get("tolerance")) if item.get("tolerance") else "none"),
            Cell(text=f"{text.significant(item['margin'], 2)} ×" if item.get("margin") else text.MISSING),
            Cell(text=str(item.get("detail") or "")),
        ]
        for item in records(passport.get("items"))
    ]
    failed = sum(not item.get("passed") for item in records(passport.get("items")))
    titles = ("Item", "Precision", "Outcome", "Measured", "Tolerance", "Margin", "In words")
    numbers = ("Measured", "Tolerance", "Margin")
    counted = f"{text.plural(len(rows), 'item')}, {f'{failed} failed' if failed else 'all passed'}"
    table = Table(
        caption=f"{workload}, {name.text}: every item",
        columns=[Column(title=title, number=title in numbers) for title in titles],
        rows=rows,
        foot=[f"Made {passport['made_at']} in {text.duration(passport.get('seconds'))}."]
        if passport.get("made_at")
        else [],
    )
    return Fold(title=f"{workload}, {name.text}: {counted}", tables=[table])


def _outcome(item: Record) -> Cell:
    return (
        Cell(text=f"{TICK}passed", tone="matched")
        if item.get("passed")
        else Cell(text=f"{CROSS}FAILED", tone="unmatched")
    )
