"""The installation section: grades with their dates, what was not run says so, breakages are told."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
import recipes
from page import Page, read
from sample import small

from suite.recipes import loading, verified
from suite.report import installation, render, svg
from suite.report.chartdata import Ladders
from suite.report.document import Figures, Fold, Section, Table, Text


@pytest.fixture
def section() -> Section:
    return installation.section()


@pytest.fixture
def empty(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    monkeypatch.setattr(loading, "folder", lambda: tmp_path)
    return tmp_path


def tables(section: Section) -> list[Table]:
    found = [block for block in section.blocks if isinstance(block, Table)]
    return found + [table for block in section.blocks if isinstance(block, Fold) for table in block.tables]


def said(section: Section) -> str:
    return "\n".join(f"{cell.text} | {cell.remark}" for table in tables(section) for row in table.rows for cell in row)


def test_a_picture_comes_first(section: Section) -> None:
    first = section.blocks[0]
    assert isinstance(first, Figures)
    words = first.figures[0].description
    assert (
        "x86-64 Linux, processor only: PyTorch as locked (today’s not tried), TensorFlow trains, Keras not verified"
        in words
    )
    assert "NVIDIA GPU: PyTorch no GPU here, TensorFlow no recipe" in words
    assert "(Metal): PyTorch no recipe, TensorFlow resolves, not run" in words
    assert "Windows, processor only: PyTorch not verified" in words
    assert svg.inline(first.figures[0], "x")
    assert first.figures[1].description == (
        "On disk: PyTorch (NVIDIA GPU: torch, torchvision) 1.2\u202fGB, PyTorch (processor: torch) 1.2\u202fGB and "
        "TensorFlow (processor: tensorflow-cpu) 1.2\u202fGB."
    )


def test_another_version_than_locked_is_no_failure(empty: Path) -> None:
    recipes.write(empty)
    kept = verified.read()
    steps = kept["linux-cpu-tensorflow"]["run"]["steps"]
    steps["matches"] = {"state": "no", "says": "tensorflow-cpu 2.99.0, locked 2.21.0"}
    verified.write(kept, recipes.MADE)
    first = installation.section().blocks[0]
    assert isinstance(first, Figures)
    chart = first.figures[0].chart
    assert isinstance(chart, Ladders)
    assert "no" not in {state for row in chart.rows for ladder in row.ladders for state in ladder.states}


def test_what_was_not_run_says_so_with_its_date(section: Section) -> None:
    words = said(section)
    assert "resolves | resolved only, not run, 2026-11-20" in words
    assert "imports; trains on the processor | run without its accelerator, 2026-11-20" in words
    assert "✓\u00a0trains | run, 2026-11-20" in words
    assert "not verified | 2026-11-20: a package index could not be reached" in words
    assert "not verified yet | " in words


def test_known_breakages_and_what_changed(section: Section) -> None:
    known = next(table for table in tables(section) if "known breakages" in table.caption)
    rows = {row[0].text: row for row in known.rows}
    assert list(rows) == ["A study", "Builds of two indexes", "Broken before"] or len(rows) == 3
    assert rows["Builds of two indexes"][1].text == "fails at import with “nms does not exist”"
    assert rows["Builds of two indexes"][3].text == (
        "torchvision and torch are of unlike builds. Take both from one index."
    )
    assert rows["Builds of two indexes"][2].text == "installs, then fails"
    assert rows["Broken before"][2].text == "CHANGED: trains"


def test_the_fifth_studys_table(section: Section) -> None:
    table = next(table for table in tables(section) if "fifth study" in table.caption)
    rows = {row[0].text: [cell.text for cell in row[1:]] for row in table.rows}
    assert rows["x86-64 Linux, processor only"][:2] == ["matches the lock", "trains"]
    assert rows["x86-64 Linux with an NVIDIA GPU"][0] == "trains on the processor; GPU not seen"
    (linux,) = [row for row in table.rows if row[0].text == "x86-64 Linux, processor only"]
    assert linux[1].remark.endswith("2026-11-20, today’s not tried")
    assert rows["Packages installed"] == ["42", "42", "–"]
    assert rows["On disk"][0] == "1.2\u202fGB"


def test_every_recipe_stands_with_its_command(section: Section) -> None:
    words = said(section)
    for name, made in recipes.MADE.items():
        assert made[4].replace("{pytorch-cpu}", "<PyTorch’s own CPU index>") in words, name
    assert "{" not in words
    explained = [table for table in tables(section) if any("stands for the address" in each for each in table.foot)]
    assert len(explained) == 2  # where it is read: under the fifth study's table and under the platform's recipes


def test_other_versions_than_locked_are_told(section: Section) -> None:
    told = next(block.text for block in section.blocks if isinstance(block, Text))
    assert "PyTorch (torch): locked 2.13.0; the documented command gives 2.15.0 (x86-64 Linux with an NVIDIA" in told
    assert "TensorFlow (tensorflow-cpu): locked 2.21.0; the documented command gives 2.99.0" in told
    assert "keras" not in told


def test_nothing_is_timed_or_weighed_that_did_not_resolve(empty: Path) -> None:
    recipes.write(empty)
    kept = verified.read()
    kept["linux-cpu-mixed"]["run"] |= {"grade": "", "seconds": 4321.0, "download_bytes": 87_000_000}
    verified.write(kept, recipes.MADE)
    rows = {row[0].text: row for table in tables(installation.section()) for row in table.rows if len(row) == 6}
    assert [cell.text for cell in rows["Builds of two indexes"][3:]] == ["–", "–", "–"]


def test_nothing_verified_yet(empty: Path) -> None:
    block = installation.section().blocks[0]
    assert isinstance(block, Text)
    assert "nox -s verify-recipes does it" in block.text


def test_a_damaged_file_does_not_cost_the_report(empty: Path, tmp_path: Path) -> None:
    verified.path().write_text("{")
    analysis, raws, plan = small().write(tmp_path / "run")
    page: Page = read(render(tmp_path / "run", analysis, raws, plan).read_text(encoding="utf-8"))
    assert "What is known of the recipes cannot be shown: " in page.text
