"""Charts drawn with matplotlib: each takes a description (:mod:`suite.report.document`) and returns a figure.

All are 350 units wide, so that the 12-unit text in them stays readable on a phone, where they are shown at about that
size; on a wide page they stand side by side. What they lack in width they take in height. One unit is a point.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from suite.report import ladderchart, linechart, passportcharts, text
from suite.report.canvas import (
    BAD,
    BAND,
    HAIRLINE,
    INK,
    MUTED,
    NORMAL,
    SMALL,
    WIDTH,
    canvas,
    grid,
    label_width,
    rows,
    write,
)
from suite.report.chartdata import Bars, Chart, Dots, Forest, FreeRuns, Interval, Ladders, Lines, Margins, Strip, Strips
from suite.report.names import CROSS, Name, colour, marker

RATIO_TICKS = (1, 0.1, 10, 0.01, 100, 0.5, 2, 0.2, 5, 0.05, 20, 0.02, 50, 0.7, 1.5, 0.3, 3, 7, 0.8, 1.2, 0.9, 1.1)
"""Where a logarithmic axis of ratios may be labelled; where room is short, those named first are."""

ARROW = 88
"""Points that "more time" with its arrow takes beside the line at 1."""

LOG_FROM = 12
"""Strips whose medians differ by more than this are drawn on a logarithmic axis."""

TAIL = 2.5
"""A linear axis of strips ends at so many times the largest median; what lies beyond is marked at the edge."""


def draw(chart: Chart) -> Figure:
    """Return the chart as a matplotlib figure, :data:`WIDTH` points wide."""
    match chart:
        case Forest():
            return _forest(chart)
        case Strips():
            return _strips(chart)
        case Lines():
            return linechart.draw(chart)
        case Bars():
            return _bars(chart)
        case Dots():
            return _dots(chart)
        case Margins():
            return passportcharts.margins(chart)
        case FreeRuns():
            return passportcharts.free_runs(chart)
        case Ladders():
            return ladderchart.draw(chart)


def _forest(chart: Forest) -> Figure:
    places: list[tuple[Interval, float]] = []
    words: list[tuple[str, float, str]] = []
    y = 22.0
    for index, row in enumerate(chart.rows):
        before = chart.rows[index - 1] if index else None
        if row.group and (before is None or (before.group, before.mark) != (row.group, row.mark)):
            y += 8 if index else 0
            words.append((row.group, y + 8, "bold"))
            words += [(row.mark, y + 24, "mark")] if row.mark else []
            y += 36 if row.mark else 20
        words.append((row.label, y + 12, ""))
        if not row.group:
            words += [(row.mark, y + 28, "mark")] if row.mark else []
            y += 32 if row.mark else 16
        places.append((row, y + 12))
        y += 24 if row.group else 26
    grouped = any(row.group for row in chart.rows)
    figure, axes = canvas(y + 46, left=64 if grouped else 14, right=56 if any(row.mark for row in chart.rows) else 44)
    rows(axes, y)
    _ratio_axis(axes, chart)
    for side, shift, arrow in (("right", -9, "◀ less time"), ("left", 9, "more time ▶")):
        axes.annotate(
            arrow, (1, 9), (shift, 0), textcoords="offset points", ha=side, va="center", fontsize=SMALL, color=MUTED
        )
    edge = -64 / (WIDTH * axes.get_position().width) if grouped else 0
    styles: dict[str, dict[str, str]] = {"bold": {"weight": "bold"}, "mark": {"color": BAD, "weight": "bold"}, "": {}}
    for written, place, style in words:
        write(axes, place, written, x=edge, fontsize=SMALL, **styles[style])
    for row, place in places:
        _interval(axes, row, place)
    return figure


def _ratio_axis(axes: Axes, chart: Forest) -> None:
    ends = [value for row in chart.rows for value in (row.ratio, row.low, row.high) if value]
    axes.set_xscale("log")
    place = axes.get_position()
    left, width = place.x0 * WIDTH, place.width * WIDTH
    low, high = min(0.72, min(ends) / 1.12), max(1.4, max(ends) * 1.12)
    before, after = max(0, ARROW - left), max(0, ARROW - (WIDTH - left - width))  # what the words at 1 need beside it
    high = max(high, math.exp(after * -math.log(low) / (width - after)))
    low = min(low, math.exp(-before * math.log(high) / (width - before)))
    axes.set_xlim(low, high)
    taken: dict[float, tuple[float, float]] = {}
    for tick in RATIO_TICKS:
        middle = left + width * math.log(tick / low) / math.log(high / low)
        span = middle - label_width(f"{tick:g}") / 2, middle + label_width(f"{tick:g}") / 2
        apart = all(span[1] + 5 < other[0] or other[1] + 5 < span[0] for other in taken.values())
        if low <= tick <= high and span[0] >= 0 and span[1] <= WIDTH and apart:
            taken[tick] = span
    axes.set_xticks(sorted(taken), [f"{tick:g}" for tick in sorted(taken)])
    axes.set_xticks([], minor=True)
    axes.set_xlabel("ratio of times (1 = equally fast)", fontsize=SMALL, color=MUTED)
    grid(axes)
    axes.axvspan(1 / chart.band, chart.band, color=BAND, zorder=0)
    axes.axvline(1, color=MUTED, linewidth=1)


def _interval(axes: Axes, row: Interval, y: float) -> None:
    tint = colour(row.framework)
    if row.low is not None and row.high is not None:
        dashes = (0, (1.5, 0.8)) if row.mark else "solid"
        axes.plot([row.low, row.high], [y, y], color=tint, linewidth=3, linestyle=dashes, solid_capstyle="round")
    hollow = "white" if row.low is None or row.mark else tint
    axes.plot(
        [row.ratio], [y], marker(row.framework), color=tint, markerfacecolor=hollow, markersize=8, markeredgewidth=1.5
    )
    write(axes, y, f"{CROSS}{text.ratio(row.ratio)}" if row.mark else text.ratio(row.ratio), x=1.03, weight="bold")


def _strips(chart: Strips) -> Figure:
    groups: dict[Name, list[Strip]] = {}
    for strip in chart.strips:
        groups.setdefault(strip.name, []).append(strip)
    pitch = 13 if len(chart.strips) <= 24 else 8
    height = sum(24 + pitch * len(own) + 6 for own in groups.values())
    wide = _span(chart.strips) > LOG_FROM
    figure, axes = canvas(height + 44, left=14 if wide else 4, right=16 if wide else 8)  # "0.1" may stand at an edge
    rows(axes, height)
    limit = _time_axis(axes, chart.strips)
    y = 0.0
    for name, own in groups.items():
        write(axes, y + 12, name.text, color=colour(name.framework), weight="bold")
        y += 24
        for strip in own:
            _strip(axes, strip, y + pitch / 2, pitch, limit)
            y += pitch
        y += 6
    return figure


def _span(strips: Sequence[Strip]) -> float:
    """Return how many times the smallest median the largest is."""
    middles = [strip.median for strip in strips]
    return max(middles) / min(middles)


def _time_axis(axes: Axes, strips: Sequence[Strip]) -> float:
    """Set up an axis in milliseconds and return where it ends."""
    middles = [strip.median * 1e3 for strip in strips]
    last = max(strip.quantiles[-1] * 1e3 for strip in strips)
    if _span(strips) > LOG_FROM:
        axes.set_xscale("log")
        axes.set_xlim(min(strip.quantiles[0] * 1e3 for strip in strips) / 1.1, last * 1.1)
        last = math.inf
    else:
        last = min(last, TAIL * max(middles))
        axes.set_xlim(0, last * 1.04)
    axes.xaxis.set_major_formatter(lambda value, _: f"{value:g}")
    axes.set_xlabel("milliseconds per step", fontsize=SMALL, color=MUTED)
    grid(axes)
    return last


def _strip(axes: Axes, strip: Strip, y: float, pitch: float, limit: float) -> None:
    tint, half = colour(strip.name.framework), pitch * 0.36
    inside = [mark * 1e3 for mark in strip.quantiles if mark * 1e3 <= limit]
    xs = [x for mark in inside for x in (mark, mark, math.nan)]
    ys = [level for _ in inside for level in (y - half, y + half, math.nan)]
    axes.plot(xs, ys, color=tint, linewidth=0.9, alpha=0.55)
    axes.plot([strip.median * 1e3], [y], "o", color=INK, markeredgecolor="white", markeredgewidth=0.8, markersize=5)
    if len(inside) < len(strip.quantiles):
        write(axes, y, "▸", x=1, ha="right", color=tint, fontsize=SMALL)


def _bars(chart: Bars) -> Figure:
    step = 40
    height = step * len(chart.bars) + 4
    figure, axes = canvas(height + 40, right=70)
    rows(axes, height)
    grid(axes)
    for index, bar in enumerate(chart.bars):
        y = step * index
        write(axes, y + 10, bar.name.text, fontsize=SMALL)
        tint = colour(bar.name.framework)
        fill, hatch = ("white", "////") if bar.name.unmatched else (tint, None)
        axes.barh(y + 26, bar.value, height=13, edgecolor=tint, linewidth=1, facecolor=fill, hatch=hatch)
        axes.annotate(
            bar.text,
            (bar.value, y + 26),
            (6, 0),
            textcoords="offset points",
            va="center",
            fontsize=NORMAL,
            weight="bold",
            color=INK,
        )
    axes.set_xlim(0, max(bar.value for bar in chart.bars))
    axes.locator_params(axis="x", nbins=5)
    axes.xaxis.set_major_formatter(lambda value, _: f"{value:g}")
    axes.set_xlabel(chart.x_label, fontsize=SMALL, color=MUTED)
    return figure


def _dots(chart: Dots) -> Figure:
    step = 40
    height = step * len(chart.rows) + 4
    figure, axes = canvas(height + 40, left=18, right=64)
    rows(axes, height)
    grid(axes)
    for index, row in enumerate(chart.rows):
        y, tint = step * index, colour(row.name.framework)
        write(axes, y + 10, row.name.text, fontsize=SMALL)
        axes.axhline(y + 26, color=HAIRLINE, linewidth=1)
        axes.plot(
            row.values,
            [y + 26] * len(row.values),
            marker(row.name.framework),
            color=tint,
            markerfacecolor="white" if row.name.unmatched or row.hollow else tint,
            alpha=0.75,
            markersize=9,
        )
        write(axes, y + 26, row.text, x=1.04, weight="bold")
    values = [value for row in chart.rows for value in row.values]
    middle, half = (min(values) + max(values)) / 2, max((max(values) - min(values)) * 0.6, chart.least / 2)
    axes.set_xlim(middle - half, middle + half)
    axes.locator_params(axis="x", nbins=5)
    axes.xaxis.set_major_formatter(lambda value, _: f"{value:g}")
    axes.set_xlabel(chart.x_label, fontsize=SMALL, color=MUTED)
    return figure
