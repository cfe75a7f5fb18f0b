"""Headlines, tables and look-ups of the report, one record changed at a time."""

from __future__ import annotations

from pathlib import Path

import pytest
from made_up import Record
from sample import ALL_MODES, Sample, full, paper, small

from suite.report import comparison, context, environment, models, steps, study, trust, verdict
from suite.report.chartdata import Forest, Strips
from suite.report.document import Facts, Figures, Fold, Report, Section, Table, Text
from suite.report.material import Material


def material(sample: Sample, folder: Path) -> Material:
    analysis, raws, plan = sample.write(folder)
    return Material(folder=folder, analysis=analysis, raws=raws, plan=plan)


def tables(section: Section) -> list[Table]:
    return [block for block in section.blocks if isinstance(block, Table)]


def texts(table: Table) -> list[list[str]]:
    return [[cell.text for cell in row] for row in table.rows]


def pair(a: str, b: str, outcome: str | None, ratio: float | None = 0.5) -> Record:
    interval = (ratio * 0.9, ratio * 1.1) if ratio and outcome != "too few runs" else (None, None)
    return {
        "workload": "cifar10-cnn3x3",
        "params": {"batch": 32, "epochs": None},
        "quantity": "step",
        "a": a,
        "b": b,
        "ratio": ratio,
        "low": interval[0],
        "high": interval[1],
        "confidence": 0.96875,
        "runs": 6,
        "verdict": outcome,
        "sentence": f"{b}?",
    }


P, T, K = "pytorch-eager", "tensorflow-function", "keras-fit"


@pytest.mark.parametrize(
    ("pairs", "headline"),
    [
        ([(P, T, "faster")], "TensorFlow is faster"),
        ([(P, T, "slower")], "PyTorch is faster"),
        ([(P, T, "faster"), (P, K, "faster"), (T, K, "slower")], "TensorFlow is fastest"),
        (
            [(P, T, "faster"), (P, K, "faster"), (T, K, "equal within 3 %")],
            "TensorFlow and Keras are faster than PyTorch",
        ),
        ([(P, T, "slower"), (P, K, "slower"), (T, K, "not resolved")], "PyTorch is fastest"),
        (
            [(P, T, "slower"), (P, K, "not resolved"), (T, K, "not resolved")],
            "PyTorch is faster than TensorFlow; Keras: not resolved",
        ),
        ([(P, T, "equal within 3 %"), (P, K, "equal within 3 %"), (T, K, "equal within 3 %")], "Equally fast"),
        ([(P, T, "equal within 3 %"), (P, K, "not resolved"), (T, K, "not resolved")], "No difference shown"),
        ([(P, T, "too few runs"), (P, K, "too few runs"), (T, K, "too few runs")], "Too few runs to tell"),
        ([], "No comparison"),
    ],
)
def test_headline_claims_what_all_pairs_support(
    tmp_path: Path, pairs: list[tuple[str, str, str]], headline: str
) -> None:
    found = material(small(), tmp_path)
    found.analysis["comparisons"] = [pair(*one) for one in pairs]
    assert verdict.verdicts(found, [])[0].headline == headline


def test_sentence_without_interval_or_ratio(tmp_path: Path) -> None:
    found = material(small(), tmp_path)
    assert verdict.sentence(found, pair(P, T, "too few runs")) == (
        "TensorFlow (function) needs about 0.50 of PyTorch (eager)'s time per step: too few runs."
    )
    assert verdict.sentence(found, pair(P, T, None, None)) == "tensorflow-function?"


def test_comparison_in_one_setting_has_a_column_for_the_verdict(tmp_path: Path) -> None:
    found = material(small(), tmp_path)
    found.analysis["comparisons"] = [pair(P, T, "faster"), pair(P, K, "not resolved", 1.01), pair(T, K, "slower", 1.6)]
    (table,) = tables(comparison.section(found))
    assert [column.title for column in table.columns] == ["Compared", "Ratio", "Verdict", "Runs"]
    assert [row[2] for row in texts(table)] == ["▼ faster", "? not resolved", "▲ slower"]
    assert table.rows[0][1].remark == "0.45 to 0.55"


def test_comparison_in_several_settings_has_a_column_for_each(tmp_path: Path) -> None:
    section = comparison.section(material(paper(), tmp_path))
    table = tables(section)[0]
    assert [column.title for column in table.columns] == ["Compared", "Batch 4", "Batch 8", "Batch 16", "Batch 32"]
    (others,) = [block for block in section.blocks if isinstance(block, Fold)][:1]
    assert (len(table.rows), len(others.tables[0].rows)) == (6, 9)
    assert table.rows[0][1].remark.startswith("faster\n0.")
    charts = [figure.chart for block in section.blocks if isinstance(block, Figures) for figure in block.figures]
    assert [len(chart.rows) for chart in charts if isinstance(chart, Forest)] == [12, 12, 12, 12]


