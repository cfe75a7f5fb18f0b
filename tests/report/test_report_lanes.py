"""Lanes: apart in every section, and side by side in the one that is about just that."""

from __future__ import annotations

from pathlib import Path

from sample import ALL_MODES, VARIANTS, Sample, both
from test_report_proof import material, report, tables

from suite.report import curves, published, study, verdict
from suite.report.chartdata import Dots
from suite.report.document import Figures, Section, Text


def section(sample: Sample, folder: Path) -> Section:
    (found,) = published.sections(material(sample, folder))
    return found


def test_one_lane_alone_has_no_section_of_both(tmp_path: Path) -> None:
    assert published.sections(material(Sample(blocks=1), tmp_path)) == []


def test_lanes_are_apart_and_the_matched_comes_first(tmp_path: Path) -> None:
    found = report(both(), tmp_path)
    for part in [found.evidence[0], *found.sections]:
        captions = [table.caption for table in tables(part)]
        charts = [figure.title for block in part.blocks if isinstance(block, Figures) for figure in block.figures]
        if part.id == "published":
            continue
        for table in tables(part):
            mixed = " ".join(f"{row[0].text} {row[0].remark}" for row in table.rows)
            assert ("(as published)" in mixed) <= table.caption.startswith("As published: "), table.caption
            assert not ("(eager)" in mixed and table.caption.startswith("As published: "))
        named = [title for title in (*captions, *charts) if "cifar10" in title]
        if any(title.startswith("As published") for title in named):
            assert not named[0].startswith("As published"), part.id


def test_the_verdict_is_the_matched_lanes(tmp_path: Path) -> None:
    (card,) = verdict.verdicts(material(both(), tmp_path), [])
    assert card.headline == "TensorFlow is fastest"
    assert all("published" not in bar.name.text for bar in card.bars)


def test_a_verdict_on_published_programs_says_so(tmp_path: Path) -> None:
    sample = Sample(workloads=("cifar10-cnn3x3",), matched=False, variants=VARIANTS, blocks=5, trainings=())
    (card,) = verdict.verdicts(material(sample, tmp_path), [])
    assert card.headline == "As published: Keras is faster"
    assert [bar.name.text for bar in card.bars] == ["PyTorch (as published)", "Keras (as published)"]


def test_both_lanes_stand_side_by_side(tmp_path: Path) -> None:
    steps, trainings = tables(section(both(), tmp_path))[:2]
    assert [group.title for group in steps.groups] == ["", "Matched", "As published"]
    assert [row[0].text for row in trainings.rows] == ["PyTorch", "TensorFlow", "Keras"]
    assert [row[0].remark for row in trainings.rows] == ["batch 32, 10 epochs"] * 3
    tensorflow = [cell.text for cell in trainings.rows[1]]
    assert tensorflow[4:] == ["–"] * 3  # the study's TensorFlow program is the Keras one
    assert trainings.synthetic


def test_a_gap_is_divided_between_frameworks_and_defaults(tmp_path: Path) -> None:
    found = section(both(), tmp_path)
    (gaps,) = [table for table in tables(found) if "left of each gap" in table.caption]
    row, once = ([cell.text for cell in cells] for cells in (gaps.rows[0], gaps.rows[-1]))
    assert [cells[0].remark for cells in gaps.rows] == ["batch 32", "batch 32, 10 epochs"]
    assert row[0] == once[0] == "Keras against PyTorch"
    own, defaults = (int(words.split("\u202f")[0]) for words in row[3:5])
    assert own + defaults in (99, 100, 101)
    assert once[3:5] == ["–", "–"]  # two runs have no interval
    sentence, switched = [block.text for block in found.blocks if isinstance(block, Text)]
    assert "“inputs in [-1, 1]” moves its test accuracy most towards PyTorch’s" in switched
    assert f"{own}\u202f% of the gap is the frameworks’ own" in sentence
    assert "(per step, batch 32), matched" in sentence
    assert "Its accuracy (batch 32, 10 epochs) is" in sentence
    assert "lower as published" in sentence


