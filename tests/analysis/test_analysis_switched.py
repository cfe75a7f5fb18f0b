"""Native against container: paired by block, in the analysis, on the terminal and in the report."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from rich.console import Console

from suite import compare, tables
from suite.analysis import analyse
from suite.analysis.switched import within
from suite.cells import IN_CONTAINER
from suite.records import Record
from suite.report import venues, verdict
from suite.report.document import Text
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
    assert [block.kind for block in section.blocks] == ["figures", "text", "table"]
    alone = [run for run in runs if run["probe"] is None]
    assert venues.sections(Material(folder=tmp_path, analysis=analyse(alone), raws=alone, plan=None)) == []


def unlike(runs: list[Record]) -> list[Record]:
    """Return the runs with another Python and C library in containers, as on a base image."""
    for run in runs:
        run["libc"] = "glibc 2.36" if run["probe"] else "glibc 2.31"
        run["versions"] = run["versions"] | ({"python": "3.11.2"} if run["probe"] else {})
    return runs


def made_of(runs: list[Record], tmp_path: Path) -> Material:
    return Material(folder=tmp_path, analysis=analyse(runs), raws=runs, plan=None)


def test_which_interpreters_ran_is_said_with_the_ratio(tmp_path: Path) -> None:
    runs = unlike(both({"pytorch": 1.001}))
    (row,) = analyse(runs)["venues"]
    assert row["interpreters"] == {
        "native": ["Python 3.11.7 (glibc 2.31)"],
        "container": ["Python 3.11.2 (glibc 2.36)"],
    }
    told = (
        "Python 3.11.7 (glibc 2.31) natively, Python 3.11.2 (glibc 2.36) in containers: each ratio holds the difference"
    )
    screen = io.StringIO()
    compare.print_venues(Console(file=screen, width=120), [row])
    assert screen.getvalue().splitlines()[-1].startswith(told)
    (section,) = venues.sections(made_of(runs, tmp_path))
    assert [block.text[: len(told)] for block in section.blocks if isinstance(block, Text)] == [told]
    (same,) = analyse(both({"pytorch": 1.0}))["venues"]
    assert compare.interpreters([same]).startswith("Python 3.11.7 in both places, but not the same build")
    assert compare.interpreters([{**same, "interpreters": {"native": [], "container": []}}]) == ""
    assert compare.interpreters([{key: same[key] for key in same if key != "interpreters"}]) == ""


@pytest.mark.parametrize(
    ("factors", "blocks", "headline"),
    [
        ({"tensorflow": 1.05}, 8, "Native against container: slower in a container"),
        ({"tensorflow": 0.95}, 8, "Native against container: faster in a container"),
        ({"tensorflow": 1.001}, 8, "Native against container: equal within 1%"),
        ({"tensorflow": 1.05}, 2, "Native against container: cannot be told"),
    ],
)
def test_a_verdict_opens_with_what_was_asked(
    factors: dict[str, float], blocks: int, headline: str, tmp_path: Path
) -> None:
    (card,) = verdict.verdicts(made_of(both(factors, blocks), tmp_path), [])
    assert card.headline == headline
    assert len(card.sentences) == 1
    assert " times as long as natively; within 1%: " in card.sentences[0]
    assert f"{factors['tensorflow']:.3f}" in card.sentences[0]


def test_a_verdict_on_frameworks_stands_behind_that_on_places(tmp_path: Path) -> None:
    runs = [*both({"pytorch": 1.05}), *(run | {"wall_s": 7.0} for run in both({"keras": 1.001}))]
    (card,) = verdict.verdicts(made_of(runs, tmp_path), [])
    first, second, rest = card.headline.split("; ")
    assert first.startswith("Native against container: PyTorch")
    assert first.endswith("slower in a container")
    assert second.startswith("Keras")
    assert second.endswith("equal within 1%")
    assert "qually fast" in rest
    assert ["in a container" in sentence for sentence in card.sentences] == [True, True, False]


def test_one_framework_in_two_places_is_a_comparison() -> None:
    for runs in (both({"tensorflow": 1.05}), both({"tensorflow": 1.05}, blocks=2)):
        found = analyse(runs)
        assert found["grade"]["grade"] != "nothing to compare"
        assert "nothing-compared" not in {note["id"] for note in found["notes"]}
        screen = io.StringIO()
        tables.print_comparisons(Console(file=screen, width=120), found)
        assert "nothing to compare" not in screen.getvalue().lower()
    apart = [raw("keras", 0), raw("keras", 1, probe=IN_CONTAINER)]
    assert analyse(apart)["grade"]["grade"] == "nothing to compare"
    assert "nothing-compared" in {note["id"] for note in analyse(apart)["notes"]}
