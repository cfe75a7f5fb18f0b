"""Tables and lines on the terminal."""

from __future__ import annotations

import io

import pytest
from rich.console import Console

from suite import tables
from suite.analysis import analyse
from suite.records import Record
from tests.rawfactory import blocks, failed, raw


def printed(analysis: Record) -> str:
    screen = io.StringIO()
    tables.print_comparisons(Console(file=screen, width=160, no_color=True), analysis)
    return screen.getvalue()


def test_each_pair_has_its_ratio_interval_and_verdict() -> None:
    analysis = analyse(blocks(6))
    text = printed(analysis)
    assert analysis["comparisons"]
    for row in analysis["comparisons"]:
        (line,) = (line for line in text.splitlines() if f"{row['b']} over {row['a']}" in line)
        assert f"{row['ratio']:.2f}" in line
        assert f"{row['low']:.2f} to {row['high']:.2f}" in line
        assert row["verdict"] in line
        assert f"{row['sentence']}." in text


@pytest.mark.parametrize(
    ("value", "told"),
    [(0.84, "0.84"), (1.234, "1.23"), (12.0, "12.00"), (0.1, "0.10"), (0.0172, "0.017"), (0.0023, "0.0023"), (0, "0")],
)
def test_small_ratios_keep_two_digits(value: float, told: str) -> None:
    row = {"a": "x-one", "b": "y-two", "low": value, "high": value, "ratio": value, "runs": 6, "verdict": "faster"}
    screen = io.StringIO()
    Console(file=screen, width=160).print(tables._table("title", [row]))
    assert f" {told} │" in screen.getvalue()
    assert f" {told} to {told} │" in screen.getvalue()


def test_lanes_have_tables_of_their_own_and_switched_programs_stay_with_their_own() -> None:
    switched = [raw("keras", b, lane="as-published", mode="unit-inputs") for b in range(6)]
    text = printed(analyse([*blocks(6, lane="as-published"), *switched, *blocks(6)]))
    matched, published = text.split("cifar10-cnn3x3, step, batch 32, as published")
    assert "keras-fit over pytorch-eager" in matched
    assert "keras-published over pytorch-published" in published
    assert "keras-unit-inputs over keras-published" in published
    assert "keras-unit-inputs over pytorch-published" not in published


def test_too_few_runs_have_no_interval() -> None:
    text = printed(analyse(blocks(2)))
    assert text.count("too few runs") >= 3
    assert text.count("none") >= 3


def test_cases_with_too_few_runs_are_left_to_the_report_where_there_are_others() -> None:
    text = printed(analyse([*blocks(6), *blocks(1, epochs=1)]))
    assert "step, batch 32" in text
    assert "training" not in text
    assert "too few runs" not in text.split("caution")[0]


def test_nothing_to_compare_is_said() -> None:
    assert printed(analyse([raw()])).startswith(
        "nothing to compare: fewer than two framework-modes have a finished run"
    )


def test_cautions_are_printed() -> None:
    text = printed(analyse([*blocks(6), failed(block=6)]))
    assert "1 run did not end well" in text


def test_the_grade_comes_last() -> None:
    assert printed(analyse(blocks(6))).rstrip().endswith("2 cautions should be read.")


def test_notes_are_printed_whole_gravest_first_below_the_grade() -> None:
    analysis = analyse([*(dict(run, passport=None) for run in blocks(6)), failed(block=6)])
    screen = io.StringIO()
    tables.print_notes(Console(file=screen, width=100, no_color=True), analysis)
    text = " ".join(screen.getvalue().split())
    assert text.startswith("Not a fair comparison: frameworks were not measured alike, for 1 reason")
    assert "Decided by: passport-missing." in text
    places = [text.index(f"{note['severity']} {note['id']} ") for note in analysis["notes"]]
    assert places == sorted(places)
    for note in analysis["notes"]:
        assert note["sentence"] in text
        assert note["todo"] in text


def test_pairs_are_printed_as_they_are() -> None:
    screen = io.StringIO()
    tables.print_pairs(Console(file=screen, width=80), "Title", [("label", "[red]value[/]"), ("[b]", "x")])
    assert "[red]value[/]" in screen.getvalue()
    assert "[b]" in screen.getvalue()


def test_a_download_says_how_far_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    now = [100.0]
    monkeypatch.setattr("suite.tables.time.monotonic", lambda: now[0])
    screen = io.StringIO()
    progress = tables.DownloadProgress(Console(file=screen, width=100))
    progress.update(10_000_000, 170_000_000)
    for second in range(1, 5):
        now[0] = 100.0 + second
        progress.update(10_000_000 + second * 10_000_000, 170_000_000)
        progress.update(10_000_000 + second * 10_000_000 + 1, 170_000_000)
    progress.done()
    now[0] = 200.0
    progress.update(0, 50_000_000)  # the next file
    now[0] = 202.0
    progress.update(20_000_000, 50_000_000)
    lines = [line.strip() for line in screen.getvalue().splitlines()]
    assert lines.pop() == "downloading: 20 of 50 MB, about 3 s left"
    assert lines.pop() == "downloading: 0 of 50 MB"
    assert lines[0] == "downloading: 10 of 170 MB"
    assert lines[-2] == "downloading: 50 of 170 MB, about 12 s left"
    assert lines[-1] == "downloaded and checked."
    assert len(lines) == 6  # once a second
