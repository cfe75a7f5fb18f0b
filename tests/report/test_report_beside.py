"""Beside the published figures: what each study printed, what the run measured, and nothing that it did not."""

from __future__ import annotations

import re
from collections.abc import Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from made_up import Record
from sample import Sample, quick
from test_report_proof import material

from suite.analysis import analyse
from suite.published.figures import Figure as Published
from suite.published.studies import NAMES, studies
from suite.report import beside, context
from suite.report.beside import ours
from suite.report.chartdata import Dots, Forest, Points
from suite.report.charts import draw
from suite.report.document import Facts, Figure, Figures, Section, Table, Text
from suite.report.material import Material
from suite.report.names import UNMATCHED, Name
from tests.rawfactory import raw

STEPS = {"pytorch": 0.010, "tensorflow": 0.013, "keras": 0.014}
CP8321 = "mnist-cnn-cp8321"


def made(raws: Sequence[Record], **changes: Any) -> Material:
    return Material(folder=Path(), analysis=analyse(raws) | changes, raws=list(raws), plan=None)


def section(found: Material) -> Section:
    (only,) = beside.sections(found)
    return only


def table(part: Section, words: str) -> Table:
    (found,) = [block for block in part.blocks if isinstance(block, Table) and words in block.caption]
    return found


def figures(part: Section) -> list[Figure]:
    return [figure for block in part.blocks if isinstance(block, Figures) for figure in block.figures]


def texts(part: Section) -> str:
    return " ".join(block.text for block in part.blocks if isinstance(block, Text))


def cells(table: Table) -> list[list[str]]:
    return [[cell.text for cell in row] for row in table.rows]


def stereo(framework: str, block: int, rate: float, seconds: float, **changes: Any) -> Record:
    pairs = [
        {"name": f"{number:06d}_10", "error_rate": rate + shift, "known": 9, "seconds": seconds}
        for number, shift in enumerate((-0.05, 0.05))
    ]
    facts = {"disparities": 228, "pairs": pairs, "error_rate": rate}
    more: Record = {"workload": "mc-cnn-fast", "batch": 128, "epochs": 14, "step": STEPS[framework], **changes}
    return raw(framework, block, stereo=facts, **more)


def stereos(block_count: int = 2, **changes: Any) -> list[Record]:
    rates = {"pytorch": (0.190, 2.0), "tensorflow": (0.188, 3.0), "keras": (0.191, 3.1)}
    return [stereo(name, block, *rates[name], **changes) for block in range(block_count) for name in rates]


def cp8321(epochs: Sequence[int] = (1, 3, 6), **changes: Any) -> list[Record]:
    return [
        raw(name, block, workload=CP8321, batch=64, epochs=each, accuracy=0.97 + 0.01 * block, **changes)
        for each in epochs
        for block in range(2)
        for name in STEPS
    ]


@pytest.mark.parametrize("name", NAMES)
def test_each_of_the_five_studies_is_there_whatever_ran(name: str) -> None:
    study = studies()[name]
    for raws in ([raw(), raw("keras")], cp8321((1,)), stereos()):
        part = section(made(raws))
        here = study.workloads and raws[0]["workload"] in study.workloads
        if here:
            assert study.title in texts(part)
        else:
            row = next(row for row in table(part, "studies, which").rows if row[0].text == study.short)
            assert study.title in row[1].text
            commands = {
                label: words for block in part.blocks if isinstance(block, Facts) for label, words in block.rows
            }
            command = f"nox -s bench -- --study {name} --lane both" if study.workloads else None
            assert commands.get(study.short) == command


def test_the_section_is_in_the_report(tmp_path: Path) -> None:
    report = context.build(tmp_path, *quick().write(tmp_path))
    assert "beside" in [part.id for part in report.sections]


