"""Loss and accuracy over the epochs of whole trainings: curves, or a table where one epoch was all there was."""

from __future__ import annotations

from collections.abc import Callable

from suite.records import Record
from suite.report import text
from suite.report.chartdata import Line, Lines
from suite.report.document import Block, Cell, Column, Figure, Figures, Group, Section, Table, Text
from suite.report.material import Material, batch_of, epochs_of, records, setting, setting_key
from suite.report.names import AS_PUBLISHED, Name
from suite.report.standing import foot, number
from suite.stats import median

LEAD = (
    "Every run is a line of its own. In the matched lane all frameworks start from the same weights and see the same "
    "batches, so their lines should lie together; where they do not, the difference is more than rounding."
)
LEAD_SHORT = (
    "One epoch was trained, so there is no curve. The frameworks started from the same weights and saw the same "
    "batches, so their numbers should be close."
)
PUBLISHED_LEAD = (
    "The programs as published draw their own weights, visit the batches in their own order and scale the images in "
    "their own way: their lines need not lie together."
)


def section(material: Material) -> Section:
    """Return the curves of every workload and setting that was trained whole, lane by lane."""
    blocks: list[Block] = []
    trained = [raw for raw in material.ok if records(raw.get("epochs")) and not raw.get("probe")]
    for lane in material.lanes:
        own = [raw for raw in lane.in_order(lane.ok) if records(raw.get("epochs"))]
        if own and lane.lane == AS_PUBLISHED:
            blocks.append(Text(text=PUBLISHED_LEAD))
        for workload in lane.workloads:
            blocks += _blocks(lane, workload, [raw for raw in own if raw.get("workload") == workload])
    if not blocks:
        blocks.append(Text(text="No whole training was run, so there is no loss and no accuracy to show."))
    curves = any((epochs_of(raw) or 0) > 1 for raw in trained)
    return Section(
        id="curves",
        title="Loss and accuracy over epochs",
        lead=LEAD if curves or not trained else LEAD_SHORT,
        blocks=blocks,
        reproduce=material.command("*-e[0-9]*") if trained else "",
    )


def _blocks(material: Material, workload: str, raws: list[Record]) -> list[Block]:
    """Return curves for each setting of several epochs, and one table for those of a single one."""
    short = [raw for raw in raws if len(records(raw.get("epochs"))) == 1]
    long = [raw for raw in raws if raw not in short]
    blocks: list[Block] = [_table(material, workload, short)] if short else []
    for key in dict.fromkeys(setting_key(raw) for raw in long):
        own = [raw for raw in long if setting_key(raw) == key]
        kinds = (("train_loss", "training loss", text.loss), ("test_accuracy", "test accuracy", text.accuracy))
        blocks.append(Figures(figures=[_lines(material, workload, own, *kind) for kind in kinds]))
    return blocks


def _table(material: Material, workload: str, raws: list[Record]) -> Table:
    found: dict[Name, dict[str, list[Record]]] = {}
    for raw in raws:
        found.setdefault(material.name_of(raw), {}).setdefault(setting(raw), []).append(records(raw["epochs"])[0])
    settings = dict.fromkeys(setting(raw) for raw in raws)
    once = all(len(runs) == 1 for own in found.values() for runs in own.values())
    same = len({epochs_of(raw) for raw in raws}) == len({batch_of(raw) for raw in raws}) == 1
    rows = [
        [
            Cell(text=name.text),
            *(cell for words in settings for cell in _after_one(name, own.get(words, []), once)),
        ]
        for name, own in found.items()
    ]
    return Table(
        caption=material.titled(
            f"{workload}{f', {next(iter(settings))}' if same else ''}: training loss and test accuracy"
            f"{', one run each' if once else ''}"
        ),
        columns=[
            Column(title="Framework (mode)"),
            *(Column(title=title, number=True) for _ in settings for title in ("Loss", "Accuracy")),
        ],
        groups=[Group(title="", span=1), *(Group(title=words, span=2) for words in settings)],
        rows=rows,
        synthetic=material.synthetic,
        foot=foot(list(found)),
    )


def _after_one(name: Name, epochs: list[Record], once: bool) -> list[Cell]:
    cells = []
    for key, write in (("train_loss", text.loss), ("test_accuracy", text.accuracy)):
        values = [epoch[key] for epoch in epochs if epoch.get(key) is not None]
        remark = "" if once or not values else "one run" if len(values) == 1 else f"median of {len(values)} runs"
        cells.append(number(name, write(median(values)), remark))
    return cells


def _lines(
    material: Material, workload: str, raws: list[Record], key: str, what: str, write: Callable[[float | None], str]
) -> Figure:
    lines = []
    for raw in raws:
        known = [epoch for epoch in records(raw.get("epochs")) if epoch.get(key) is not None]
        if known:
            xs = [float(epoch["epoch"]) for epoch in known]
            lines.append(Line(name=material.name_of(raw), xs=xs, ys=[float(epoch[key]) for epoch in known]))
    ends: dict[Name, list[float]] = {}
    for line in lines:
        ends.setdefault(line.name, []).append(line.ys[-1])
    return Figure(
        title=material.titled(f"{workload}: {what}"),
        chart=Lines(lines=lines, x_label="epoch", y_label=what),
        caption=f"{setting(raws[0])}{', one run each' if len(lines) == len(ends) else ''}.",
        description=f"{what.capitalize()} over epochs; at the end {_listed(ends, write)}.",
        synthetic=material.synthetic and key == "test_accuracy",
    )


def _listed(values: dict[Name, list[float]], write: Callable[[float | None], str]) -> str:
    return text.listing([f"{name.text} {write(median(own))}" for name, own in values.items()]) or "nothing was recorded"
