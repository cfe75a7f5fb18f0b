"""What is kept of the probes: read back as written, damaged files told in a sentence."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from suite.errors import InputError
from suite.features import evidence
from suite.features.evidence import NO_ANSWER, Evidence, Found, Kept
from suite.features.proofs import Probe, Reference
from suite.features.references import PYTORCH_TUTORIAL

SEEN = Evidence(answer="yes", says="it was seen", brief="so", date="2026-11-20", versions={"torch": "2.13.0"})
KEPT = Kept(profile="linux-cpu", frameworks={"pytorch": Found(lock_sha256="ab", proofs={"probe cpu": SEEN})})


@pytest.fixture(autouse=True)
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(evidence, "folder", lambda: tmp_path)
    return tmp_path


def test_what_was_written_is_read_back() -> None:
    evidence.write(KEPT)
    assert evidence.read("linux-cpu") == KEPT
    assert evidence.profiles() == ["linux-cpu"]


def test_what_was_never_run_has_no_answer() -> None:
    found = KEPT.of(Probe(name="gpu"), "pytorch")
    assert (found.answer, found.says) == (NO_ANSWER, "it was not run yet")
    assert KEPT.of(Probe(name="cpu"), "keras").answer == NO_ANSWER
    assert KEPT.of(Probe(name="cpu"), "pytorch") == SEEN


def test_a_document_speaks_for_itself() -> None:
    found = KEPT.of(PYTORCH_TUTORIAL, "pytorch")
    assert (found.answer, found.date) == (PYTORCH_TUTORIAL.answer, PYTORCH_TUTORIAL.date)
    assert all(not isinstance(proof, Reference) for proof in evidence.needed("pytorch"))


def test_a_profile_that_was_never_probed_is_told_with_what_to_do(place: Path) -> None:
    with pytest.raises(InputError, match=r"on profile linux-cpu yet \(there is none\).*features --probe --keep"):
        evidence.read("linux-cpu")
    evidence.write(KEPT)
    with pytest.raises(InputError, match=r"on profile cuda yet \(there is linux-cpu\)"):
        evidence.read("cuda")


def spoilt(**changes: Any) -> dict[str, Any]:
    one = {"answer": "yes", "says": "s", "brief": "b", "date": "2026-11-20", "versions": {}, **changes}
    return {name: value for name, value in one.items() if value is not None}


@pytest.mark.parametrize(
    ("frameworks", "told"),
    [
        ([], "is not what this version writes"),
        ({"mxnet": {}}, "is not what this version writes"),
        ({"keras": []}, "lacks the lock or the proofs of keras"),
        ({"keras": {"lock_sha256": "a", "proofs": 3}}, "lacks the lock or the proofs of keras"),
        ({"keras": {"lock_sha256": "a", "proofs": {"probe cpu": 1}}}, "'probe cpu' of keras needs answer, brief"),
        ({"keras": {"lock_sha256": "a", "proofs": {"probe cpu": spoilt(brief=None)}}}, "needs answer, brief"),
        (
            {"keras": {"lock_sha256": "a", "proofs": {"probe cpu": spoilt(answer="maybe")}}},
            "answer 'maybe', which is none",
        ),
        ({"keras": {"lock_sha256": "a", "proofs": {"probe cpu": spoilt(says=5)}}}, "of keras has to be text"),
        ({"keras": {"lock_sha256": "a", "proofs": {"probe cpu": spoilt(versions={"a": 1})}}}, "has to be text"),
        ({"keras": {"lock_sha256": "a", "proofs": {"probe cpu": spoilt(versions=[])}}}, "has to be text"),
    ],
)
def test_a_damaged_file_is_told_in_one_sentence(place: Path, frameworks: Any, told: str) -> None:
    record = {"schema": 1, "profile": "linux-cpu", "frameworks": frameworks}
    (place / "linux-cpu.json").write_text(json.dumps(record))
    with pytest.raises(InputError, match=told) as caught:
        evidence.read("linux-cpu")
    assert "linux-cpu.json" in str(caught.value)
    assert "Take it from version control again" in str(caught.value)


@pytest.mark.parametrize("text", ["", "{", "[]", '{"profile": "linux-cpu"}'])
def test_a_file_that_is_cut_off_is_told(place: Path, text: str) -> None:
    (place / "linux-cpu.json").write_text(text)
    with pytest.raises(InputError, match=r"linux-cpu\.json.*damaged"):
        evidence.read("linux-cpu")


def test_a_file_of_another_profile_is_refused(place: Path) -> None:
    evidence.write(KEPT)
    (place / "cuda.json").write_bytes((place / "linux-cpu.json").read_bytes())
    with pytest.raises(InputError, match="not what this version writes for profile cuda"):
        evidence.read("cuda")
