"""What is proved and what is not: passports, the UNMATCHED mark on every number, cautions, the grade."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from examined import NESTEROV
from made_up import Record
from page import read
from sample import ALL_MODES, Sample, small

from suite.report import context, passports, render, standing, trust, verdict
from suite.report.chartdata import FreeRuns, Margins
from suite.report.document import Facts, Figures, Fold, Note, Report, Section, Table
from suite.report.material import Material
from suite.report.names import UNMATCHED, Name
from suite.report.standing import Standing

UNLIKE = {"keras-fit": "unmatched", "tensorflow-xla": "error"}


def unlike(**changes: object) -> Sample:
    fields = {"modes": ALL_MODES, "batches": (8, 32), "steps": 60, "blocks": 5, "passports": UNLIKE, **changes}
    return Sample(**fields)  # type: ignore[arg-type]


def report(sample: Sample, folder: Path) -> Report:
    return context.build(folder, *sample.write(folder))


def material(sample: Sample, folder: Path) -> Material:
    analysis, raws, plan = sample.write(folder)
    return Material(folder=folder, analysis=analysis, raws=raws, plan=plan)


def tables(section: Section) -> list[Table]:
    return [block for block in section.blocks if isinstance(block, Table)]


@pytest.mark.parametrize("synthetic", [True, False])
def test_every_number_of_an_unmatched_framework_is_marked(tmp_path: Path, synthetic: bool) -> None:
    """Whatever row, column or picture names Keras says UNMATCHED, and its numbers are crossed out."""
    analysis, raws, plan = unlike(synthetic=synthetic, trainings=((1, 1), (10, 2))).write(tmp_path)
    report = context.build(tmp_path, analysis, raws, plan)
    sections = [section for section in report.sections if section.id != "installation"]  # recipes are no part of a run
    measured = [table for section in [report.evidence[0], *sections] for table in _all_tables(section)]
    rows = [row for table in measured for row in table.rows if "Keras" in row[0].text + row[0].remark]
    assert len(rows) > 40
    for row in rows:
        assert UNMATCHED in row[0].text + row[0].remark, row
        numbers = [cell for cell in row[1:] if re.search(r"\d[.\u202f]", cell.text)]
        assert all(cell.text.startswith("✗") and cell.tone == "unmatched" for cell in numbers), row
    columns = [column for table in measured for column in table.columns if "Keras" in column.title]
    assert any("(s)" in column.title for column in columns)
    settings = {"Keras (fit)", "Keras", "% Keras slower"}  # what was read back, and a formula whose numbers are crossed
    assert all(UNMATCHED in column.title or column.title in settings for column in columns)
    html = render(tmp_path, analysis, raws, plan).read_text(encoding="utf-8")
    page = read(html.split('<section id="installation">')[0])
    words = [element.text.strip() for element in page.all("text") if "Keras" in element.text]
    assert len(words) > 20
    assert all(UNMATCHED in line or " / " in line for line in words)
    assert sum(" / " in line for line in words) <= sum(f"{UNMATCHED}: Keras (fit)" in line for line in words)


def _all_tables(section: Section) -> list[Table]:
    return [*tables(section), *(table for block in section.blocks if isinstance(block, Fold) for table in block.tables)]


def test_an_unmatched_pair_enters_no_verdict(tmp_path: Path) -> None:
    card = verdict.verdicts(material(unlike(), tmp_path), [])[0]
    assert card.headline == "TensorFlow is faster than PyTorch; Keras UNMATCHED"
    assert card.sentences[0].endswith("PyTorch (eager)'s time per step: faster.")
    assert sum(f"{UNMATCHED}: Keras (fit), so no verdict." in words for words in card.sentences) == 2
    assert card.sentences[-1] == f"{UNMATCHED}: Keras (fit): update: {NESTEROV}."
    assert [bar.text[0] == "✗" for bar in card.bars] == [False, False, True]


def test_without_passports_nothing_is_matched(tmp_path: Path) -> None:
    found = report(small_without(), tmp_path)
    assert [card.headline for card in found.verdicts] == ["No verdict: UNMATCHED"]
    assert any("no passport was made" in words for words in found.verdicts[0].sentences)
    (table,) = tables(found.evidence[1])
    assert {row[1].text for row in table.rows} == {UNMATCHED}
    assert {row[1].remark for row in table.rows} == {"no passport"}
    said = next(block for block in found.evidence[1].blocks if isinstance(block, Facts))
    assert ("Keras (fit)", "no passport: nothing is proved in cifar10-cnn3x3.") in said.rows


def small_without() -> Sample:
    return Sample(workloads=("cifar10-cnn3x3",), blocks=5, steps=40, passports=None)


def test_an_analysis_that_knows_no_passports_cannot_give_a_verdict(tmp_path: Path) -> None:
    found = material(small_without(), tmp_path)
    for item in found.analysis["comparisons"]:
        item |= {"verdict": "faster", "unmatched": []}
    assert {item["verdict"] for item in found.lanes[0].comparisons} == {"UNMATCHED"}


def test_passports_say_how_close_it_was_and_what_failed(tmp_path: Path) -> None:
    table = tables(passports.section(material(unlike(), tmp_path)))[0]
    rows = {row[0].text: row for row in table.rows}
    assert next(iter(rows)) == "PyTorch (eager)"
    assert [cell.text for cell in rows["PyTorch (eager)"][1:2]] == ["✓\u00a0matched"]
    assert re.search(
        r"the nearest to its tolerance is \w+ in float(32|64): .*, [\d.]+ times inside", rows["PyTorch (eager)"][2].text
    )
    assert rows["TensorFlow (xla)"][1].remark == "could not be examined"
    assert rows["Keras (fit)"][2].text.startswith(f"Update: {NESTEROV}. Steps: the first step beyond")
    assert rows["Keras (fit)"][3].text == "float32-scalars (2.4\u202f×\u202f10⁻⁸)"


def test_margins_and_free_runs_are_drawn_for_every_arm(tmp_path: Path) -> None:
    section = passports.section(material(unlike(workloads=("cifar10-cnn3x3",)), tmp_path))
    (figures,) = [block.figures for block in section.blocks if isinstance(block, Figures)]
    assert [figure.title for figure in figures] == [
        "cifar10-cnn3x3: margins in float32",
        "cifar10-cnn3x3: margins in float64",
        "cifar10-cnn3x3: 200 steps left to run freely",
    ]
    margins = figures[0].chart
    assert isinstance(margins, Margins)
    assert [row.label for row in margins.rows][:3] == ["forward", "loss", "gradients"]
    assert all(len(row.margins) == 5 for row in margins.rows)  # the sixth could not be examined
    beyond = [(row.label, margin.name.plain) for row in margins.rows for margin in row.margins if not margin.passed]
    assert beyond == [("update", "Keras (fit)"), ("steps", "Keras (fit)")]
    assert all((margin.share > 1) != margin.passed for row in margins.rows for margin in row.margins)
    assert "beyond their tolerance are Keras (fit) in update" in figures[0].description
    free = figures[2].chart
    assert isinstance(free, FreeRuns)
    assert all(run.envelope == sorted(run.envelope) for run in free.runs)
    assert "prove nothing on their own" in figures[2].caption


def test_an_item_without_a_number_is_a_mismatch_of_any_size(tmp_path: Path) -> None:
    found = material(small(), tmp_path)
    passport = next(item for item in found.analysis["passports"] if item["framework"] == "keras")
    data = next(item for item in passport["items"] if (item["item"], item["dtype"]) == ("data", "float32"))
    data |= {"passed": False, "measured": None, "margin": None, "detail": "images arrive as float64"}
    (figures,) = [block.figures for block in passports.section(found).blocks if isinstance(block, Figures)]
    margins = figures[0].chart
    assert isinstance(margins, Margins)
    assert margins.rows[0].label == "data"
    assert "beyond any number" in figures[0].description
    analysis = found.analysis
    assert read(render(tmp_path, analysis, found.raws, found.plan).read_text(encoding="utf-8")).faults == []


def test_every_item_is_there_for_those_who_unfold_it(tmp_path: Path) -> None:
    section = passports.section(material(unlike(workloads=("cifar10-cnn3x3",)), tmp_path))
    folds = {block.title: block.tables[0] for block in section.blocks if isinstance(block, Fold)}
    assert "cifar10-cnn3x3, PyTorch (eager): 22 items, all passed" in folds
    table = folds[f"cifar10-cnn3x3, Keras (fit) {UNMATCHED}: 22 items, 4 failed"]
    failed = [[cell.text for cell in row] for row in table.rows if row[2].tone == "unmatched"]
    assert failed[0][:3] == ["update", "float32", "✗\u00a0FAILED"]


def test_frameworks_without_float64_are_named(tmp_path: Path) -> None:
    found = material(small(), tmp_path)
    for passport in found.analysis["passports"]:
        if passport["framework"] == "keras":
            passport["items"] = [item for item in passport["items"] if item["dtype"] == "float32"]
    said = [block for block in passports.section(found).blocks if isinstance(block, Facts)][-1]
    assert said.title == "What is not verified"
    assert dict(said.rows)["in float64"].startswith("Keras (fit): examined in float32 alone")


@pytest.mark.parametrize(
    ("passport", "status", "reason"),
    [
        (None, "none", "no passport was made"),
        ({"status": "error", "diagnosis": None}, "error", "the exam could not be sat"),
        ({"status": "unmatched", "failed_item": "loss", "diagnosis": "summed"}, "unmatched", "loss: summed"),
        ({"status": "unmatched"}, "unmatched", "its passport names no reason"),
        ({"status": "matched"}, "matched", None),
    ],
)
def test_standing_of_one_run(passport: Record | None, status: str, reason: str | None) -> None:
    raw = {"lane": "matched", "workload": "w", "framework": "f", "mode": "m", "status": "ok", "passport": passport}
    (found,) = standing.standings([raw], []).values()
    assert found.status == status
    assert found.unmatched == (reason is not None)
    assert reason is None or found.reason == reason


def test_one_run_without_proof_is_enough() -> None:
    arm = {"lane": "matched", "workload": "w", "framework": "f", "mode": "m"}
    good, bad = ({**arm, "status": "ok", "passport": {"status": status}} for status in ("matched", "unmatched"))
    for runs in ([good, bad, good], [bad, good]):
        assert standing.standings(runs, [])["matched", "w", "f-m"].unmatched
    examined = {**arm, "status": "matched"}
    assert standing.standings([{**good, "passport": None}], [examined])["matched", "w", "f-m"] == Standing(
        status="none"
    )


def test_numbers_are_crossed_unless_there_is_none() -> None:
    name = Name(framework="keras", mode="fit", unmatched=True)
    assert standing.number(name, "1.2 s").text == "✗\u00a01.2 s"
    assert standing.number(name, "–").text == "–"


def test_cautions_reach_the_card_whose_numbers_they_are_about() -> None:
    busy = note("busy-machine", "caution", "Other programs kept the machine busy: load 3.1.")
    one = note("spread-between-runs", "caution", "In 1 cell runs differ: cifar10-cnn5x5/keras-fit/b32.")
    probe = note("spread-between-runs", "caution", "Runs differ: cifar10-cnn5x5/keras-fit/b32+onednn-off (1.3 times).")
    whole = note("warm-up-not-reached", "caution", "Drifted: cifar10-cnn5x5 b32.")
    settings = note("unlike-onednn", "caution", "oneDNN is on in one only.")
    shown = {
        name: {f"cifar10-cnn{name}", f"cifar10-cnn{name}/keras-fit/b32", f"cifar10-cnn{name}/pytorch-eager/b32"}
        for name in ("3x3", "5x5")
    }
    every = {*shown["3x3"], *shown["5x5"], "cifar10-cnn5x5/keras-fit/b32+onednn-off"}
    found = [busy, one, probe, whole, settings]
    said = {name: [caution.sentence for caution in trust.cautions(found, own, every)] for name, own in shown.items()}
    assert said == {"3x3": [busy.sentence], "5x5": [busy.sentence, one.sentence, whole.sentence]}


def note(name: str, severity: str, sentence: str) -> Note:
    return Note(id=name, severity=severity, sentence=sentence, facts=[], todo="")  # type: ignore[arg-type]


def test_cells_are_named_as_short_as_they_are_clear(tmp_path: Path) -> None:
    found = report(small(), tmp_path)
    spread = next(note for note in found.notes if note.id == "spread-between-runs")
    assert "of the same cell: cifar10-cnn3x3/keras-fit/b32 (1.43 times)" in spread.sentence
    assert "linux-cpu" not in "".join(label for label, _ in spread.facts)


def test_the_grade_stands_at_the_top_with_its_reasons(tmp_path: Path) -> None:
    sample = unlike(workloads=("cifar10-cnn3x3",), batches=(32,))
    found = report(sample, tmp_path)
    assert found.grade is not None
    assert found.grade.grade == "Fair in part"
    assert not found.grade.sentence.startswith("Fair in part")
    assert found.alerts == []  # what is unfair is among the reasons, and said once
    page = read(render(tmp_path, *sample.write(tmp_path)).read_text(encoding="utf-8"))
    (grade,) = page.having("grade")
    assert grade.text.split()[:3] == ["Fair", "in", "part"]
    assert len(page.having("reasons")) == 1


def test_unfair_notes_that_are_no_reason_are_banners() -> None:
    unfair = note("unlike-threads", "unfair", "Threads differ.")
    assert trust.alerts([unfair], None) == [unfair]


def test_an_analysis_without_a_grade_has_none(tmp_path: Path) -> None:
    found = material(small(), tmp_path)
    del found.analysis["grade"]
    assert trust.grade(found) is None
