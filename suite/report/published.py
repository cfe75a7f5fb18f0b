"""As published beside matched: what of a gap is the frameworks', and what their programs' defaults."""

from __future__ import annotations

from collections.abc import Sequence

from suite.errors import InputError
from suite.published.programs import program
from suite.records import Record
from suite.report import explained, gaps, text
from suite.report.chartdata import Dots, Points
from suite.report.document import Block, Cell, Column, Figure, Figures, Group, Section, Table
from suite.report.material import Material, mapping, records, setting, setting_key
from suite.report.names import AS_PUBLISHED, PUBLISHED, Name, rank, title
from suite.report.standing import foot, number
from suite.stats import median

LEAD = (
    "Programs as a beginner in each framework writes them, with that framework’s own defaults, beside the same "
    "networks matched. What is left of a gap when weights, inputs and batches are the same belongs to the framework; "
    "what goes away was the defaults’. Ratios are formed within a lane; no time of one is divided by one of the other."
)
SWITCHED = (
    "One and the same framework and program, with one difference switched at a time: where a switched row lands beside "
    "the other framework’s, that difference explains the gap, and not the framework."
)


def sections(material: Material) -> list[Section]:
    """Return the section that holds both lanes side by side, where anything ran as published."""
    lane = material.of_lane(AS_PUBLISHED)
    rows = sorted(
        records(material.analysis.get("lanes")), key=lambda row: (setting_key(row), rank(str(row.get("framework"))))
    )
    if not rows and not lane.cells:
        return []
    blocks: list[Block] = []
    for workload in dict.fromkeys([*lane.workloads, *(str(row.get("workload")) for row in rows)]):
        own = [row for row in rows if row.get("workload") == workload]
        for quantity in ("step", "training"):
            blocks += _sides_table(material, workload, [row for row in own if row.get("quantity") == quantity])
        blocks += gaps.blocks(material, workload, own)
        blocks += explained.blocks(workload, own)
        blocks += _differences(lane, workload, own)
        blocks += _switched_chart(lane, workload)
        blocks += _switched_table(material, workload, own)
    return [Section(id="published", title="As published beside matched", lead=LEAD, blocks=blocks)]


def _sides_table(material: Material, workload: str, rows: list[Record]) -> list[Table]:
    """Return times and accuracies in both lanes, a row for each setting and framework."""
    if not rows:
        return []
    sides = [mapping(row.get(side)) for row in rows for side in ("matched", "published")]
    once = all(side.get("runs") == 1 for side in sides if side)
    step = rows[0].get("quantity") == "step"
    shown = ["seconds", *([] if step else ["accuracy"]), *([] if once else ["runs"])]
    body, names = [], []
    for row in rows:
        matched = _matched(material, workload, row)
        names += [matched] if matched else []
        who = title(str(row["framework"]))
        cells = [Cell(text=matched.marked(who) if matched else who, remark=setting(row))]
        for side, name in (("matched", matched), ("published", None)):
            cells += [_cell(mapping(row.get(side)), key, name) for key in shown]
        body.append(cells)
    titles = {"seconds": "Time per step" if step else "Time", "accuracy": "Accuracy", "runs": "Runs"}
    columns = [Column(title="Framework"), *(Column(title=titles[key], number=True) for _ in range(2) for key in shown)]
    groups = [Group(title="", span=1), *(Group(title=lane, span=len(shown)) for lane in ("Matched", "As published"))]
    what = "time per step" if step else "whole trainings"
    return [
        Table(
            caption=f"{workload}: {what} in both lanes{'' if step else ', time and test accuracy'}"
            f"{', one run each' if once else ''}",
            columns=columns,
            groups=groups,
            rows=body,
            synthetic=material.synthetic and not step,
            foot=foot(names),
            reproduce=material.command(f"*/{workload}/*"),
        )
    ]


def _matched(material: Material, workload: str, row: Record) -> Name | None:
    """Return which framework and mode stands for a row in the matched lane, if one was run there."""
    framework, arm = str(row["framework"]), mapping(row.get("matched")).get("arm")
    mode = str(arm).removeprefix(f"{framework}-")
    return material.name_of({"workload": workload, "framework": framework, "mode": mode}) if arm else None