def test_ecais_four_times_as_ratios_and_its_error_rates() -> None:
    sampled = [
        raw(name, block, workload="mc-cnn-fast", batch=128, step=STEPS[name] * (1 + block / 50))
        for block in range(6)
        for name in STEPS
    ]
    part = section(made([*stereos(), *sampled]))
    ratios = table(part, "ratios of times")
    assert cells(ratios) == [
        ["whole training", "1.29", "1.30", "1.40"],
        ["mean epoch", "1.30", "1.30", "1.40"],
        ["one step", "1.29", "1.30", "1.40"],
        ["one depth map", "2.27", "1.50", "1.55"],
    ]
    assert [row[1].remark for row in ratios.rows][:2] == [
        "21 h 56 m 53.515 s / 16 h 58 m 51.032 s",
        "1 h 32 m 6.028 s / 1 h 10 m 48.891 s",
    ]
    assert [row[2].remark for row in ratios.rows] == ["2 runs each", "2 runs each", "1.30", "2 runs each, median pair"]
    reached = table(part, "what the trainings reached")
    assert cells(reached) == [
        ["error rate, one pair", "11.68\u202f%", "11.54\u202f%", "14.00\u202f%", "13.80\u202f%", "14.10\u202f%"],
        ["error rate, all pairs", "17.88\u202f%", "17.67\u202f%", "19.00\u202f%", "18.80\u202f%", "19.10\u202f%"],
    ]
    assert [row[3].remark for row in reached.rows] == ["pair 000000_10, 2 runs", "2 pairs, 2 runs"]
    assert "ECAI 2021 computed on a GTX 1070 Ti 8 GB, this run on the processor." in texts(part)
    assert len(figures(part)) == 6


def test_without_sampled_steps_a_trainings_own_steps_stand_for_one_step() -> None:
    row = table(section(made(stereos())), "ratios of times").rows[2]
    assert [cell.text for cell in row[2:]] == ["1.30", "1.40"]
    assert row[2].remark == "2 runs each, median step of trainings"


def test_no_number_of_ours_is_in_seconds() -> None:
    ratios = table(section(made(stereos())), "ratios of times")
    for row in ratios.rows:
        for cell in row[2:]:
            assert not re.search(r"\d\s?s\b", f"{cell.text} {cell.remark}"), cell


def test_published_and_measured_are_told_apart_by_shape_and_words() -> None:
    part = section(made(stereos()))
    for figure in figures(part):
        if isinstance(figure.chart, Forest):
            first, *others = figure.chart.rows
            assert first.label == "TensorFlow, Ryzen 7 1700X (ECAI 2021)"
            assert first.framework == "study"
            assert [row.label for row in others] == ["TensorFlow (function), here", "Keras (fit), here"]
        else:
            assert isinstance(figure.chart, Dots)
            hollow = [row.name.text for row in figure.chart.rows if row.hollow]
            assert hollow == ["PyTorch (ECAI 2021)", "TensorFlow (ECAI 2021)"]
        assert "ECAI 2021’s and ours" in figure.title
        assert re.search(r"\d", figure.description)


def test_a_hollow_dot_is_drawn_hollow() -> None:
    points = [
        Points(name=Name(framework="pytorch", mode="eager"), values=[0.9], text="0.9", hollow=hollow)
        for hollow in (True, False)
    ]
    axes = draw(Dots(rows=points, x_label="accuracy", least=0.1)).axes[0]
    fills = [line.get_markerfacecolor() for line in axes.lines if line.get_marker() == "o"]
    assert fills[0] == "white" != fills[1]


def test_accuracies_by_epochs_in_both_lanes() -> None:
    published = [
        raw(
            name,
            workload=CP8321,
            batch=64,
            epochs=3,
            lane="as-published",
            accuracy=0.95,
            reported_as="training accuracy over the epoch" if name == "keras" else "test accuracy",
        )
        for name in ("pytorch", "keras")
    ]
    for record in published:
        for row in record["epochs"]:
            row["reported_accuracy"] = row["test_accuracy"] - (0.2 if record["framework"] == "keras" else 0)
    part = section(made([*cp8321(), *published]))
    reached = table(part, "what the trainings reached")
    assert [column.title for column in reached.columns] == [
        "Measure",
        *("PyTorch", "TensorFlow", "Keras") * 2,
        *("PyTorch", "Keras"),
    ]
    assert [row[:5] for row in cells(reached)] == [
        ["accuracy", "0.94", "0.70", "0.72", "0.9750"],
        ["accuracy", "0.97", "0.94", "0.94", "0.9750"],
        ["accuracy", "–", "0.96", "0.96", "0.9750"],
        ["test accuracy", "–", "–", "0.981", "0.9750"],
    ]
    assert [row[7:] for row in cells(reached)] == [["0.8500", "0.6500"], ["0.9500", "0.7500"], ["–", "–"], ["–", "–"]]
    first = reached.rows[0]
    assert (first[0].remark, first[4].remark) == ("batch 64, 1 epoch", "2 runs")
    assert first[7].remark == "1 run, on the way to 3 epochs"
    assert first[8].remark == "1 run, training accuracy over the epoch, on the way to 3 epochs"
    assert any("test accuracies when matched" in line for line in reached.foot)
    assert not [block for block in part.blocks if isinstance(block, Table) and "ratios" in block.caption]


