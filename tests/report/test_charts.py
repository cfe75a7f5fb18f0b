from __future__ import annotations

import math
import re
from dataclasses import replace
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from matplotlib.backends.backend_agg import FigureCanvasAgg
from page import read

from suite.report import canvas, charts, linechart, names, svg
from suite.report.chartdata import (
    Bar,
    Bars,
    Chart,
    Dots,
    Forest,
    FreeRun,
    FreeRuns,
    Interval,
    Ladder,
    LadderRow,
    Ladders,
    Line,
    Lines,
    Margin,
    MarginRow,
    Margins,
    Points,
    Strip,
    Strips,
)
from suite.report.document import Figure
from suite.report.names import Name

P, T, X = (
    Name(framework="pytorch", mode="eager"),
    Name(framework="tensorflow", mode="function"),
    Name(framework="new<&$", mode="a$b$"),
)

CHARTS: dict[str, Chart] = {
    "ladders": Ladders(
        frameworks=["pytorch", "new<&$"],
        rows=[
            LadderRow(
                label="Apple $ilicon <&>",
                ladders=[
                    Ladder(states=["yes", "yes", "no", "not run", "not run", "not run"], text="installs"),
                    Ladder(states=["yes", "yes", "yes", "none asked", "not here", "yes"], text="no GPU to see here"),
                ],
            )
        ],
    ),
    "forest": Forest(
        rows=[
            Interval(group="", label="a / b", framework="pytorch", ratio=0.5, low=0.4, high=0.6),
            Interval(group="", label="c", framework="x", ratio=30, low=None, high=None),
        ],
        band=1.03,
    ),
    "grouped forest": Forest(
        rows=[
            Interval(group=f"g{i // 2}", label=f"batch {i}", framework="keras", ratio=1.0, low=0.99, high=1.01)
            for i in range(4)
        ],
        band=1.03,
    ),
    "strips": Strips(strips=[Strip(name=name, quantiles=[0.001, 0.002, 0.5], median=0.002) for name in (P, P, T)]),
    "wide strips": Strips(
        strips=[Strip(name=P, quantiles=[0.001, 0.002], median=0.001), Strip(name=T, quantiles=[0.4, 0.5], median=0.45)]
    ),
    "lines": Lines(
        lines=[Line(name=P, xs=[1.0], ys=[2.0]), Line(name=T, xs=[1.0, 2.0], ys=[2.0, 2.0])],
        x_label="epoch",
        y_label="loss",
    ),
    "long names": Lines(
        lines=[
            Line(
                name=Name(framework="pytorch", mode=mode),
                xs=[4.0, 8.0],
                ys=[1.0, 2.0],
                lows=[0.9, 1.9],
                highs=[1.1, 2.2],
            )
            for mode in ("eager", "compile")
        ],
        x_label="batch",
        y_label="ms",
        powers=True,
        from_zero=True,
    ),
    "bars": Bars(bars=[Bar(name=P, value=431.0, text="431 MB"), Bar(name=X, value=0.0, text="0 MB")], x_label="MB"),
    "margins": Margins(
        rows=[
            MarginRow(
                label="gradients",
                margins=[
                    Margin(name=name, share=share, passed=share < 1)
                    for name, share in ((P, 0.0), (T, 1e-6), (X, math.inf), (P, 30.0))
                ],
            )
        ]
    ),
    "no margins to speak of": Margins(rows=[MarginRow(label="loss", margins=[Margin(name=P, share=0.0, passed=True)])]),
    "free runs": FreeRuns(
        runs=[FreeRun(name=name, difference=[0.0, 1e-7, 2e-3], envelope=[0.0, 1e-7]) for name in (P, X)]
    ),
    "free runs without a difference": FreeRuns(runs=[FreeRun(name=P, difference=[0.0], envelope=[0.0])]),
    "unmatched forest": Forest(
        rows=[
            Interval(group=g, label="a / b", framework="keras", ratio=0.5, low=0.4, high=0.6, mark="✗ UNMATCHED: both")
            for g in ("", "g", "g")
        ],
        band=1.03,
    ),
    "unmatched bars": Bars(bars=[Bar(name=replace(X, unmatched=True), value=3.0, text="✗ 3 MB")], x_label="MB"),
    "dots": Dots(rows=[Points(name=P, values=[0.4, 0.4], text="0.4")], x_label="accuracy", least=0.1),
}


def drawn(chart: Chart, identity: str = "one") -> str:
    return svg.inline(Figure(title="A < B", chart=chart, caption="", description="says & shows"), identity)


@pytest.mark.parametrize("name", CHARTS)
def test_every_chart_is_a_described_picture_with_real_text(name: str) -> None:
    words = drawn(CHARTS[name])
    page = read(words)
    assert page.faults == []
    assert page.elements[0].tag == "svg"
    assert page.elements[0].attributes["viewbox"].split()[2] == str(canvas.WIDTH)
    assert [element.text for element in page.elements[1:3]] == ["A < B", "says & shows"]
    assert page.all("text")
    assert "http" not in words
    assert "<metadata" not in words


