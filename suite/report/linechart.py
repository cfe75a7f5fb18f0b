"""Lines over epochs or batch sizes, with the names at their ends where there is room."""

from __future__ import annotations

from collections.abc import Sequence

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from suite.report.canvas import HAIRLINE, INK, MUTED, SMALL, WIDTH, canvas, write
from suite.report.chartdata import Line, Lines
from suite.report.names import Name, colour, marker
from suite.stats import median

PLOT = 186
"""Height of the plotting area of line charts."""

LONG_LABEL = 14
"""Names with more characters than this stand under a line chart instead of at the ends of its lines."""

DASHES: tuple[tuple[float, ...], ...] = ((), (4, 2), (1, 1.6), (6, 2, 1, 2))
"""Line styles that tell the modes of one framework apart."""


def labels(names: Sequence[Name]) -> dict[Name, str]:
    """Return the shortest clear label of each: the framework alone, unless one of them is there in several modes."""
    distinct = list(dict.fromkeys(names))
    alone = len({name.framework for name in distinct}) == len(distinct)
    return {name: name.title if alone else name.text for name in distinct}


def draw(chart: Lines) -> Figure:
    """Return the chart as a matplotlib figure."""
    written = labels([line.name for line in chart.lines])
    longest = max(len(words) for words in written.values())
    below = 17 * len(written) + 6 if longest > LONG_LABEL else 0
    figure, axes = canvas(
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
    """Write each name at the end of its line (the middle one of several), moved apart where they collide."""
    ends: dict[Name, list[float]] = {}
    for line in lines:
        ends.setdefault(line.name, []).append(line.ys[-1])
    low, high = axes.get_ylim()
    room = 15 * (high - low) / PLOT
    wanted = [(name, float(median(own) or 0)) for name, own in ends.items()]
    for (name, _), y in zip(
        sorted(wanted, key=lambda item: item[1]), spread_out([y for _, y in wanted], room, low, high), strict=True
    ):
        write(axes, y, written[name], x=1.03, color=colour(name.framework), weight="bold", fontsize=SMALL)


def spread_out(values: Sequence[float], room: float, low: float, high: float) -> list[float]:
    """Return ``values`` in ascending order, moved ``room`` apart from one another, inside [low, high] if they fit."""
    placed: list[float] = []
    for value in sorted(values):
        placed.append(max(value, placed[-1] + room) if placed else max(value, low))
    ceiling = high
    for index in range(len(placed) - 1, -1, -1):
        placed[index] = min(placed[index], ceiling)
        ceiling = placed[index] - room
    return placed
