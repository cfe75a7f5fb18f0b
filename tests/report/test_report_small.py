"""Small things that mislead: commands that reproduce nothing, unlike runs in one chart, sentences beside a table."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

from page import read
from sample import ALL_MODES, Sample, both, small
from test_report_parts import tables
from test_report_proof import material

from suite.report import environment, html, names, passports, render, steps, study, trust
from suite.report.chartdata import Bar, Bars
from suite.report.document import Facts, Figure, Figures, Section, Text
from suite.report.names import Name


def memory(section: Section) -> list[tuple[Figure, list[Bar]]]:
    figures = [figure for block in section.blocks if isinstance(block, Figures) for figure in block.figures]
    return [(figure, figure.chart.bars) for figure in figures if isinstance(figure.chart, Bars)]


def _peaks(sample: Sample, folder: Path) -> list[tuple[str, dict[str, float], str]]:
    """Return title, bars and caption of each chart; whole trainings take ten times the memory of sampled runs."""
    found = material(sample, folder)
    for raw in found.raws:
        raw["peak_rss_bytes"] = 1e9 if raw["params"]["epochs"] else 1e8
    made = memory(steps.phases(found))
    return [(each.title, {bar.name.plain: bar.value for bar in bars}, each.caption) for each, bars in made]


def test_peak_memory_is_that_of_one_kind_of_run(tmp_path: Path) -> None:
    (title, bars, caption), *_ = _peaks(small(), tmp_path)
    assert title == "cifar10-cnn3x3: peak memory of sampled runs, batch 32"
    assert bars == {"PyTorch (eager)": 100.0, "TensorFlow (function)": 100.0, "Keras (fit)": 100.0}
    assert "Not run like this" not in caption


def test_peak_memory_is_that_of_whole_trainings_where_not_all_were_sampled(tmp_path: Path) -> None:
    sample = Sample(workloads=("cifar10-cnn3x3",), blocks=2, trainings=((1, 1), (2, 1)))
    found = material(sample, tmp_path)
    for raw in found.raws:
        raw["peak_rss_bytes"] = 1e9 if raw["params"]["epochs"] else 1e8
    kept = [raw for raw in found.raws if raw["params"]["epochs"] or raw["framework"] == "pytorch"]
    found.raws[:] = [raw for raw in kept if raw["params"]["epochs"] != 2 or raw["framework"] != "keras"]
    ((figure, bars),) = memory(steps.phases(found))
    assert figure.title == "cifar10-cnn3x3: peak memory of whole trainings, batch 32, 1 epoch"
    assert [bar.value for bar in bars] == [1000.0] * 3


def test_who_was_not_run_like_the_others_is_named(tmp_path: Path) -> None:
    found = material(Sample(workloads=("cifar10-cnn3x3",), blocks=2), tmp_path)
    found.raws[:] = [raw for raw in found.raws if raw["params"]["epochs"] is None or raw["framework"] != "pytorch"]
    found.raws[:] = [raw for raw in found.raws if raw["params"]["epochs"] or raw["framework"] == "pytorch"]
    ((figure, _),) = memory(steps.phases(found))
    assert figure.title.endswith("whole trainings, batch 32, 1 epoch")
    assert figure.caption.endswith("Not run like this: PyTorch (eager).")


def test_the_command_under_passports_examines_anew(tmp_path: Path) -> None:
    found = material(Sample(blocks=1), tmp_path)
    section = passports.section(found)
    assert section.reproduce == ""
    assert [table.reproduce for table in tables(section)] == [
        f"nox -s evenmatch -- parity --workload {workload} --again --profile linux-cpu" for workload in found.workloads
    ]
    facts = next(block for block in trust.reproduce(found).blocks if isinstance(block, Facts))
    assert facts.commands
    assert {value for _, value in facts.rows if " parity" in value} == {table.reproduce for table in tables(section)}


def test_the_command_examines_other_modes_where_they_were_run(tmp_path: Path) -> None:
    found = material(Sample(workloads=("cifar10-cnn3x3",), blocks=1, modes=ALL_MODES), tmp_path)
    assert found.parity_command("w") == "nox -s evenmatch -- parity --workload w --again --profile linux-cpu --mode all"


def test_the_command_examines_where_the_run_did(tmp_path: Path) -> None:
    found = material(small(), tmp_path)
    assert found.plan is not None
    gpu = found.plan | {"platform": {"accelerator": "cuda"}}
    for request, words in (
        ({"profile": "cuda", "device": "cpu", "container": False}, "--profile cuda --device cpu"),
        ({"profile": "cuda", "device": None, "container": False}, "--profile cuda --native"),
        ({"profile": "cuda", "container": True, "base": "debian:x"}, "--profile cuda --container --base debian:x"),
    ):
        there = replace(found, plan=gpu | {"request": request})
        assert there.parity_command("w") == f"nox -s evenmatch -- parity --workload w --again {words}"
    seen = replace(found, plan=gpu | {"request": {"profile": "cuda", "device": "cpu"}})
    assert environment.section(seen).reproduce == "nox -s evenmatch -- doctor --profile cuda --device cpu"


def test_accuracies_of_part_of_the_images_are_not_denied(tmp_path: Path) -> None:
    found = material(small(), tmp_path)
    found.analysis["study"] = {"time": [], "accuracy": []}
    (block,) = study.accuracies(found).blocks
    assert isinstance(block, Text)
    assert "none was run. The accuracies of what was trained stand under “Loss and accuracy over epochs”" in block.text
    for raw in found.raws:
        raw["epochs"] = []
    (block,) = study.accuracies(found).blocks
    assert isinstance(block, Text)
    assert block.text == "No whole training was run to its end, so there is no accuracy to show."


def test_variants_have_names_for_people() -> None:
    def called(framework: str, mode: str) -> str:
        return Name(framework=framework, mode=mode, lane=names.AS_PUBLISHED).plain

    assert called("keras", "inputs-minus1-to-1") == "Keras (inputs in [-1, 1])"
    assert called("pytorch", "published") == "PyTorch (as published)"
    assert called("pytorch", "of-another-version") == "PyTorch (of another version)"


def test_commands_break_between_words_and_read_as_they_are_typed(tmp_path: Path) -> None:
    text = render(tmp_path, *both().write(tmp_path)).read_text(encoding="utf-8")
    page = read(text)
    commands = [element for element in page.all("code") if element.text.startswith("nox")]
    assert len(commands) > 10
    assert "nox -s bench-linux-cpu -- --preset quick --select '*/cifar10-cnn3x3/*'" in [each.text for each in commands]
    assert all(" " not in word.text for word in page.having("word"))
    css = (html.TEMPLATES / "report.css").read_text(encoding="utf-8")
    assert re.search(r"\.word \{[^}]*display: inline-block", css)


def test_numbers_of_an_interval_stay_on_one_line() -> None:
    css = (html.TEMPLATES / "report.css").read_text(encoding="utf-8")
    assert "tbody .number small { white-space: pre; }" in css
