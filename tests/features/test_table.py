"""No cell without evidence: every row, every framework, every study's point."""

from __future__ import annotations

import importlib
import os
from typing import Any

import pytest

from suite import home
from suite.features import evidence, probing
from suite.features.evidence import NO_ANSWER
from suite.features.probes import packages
from suite.features.probes.found import ANSWERS
from suite.features.proofs import FRAMEWORKS, Metadata, Probe, Reference, Row, alike
from suite.features.table import ROWS, STUDIES, studies_of

ASKED_FOR = {
    *("open-source", "platforms", "languages", "cpu", "gpu", "graph", "autodiff", "compile"),
    *("visualisation", "serialisation", "debugging", "data-loading", "distribution", "production"),
}
CELLS = [(each, framework) for each in ROWS for framework in FRAMEWORKS]


def identified(value: object) -> str:
    return value.key if isinstance(value, Row) else str(value)


def test_every_row_that_the_studies_compare_is_there_once() -> None:
    keys = [each.key for each in ROWS]
    assert len(keys) == len(set(keys))
    assert set(keys) >= ASKED_FOR


def test_every_row_answers_a_study_and_every_point_has_its_row() -> None:
    named = {key for table in STUDIES for point in table.points for key in point.rows}
    assert named <= {each.key for each in ROWS}
    assert {table.study for table in STUDIES} == {"comp5511", "doshi2020", "cp8321"}
    assert len(STUDIES[1].points) == 8
    for table in STUDIES:
        for point in table.points:
            assert point.rows or point.elsewhere, point
    beyond = {each.key for each in ROWS} - named
    assert beyond == set()
    assert studies_of("gpu") == ["comp5511", "cp8321"]


@pytest.mark.parametrize(("of", "framework"), CELLS, ids=identified)
def test_every_cell_rests_on_evidence_that_can_be_had(of: Row, framework: str) -> None:
    proofs = of.proofs(framework)
    assert proofs
    for proof in proofs:
        if isinstance(proof, Probe):
            names = (framework, f"{framework}_files")
            modules = [importlib.import_module(f"suite.features.probes.{name}") for name in names]
            assert sum(hasattr(module, proof.name) and proof.name in vars(module) for module in modules) == 1
        elif isinstance(proof, Metadata):
            assert (proof.name in probing.OF_LOCKS) != hasattr(packages, proof.name)
        else:
            assert proof.address.startswith("https://")
            assert proof.date >= "2026-01-01"


@pytest.mark.parametrize(("of", "framework"), CELLS, ids=identified)
def test_every_cell_was_answered_in_a_locked_environment(of: Row, framework: str) -> None:
    kept = evidence.read("linux-cpu")
    for proof in of.proofs(framework):
        found = kept.of(proof, framework)
        assert found.answer in ANSWERS, found
        assert found.answer != NO_ANSWER
        assert found.says
        assert found.brief
        assert found.date
        if not isinstance(proof, Reference) and proof.name not in probing.OF_LOCKS:
            assert found.versions["python"]
            assert len(found.versions) > 1


def test_the_first_proof_of_a_cell_is_an_answer_and_no_excuse() -> None:
    kept = evidence.read("linux-cpu")
    for each, framework in CELLS:
        assert kept.of(each.proofs(framework)[0], framework).answer in ("yes", "partly", "no")


def test_the_committed_evidence_is_of_locks_that_are_there_or_were() -> None:
    kept = evidence.read("linux-cpu")
    assert set(kept.frameworks) == set(FRAMEWORKS)
    for framework, found in kept.frameworks.items():
        assert len(found.lock_sha256) == 64, framework
        assert set(found.proofs) == {proof.key for proof in evidence.needed(framework)}


def test_a_row_without_evidence_cannot_be_made() -> None:
    empty: Any = ()
    whole = alike(Probe(name="cpu"))
    with pytest.raises(ValueError, match="row bare has no evidence for keras"):
        Row(key="bare", title="Bare", question="?", **{**whole, "keras": empty})


@pytest.mark.parametrize("lacking", ["title", "publisher", "address", "date", "says", "brief"])
def test_a_reference_that_could_not_be_looked_up_again_cannot_be_made(lacking: str) -> None:
    whole: dict[str, Any] = {
        "title": "T",
        "publisher": "P",
        "address": "https://example.org",
        "date": "2026-11-21",
        "answer": "yes",
        "says": "so",
        "brief": "so",
    }
    assert Reference(**whole)
    with pytest.raises(ValueError, match="a reference needs"):
        Reference(**{**whole, lacking: ""})


def test_a_reference_needs_a_day() -> None:
    with pytest.raises(ValueError, match="a reference needs"):
        Reference(
            title="T", publisher="P", address="https://example.org", date="lately", answer="yes", says="so", brief="so"
        )


def test_the_document_has_the_table_as_it_is_kept() -> None:
    """EVENMATCH_GOLDEN=write pytest tests/features writes the rows of docs/features.md anew."""
    kept = evidence.read("linux-cpu")
    made = []
    for each in ROWS:
        found = [kept.of(each.proofs(framework)[0], framework) for framework in FRAMEWORKS]
        made.append(f"| {each.title} | {each.question} | {' | '.join(f'{one.answer}: {one.brief}' for one in found)} |")
    document = home.ROOT / "docs" / "features.md"
    words = document.read_text(encoding="utf-8")
    head, rest = words.split("| --- | --- | --- | --- | --- |\n")
    rows, tail = rest.split("\n\n", 1)
    if os.environ.get("EVENMATCH_GOLDEN") == "write":
        rows = "\n".join(made)
        document.write_text(f"{head}| --- | --- | --- | --- | --- |\n{rows}\n\n{tail}", encoding="utf-8")
    assert rows.splitlines() == made
