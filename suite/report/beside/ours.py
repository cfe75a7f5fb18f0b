"""What this run has to put beside a published figure: its own ratios, accuracies and error rates."""

from __future__ import annotations

import statistics
from collections.abc import Callable
from dataclasses import dataclass, replace

from suite.published.figures import COMPARED, Figure
from suite.published.programs import TEST_ACCURACY
from suite.records import Record
from suite.report import text
from suite.report.gaps import Side
from suite.report.material import Material, batch_of, epochs_of, lane_of, length, mapping, records
from suite.report.names import Name
from suite.workload import ConstantRate
from suite.workloads import workloads

DEPTH_MAP, STEP = "depth map", "step"

MEDIANS = {"map_s": "median pair", "step_s": "median step of trainings"}
"""What is recorded of trainings of stereo networks."""


@dataclass(frozen=True, kw_only=True)
class Ours:
    """One number of this run: a ratio of times over PyTorch's with its interval, an accuracy or an error rate.

    ``interval`` is its interval in words, or how many runs it rests on; ``unlike`` says how it was measured, where that
    is not quite what the study did.
    """

    name: Name
    value: float
    low: float | None = None
    high: float | None = None
    interval: str = ""
    unlike: str = ""


def ratios(material: Material, figure: Figure) -> list[Ours]:
    """Return TensorFlow's and Keras's times over PyTorch's for what ``figure`` is about, lane by lane.

    Each is formed within one lane and one machine. Where no whole training of the study's length was run, sampled steps
    stand for it, or a training of another length, and the remark says so.
    """
    found = []
    for lane in material.lanes:
        base = lane.defaults.get("pytorch")
        for framework in COMPARED:
            name = lane.defaults.get(framework)
            if base and name and framework != "pytorch":
                own = [] if figure.quantity == DEPTH_MAP else _compared(lane, figure, base, name)
                found += own or _matched_pairs(lane, figure, base, name)
    return found


def qualities(material: Material, figure: Figure) -> list[Ours]:
    """Return each framework's accuracy (0 to 1) or error rate (percent) for what ``figure`` is about, lane by lane."""
    measure: Callable[[Material, Figure, Name], list[Ours]]
    measure = _errors if figure.quantity.startswith("error rate") else _accuracy
    return [
        ours
        for lane in material.lanes
        for framework in COMPARED
        if framework in lane.defaults
        for ours in measure(lane, figure, lane.defaults[framework])
    ]


def _compared(lane: Material, figure: Figure, base: Name, name: Name) -> list[Ours]:
    found = [
        item
        for item in lane.comparisons
        if item.get("workload") == figure.workload and {item.get("a"), item.get("b")} == {base.key, name.key}
        if item.get("ratio") and (figure.quantity != STEP or epochs_of(item) is None)
        if figure.params.get("batch", batch_of(item)) == batch_of(item)
    ]
    if not found:
        return []
    item = max(found, key=lambda item: _likeness(item, figure))
    ratio, low, high = item["ratio"], item.get("low"), item.get("high")
    if item["a"] != base.key:
        ratio, low, high = 1 / ratio, high and 1 / high, low and 1 / low
    side = Side(ratio=ratio, low=low, high=high, runs=item.get("runs"))
    marked = replace(name, unmatched=bool(item.get("unmatched")))
    return [Ours(name=marked, value=ratio, low=low, high=high, interval=side.remark, unlike=_unlike(item, figure))]


def _likeness(item: Record, figure: Figure) -> tuple[bool, bool, bool, int]:
    """Return how near a comparison comes to what the study measured: the largest is the nearest."""
    whole, sure = epochs_of(item) is not None, item.get("low") is not None
    return _same_training(item, figure), not whole, sure, epochs_of(item) or 0


def _same_training(item: Record, figure: Figure) -> bool:
    epochs = epochs_of(item)
    part = mapping(item.get("params")).get("examples") is not None
    return epochs is not None and not part and figure.params.get("epochs", epochs) == epochs


def _unlike(item: Record, figure: Figure) -> str:
    """Return how what was measured here differs from what the study measured."""
    if epochs_of(item) is None:
        return "" if figure.quantity == STEP else "steps sampled"
    return "" if _same_training(item, figure) else length(item)


