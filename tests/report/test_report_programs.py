"""The programs as published side by side: a table of their size and shape, and their code."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from sample import Sample, both
from test_report_proof import material, report

from suite.published import size
from suite.published.programs import programs as every
from suite.report import html, programs
from suite.report.document import Code, Table


def test_a_run_without_programs_has_no_such_section(tmp_path: Path) -> None:
    assert programs.sections(material(Sample(blocks=1), tmp_path)) == []


def test_the_programs_of_the_runs_study_are_there_and_no_others(tmp_path: Path) -> None:
    (section,) = programs.sections(material(both(), tmp_path))
    (table,) = [block for block in section.blocks if isinstance(block, Table)]
    assert [column.title for column in table.columns] == ["Measure", "PyTorch", "Keras"]
    codes = [block for block in section.blocks if isinstance(block, Code)]
    assert [code.text for code in codes] == [
        size.exhibit(every()[name]) for name in ("comp5511-pytorch", "comp5511-keras")
    ]
    measured = size.measured(codes[0].text, size.ROOTS["pytorch"])
    assert [row[1].text for row in table.rows[:4]] == [
        str(value) for value in (measured.logical, measured.source, measured.calls, len(measured.names))
    ]


def test_code_is_highlighted_and_escaped_in_html(tmp_path: Path) -> None:
    found = report(both(), tmp_path)
    page = html.render(found)
    assert '<pre class="code">' in page
    assert '<span class="k">class</span>' in page
    assert ".code .k {" in page
    assert "-&gt;" in page  # of a return annotation
    without = replace(found, sections=[section for section in found.sections if section.id != "programs"])
    assert ".code .k {" not in html.render(without)
