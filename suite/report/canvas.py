"""What all charts share: their width, their inks, and text at the edge of their axes."""

from __future__ import annotations

from matplotlib.axes import Axes
from matplotlib.figure import Figure

WIDTH = 350
INK, MUTED, HAIRLINE, BAND, BAD = "#1d2127", "#5b6270", "#dfe2e7", "#eceef1", "#9c1c1c"
SMALL, NORMAL = 11, 12


def canvas(height: float, left: float = 4, right: float = 8, top: float = 6, bottom: float = 40) -> tuple[Figure, Axes]:
    """Return a figure of ``height`` points and its axes, with margins in points."""
    figure = Figure(figsize=(WIDTH / 72, height / 72), facecolor="none")
    return figure, panel(figure, left, right, top, bottom)


def panel(figure: Figure, left: float, right: float, top: float, bottom: float) -> Axes:
    """Return new axes in a figure, so far from its edges in points."""
    height = figure.get_figheight() * 72
    span = (WIDTH - left - right) / WIDTH, (height - top - bottom) / height
    axes = figure.add_axes((left / WIDTH, bottom / height, *span), facecolor="none")
    for side in ("top", "right", "left"):
        axes.spines[side].set_visible(False)
    axes.spines["bottom"].set_color(MUTED)
    axes.tick_params(labelsize=SMALL, labelcolor=MUTED, color=MUTED, length=3)
    axes.set_axisbelow(True)
    return axes


def label_width(words: str) -> float:
    """Return how wide a number at an axis is at most, in points."""
    return sum(0.33 if letter == "." else 0.65 for letter in words) * SMALL


def rows(axes: Axes, height: float) -> None:
    """Make one unit of the y axis one point, counted from the top, and hide its ticks."""
    axes.set_ylim(height, 0)
    axes.yaxis.set_visible(False)


def grid(axes: Axes) -> None:
    """Draw the faint upright lines that times and ratios are read off by."""
    axes.grid(axis="x", color=HAIRLINE, linewidth=0.8)


def write(axes: Axes, y: float, words: str, **style: object) -> None:
    """Write at the left edge of the axes, at height ``y`` in data units."""
    halo = {"facecolor": "white", "edgecolor": "none", "pad": 1}
    style = {"x": 0, "ha": "left", "va": "center", "fontsize": NORMAL, "color": INK, "bbox": halo, "zorder": 2, **style}
    axes.text(y=y, s=words, transform=axes.get_yaxis_transform(), **style)  # type: ignore[arg-type]
