"""The chart of installation recipes: how far up the ladder the best one of each platform and framework got."""

from __future__ import annotations

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from suite.report.canvas import BAD, HAIRLINE, INK, MUTED, SMALL, WIDTH, canvas, rows, write
from suite.report.chartdata import Ladder, Ladders
from suite.report.names import colour, title

SQUARE, GAP = 12, 3
HEAD, ROW, REMARK = 24, 58, 14
KEY = (("yes", "seen"), ("no", "fails"), ("not here", "not to be seen here"), ("none asked", "none asked"))
KEY_X = (0, 62, 124, 262)


def draw(chart: Ladders) -> Figure:
    """Return a row for each platform, and in it a ladder for each framework."""
    heights = [ROW + REMARK * any(ladder.remark for ladder in row.ladders) for row in chart.rows]
    height = HEAD + sum(heights)
    figure, axes = canvas(height + 30, left=4, right=4, bottom=24)
    rows(axes, height)
    axes.set_xlim(0, WIDTH - 8)
    axes.xaxis.set_visible(False)
    axes.spines["bottom"].set_visible(False)
    column = (WIDTH - 8) / max(1, len(chart.frameworks))
    for index, framework in enumerate(chart.frameworks):
        axes.text(index * column, 10, title(framework), fontsize=SMALL, weight="bold", color=colour(framework))
    for number, row in enumerate(chart.rows):
        top = HEAD + sum(heights[:number])
        axes.plot([0, WIDTH - 8], [top, top], color=HAIRLINE, linewidth=0.8)
        write(axes, top + 12, row.label, fontsize=SMALL)
        for index, ladder in enumerate(row.ladders):
            _ladder(axes, ladder, index * column, top + 23, colour(chart.frameworks[index]))
    _key(axes, height + 12)
    return figure


def _ladder(axes: Axes, ladder: Ladder, x: float, y: float, tint: str) -> None:
    for index, state in enumerate(ladder.states):
        _square(axes, state, x + index * (SQUARE + GAP), y, tint)
    failed = "no" in ladder.states
    axes.text(x, y + SQUARE + 13, ladder.text, fontsize=SMALL, color=BAD if failed else INK)
    if ladder.remark:
        axes.text(x, y + SQUARE + 13 + REMARK, ladder.remark, fontsize=SMALL, color=MUTED)


def _square(axes: Axes, state: str, x: float, y: float, tint: str) -> None:
    fill = {"yes": tint, "no": "white"}.get(state, "white")
    edge = {"yes": tint, "no": BAD}.get(state, "#b9bec7")
    dashed = (0, (1.5, 1.5)) if state == "not here" else "solid"
    if state == "none asked":
        axes.plot([x + 3, x + SQUARE - 3], [y + SQUARE / 2] * 2, color=MUTED, linewidth=1.6, clip_on=False)
        return
    square = Rectangle(
        (x, y), SQUARE, SQUARE, facecolor=fill, edgecolor=edge, linewidth=1.2, linestyle=dashed, clip_on=False
    )
    axes.add_patch(square)
    if state == "no":
        for ends in ((y + 3, y + SQUARE - 3), (y + SQUARE - 3, y + 3)):
            axes.plot([x + 3, x + SQUARE - 3], ends, color=BAD, linewidth=1.6, clip_on=False)


def _key(axes: Axes, y: float) -> None:
    for (state, words), x in zip(KEY, KEY_X, strict=True):
        _square(axes, state, x, y - SQUARE / 2, MUTED)
        axes.text(x + SQUARE + 5, y, words, fontsize=SMALL, color=MUTED, va="center")