def test_layout_is_named_with_what_the_other_gives(tmp_path: Path) -> None:
    found = material(Sample(workloads=("cifar10-cnn3x3",), modes=ALL_MODES, blocks=1), tmp_path)
    found.analysis["comparisons"] = [pair("pytorch-eager-channels-last", P, "faster", 0.8)]
    found.analysis["settings"] = {P: {"layout": "NCHW"}}
    (words,) = comparison.layout_sentences(found)
    assert words == (
        "Layout, cifar10-cnn3x3: PyTorch (eager) ran in NCHW. In channels-last it needs this share of that time: "
        "1.25 (1.14 to 1.39) at batch 32."
    )
    assert words in [block.text for block in comparison.section(found).blocks if isinstance(block, Text)]


def test_no_layout_sentence_without_channels_last(tmp_path: Path) -> None:
    assert comparison.layout_sentences(material(small(), tmp_path)) == []


def test_scaled_times_are_labelled_and_stand_beside_the_published_ones(tmp_path: Path) -> None:
    table = tables(study.times(material(paper(), tmp_path)))[0]
    assert "scaled" in table.caption
    assert any(line.startswith("Scaled, not measured whole") for line in table.foot)
    row = next(row for row in texts(table) if row[:2] == ["10", "4"])
    assert row[-4:] == ["+53.6", "−20.7", "−24.1", "−9.2"]  # the study's Fig. 26-29, 3x3, 10 epochs, batch 4


def test_measured_and_scaled_rows_in_one_table_are_told_apart(tmp_path: Path) -> None:
    table = tables(study.times(material(small(), tmp_path)))[0]
    assert "scaled" not in table.caption
    remarks = {row[0].text: row[2].remark for row in table.rows}
    assert remarks == {"1": "one run", "10": "scaled", "20": "scaled"}


def test_tensorflow_slower_is_the_studys_formula(tmp_path: Path) -> None:
    found = material(full(), tmp_path)
    row = found.analysis["study"]["time"][0]
    slower = (row["tensorflow_s"] - row["pytorch_s"]) / row["tensorflow_s"] * 100
    assert texts(tables(study.times(found))[0])[0][5] == f"{slower:+.1f}".replace("-", "−")


def test_published_accuracies_stand_beside_real_ones_only(tmp_path: Path) -> None:
    real, made_up = full(), full()
    made_up.synthetic = True
    row = texts(tables(study.accuracies(material(real, tmp_path / "real")))[0])[0]
    assert row[-2:] == ["0.7178", "0.6834"]  # the study's Fig. 24, 3x3, 10 epochs, batch 4
    table = tables(study.accuracies(material(made_up, tmp_path / "made up")))[0]
    assert table.synthetic
    assert table.groups == []


def test_every_whole_training_has_its_time_and_accuracy(tmp_path: Path) -> None:
    found = material(full(), tmp_path)
    table = next(table for table in tables(study.times(found)) if "every whole training" in table.caption)
    assert [row[:3] for row in texts(table)] == [
        ["10", "4", "1"],
        ["10", "4", "2"],
        ["10", "32", "1"],
        ["10", "32", "2"],
    ]
    cell = next(cell for cell in found.cells if cell["cell"].endswith("cifar10-cnn3x3/pytorch-eager/b4-e10"))
    assert texts(table)[1][4] == f"{cell['final_accuracy'][1]:.4f}"


def test_models_side_by_side(tmp_path: Path) -> None:
    found = material(small(), tmp_path)
    (table,) = tables(models.section(found))
    assert [row[-1] for row in texts(table)] == ["equal"] * 9
    assert texts(table)[0] == ["conv1", "30 × 30 × 32", "Conv2d", "896", "nn.conv2d", "896", "Conv2D", "896", "equal"]
    assert texts(table)[-1][3::2] == ["122\u202f570"] * 3