def test_a_longer_training_stands_for_a_shorter_one_only_at_a_constant_rate() -> None:
    def figure(workload: str, batch: int) -> Published:
        params = {"epochs": 3, "batch": batch}
        return Published(
            study="x", workload=workload, quantity="test accuracy", unit="share", where="p. 1", params=params,
            pytorch=Decimal("0.9"),
        )  # fmt: skip

    constant = made(cp8321((6,)))
    assert [each.value for each in ours.qualities(constant, figure(CP8321, 64))] == pytest.approx([0.825] * 3)
    stepped = made([raw(workload="mc-cnn-fast", batch=128, epochs=14)])
    assert ours.qualities(stepped, figure("mc-cnn-fast", 128)) == []


def test_a_training_on_a_part_of_the_examples_is_no_accuracy_of_ours() -> None:
    reached = table(section(made(cp8321(examples=2048))), "what the trainings reached")
    assert len(reached.columns) == 4
    assert any("Nothing of this was measured in this run" in line for line in reached.foot)


def test_a_framework_that_comes_before_pytorch_is_still_held_over_it() -> None:
    found = made(stereos(6))
    for item in found.analysis["comparisons"]:
        if item["a"].startswith("pytorch"):
            item["a"], item["b"] = item["b"], item["a"]
            low, high = item["low"], item["high"]
            item |= {"ratio": 1 / item["ratio"], "low": 1 / high, "high": 1 / low}
    (figure,) = studies()["ecai2021"].of("mc-cnn-fast", "training")
    first, second = ours.ratios(found, figure)
    assert (first.value, second.value) == pytest.approx((1.3, 1.4))
    assert first.low
    assert first.high
    assert first.low <= first.value <= first.high


@pytest.mark.parametrize(
    ("trainings", "shown"), [((), [10]), (((1, 1),), [10]), (((20, 2),), [20]), (((10, 2), (20, 1)), [10, 20])]
)
def test_the_length_that_was_trained_is_the_one_shown(
    tmp_path: Path, trainings: tuple[tuple[int, int], ...], shown: list[int]
) -> None:
    sample = Sample(workloads=("cifar10-cnn3x3",), blocks=5, steps=40, trainings=trainings, synthetic=False)
    ratios = table(section(material(sample, tmp_path)), "ratios of times")
    assert [row[0].remark for row in ratios.rows] == [f"batch 32, {epochs} epochs" for epochs in shown]
    first = ratios.rows[0]
    assert len(first) == 1 + 4 + 2
    if shown == [10]:
        assert [cell.text for cell in first[1:5]] == ["0.95", "0.59", "0.68", "0.49"]
        assert first[1].remark == "161\u202fs / 169\u202fs"
    sampled = not trainings or trainings == ((1, 1),)
    assert first[5].remark.endswith("steps sampled") == sampled


def test_only_batch_sizes_that_ran_are_held_side_by_side(tmp_path: Path) -> None:
    sample = Sample(workloads=("cifar10-cnn3x3",), blocks=5, steps=40, trainings=(), batches=(8, 64))
    ratios = table(section(material(sample, tmp_path)), "ratios of times")
    assert [row[0].remark for row in ratios.rows] == ["batch 8, 10 epochs"]
    other = Sample(workloads=("cifar10-cnn3x3",), blocks=5, steps=40, trainings=(), batches=(64,))
    part = section(material(other, tmp_path))
    ratios = table(part, "ratios of times")
    assert [row[0].remark for row in ratios.rows] == [f"batch {batch}, 10 epochs" for batch in (4, 8, 16, 32)]
    assert len(ratios.columns) == 5  # the study's machines, and nothing of ours
    assert figures(part) == []