def _cell(side: Record, key: str, name: Name | None) -> Cell:
    write = {"seconds": text.duration, "accuracy": text.accuracy, "runs": text.plain}[key]
    words = write(side.get(key))
    return number(name, words) if name and key != "runs" else Cell(text=words)


def _differences(lane: Material, workload: str, rows: list[Record]) -> list[Block]:
    """Return in what the programs differ from the matched workload, and so from each other, item by item."""
    found: dict[str, dict[str, list[str]]] = {}
    for passport in records(lane.analysis.get("passports")):
        if [passport.get(key) for key in ("lane", "workload", "mode")] == [AS_PUBLISHED, workload, PUBLISHED]:
            for finding in records(passport.get("findings")):
                item = found.setdefault(str(finding.get("item")), {})
                item.setdefault(str(passport.get("framework")), []).append(str(finding.get("sentence")))
    if not found:
        for row in rows:
            for sentence in row.get("differences") or []:
                own = found.setdefault("all", {}).setdefault(str(row["framework"]), [])
                own += [str(sentence)] if sentence not in own else []
    if not found:
        return []
    frameworks = [key for key in lane.defaults if any(key in cells for cells in found.values())]
    columns = [
        Column(title="Item"),
        *(Column(title=f"{title(key)}, as published", framework=key) for key in frameworks),
    ]
    body = [[Cell(text=item), *(_said(cells.get(key, [])) for key in frameworks)] for item, cells in found.items()]
    return [
        Table(
            caption=f"{workload}: in what the programs as published differ from the matched workload",
            columns=columns,
            rows=body,
            wordy=True,
        )
    ]


def _said(sentences: Sequence[str]) -> Cell:
    words = " ".join(f"{sentence.rstrip('.')}." for sentence in sentences)
    return Cell(text=words or "as defined", tone="" if words else "muted")


def _switched_chart(lane: Material, workload: str) -> list[Block]:
    """Return the accuracies of the programs as published and with one difference switched, one dot for each run."""
    cells = [cell for cell in lane.cells_of(workload, "training") if cell.get("final_accuracy")]
    figures = []
    for key in dict.fromkeys(setting_key(cell) for cell in cells):
        own = [cell for cell in cells if setting_key(cell) == key]
        if not any(cell.get("mode") != PUBLISHED for cell in own):
            continue
        points = [_points(lane.name_of(cell), cell["final_accuracy"]) for cell in own]
        figures.append(
            Figure(
                title=f"{workload}, {setting(own[0])}: test accuracy with one difference switched",
                chart=Dots(rows=points, x_label="test accuracy", least=0.05),
                caption=f"{SWITCHED} One dot is one run; the number is their median.",
                description=f"Test accuracy: {text.listing([f'{row.name.text} {row.text}' for row in points])}.",
                synthetic=lane.synthetic,
            )
        )
    return [Figures(figures=figures)] if figures else []


def _points(name: Name, values: Sequence[float]) -> Points:
    return Points(name=name, values=[float(value) for value in values], text=text.accuracy(median(values)))


def _switched_table(material: Material, workload: str, rows: list[Record]) -> list[Table]:
    body = []
    for row in rows:
        for item in records(row.get("switched")):
            name = Name(framework=str(row["framework"]), mode=str(item.get("variant")), lane=AS_PUBLISHED)
            ratio, gained = item.get("seconds_over_published"), item.get("accuracy_minus_published")
            body.append(
                [
                    Cell(text=name.plain, remark=setting(row)),
                    Cell(text=_described(name, workload)),
                    Cell(text=text.ratio(ratio)),
                    Cell(text=text.accuracy(item.get("accuracy"))),
                    Cell(text=text.MISSING if gained is None else text.signed(gained)),
                    Cell(text=text.plain(item.get("runs"))),
                ]
            )
    if not body:
        return []
    titles = ("Program", "What is switched", "Time over as published", "Accuracy", "Change", "Runs")
    return [
        Table(
            caption=f"{workload}: what one difference does within one framework",
            columns=[Column(title=words, number=index > 1) for index, words in enumerate(titles)],
            rows=body,
            synthetic=material.synthetic and any(row.get("quantity") == "training" for row in rows),
            wordy=True,
        )
    ]


def _described(name: Name, workload: str) -> str:
    """Return a variant's own sentence; its name again where this suite knows the program no longer."""
    try:
        return program(name.framework, workload).variant(name.mode).sentence
    except InputError:
        return name.mode
