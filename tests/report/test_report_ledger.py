"""The section of what took effect: what differs with its sentence, what was measured, what is equal folded."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from made_up import Record
from sample import ALL_MODES, Sample, small

from suite import analysis
from suite.report import ledger
from suite.report.document import Fold, Section, Table, Text
from suite.report.material import Material

P, T, K = "pytorch-eager", "tensorflow-function", "keras-fit"


def section_of(folder: Path, rows: list[Record], sample: Sample | None = None) -> Section:
    found, raws, plan = (sample or small()).write(folder)
    return ledger.section(Material(folder=folder, analysis=found | {"ledger": rows}, raws=raws, plan=plan))


def row(key: str, values: dict[str, Any], *, differs: bool, measured: tuple[str, ...] = ()) -> Record:
    return {
        "key": key,
        "title": f"Title of {key}",
        "sentence": f"What {key} does.",
        "comparable": True,
        "values": values,
        "differs": differs,
        "measured": [{"arm": T, "probe": "onednn-off", "sentence": sentence} for sentence in measured],
    }


def table_of(section: Section) -> Table:
    return next(block for block in section.blocks if isinstance(block, Table))


def folded(section: Section) -> Table:
    return next(block for block in section.blocks if isinstance(block, Fold)).tables[0]


def test_a_setting_that_differs_has_its_values_and_its_sentence(tmp_path: Path) -> None:
    section = section_of(tmp_path, [row("graph", {P: False, T: True, K: True}, differs=True)])
    table = table_of(section)
    assert [column.title for column in table.columns] == [
        "Setting",
        "PyTorch (eager)",
        "TensorFlow (function)",
        "Keras (fit)",
        "What it does to a comparison",
    ]
    assert [cell.text for cell in table.rows[0]] == ["Title of graph", "no", "yes", "yes", "What graph does."]
    assert not any(isinstance(block, Fold) for block in section.blocks)


@pytest.mark.parametrize(
    ("key", "measured", "remark"),
    [
        ("onednn", ("oneDNN off: slower", "again"), "measured here: oneDNN off: slower; again"),
        ("onednn", (), "not measured here (--probe-settings)"),
        ("layout", (), "not measured here (--probe-settings)"),
        ("dtype", (), "not measured here"),
    ],
)
def test_it_says_whether_it_was_measured(tmp_path: Path, key: str, measured: tuple[str, ...], remark: str) -> None:
    section = section_of(tmp_path, [row(key, {P: 1, T: 2, K: 2}, differs=True, measured=measured)])
    assert table_of(section).rows[0][-1].remark == remark


def test_other_modes_show_where_they_read_something_else(tmp_path: Path) -> None:
    values = {P: "none", "pytorch-compile": "TorchInductor", T: "none", "tensorflow-xla": "XLA", K: "none"}
    section = section_of(tmp_path, [row("compiler", values, differs=True)], Sample(modes=ALL_MODES, trainings=()))
    assert [(cell.text, cell.remark) for cell in table_of(section).rows[0][1:-1]] == [
        ("none", "compile: TorchInductor"),
        ("none", "xla: XLA"),
        ("none", ""),
    ]


def test_what_is_equal_is_folded_and_still_says_what_was_measured(tmp_path: Path) -> None:
    rows = [
        row("onednn", {P: True, T: True, K: True}, differs=False, measured=("oneDNN off: slower",)),
        row("backend", {K: "tensorflow"}, differs=False),
        row("onednn_version", {P: "3.12.0", T: "unknown because", K: "unknown because"}, differs=False),
    ]
    section = section_of(tmp_path, rows)
    assert isinstance(section.blocks[0], Text)
    assert section.blocks[0].text == "No setting differs between the frameworks."
    fold = section.blocks[1]
    assert isinstance(fold, Fold)
    assert fold.title == "3 settings in which no two frameworks differ"
    assert [(cells[1].text, cells[1].remark) for cells in folded(section).rows] == [
        ("yes", "measured here: oneDNN off: slower"),
        ("tensorflow (Keras (fit))", ""),
        ("3.12.0 (PyTorch (eager)); unknown because (TensorFlow (function) and Keras (fit))", ""),
    ]


def test_a_run_that_read_nothing_back_says_so(tmp_path: Path) -> None:
    section = section_of(tmp_path, [], Sample(all_fail=True))
    (block,) = section.blocks
    assert isinstance(block, Text)
    assert block.text == "No run ended well, so no setting was read back."


def test_the_command_measures_settings_too(tmp_path: Path) -> None:
    found, raws, plan = small().write(tmp_path)
    for command, ending in (
        (["nox", "-s", "bench"], " -- --probe-settings"),
        (["nox", "-s", "bench", "--", "--preset", "quick"], " --preset quick --probe-settings"),
        (["evenmatch", "run"], "nox -s evenmatch -- run --probe-settings"),
        (["evenmatch", "run", "--probe-settings"], "nox -s evenmatch -- run --probe-settings"),
    ):
        material = Material(folder=tmp_path, analysis=found, raws=raws, plan=plan | {"command": command})
        assert ledger.section(material).reproduce.endswith(ending)


def test_the_analysis_fits_the_section(tmp_path: Path) -> None:
    found, raws, plan = small().write(tmp_path)
    rows = analysis.analyse(raws, plan)["ledger"]
    section = ledger.section(Material(folder=tmp_path, analysis=found | {"ledger": rows}, raws=raws, plan=plan))
    assert ["Layout of images in memory", "NCHW", "NHWC", "NHWC"] in [
        [cell.text for cell in cells[:4]] for cells in table_of(section).rows
    ]
