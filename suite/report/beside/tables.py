"""A study's published ratios and accuracies beside this run's, as tables."""

from __future__ import annotations

import functools
from collections.abc import Callable

from suite.published.figures import COMPARED, Figure, Study
from suite.report import text
from suite.report.beside.cases import Case, machine_of, over, quality
from suite.report.beside.ours import Ours
from suite.report.document import Cell, Column, Group, Table
from suite.report.material import Material
from suite.report.names import AS_PUBLISHED, MATCHED, UNMATCHED, title
from suite.report.standing import foot, number

HERE = {MATCHED: "Here, matched", AS_PUBLISHED: "Here, as published"}
"""The headings over this run's columns."""

TESTED = "Ours are test accuracies when matched; as published, what each program itself calls its accuracy."

NONE = "Nothing of this was measured in this run: it takes trainings on all examples, of these batch sizes and lengths."


def ratios(material: Material, study: Study, workload: str, times: list[Case]) -> Table:
    """Return a workload's ratios of times: a row for each case, the study's machines, then this run's lanes."""
    machines = list(dict.fromkeys(machine_of(study, figure) for case in times for figure in case.figures))
    columns = [Column(title="Time of"), *(Column(title=name, number=True) for name in machines)]
    above_pytorch = title(over(times[0].first))
    groups = [Group(title="", span=1), Group(title=f"{study.short}: {above_pytorch} over PyTorch", span=len(machines))]
    names, more, above = _own_columns(times, "over PyTorch")
    body = []
    for case in times:
        found = {machine_of(study, figure): figure for figure in case.figures}
        cells = [Cell(text=case.what, remark=case.setting)]
        cells += [_printed_ratio(found.get(name)) for name in machines]
        body.append([*cells, *_own_cells(case, names, text.ratio)])
    return Table(
        caption=material.titled(f"{workload}: ratios of times, {study.short}’s and ours"),
        columns=[*columns, *more],
        groups=[*groups, *above],
        rows=body,
        foot=[
            "Small print in the study’s columns: its own times, of its own machines.",
            *foot([ours.name for case in times for ours in case.ours]),
        ],
        reproduce=material.command(f"*/{workload}/*"),
    )


def _printed_ratio(figure: Figure | None) -> Cell:
    ratio = figure.ratio(over(figure)) if figure else None
    if figure is None or ratio is None:
        return Cell(text=text.MISSING, tone="muted")
    above, below = (printed(figure, framework) for framework in (over(figure), "pytorch"))
    return Cell(text=text.ratio(ratio), remark=f"{above} / {below}", tone="muted")


def printed(figure: Figure, framework: str) -> str:
    """Return a number as the study printed it, with its unit."""
    return figure.printed.get(framework) or f"{figure.value(framework)}{text.THIN}{figure.unit}"


def _own_columns(found: list[Case], words: str) -> tuple[list[tuple[str, str]], list[Column], list[Group]]:
    """Return the lanes and frameworks that have a number of ours in any case, their columns, and these's headings."""
    seen = {(ours.name.lane, ours.name.framework) for case in found for ours in case.ours}
    names = [(lane, framework) for lane in HERE for framework in COMPARED if (lane, framework) in seen]
    doubtful = {(ours.name.lane, ours.name.framework) for case in found for ours in case.ours if ours.name.unmatched}
    columns = [
        Column(title=f"{title(name[1])}{f' {UNMATCHED}' if name in doubtful else ''}", number=True, framework=name[1])
        for name in names
    ]
    spans = {lane: sum(own == lane for own, _ in names) for lane in HERE}
    groups = [
        Group(title=f"{head}{f': {words}' if words else ''}", span=spans[lane])
        for lane, head in HERE.items()
        if spans[lane]
    ]
    return names, columns, groups


def _own_cells(case: Case, names: list[tuple[str, str]], write: Callable[[float], str]) -> list[Cell]:
    own = {(ours.name.lane, ours.name.framework): ours for ours in case.ours}
    return [
        number(own[key].name, write(own[key].value), _remark(own[key])) if key in own else Cell(text=text.MISSING)
        for key in names
    ]


def _remark(ours: Ours) -> str:
    return ", ".join(words for words in (ours.interval, ours.unlike) if words)


def qualities(material: Material, study: Study, workload: str, measures: list[Case]) -> Table:
    """Return a workload's accuracies or error rates, a row for each case."""
    shown = [name for name in COMPARED if any(case.first.value(name) is not None for case in measures)]
    columns = [Column(title="Measure"), *(Column(title=title(name), number=True, framework=name) for name in shown)]
    names, more, above = _own_columns(measures, "")
    body = []
    for case in measures:
        figure = case.first
        cells = [Cell(text=case.what, remark=case.setting)]
        for framework in shown:
            value = figure.value(framework)
            cells.append(Cell(text=text.MISSING if value is None else quality(figure, value), tone="muted"))
        body.append([*cells, *_own_cells(case, names, functools.partial(quality, figure))])
    said = [case.first.remark for case in measures if case.first.remark]
    doubt = "Ours are of made-up images: they say nothing beside the study’s, and only show that the way is whole."
    return Table(
        caption=material.titled(f"{workload}: what the trainings reached, {study.short}’s and ours"),
        columns=[*columns, *more],
        groups=[Group(title="", span=1), Group(title=study.short, span=len(shown)), *above],
        rows=body,
        synthetic=material.synthetic and bool(names),
        foot=[
            *([doubt] if material.synthetic and names else []),
            *([] if names else [NONE]),
            *([TESTED] if names and any(case.first.quantity == "accuracy" for case in measures) else []),
            *said,
            *foot([ours.name for case in measures for ours in case.ours]),
        ],
        reproduce=material.command(f"*/{workload}/*-e[0-9]*"),
    )
