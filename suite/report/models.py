"""Model summaries side by side, as read from the live frameworks (the study's Fig. 8-11)."""

from __future__ import annotations

from typing import assert_never

from suite.records import Record
from suite.report import text
from suite.report.document import Block, Cell, Column, Group, Section, Table, Text, Tone
from suite.report.material import Material, records
from suite.report.names import MATCHED, Name, rank
from suite.workload import (
    Adam,
    ConstantRate,
    HingeRanking,
    InputScaling,
    Loss,
    MultiStep,
    Optimizer,
    PerImage,
    Scaling,
    Schedule,
    Sgd,
    SoftmaxCrossEntropy,
)
from suite.workloads import workloads

LEAD = (
    "Each framework was asked for its own layers after the model was built; kinds are named alike: kind, output shape "
    "(height × width × channels) and trainable parameters. The last column says whether they agree."
)


def section(material: Material) -> Section:
    """Return the layers of every workload, one table each."""
    blocks: list[Block] = []
    for lane, workload in material.parts:
        found = _summaries(lane, workload)
        blocks += [_table(lane, workload, found)] if found else []
        blocks += _constants(workload) if found and lane.lane == MATCHED else []
    if not blocks:
        blocks.append(Text(text="No run got as far as building its model."))
    return Section(id="models", title="Models side by side", lead=LEAD, blocks=blocks)


def _constants(workload: str) -> list[Text]:
    """Return what the network was trained with, as its workload has it; nothing for a workload that is gone."""
    task = workloads().get(workload)
    if task is None:
        return []
    return [
        Text(
            text=f"{workload} in every framework: {_optimizer(task.optimizer)}{_schedule(task.schedule)}, no weight "
            f"decay; {_loss(task.loss)}; {_pixels(task.input_scaling)}; weights {task.weights}, biases {task.biases}, "
            "drawn once per block and given to all."
        )
    ]


def _loss(loss: Loss) -> str:
    match loss:
        case SoftmaxCrossEntropy(reduction=reduction):
            return f"softmax cross-entropy on logits, {reduction} over the batch"
        case HingeRanking(margin=margin, reduction=reduction):
            return f"hinge loss on the two candidates' similarities, margin {margin:g}, {reduction} over the batch"
        case _:
            assert_never(loss)


def _pixels(scaling: Scaling) -> str:
    match scaling:
        case InputScaling(divisor=divisor, mean=mean, std=std):
            return f"pixels (x / {divisor:g} − {mean:g}) / {std:g}"
        case PerImage():
            return "pixels less the mean of their whole image, over its standard deviation"
        case _:
            assert_never(scaling)


def _optimizer(optimizer: Optimizer) -> str:
    match optimizer:
        case Sgd(learning_rate=rate, momentum=momentum):
            return f"stochastic gradient descent, learning rate {rate:g}, momentum {momentum:g}"
        case Adam(learning_rate=rate, beta1=beta1, beta2=beta2, epsilon=epsilon):
            return f"Adam, learning rate {rate:g}, betas {beta1:g} and {beta2:g}, epsilon {epsilon:g}"
        case _:
            assert_never(optimizer)


def _schedule(schedule: Schedule) -> str:
    match schedule:
        case ConstantRate():
            return ""
        case MultiStep(epochs=epochs, factor=factor):
            after = text.listing([str(epoch) for epoch in epochs])
            return f", multiplied by {factor:g} after {after} epochs"
        case _:
            assert_never(schedule)


def _summaries(material: Material, workload: str) -> dict[Name, Record]:
    """Return the first good raw result of each framework, in its default mode where that was run."""
    chosen: dict[str, Record] = {}
    for raw in material.raws_of(workload):
        if not records(raw.get("layers")):
            continue
        before = chosen.setdefault(raw["framework"], raw)
        if material.is_default(material.name_of(raw)) and not material.is_default(material.name_of(before)):
            chosen[raw["framework"]] = raw
    return {material.name_of(raw): raw for raw in sorted(chosen.values(), key=lambda raw: rank(raw["framework"]))}


def _table(material: Material, workload: str, summaries: dict[Name, Record]) -> Table:
    layers = [{str(layer.get("name")): layer for layer in records(raw.get("layers"))} for raw in summaries.values()]
    order = _order([list(own) for own in layers])
    shapes = [[own.get(layer, {}).get("output_shape") for own in layers] for layer in order]
    shared = len(layers) > 1 and all(shape == found[0] for found in shapes for shape in found)
    own_titles = ("Kind", "Parameters") if shared else ("Kind", "Output", "Parameters")
    columns = [Column(title="Layer"), *([Column(title="Output (all)", number=True)] if shared else [])]
    groups = [Group(title="", span=len(columns))]
    for name in summaries:
        columns += [Column(title=title, number=title != "Kind", framework=name.framework) for title in own_titles]
        groups.append(Group(title=name.text, span=len(own_titles), framework=name.framework))
    rows = []
    for layer in order:
        found = [own.get(layer) for own in layers]
        head = [Cell(text=layer), *([Cell(text=text.shape((found[0] or {}).get("output_shape")))] if shared else [])]
        agreed = _agreement([(item.get("output_shape"), item.get("parameters")) if item else None for item in found])
        rows.append([*head, *(cell for item in found for cell in _layer(item, shared)), agreed])
    totals = [raw.get("parameter_count") for raw in summaries.values()]
    blank = [Cell(text="")] * (len(own_titles) - 1)
    sums = [cell for total in totals for cell in (*blank, Cell(text=text.count(total), tone="total"))]
    rows.append([Cell(text="Total"), *([Cell(text="")] if shared else []), *sums, _agreement(totals)])
    return Table(
        caption=material.titled(f"{workload}: layers as the frameworks report them"),
        columns=[*columns, Column(title="Same?")],
        groups=[*groups, Group(title="", span=1)],
        rows=rows,
    )


def _layer(layer: Record | None, shared: bool) -> list[Cell]:
    if layer is None:
        return [Cell(text=text.MISSING, tone="muted")] * (2 if shared else 3)
    output = [] if shared else [Cell(text=text.shape(layer.get("output_shape")))]
    return [Cell(text=text.plain(layer.get("kind"))), *output, Cell(text=text.count(layer.get("parameters")))]


def _agreement(values: list[object]) -> Cell:
    if len(values) < 2:
        return Cell(text="one only", tone="muted")
    same = all(value == values[0] for value in values)
    tone: Tone = "" if same else "marked"
    return Cell(text="equal" if same else "DIFFERS", tone=tone)


def _order(lists: list[list[str]]) -> list[str]:
    """Merge the layer names of several frameworks, each kept in its own order."""
    merged: list[str] = []
    for names in lists:
        place = 0
        for name in names:
            if name in merged:
                place = merged.index(name) + 1
            else:
                merged.insert(place, name)
                place += 1
    return merged
