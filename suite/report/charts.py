"""Charts drawn with matplotlib: each takes a description (:mod:`suite.report.document`) and returns a figure.

All are 350 units wide, so that the 12-unit text in them stays readable on a phone, where they are shown at about that
size; on a wide page they stand side by side. What they lack in width they take in height. One unit is a point.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from suite.report import text
from suite.report.document import Bars, Chart, Dots, Forest, Interval, Line, Lines, Strip, Strips
from suite.report.names import Name, colour, marker
from suite.stats import median

WIDTH = 350
INK, MUTED, HAIRLINE, BAND = "#1d2127", "#5b6270", "#dfe2e7", "#eceef1"
SMALL, NORMAL = 11, 12

RATIO_TICKS = (0.01, 0.02, 0.05, 0.1, 0.2, 0.3, 0.5, 0.7, 1, 1.5, 2, 3, 5, 7, 10, 20, 50, 100)
"""Where a logarithmic axis of ratios may be labelled."""

LOG_FROM = 12
"""Strips whose medians differ by more than this are drawn on a logarithmic axis."""

TAIL = 2.5
"""A linear axis of strips ends at so many times the largest median; what lies beyond is marked at the edge."""

PLOT = 186
"""Height of the plotting area of line charts."""

LONG_LABEL = 14
"""Names with more characters than this stand under a line chart instead of at the ends of its lines."""

DASHES: tuple[tuple[float, ...], ...] = ((), (4, 2), (1, 1.6), (6, 2, 1, 2))
"""Line styles that tell the modes of one framework apart."""


def draw(chart: Chart) -> Figure:
    """Return the chart as a matplotlib figure, :data:`WIDTH` points wide."""
    match chart:
        case Forest():
            return _forest(chart)
        case Strips():
            return _strips(chart)
        case Lines():
            return _lines(chart)
        case Bars():
            return _bars(chart)
        case Dots():
            return _dots(chart)


def _canvas(
    height: float, left: float = 4, right: float = 8, top: float = 6, bottom: float = 40
) -> tuple[Figure, Axes]:
    """Return a figure of ``height`` points and its axes, with margins in points."""
    figure = Figure(figsize=(WIDTH / 72, height / 72), facecolor="none")
    span = (WIDTH - left - right) / WIDTH, (height - top - bottom) / height
    axes = figure.add_axes((left / WIDTH, bottom / height, *span), facecolor="none")
    for side in ("top", "right", "left"):
        axes.spines[side].set_visible(False)
    axes.spines["bottom"].set_color(MUTED)
    axes.tick_params(labelsize=SMALL, labelcolor=MUTED, color=MUTED, length=3)
    axes.set_axisbelow(True)
    return figure, axes


def _rows(axes: Axes, height: float) -> None:
    """Make one unit of the y axis one point, counted from the top, and hide its ticks."""
    axes.set_ylim(height, 0)
    axes.yaxis.set_visible(False)


def _grid(axes: Axes) -> None:
    axes.grid(axis="x", color=HAIRLINE, linewidth=0.8)


def _write(axes: Axes, y: float, words: str, **style: object) -> None:
    """Write at the left edge of the axes, at height ``y`` in data units."""
    halo = {"facecolor": "white", "edgecolor": "none", "pad": 1}
    style = {"x": 0, "ha": "left", "va": "center", "fontsize": NORMAL, "color": INK, "bbox": halo, "zorder": 2, **style}
    axes.text(y=y, s=words, transform=axes.get_yaxis_transform(), **style)  # type: ignore[arg-type]


def labels(names: Sequence[Name]) -> dict[Name, str]:
    """Return the shortest clear label of each: the framework alone, unless one of them is there in several modes."""
    distinct = list(dict.fromkeys(names))
    alone = len({name.framework for name in distinct}) == len(distinct)
    return {name: name.title if alone else name.text for name in distinct}


def _forest(chart: Forest) -> Figure:
    step, head = 42, 20
    places: list[tuple[Interval, float]] = []
    groups: list[tuple[str, float]] = []
    y = 22.0
    for index, row in enumerate(chart.rows):
        if row.group and (index == 0 or chart.rows[index - 1].group != row.group):
            y += 8 if index else 0
            groups.append((row.group, y + 8))
            y += head
        places.append((row, y + (12 if row.group else 28)))
        y += 24 if row.group else step
    figure, axes = _canvas(y + 46, left=64 if groups else 8, right=44)
    _rows(axes, y)
    _ratio_axis(axes, chart)
    for words, side, shift in (("◀ less time", "right", -9), ("more time ▶", "left", 9)):
        axes.annotate(
            words, (1, 9), (shift, 0), textcoords="offset points", ha=side, va="center", fontsize=SMALL, color=MUTED
        )
    edge = -64 / (WIDTH - 108) if groups else 0
    for words, place in groups:
        _write(axes, place, words, x=edge, weight="bold", fontsize=SMALL)
    for row, place in places:
        _interval(axes, row, place)
        _write(axes, place if row.group else place - 16, row.label, x=edge, fontsize=SMALL)
    return figure


def _ratio_axis(axes: Axes, chart: Forest) -> None:
    ends = [value for row in chart.rows for value in (row.ratio, row.low, row.high) if value]
    axes.set_xscale("log")
    axes.set_xlim(min(0.72, min(ends) / 1.12), max(1.4, max(ends) * 1.12))
    low, high = axes.get_xlim()
    ticks = [tick for tick in RATIO_TICKS if low <= tick <= high]
    axes.set_xticks(ticks, [f"{tick:g}" for tick in ticks])
    axes.set_xticks([], minor=True)
    axes.set_xlabel("ratio of times (1 = equally fast)", fontsize=SMALL, color=MUTED)
    _grid(axes)
    axes.axvspan(1 / chart.band, chart.band, color=BAND, zorder=0)
    axes.axvline(1, color=MUTED, linewidth=1)


def _interval(axes: Axes, row: Interval, y: float) -> None:
    tint = colour(row.framework)
    if row.low is not None and row.high is not None:
        axes.plot([row.low, row.high], [y, y], color=tint, linewidth=3, solid_capstyle="round")
    hollow = "white" if row.low is None else tint
    axes.plot(
        [row.ratio], [y], marker(row.framework), color=tint, markerfacecolor=hollow, markersize=8, markeredgewidth=1.5
    )
    _write(axes, y, text.ratio(row.ratio), x=1.03, weight="bold")


def _strips(chart: Strips) -> Figure:
    groups: dict[Name, list[Strip]] = {}
    for strip in chart.strips:
        groups.setdefault(strip.name, []).append(strip)
    pitch = 13 if len(chart.strips) <= 24 else 8
    height = sum(24 + pitch * len(own) + 6 for own in groups.values())
    figure, axes = _canvas(height + 44)
    _rows(axes, height)
    limit = _time_axis(axes, chart.strips)
    y = 0.0
    for name, own in groups.items():
        _write(axes, y + 12, name.text, color=colour(name.framework), weight="bold")
        y += 24
        for strip in own:
            _strip(axes, strip, y + pitch / 2, pitch, limit)
            y += pitch
        y += 6
    return figure


def _time_axis(axes: Axes, strips: Sequence[Strip]) -> float:
    """Set up an axis in milliseconds and return where it ends."""
    middles = [strip.median * 1e3 for strip in strips]
    last = max(strip.quantiles[-1] * 1e3 for strip in strips)
    if max(middles) > LOG_FROM * min(middles):
        axes.set_xscale("log")
        axes.set_xlim(min(strip.quantiles[0] * 1e3 for strip in strips) / 1.1, last * 1.1)
        last = math.inf
    else:
        last = min(last, TAIL * max(middles))
        axes.set_xlim(0, last * 1.04)
    axes.xaxis.set_major_formatter(lambda value, _: f"{value:g}")
    axes.set_xlabel("milliseconds per step", fontsize=SMALL, color=MUTED)
    _grid(axes)
    return last


def _strip(axes: Axes, strip: Strip, y: float, pitch: float, limit: float) -> None:
    tint, half = colour(strip.name.framework), pitch * 0.36
    inside = [mark * 1e3 for mark in strip.quantiles if mark * 1e3 <= limit]
    xs = [x for mark in inside for x in (mark, mark, math.nan)]
    ys = [level for _ in inside for level in (y - half, y + half, math.nan)]
    axes.plot(xs, ys, color=tint, linewidth=0.9, alpha=0.55)
    axes.plot([strip.median * 1e3], [y], "o", color=INK, markeredgecolor="white", markeredgewidth=0.8, markersize=5)
    if len(inside) < len(strip.quantiles):
        _write(axes, y, "▸", x=1, ha="right", color=tint, fontsize=SMALL)


def _lines(chart: Lines) -> Figure:
    written = labels([line.name for line in chart.lines])
    longest = max(len(words) for words in written.values())
    below = 17 * len(written) + 6 if longest > LONG_LABEL else 0
    figure, axes = _canvas(
        PLOT + 64 + below, left=46, right=14 + (0 if below else 6.6 * longest), top=24, bottom=40 + below
    )
    axes.grid(axis="y", color=HAIRLINE, linewidth=0.8)
    axes.tick_params(axis="y", length=0)
    dashes = _dashes(list(written))
    for line in chart.lines:
        _line(axes, line, dashes[line.name], len(chart.lines) > len(written))
    _line_axes(axes, chart)
    if below:
        _key(figure, written, dashes)
    else:
        _end_labels(axes, chart.lines, written)
    return figure


def _key(figure: Figure, written: dict[Name, str], dashes: dict[Name, tuple[float, ...]]) -> None:
    """Write the names with their line styles under the chart, where they are too long to stand at the ends of lines."""
    height = figure.get_figheight() * 72
    frame = figure.add_axes((0, 0, 1, (17 * len(written) + 4) / height))
    frame.axis("off")
    frame.set(xlim=(0, WIDTH), ylim=(17 * len(written) + 4, 0))
    for index, (name, words) in enumerate(written.items()):
        y, tint = 17 * index + 9, colour(name.framework)
        (sample,) = frame.plot([46, 78], [y, y], color=tint, linewidth=2)
        if dashes[name]:
            sample.set_dashes(list(dashes[name]))
        frame.plot([62], [y], marker(name.framework), color=tint, markersize=5)
        frame.text(86, y, words, va="center", fontsize=SMALL, color=INK)


def _dashes(names: Sequence[Name]) -> dict[Name, tuple[float, ...]]:
    modes: dict[str, list[Name]] = {}
    for name in names:
        modes.setdefault(name.framework, []).append(name)
    return {name: DASHES[index % len(DASHES)] for own in modes.values() for index, name in enumerate(own)}


def _line(axes: Axes, line: Line, dashes: tuple[float, ...], repeated: bool) -> None:
    tint = colour(line.name.framework)
    if line.lows and line.highs:
        axes.fill_between(line.xs, line.lows, line.highs, color=tint, alpha=0.15, linewidth=0)
    (drawn,) = axes.plot(line.xs, line.ys, color=tint, linewidth=1.2 if repeated else 2, alpha=0.8 if repeated else 1)
    if dashes:
        drawn.set_dashes(list(dashes))
    if len(line.xs) <= 12 and not repeated:
        axes.plot(line.xs, line.ys, marker(line.name.framework), color=tint, markersize=5)


def _line_axes(axes: Axes, chart: Lines) -> None:
    xs = sorted({x for line in chart.lines for x in line.xs})
    if chart.powers:
        axes.set_xscale("log", base=2)
        axes.set_xticks(xs, [f"{x:g}" for x in xs])
        axes.set_xticks([], minor=True)
    else:
        axes.locator_params(axis="x", integer=True, nbins=8)
    if chart.from_zero:
        axes.set_ylim(bottom=0)
    axes.yaxis.set_major_formatter(lambda value, _: f"{value:g}")
    axes.set_xlabel(chart.x_label, fontsize=SMALL, color=MUTED)
    axes.set_title(chart.y_label, loc="left", x=-46 / (WIDTH * axes.get_position().width), fontsize=SMALL, color=MUTED)


def _end_labels(axes: Axes, lines: Sequence[Line], written: dict[Name, str]) -> None:
    """Write each name at the end of its line (of the middle one, where it has several), moved apart where they collide."""
    ends: dict[Name, list[float]] = {}
    for line in lines:
        ends.setdefault(line.name, []).append(line.ys[-1])
    low, high = axes.get_ylim()
    room = 15 * (high - low) / PLOT
    wanted = [(name, float(median(own) or 0)) for name, own in ends.items()]
    for (name, _), y in zip(
        sorted(wanted, key=lambda item: item[1]), spread_out([y for _, y in wanted], room, low, high), strict=True
    ):
        _write(axes, y, written[name], x=1.03, color=colour(name.framework), weight="bold", fontsize=SMALL)


def spread_out(values: Sequence[float], room: float, low: float, high: float) -> list[float]:
    """Return ``values`` in ascending order, moved until neighbours are ``room`` apart, inside [low, high] if they fit."""
    placed: list[float] = []
    for value in sorted(values):
        placed.append(max(value, placed[-1] + room) if placed else max(value, low))
    ceiling = high
    for index in range(len(placed) - 1, -1, -1):
        placed[index] = min(placed[index], ceiling)
        ceiling = placed[index] - room
    return placed


def _bars(chart: Bars) -> Figure:
    step = 40
    height = step * len(chart.bars) + 4
    figure, axes = _canvas(height + 40, right=70)
    _rows(axes, height)
    _grid(axes)
    for index, bar in enumerate(chart.bars):
        y = step * index
        _write(axes, y + 10, bar.name.text, fontsize=SMALL)
        axes.barh(y + 26, bar.value, height=13, color=colour(bar.name.framework))
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
    figure, axes = _canvas(height + 40, left=12, right=64)
    _rows(axes, height)
    _grid(axes)
    for index, row in enumerate(chart.rows):
        y, tint = step * index, colour(row.name.framework)
        _write(axes, y + 10, row.name.text, fontsize=SMALL)
        axes.axhline(y + 26, color=HAIRLINE, linewidth=1)
        axes.plot(
            row.values, [y + 26] * len(row.values), marker(row.name.framework), color=tint, alpha=0.75, markersize=9
        )
        _write(axes, y + 26, row.text, x=1.04, weight="bold")
    values = [value for row in chart.rows for value in row.values]
    middle, half = (min(values) + max(values)) / 2, max((max(values) - min(values)) * 0.6, chart.least / 2)
    axes.set_xlim(middle - half, middle + half)
    axes.locator_params(axis="x", nbins=5)
    axes.xaxis.set_major_formatter(lambda value, _: f"{value:g}")
    axes.set_xlabel(chart.x_label, fontsize=SMALL, color=MUTED)
    return figure
