"""A study's published ratios and accuracies beside this run's, as pictures: told apart by shape and words."""

from __future__ import annotations

from suite.published.figures import Study
from suite.report import text
from suite.report.beside.cases import Case, group_of, machine_of, over, quality
from suite.report.chartdata import Dots, Forest, Interval, Points
from suite.report.document import Figure
from suite.report.material import Material
from suite.report.names import UNMATCHED, Name, title
from suite.stats import DEAD_BAND

THE_STUDY = "study"
"""Stands for a framework where a mark is the study's: it gets a colour and a shape of its own."""

MOST = 4
"""Cases that one picture takes; of more, those at the usual batch size are shown."""


def ratios(material: Material, study: Study, workload: str, times: list[Case]) -> list[Figure]:
    """Return a picture for each case of a workload's ratios of times that was measured here."""
    batch = material.main_batch(workload, "training") or material.main_batch(workload, "step")
    shown = [case for case in times if case.ours]
    if len(shown) > MOST:
        shown = [case for case in shown if case.first.params.get("batch") == batch]
    return [_forest(material, study, workload, case) for case in shown[:MOST]]


def _forest(material: Material, study: Study, workload: str, case: Case) -> Figure:
    rows = [*_published_rows(study, case), *_own_rows(case)]
    said = text.listing([f"{row.label} {text.ratio(row.ratio)}" for row in rows])
    return Figure(
        title=material.titled(f"{workload}: {group_of(case)}, {study.short}’s and ours"),
        chart=Forest(rows=rows, band=DEAD_BAND),
        caption="Times over PyTorch’s. Triangles are the study’s, on its machines and with its versions; squares "
        "(TensorFlow) and diamonds (Keras) are this run’s, with their intervals where there are any.",
        description=f"{group_of(case)}, times over PyTorch’s: {said}.",
    )


def _published_rows(study: Study, case: Case) -> list[Interval]:
    return [
        Interval(
            group="",
            label=f"{title(over(figure))}, {machine_of(study, figure)} ({study.short})",
            framework=THE_STUDY,
            ratio=ratio,
            low=None,
            high=None,
        )
        for figure in case.figures
        if (ratio := figure.ratio(over(figure)))
    ]


def _own_rows(case: Case) -> list[Interval]:
    return [
        Interval(
            group="",
            label=f"{ours.name.plain}, here{f' {UNMATCHED}' if ours.name.unmatched else ''}",
            framework=ours.name.framework,
            ratio=ours.value,
            low=ours.low,
            high=ours.high,
        )
        for ours in case.ours
    ]


def qualities(material: Material, study: Study, workload: str, measures: list[Case]) -> list[Figure]:
    """Return a picture for each case that was measured here; none on made-up images, where ours mean nothing beside."""
    if material.synthetic:
        return []
    shown = [case for case in measures if case.ours]
    if len(shown) > MOST:
        batch = material.main_batch(workload, "training")
        shown = [case for case in shown if case.first.params.get("batch") == batch]
    return [_dots(material, study, workload, case) for case in shown[:MOST]]


def _dots(material: Material, study: Study, workload: str, case: Case) -> Figure:
    figure, percent = case.first, case.first.unit == "%"
    rows = [
        Points(
            name=Name(framework=framework, mode=study.short),
            values=[float(value)],
            text=quality(figure, value),
            hollow=True,
        )
        for framework in figure.frameworks
        if (value := figure.value(framework)) is not None
    ]
    rows += [Points(name=ours.name, values=[ours.value], text=quality(figure, ours.value)) for ours in case.ours]
    listed = text.listing([f"{row.name.text} {row.text}" for row in rows])
    return Figure(
        title=material.titled(f"{workload}: {group_of(case)}, {study.short}’s and ours"),
        chart=Dots(rows=rows, x_label=f"{case.what}{', %' if percent else ''}", least=2.0 if percent else 0.05),
        caption=f"Hollow: what the study printed. Filled: this run’s{', ' + UNMATCHED if _doubt(case) else ''}.",
        description=f"{group_of(case)}: {listed}.",
    )


def _doubt(case: Case) -> bool:
    return any(ours.name.unmatched for ours in case.ours)
