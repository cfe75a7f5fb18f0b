"""The charts of the passports: how far every item is from its tolerance, and free runs against their sensitivity."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from suite.report import text
from suite.report.canvas import BAD, BAND, HAIRLINE, INK, MUTED, SMALL, WIDTH, canvas, panel, rows, write
from suite.report.chartdata import FreeRun, FreeRuns, Margin, Margins
from suite.report.names import Name, colour, marker

FILLS = ("full", "left", "bottom", "right")
"""Which part of its marker is filled tells the modes of one framework apart."""

LEAST_DECADES = 3
"""The axis of margins shows at least so many powers of ten below the tolerance."""

PANEL = 76
"""Height of the plotting area of one free run."""

KEY = 17
"""Height of one line of a key."""


def margins(chart: Margins) -> Figure:
    """Return one row for each item, one marker for each framework and mode, and a line at the tolerance.

    What is none at all, or has no number, stands at the edge.
    """
    names = list(dict.fromkeys(margin.name for row in chart.rows for margin in row.margins))
    fills = _fills(names)
    pitch = 7
    step = max(22, pitch * len(names) + 8)
    head, key = 22, KEY * len(names) + 8
    height = head + step * len(chart.rows)
    figure, axes = canvas(height + 46 + key, left=116, right=14, bottom=40 + key)
    rows(axes, height)
    low, high = _decades(margin.share for row in chart.rows for margin in row.margins)
    axes.set_xscale("log")
    axes.set_xlim(10.0**low, 10.0**high)
    _powers(axes, low, high)
    axes.axvspan(1, 10.0**high, color=BAND, zorder=0)
    axes.plot([1, 1], [head - 4, height], color=INK, linewidth=1.4)
    axes.annotate("tolerance", (1, 8), ha="center", va="center", fontsize=SMALL, color=INK)
    axes.set_xlabel("measured / tolerance", fontsize=SMALL, color=MUTED)
    edge = -116 / (WIDTH * axes.get_position().width)
    for index, row in enumerate(chart.rows):
        top = head + step * index
        axes.axhline(top, color=HAIRLINE, linewidth=0.8)
        write(axes, top + step / 2, row.label, x=edge, fontsize=SMALL)
        for margin in row.margins:
            y = top + step / 2 + pitch * (names.index(margin.name) - (len(names) - 1) / 2)
            _margin(axes, margin, y, min(max(margin.share, 10.0**low), 10.0**high), fills[margin.name])
    _key(figure, names, fills)
    return figure


def _margin(axes: Axes, margin: Margin, y: float, x: float, fill: str) -> None:
    _mark(axes, margin.name, x, y, fill)
    if not margin.passed:
        axes.plot([x], [y], "x", color=BAD, markersize=10, markeredgewidth=2, clip_on=False, zorder=4)


def _mark(axes: Axes, name: Name, x: float, y: float, fill: str) -> None:
    tint = colour(name.framework)
    style = {"color": tint, "fillstyle": fill, "markerfacecoloralt": "white", "markersize": 6, "clip_on": False}
    axes.plot([x], [y], marker(name.framework), markeredgewidth=1, zorder=3, **style)  # type: ignore[arg-type]


def _fills(names: Sequence[Name]) -> dict[Name, str]:
    modes: dict[str, list[Name]] = {}
    for name in names:
        modes.setdefault(name.framework, []).append(name)
    return {name: FILLS[index % len(FILLS)] for own in modes.values() for index, name in enumerate(own)}


def _key(figure: Figure, names: Sequence[Name], fills: dict[Name, str]) -> None:
    height = figure.get_figheight() * 72
    frame = figure.add_axes((0, 0, 1, (KEY * len(names) + 4) / height))
    frame.axis("off")
    frame.set(xlim=(0, WIDTH), ylim=(KEY * len(names) + 4, 0))
    for index, name in enumerate(names):
        y = KEY * index + 9
        _mark(frame, name, 10, y, fills[name])
        frame.text(24, y, name.text, va="center", fontsize=SMALL, color=INK)


def _decades(values: Iterable[float]) -> tuple[int, int]:
    """Return the powers of ten between which an axis around 1 holds all ``values`` that it can hold."""
    logs = [math.log10(value) for value in values if 0 < value < math.inf]
    low = min([-LEAST_DECADES, *(math.floor(log - 0.15) for log in logs)])
    return low, max([1, *(math.ceil(log + 0.15) for log in logs)])


def _powers(axes: Axes, low: int, high: int) -> None:
    """Label powers of ten, as many as there is room for, 1 among them."""
    stride = max(1, math.ceil((high - low) / 6))
    powers = [power for power in range(low, high + 1) if power % stride == 0]
    axes.set_xticks([10.0**power for power in powers], [text.power_of_ten(power) for power in powers])
    axes.set_xticks([], minor=True)
    axes.grid(axis="x", color=HAIRLINE, linewidth=0.8)


def free_runs(chart: FreeRuns) -> Figure:
    """Return one panel for each free run: its differences over the steps, and the band of its own sensitivity."""
    head, gap, key = 26, 6, 2 * KEY + 4
    each = head + PANEL + gap
    height = each * len(chart.runs) + 34 + key
    figure = Figure(figsize=(WIDTH / 72, height / 72), facecolor="none")
    values = [value for run in chart.runs for value in (*run.difference, *run.envelope) if value > 0]
    low = math.floor(min((math.log10(value) for value in values), default=-8))
    high = math.ceil(max((math.log10(value) for value in values), default=0))
    for index, run in enumerate(chart.runs):
        top = each * index + head
        axes = panel(figure, 46, 14, top, height - top - PANEL)
        _free_run(axes, run, low, max(high, low + 1))
        axes.tick_params(labelbottom=index == len(chart.runs) - 1)
        axes.set_title(
            run.name.text,
            loc="left",
            x=-46 / (WIDTH * axes.get_position().width),
            fontsize=SMALL,
            color=colour(run.name.framework),
            weight="bold",
            pad=9,
        )
    axes.set_xlabel("step", fontsize=SMALL, color=MUTED)
    _free_key(figure, height, key)
    return figure


def _free_run(axes: Axes, run: FreeRun, low: int, high: int) -> None:
    floor = 10.0**low
    for values, style in (
        (run.envelope, {"color": MUTED, "linewidth": 1.2, "dashes": (3, 1.5)}),
        (run.difference, {"color": colour(run.name.framework), "linewidth": 1.6}),
    ):
        steps = range(1, len(values) + 1)
        axes.plot(steps, [max(value, floor) for value in values], **style)  # type: ignore[arg-type]
    steps = range(1, len(run.envelope) + 1)
    axes.fill_between(steps, floor, [max(value, floor) for value in run.envelope], color=BAND, linewidth=0, zorder=0)
    axes.set_yscale("log")
    axes.set_ylim(floor, 10.0**high)
    stride = max(1, math.ceil((high - low) / 3))
    powers = range(high, low - 1, -stride)
    axes.set_yticks([10.0**power for power in powers], [text.power_of_ten(power) for power in powers])
    axes.set_yticks([], minor=True)
    axes.grid(axis="y", color=HAIRLINE, linewidth=0.8)
    axes.set_xlim(0, max(len(run.difference), len(run.envelope), 1))


def _free_key(figure: Figure, height: float, key: float) -> None:
    frame = figure.add_axes((0, 0, 1, key / height))
    frame.axis("off")
    frame.set(xlim=(0, WIDTH), ylim=(key, 0))
    frame.plot([46, 78], [9, 9], color=INK, linewidth=1.6)
    frame.text(86, 9, "difference from the definition's run", va="center", fontsize=SMALL, color=INK)
    frame.fill_between([46, 78], [KEY + 3] * 2, [KEY + 15] * 2, color=BAND, linewidth=0)
    frame.plot([46, 78], [KEY + 9] * 2, color=MUTED, linewidth=1.2, dashes=(3, 1.5))
    words = "its own sensitivity, the largest so far"
    frame.text(86, KEY + 9, words, va="center", fontsize=SMALL, color=INK)