@pytest.mark.parametrize("name", CHARTS)
def test_the_same_chart_gives_the_same_bytes_and_ids_of_its_own(name: str) -> None:
    first, again, other = drawn(CHARTS[name]), drawn(CHARTS[name]), drawn(CHARTS[name], "two")
    assert first == again
    ids = [set(re.findall(r' id="([^"]*)"', words)) for words in (first, other)]
    assert not ids[0] & ids[1]


def _forest(*intervals: tuple[float, float, float]) -> Forest:
    rows = [
        Interval(group="", label="Keras (fit)", framework="keras", ratio=ratio, low=low, high=high)
        for low, ratio, high in intervals
    ]
    return Forest(rows=rows, band=1.03)


WIDE: dict[str, Chart] = {
    "quick and wide": _forest((0.022, 0.13, 0.80)),
    "hundred times": _forest((0.02, 0.5, 90.0)),
    "from a hundredth": _forest((0.0112, 0.02, 0.03)),
    "to a hundred": _forest((60.0, 80.0, 88.0)),
    "narrow": _forest((0.99, 1.0, 1.01)),
    "tiny steps": Strips(strips=[Strip(name=P, quantiles=[1e-4, 2e-4], median=1e-4)] * 2),
    "slow strips": Strips(
        strips=[Strip(name=P, quantiles=[1e-4, 2e-4], median=1e-4), Strip(name=T, quantiles=[0.9, 1.0], median=0.95)]
    ),
}


@pytest.mark.parametrize("name", [*CHARTS, *WIDE])
def test_no_label_of_an_axis_is_cut_off_or_lies_on_another(name: str) -> None:
    figure = charts.draw(CHARTS.get(name) or WIDE[name])
    canvas_of = FigureCanvasAgg(figure)
    canvas_of.draw()  # type: ignore[no-untyped-call]
    renderer = canvas_of.get_renderer()  # type: ignore[no-untyped-call]
    edge = figure.bbox
    for axes in figure.axes:
        low, high = axes.get_xlim()
        shown = [
            label.get_window_extent(renderer)
            for label in axes.get_xticklabels()
            if axes.xaxis.get_visible() and axes.axison and label.get_text() and low <= label.get_position()[0] <= high
        ]
        assert all(edge.x0 <= box.x0 and box.x1 <= edge.x1 for box in shown), [box.extents for box in shown]
        assert all(before.x1 < after.x0 for before, after in pairwise(sorted(shown, key=lambda box: float(box.x0))))
        words = [text.get_window_extent(renderer) for text in axes.texts if text.get_text()[-1:] in "e▶"]
        assert all(edge.x0 <= box.x0 and box.x1 <= edge.x1 for box in words), [box.extents for box in words]
        assert not shown or len(shown) > 1 or "margins" in name, "one label is no scale"


def test_numbers_in_texts_are_not_cut() -> None:
    row = Points(name=P, values=[0.12345], text="0.12345")
    assert "0.12345" in drawn(Dots(rows=[row], x_label="accuracy", least=0.1))


def test_names_are_written_as_they_are() -> None:
    page = read(drawn(CHARTS["bars"]))
    assert "New<&$ (a$b$)" in [element.text.strip() for element in page.all("text")]


def test_what_is_beyond_its_tolerance_is_crossed_out_in_another_colour() -> None:
    assert canvas.BAD in drawn(CHARTS["margins"])
    assert canvas.BAD not in drawn(CHARTS["no margins to speak of"])
    assert canvas.BAD in drawn(CHARTS["unmatched forest"])


def test_one_colour_per_framework() -> None:
    known = {names.colour(framework) for framework in names.ORDER}
    assert len(known) == len(names.ORDER)
    assert names.colour("pytorch") in drawn(CHARTS["bars"])
    assert names.colour("jax") not in known
    assert names.colour("jax") == names.colour("jax")


@pytest.mark.parametrize("framework", [*names.ORDER, "a", "b", "c", "d"])
def test_colours_can_be_read_on_white(framework: str) -> None:
    """WCAG 2.1: contrast of at least 4.5 to 1 for text."""
    channels = [int(names.colour(framework)[start : start + 2], 16) / 255 for start in (1, 3, 5)]
    linear = [value / 12.92 if value <= 0.03928 else ((value + 0.055) / 1.055) ** 2.4 for value in channels]
    luminance = sum(weight * value for weight, value in zip((0.2126, 0.7152, 0.0722), linear, strict=True))
    assert 1.05 / (luminance + 0.05) >= 4.5


def test_labels_name_modes_only_where_needed() -> None:
    assert linechart.labels([P, T]) == {P: "PyTorch", T: "TensorFlow"}
    compiled = Name(framework="pytorch", mode="compile")
    assert linechart.labels([P, compiled]) == {P: "PyTorch (eager)", compiled: "PyTorch (compile)"}


@given(st.lists(st.floats(0, 100), min_size=1, max_size=6))
def test_labels_are_moved_apart_and_stay_inside(values: list[float]) -> None:
    placed = linechart.spread_out(values, 10, 0, 100)
    assert all(after - before >= 10 - 1e-9 for before, after in pairwise(placed))
    assert min(placed) >= -1e-9
    assert max(placed) <= 100 + 1e-9