def test_made_up_images_are_labelled_and_not_drawn_beside_the_studys() -> None:
    raws = [record | {"data": record["data"] | {"synthetic": True}} for record in cp8321()]
    part = section(made(raws))
    reached = table(part, "what the trainings reached")
    assert reached.synthetic
    assert any("made-up images" in line for line in reached.foot)
    assert figures(part) == []


def test_what_is_unmatched_is_marked_in_tables_and_pictures() -> None:
    raws = stereos()
    for record in raws:
        if record["framework"] == "keras":
            record["passport"] = {**record["passport"], "status": "unmatched"}
    part = section(made(raws))
    for words in ("ratios of times", "what the trainings reached"):
        found = table(part, words)
        assert [column.title for column in found.columns if UNMATCHED in column.title] == [f"Keras {UNMATCHED}"]
        assert all(row[-1].text.startswith("✗") and row[-1].tone == "unmatched" for row in found.rows)
    for figure in figures(part):
        assert isinstance(figure.chart, Forest | Dots)
        labels = [row.label if isinstance(figure.chart, Forest) else row.name.text for row in figure.chart.rows]
        assert [UNMATCHED in label for label in labels] == [*[False] * (len(labels) - 1), True]


def test_seconds_of_two_machines_make_no_ratio() -> None:
    raws = stereos()
    for record in raws:
        if record["framework"] == "pytorch":
            record["machine"] = {**record["machine"], "id": "other"}
    found = made(raws)
    for figure in studies()["ecai2021"].of("mc-cnn-fast", "training", "epoch", "step", "depth map"):
        assert ours.ratios(found, figure) == []


def test_machines_and_versions_stand_side_by_side() -> None:
    (first, second) = table(section(made(stereos())), "machines and versions").rows
    assert [first[0].text, second[0].text] == ["Here", "ECAI 2021"]
    assert second[0].remark == "Ryzen 7 1700X"
    assert [cell.text for cell in second[1:]] == ["GTX 1070 Ti 8 GB", "Windows 10", "16 GB", *["not stated"] * 4]
    assert [cell.text for cell in first[4:]] == ["3.11.7", "torch 2.13.0+cpu", "tensorflow 2.21.0", "keras 3.15.1"]
    rows = table(section(made([raw(), raw("keras")])), "machines and versions").rows
    assert [row[0].remark for row in rows[1:]] == ["M1 Pro (8 cores)", "Ryzen 2600", "i5-7267U", "i7-6700HQ"]
    assert [row[6].text for row in rows[1:]] == ["tensorflow-macos 2.6.0", "2.6.1", "2.6.0", "2.6.0"]
    assert rows[0][6].text == "not in this run"
    (_, stated) = table(section(made(cp8321((1,)))), "machines and versions").rows
    assert {cell.text for cell in stated[1:]} == {"not stated"}


def test_figures_about_no_network_of_a_study_are_told_in_words() -> None:
    part = section(made([raw(workload="mnist-cnn-pl2021"), raw("keras", workload="mnist-cnn-pl2021")]))
    words = texts(part)
    assert "PyTorch 7.67\u202fs, TensorFlow 11.19\u202fs. Cited from a course study" in words
    assert "PyTorch 3.5\u202fGB, TensorFlow 1.7\u202fGB" in words
    epoch = table(part, "ratios of times").rows[0]
    assert (epoch[1].text, epoch[1].remark) == ("1.13", "62\u202fs / 55\u202fs")


def test_a_run_in_which_nothing_ended_well_still_shows_what_was_published() -> None:
    raws = [record | {"status": "failed", "reason": "no"} for record in stereos()]
    ratios = table(section(made(raws)), "ratios of times")
    assert [row[1].text for row in ratios.rows] == ["1.29", "1.30", "1.29", "2.27"]
    assert len(ratios.columns) == 2
