"""The features section: every row with its evidence, what died, and of which versions the evidence is."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import made_up_features
import pytest
from sample import small

from suite.features import evidence
from suite.features.evidence import Kept
from suite.features.table import ROWS, STUDIES
from suite.report import features, render
from suite.report.document import Fold, Section, Table, Text
from suite.report.material import Material


def material(folder: Path, profile: str = "linux-cpu", **analysis: object) -> Material:
    plan = {"profile": profile, "locks": {"pytorch": "0" * 64, "tensorflow": "0" * 64, "keras": "0" * 64}}
    return Material(folder=folder, analysis=dict(analysis), raws=[], plan=plan)


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(evidence, "folder", lambda: tmp_path / "features")
    return tmp_path


def section(of: Material) -> Section:
    (found,) = features.sections(of)
    return found


def first_words(of: Material) -> str:
    block = section(of).blocks[0]
    assert isinstance(block, Text)
    return block.text


def grid(of: Material) -> Table:
    return next(block for block in section(of).blocks if isinstance(block, Table))


def folded(of: Material) -> list[Table]:
    return [table for block in section(of).blocks if isinstance(block, Fold) for table in block.tables]


def test_the_grid_has_every_row_with_what_decides_it(tmp_path: Path) -> None:
    table = grid(material(tmp_path))
    assert [row[0].text for row in table.rows] == [each.title for each in ROWS]
    assert [column.title for column in table.columns] == ["Feature", "PyTorch", "TensorFlow", "Keras"]
    by_title = {row[0].text: row[1:] for row in table.rows}
    cpu = by_title["Processor"][0]
    assert (cpu.text, cpu.remark, cpu.tone) == (
        "✓\u00a0yes: by cpu",
        "probe cpu, torch 2.13.0+cpu, 2026-11-20",
        "good",
    )
    assert by_title["Tutorials"][1].remark.startswith("document: TensorFlow 2 quickstart for beginners, TensorFlow, 20")
    assert by_title["Production"][0].remark.endswith("and 2 more")
    assert all(cell.text and cell.remark for row in table.rows for cell in row)


def test_what_died_is_no_answer_with_its_reason_and_no_is_another(tmp_path: Path) -> None:
    table = grid(material(tmp_path))
    by_title = {row[0].text: row[1:] for row in table.rows}
    died = by_title["Distribution"][1]
    assert (died.text, died.tone) == ("no answer", "marked")
    assert by_title["Learning curve, level of the API"][0].text == "no: own loop"
    assert by_title["Debugging"][2].text == "partly: with run_eagerly only"
    details = folded(material(tmp_path))[0]
    said = [cell.text for row in details.rows for cell in row]
    assert "no answer: it crashed with SIGSEGV: it printed nothing" in said


def test_every_proof_stands_in_the_fold_and_every_document_with_its_day(tmp_path: Path) -> None:
    details, references, *_ = folded(material(tmp_path))
    for index, framework in enumerate(("pytorch", "tensorflow", "keras"), 1):
        filled = [row[index] for row in details.rows if row[index].text != "–"]
        assert len(filled) == sum(len(each.proofs(framework)) for each in ROWS)
    assert all(row[3].text >= "2026" for row in references.rows)
    assert "docs.pytorch.org/serve/" in [row[0].text for row in references.rows]


def test_each_study_has_its_points_with_what_it_said_then(tmp_path: Path) -> None:
    studies = folded(material(tmp_path))[2:]
    assert [table.caption for table in studies] == [each.title for each in STUDIES]
    for table, each in zip(studies, STUDIES, strict=True):
        assert [row[0].text for row in table.rows if row[0].text] == [point.words for point in each.points]
    gpu = next(row for row in studies[0].rows if row[0].text == "GPU")
    assert gpu[1].text == "CUDA in both; TensorFlow also Metal"
    speed = next(row for row in studies[2].rows if row[0].text == "speed")
    assert speed[2].text == "measured: this report’s measured times"


def test_evidence_of_the_same_locks_says_so(tmp_path: Path) -> None:
    words = first_words(material(tmp_path))
    assert words.startswith(
        "The probes ran on profile linux-cpu with keras 3.15.1, python 3.11.7, tensorflow-cpu 2.21.0"
    )
    assert words.endswith("This run’s environments were made from the same locks.")


def test_evidence_of_other_versions_than_the_runs_says_so(tmp_path: Path) -> None:
    words = first_words(material(tmp_path, versions={"pytorch": {"torch": "2.14.0"}, "keras": {"keras": "3.15.1"}}))
    assert "This run had other versions" in words
    assert "PyTorch torch 2.14.0, not 2.13.0+cpu" in words
    assert "Keras" not in words.split("nothing:")[1]
    both = first_words(material(tmp_path, versions={"pytorch": {"torch": ["2.13.0", "2.13.0+cpu"]}}))
    assert "other versions" not in both


def test_a_lock_that_changed_is_told(place: Path) -> None:
    made = made_up_features.made()
    changed = dataclasses.replace(made.frameworks["keras"], lock_sha256="1" * 64)
    evidence.write(Kept(profile="linux-cpu", frameworks={**made.frameworks, "keras": changed}))
    assert "Since then the lock of Keras has changed" in first_words(material(place))


def test_a_profile_that_was_not_probed_is_shown_anothers_evidence_and_told(tmp_path: Path) -> None:
    words = first_words(material(tmp_path, profile="cuda"))
    assert "Profile cuda, which this run is of, has not been probed." in words


def test_nothing_is_shown_of_nothing_and_a_damaged_file_is_told(place: Path) -> None:
    assert "No probe of the features has been run yet" in first_words(material(place))
    (place / "features").mkdir()
    (place / "features" / "linux-cpu.json").write_text("{")
    assert "cannot be shown: " in first_words(material(place))
    assert "linux-cpu.json" in first_words(material(place))
    assert len(section(material(place)).blocks) == 1


def test_the_page_has_the_section_folded(tmp_path: Path) -> None:
    analysis, raws, plan = small().write(tmp_path)
    html = render(tmp_path, analysis, raws, plan).read_text(encoding="utf-8")
    part = html.split('<section id="features"')[1].split("</section>")[0]
    assert part.count('<details class="fold">') == 2
    assert "probe autodiff" in part
