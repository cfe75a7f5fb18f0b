"""As published beside matched: what of a gap is the frameworks', and what their programs' defaults."""

from __future__ import annotations

from collections.abc import Sequence

from suite.errors import InputError
from suite.published.programs import program
from suite.records import Record
from suite.report import text
from suite.report.chartdata import Dots, Points
from suite.report.document import Block, Cell, Column, Figure, Figures, Group, Section, Table, Text, Tone
from suite.report.material import Material, mapping, records, setting, setting_key
from suite.report.names import AS_PUBLISHED, CROSS, PUBLISHED, UNMATCHED, Name, rank, title
from suite.report.standing import LEGEND, foot, number
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

SHARES = (
    "Ratios of times, and how the logarithm of the published one divides. A share over 100 % or under 0 means that "
    "defaults hid a part of the frameworks’ own gap, or turned it round."
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
        blocks += _gaps(material, workload, own)
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


def _gaps(material: Material, workload: str, rows: list[Record]) -> list[Block]:
    """Return what is left of each gap when both frameworks are matched: in words for the largest case, then as a table.

    The largest case is the longest training, at the usual batch size where that was run.
    """
    found = [(row, item) for row in rows for item in records(row.get("against")) if item.get("published") is not None]
    if not found:
        return []
    main = max(found, key=lambda pair: (setting_key(pair[0])[0], setting_key(pair[0])[1] == 32, setting_key(pair[0])))
    said = [Text(text=_sentence(*pair)) for pair in found if setting(pair[0]) == setting(main[0])]
    if all(item.get("matched") is None for _, item in found):
        return [*said]
    accurate = any(mapping(item.get("accuracy_gap")).get("published") is not None for _, item in found)
    titles = ["As published", "Matched", "Frameworks’ own", "Their defaults’"]
    titles += ["Accuracy gap, as published", "Accuracy gap, matched"] if accurate else []
    table = Table(
        caption=f"{workload}: what is left of each gap when both are matched",
        columns=[Column(title="Compared"), *(Column(title=words, number=True) for words in titles)],
        rows=[_gap_row(row, item, accurate=accurate) for row, item in found],
        synthetic=material.synthetic and accurate,
        foot=[SHARES, *([LEGEND] if any(item.get("unmatched") for _, item in found) else [])],
    )
    return [*said, table]


def _pair(row: Record, item: Record) -> tuple[str, str]:
    return title(str(row["framework"])), title(str(item.get("framework")))


def _gap_row(row: Record, item: Record, *, accurate: bool) -> list[Cell]:
    one, other = _pair(row, item)
    share, gap = item.get("remaining"), mapping(item.get("accuracy_gap"))
    shares = [text.MISSING] * 2 if share is None else [text.share(share), text.share(1 - share)]
    cross = CROSS if item.get("unmatched") else ""
    tone: Tone = "unmatched" if cross else ""
    cells = [
        Cell(text=f"{one} against {other}", remark=setting(row)),
        Cell(text=text.ratio(item.get("published"))),
        _marked(text.ratio(item.get("matched")), cross, tone),
        *([Cell(text=UNMATCHED, tone=tone)] * 2 if cross else [Cell(text=words) for words in shares]),
    ]
    gaps = [Cell(text=_signed(gap.get("published"))), _marked(_signed(gap.get("matched")), cross, tone)]
    return [*cells, *gaps] if accurate else cells


def _marked(words: str, cross: str, tone: Tone) -> Cell:
    return Cell(text=words) if words == text.MISSING else Cell(text=f"{cross}{words}", tone=tone)


def _signed(value: float | None) -> str:
    return text.MISSING if value is None else text.signed(value)


def _sentence(row: Record, item: Record) -> str:
    """Return what a gap between two frameworks is made of."""
    one, other = _pair(row, item)
    matched = item.get("matched")
    words = f"{one} as published takes {text.ratio(item['published'])} of {other}’s time ({setting(row)})"
    words += f", matched {text.ratio(matched)}{_remaining(item)}." if matched is not None else "."
    gap = mapping(item.get("accuracy_gap"))
    if gap.get("published") is not None:
        words += f" Its accuracy is {_off(gap['published'])} as published"
        words += f", {_off(gap['matched'])} matched." if gap.get("matched") is not None else "."
    return words


def _off(gap: float) -> str:
    return f"{text.accuracy(abs(gap))} {'higher' if gap > 0 else 'lower'}" if gap else "the same"


def _remaining(item: Record) -> str:
    """Return which share of the published gap is the frameworks' own, in words."""
    if item.get("unmatched"):
        return f" ({UNMATCHED}: what is the frameworks’ and what their defaults’ cannot be told)"
    share = item.get("remaining")
    if share is None:
        return ", too small a gap to divide"
    if share < 0:
        return ": matched, the gap turns round, so the defaults made more than all of it"
    if share > 1:
        return ": matched, the gap is wider, so the defaults hid a part of it"
    return f": {text.share(share)} of the gap is the frameworks’ own, {text.share(1 - share)} their defaults’"


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
                    Cell(text=_signed(gained)),
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
