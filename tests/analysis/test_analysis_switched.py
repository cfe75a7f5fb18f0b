"""Native against container: paired by block, in the analysis, on the terminal and in the report."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from rich.console import Console

from suite import compare
from suite.analysis import analyse
from suite.analysis.switched import within
from suite.cells import IN_CONTAINER
from suite.records import Record
from suite.report import venues
from suite.report.material import Material
from tests.rawfactory import raw


def both(factors: dict[str, float], blocks: int = 8) -> list[Record]:
    """Return runs of each framework, and the same in containers, that many times as long; the machine itself drifts."""
    return [
        raw(framework, block, probe=probe, step=0.01 * (1 + block / 10) * (factor if probe else 1))
        for framework, factor in factors.items()
        for block in range(blocks)
        for probe in (None, IN_CONTAINER)
    ]


def test_each_arm_is_held_against_itself_block_by_block() -> None:
    rows = analyse(both({"pytorch": 1.001, "tensorflow": 1.05, "keras": 0.97}))["venues"]
    assert [(row["arm"], round(row["ratio"], 6), row["runs"], row["within_tolerance"]) for row in rows] == [
        ("pytorch-eager", 1.001, 8, True),
        ("tensorflow-function", 1.05, 8, False),
        ("keras-fit", 0.97, 8, False),
    ]
    assert rows[1]["sentence"].startswith("in a container: TensorFlow takes 1.05 times as long")
    assert rows[0]["container_s"] == pytest.approx(1.001 * rows[0]["native_s"])


def test_containers_enter_no_comparison_and_no_row_of_settings() -> None:
    alone, beside = (analyse([run for run in both({"pytorch": 3.0, "keras": 3.0}) if keep(run)]) for keep in KEPT)
    assert beside["comparisons"] == alone["comparisons"]
    assert beside["ledger"] == alone["ledger"]
    assert alone["venues"] == []


KEPT = (lambda run: run["probe"] is None, lambda run: True)


@pytest.mark.parametrize(
    ("low", "high", "found"),
    [(0.99, 1.01, True), (0.98, 1.0, None), (1.0, 1.02, None), (1.011, 1.02, False), (0.9, 0.98, False)],
)
def test_an_interval_tells_or_does_not(low: float, high: float, found: bool | None) -> None:
    assert within(low, high) is found
    assert within(None, None) is None


def test_the_terminal_says_what_can_be_told() -> None:
    screen = io.StringIO()
    console = Console(file=screen, width=120)
    compare.print_venues(console, [])
    assert screen.getvalue() == ""
    runs = [*both({"pytorch": 1.001, "tensorflow": 1.05}), raw("keras", 0), raw("keras", 1, probe=IN_CONTAINER)]
    compare.print_venues(console, analyse(runs)["venues"])
    compare.print_venues(console, analyse(both({"pytorch": 1.05}, blocks=1))["venues"])
    told = screen.getvalue()
    assert "cifar10-cnn3x3, batch 32" in told
    for words in ("1.001 (1.001 to 1.001) │ yes", "no, it takes longer", "never both in one block", "from 1 block "):
        assert words in told


def test_the_report_has_a_section_only_where_both_were_run(tmp_path: Path) -> None:
    runs = both({"pytorch": 1.001})
    (section,) = venues.sections(Material(folder=tmp_path, analysis=analyse(runs), raws=runs, plan=None))
    assert [block.kind for block in section.blocks] == ["figures", "table"]
    alone = [run for run in runs if run["probe"] is None]
    assert venues.sections(Material(folder=tmp_path, analysis=analyse(alone), raws=alone, plan=None)) == []