def _matched_pairs(lane: Material, figure: Figure, base: Name, name: Name) -> list[Ours]:
    """Return the ratio of what trainings of stereo networks recorded: one step's time, or one disparity map's."""
    field = "map_s" if figure.quantity == DEPTH_MAP else "step_s"
    rows = [_stereo(lane, figure.workload, each) for each in (base, name)]
    alike = [(one, other) for one in rows[0] for other in rows[1] if one.get("params") == other.get("params")]
    pairs = [(one, other) for one, other in alike if one.get(field) and other.get(field)]
    if not pairs or len(records(lane.analysis.get("machines"))) > 1:  # seconds of two machines make no ratio
        return []
    one, other = max(pairs, key=lambda pair: epochs_of(pair[0]) or 0)
    unmatched = any(lane.name(each.key, figure.workload).unmatched for each in (base, name))
    runs = min(row.get("runs") or 0 for row in (one, other))
    words = [MEDIANS[field], "one run each" if runs == 1 else f"{runs} runs each"]
    ratio = other[field] / one[field]
    return [Ours(name=replace(name, unmatched=unmatched), value=ratio, interval=words[1], unlike=words[0])]


def _stereo(lane: Material, workload: str, name: Name) -> list[Record]:
    """Return the rows of the analysis on matching pairs that are an arm's."""
    return [
        row
        for row in records(mapping(lane.analysis.get("stereo")).get("rows"))
        if (lane_of(row), row.get("workload")) == (lane.lane, workload)
        if (row.get("framework"), row.get("mode")) == (name.framework, name.mode)
    ]


def _errors(lane: Material, figure: Figure, name: Name) -> list[Ours]:
    """Return the error rate in percent after the longest training: of the first pair, or the mean over all."""
    rows = _stereo(lane, figure.workload, name)
    if not rows:
        return []
    row = max(rows, key=lambda row: epochs_of(row) or 0)
    pairs = records(row.get("pairs"))
    one = figure.quantity.endswith("one image")
    rate = pairs[0].get("error_rate") if one and pairs else row.get("error_rate")
    if rate is None:
        return []
    words = f"pair {pairs[0].get('name')}" if one and pairs else text.plural(len(pairs), "pair")
    marked = lane.name(name.key, figure.workload)
    return [Ours(name=marked, value=rate * 100, interval=f"{words}, {text.plural(row.get('runs') or 0, 'run')}")]


def _accuracy(lane: Material, figure: Figure, name: Name) -> list[Ours]:
    """Return the accuracy after the study's epochs: the mean of trainings so long, or on the way of longer ones.

    It is the test accuracy; of a program as published it is what the program itself reports, where the study does not
    say that it means the test set. A longer training passes through the same state only where the learning rate does
    not depend on the length.
    """
    epochs = figure.params["epochs"]
    own = [raw for raw in lane.raws_of(figure.workload) if _is_case(raw, figure, name)]
    runs = [raw for raw in own if (epochs_of(raw) or 0) >= epochs]
    shortest = min((epochs_of(raw) or 0 for raw in runs), default=epochs)
    known = workloads().get(figure.workload)
    if shortest != epochs and (known is None or not isinstance(known.schedule, ConstantRate)):
        return []
    runs = [raw for raw in runs if epochs_of(raw) == shortest]
    key = "reported_accuracy" if figure.quantity == "accuracy" else "test_accuracy"
    rows = [row for raw in runs for row in records(raw.get("epochs")) if row.get("epoch") == epochs]
    found = [row.get(key, row.get("test_accuracy")) for row in rows]
    values = [float(value) for value in found if value is not None]
    if not values:
        return []
    reported = str(runs[0].get("reported_as") or TEST_ACCURACY) if figure.quantity == "accuracy" else TEST_ACCURACY
    unlike = [] if reported == TEST_ACCURACY else [reported]
    unlike += [] if shortest == epochs else [f"on the way to {length(runs[0])}"]
    marked = lane.name(name.key, figure.workload)
    interval = text.plural(len(values), "run")
    return [Ours(name=marked, value=statistics.fmean(values), interval=interval, unlike=", ".join(unlike))]


def _is_case(raw: Record, figure: Figure, name: Name) -> bool:
    """Tell whether a run is an arm's training on all examples at a figure's batch size."""
    return (
        (raw.get("framework"), raw.get("mode")) == (name.framework, name.mode)
        and figure.params.get("batch", batch_of(raw)) == batch_of(raw)
        and mapping(raw.get("params")).get("examples") is None
    )