def test_models_that_differ_are_marked_with_a_word(tmp_path: Path) -> None:
    found = material(small(), tmp_path)
    for raw in found.raws:
        if raw["framework"] == "keras" and raw["status"] == "ok":
            raw["layers"] = [
                *raw["layers"][:2],
                {"name": "dropout", "kind": "Dropout", "output_shape": [15, 15, 32], "parameters": 0},
                *raw["layers"][2:],
            ]
            raw["layers"][0] = raw["layers"][0] | {"output_shape": [32, 32, 32]}
            raw["parameter_count"] = 122571
    (table,) = tables(models.section(found))
    agreed = {row[0]: row[-1] for row in texts(table)}
    assert [name for name, words in agreed.items() if words == "DIFFERS"] == ["conv1", "dropout", "Total"]
    assert list(agreed)[:4] == ["conv1", "pool1", "dropout", "conv2"]


def test_environment_names_machine_data_and_locks(tmp_path: Path) -> None:
    section = environment.section(material(small(), tmp_path))
    facts = {block.title: dict(block.rows) for block in section.blocks if isinstance(block, Facts)}
    assert "AMD EPYC 9B14" in facts["Machine"]["CPU"]
    assert facts["Data"]["SHA-256"] == "da7a" * 16
    assert "synthetic" in facts["Data"]["name"]
    assert facts["Locks and code, SHA-256"]["lock, keras"] == "3c" * 32


def test_strips_hold_the_steady_steps_alone(tmp_path: Path) -> None:
    found = material(small(), tmp_path)
    charts = [
        figure.chart for block in steps.section(found).blocks if isinstance(block, Figures) for figure in block.figures
    ]
    (chart,) = [chart for chart in charts if isinstance(chart, Strips)]
    assert len(chart.strips) == 14
    assert all(len(strip.quantiles) == steps.QUANTILES for strip in chart.strips)
    assert max(strip.quantiles[-1] for strip in chart.strips) < 0.1  # the first step took 0.4 s
    first = next(raw for raw in found.ok if raw["framework"] == "pytorch" and raw["params"]["epochs"] is None)
    assert chart.strips[0].median == pytest.approx(first["steps"]["median_s"])


def test_commands_leave_out_what_belongs_to_one_run(tmp_path: Path) -> None:
    found = material(small(), tmp_path)
    assert found.command("*/x/*") == "nox -s bench-linux-cpu -- --preset quick --select '*/x/*'"
    assert found.plan is not None
    found.plan["command"] = ["nox", "-s", "bench", "--", "--resume", "--out=here", "--select", "old*", "--batch", "4"]
    assert found.command() == "nox -s bench -- --select 'old*' --batch 4"
    assert found.command("*/x/*") == "nox -s bench -- --batch 4 --select '*/x/*'"
    found.plan["command"] = ["nox", "-s", "bench", "--", "--data", "/home/someone/cifar", "--batch", "4"]
    assert found.command() == "nox -s bench -- --data DIR --batch 4"
    found.plan["command"] = ["nox", "-s", "bench", "--", "--data=/home/someone/cifar"]
    assert found.command() == "nox -s bench -- --data=DIR"
    found.plan["command"] = ["nox", "-s", "bench"]
    assert found.command("*/x/*") == "nox -s bench -- --select '*/x/*'"
    found.plan["command"] = ["evenmatch", "run", "--preset", "quick"]
    assert found.command("*/x/*") == "nox -s evenmatch -- run --preset quick --select '*/x/*'"


def test_counts_and_fairness_in_one_line(tmp_path: Path) -> None:
    found = material(small(), tmp_path)
    assert trust.counts(found) == "17 of 18 runs ended well, 1 failed"
    assert trust.fairness(trust.notes(found)) == "No rule calls it unfair; 1 caution and 1 remark."
    assert trust.fairness([]) == "No fairness note applies."


def test_real_analysis_with_its_own_notes(tmp_path: Path) -> None:
    analysis, raws, plan = Sample(modes=ALL_MODES, blocks=5, failing=("keras-fit/2",)).write(tmp_path)
    report: Report = context.build(tmp_path, analysis, raws, plan)
    assert len(report.notes) == len(analysis["notes"]) > 0
    assert [note.severity for note in report.notes] == sorted(
        (note["severity"] for note in analysis["notes"]), key=["unfair", "caution", "info"].index
    )


def test_what_a_stereo_network_is_trained_with_is_in_words() -> None:
    (found,) = models._constants("mc-cnn-fast")
    assert "hinge loss on the two candidates' similarities, margin 0.2, mean over the batch" in found.text
    assert "pixels less the mean of their whole image, over its standard deviation" in found.text
    assert "learning rate 0.002" in found.text
    (other,) = models._constants("cifar10-cnn3x3")
    assert "softmax cross-entropy on logits, mean over the batch; pixels (x / 255 − 0.5) / 0.5" in other.text