def test_nothing_is_divided_where_a_side_is_unmatched(tmp_path: Path) -> None:
    sample = both()
    sample.passports = {"keras-fit": "unmatched"}
    found = section(sample, tmp_path)
    (gaps,) = [table for table in tables(found) if "left of each gap" in table.caption]
    row = gaps.rows[-1]
    assert [cell.tone for cell in row] == ["", "", "unmatched", "unmatched", "unmatched", "", "unmatched"]
    assert gaps.foot[-1].startswith("✗\u00a0UNMATCHED")


def test_published_programs_differences_are_listed_item_by_item(tmp_path: Path) -> None:
    (table,) = [table for table in tables(section(both(), tmp_path)) if "in what the programs" in table.caption]
    rows = {row[0].text: [cell.text for cell in row[1:]] for row in table.rows}
    assert rows["weights"][1] == "as defined"
    assert rows["data"] == [
        "Images are scaled to [-1, 1], not to [0, 1].",
        "Images arrive as float64 and are cast in every step.",
    ]


def test_differences_are_known_from_the_runs_where_no_passport_was_kept(tmp_path: Path) -> None:
    found = material(both(), tmp_path)
    found.analysis["passports"] = []
    (part,) = published.sections(found)
    (table,) = [table for table in tables(part) if "in what the programs" in table.caption]
    assert [row[0].text for row in table.rows] == ["all"]
    assert "scaled to [-1, 1]" in table.rows[0][1].text


def test_switched_differences_are_a_row_of_dots_each(tmp_path: Path) -> None:
    found = section(both(), tmp_path)
    ((figure,),) = [block.figures for block in found.blocks if isinstance(block, Figures)]
    assert isinstance(figure.chart, Dots)
    assert [(row.name.text, len(row.values)) for row in figure.chart.rows] == [
        ("PyTorch (as published)", 2),
        ("PyTorch (inputs in [0, 1])", 2),
        ("Keras (as published)", 2),
        ("Keras (inputs in [-1, 1])", 2),
    ]
    assert figure.synthetic
    assert "One and the same framework" in figure.caption
    (table,) = [table for table in tables(found) if "one difference does" in table.caption]
    assert table.rows[-1][1].text == "as published, but images are scaled to [-1, 1], not to [0, 1]"
    assert table.rows[-1][4].text.startswith("+0.0")


def test_a_single_epoch_is_a_table_and_several_are_curves(tmp_path: Path) -> None:
    once = curves.section(material(Sample(blocks=1, trainings=((1, 1),)), tmp_path / "once"))
    assert [table.caption for table in tables(once)] == [
        f"{workload}, batch 32, 1 epoch: training loss and test accuracy, one run each"
        for workload in ("cifar10-cnn3x3", "cifar10-cnn5x5")
    ]
    assert not any(isinstance(block, Figures) for block in once.blocks)
    twice = curves.section(material(Sample(blocks=1, trainings=((1, 2),)), tmp_path / "twice"))
    assert {cell.remark for cell in tables(twice)[0].rows[0][1:]} == {"median of 2 runs"}
    long = curves.section(material(both(), tmp_path / "long"))
    assert tables(long) == []
    captions = [figure.caption for block in long.blocks if isinstance(block, Figures) for figure in block.figures]
    assert set(captions) == {"batch 32, 10 epochs."}


def test_many_modes_are_split_over_tables_that_fit(tmp_path: Path) -> None:
    found = study.times(material(Sample(modes=ALL_MODES, steps=0, trainings=((10, 2),)), tmp_path))
    every = [table for table in tables(found) if "every whole training" in table.caption]
    assert [len(table.columns) for table in every] == [11, 7, 11, 7]


def test_runs_with_a_setting_switched_are_in_no_table_of_times(tmp_path: Path) -> None:
    analysis, raws, plan = Sample(workloads=("cifar10-cnn3x3",), blocks=1).write(tmp_path)
    found = material(Sample(workloads=("cifar10-cnn3x3",), blocks=1), tmp_path)
    probed = [{**raw, "probe": "onednn-off"} for raw in found.raws]
    found.raws.extend(probed)
    assert len(found.lanes[0].raws) == len(raws)
    assert analysis["cells"] == found.lanes[0].cells
    assert plan["runs"]
