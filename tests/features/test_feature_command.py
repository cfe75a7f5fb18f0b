"""``evenmatch features``: the table, JSON of it, and what is refused."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from suite import profiles
from suite.environments import native
from suite.errors import InputError
from suite.features import command, evidence, probing
from suite.features.evidence import NO_ANSWER, Evidence, Found, Kept
from suite.features.proofs import FRAMEWORKS
from suite.features.table import ROWS

SEEN = Evidence(answer="yes", says="seen [so]", brief="so", date="2026-11-20", versions={"torch": "2.13.0"})


def found(framework: str, lock: str = "ab") -> Found:
    return Found(lock_sha256=lock, proofs={proof.key: SEEN for proof in evidence.needed(framework)})


@pytest.fixture(autouse=True)
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(evidence, "folder", lambda: tmp_path)
    return tmp_path


@pytest.fixture
def stood_in(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Probes that answer at once; returns the frameworks they were asked of, in order."""
    asked: list[str] = []

    def probe(framework: str, environment: Any, say: Any, **_others: Any) -> Found:
        asked.append(framework)
        if framework == "keras":
            raise KeyboardInterrupt
        return found(framework, "new")

    monkeypatch.setattr(native, "ensure", lambda profile, packages, say: packages)
    monkeypatch.setattr(probing, "probe", probe)
    return asked


def run(**changes: Any) -> str:
    console = Console(file=io.StringIO(), width=240)
    options = {"profile": "linux-cpu", "device": None, "probe": False, "keep": False, "timeout_s": None}
    command.run(console, **{**options, "as_json": False, **changes})
    file = console.file
    assert isinstance(file, io.StringIO)
    return file.getvalue()


def test_the_table_has_every_row_with_what_it_stands_on() -> None:
    evidence.write(Kept(profile="linux-cpu", frameworks={name: found(name) for name in FRAMEWORKS}))
    told = run()
    for each in ROWS:
        assert each.title in told
    assert "seen [so] (probe cpu, 2026-11-20)" in told
    assert "TensorFlow: Serving models" in told


def test_json_has_every_cell_with_its_proofs() -> None:
    evidence.write(Kept(profile="linux-cpu", frameworks={"pytorch": found("pytorch")}))
    told = json.loads(run(as_json=True))
    assert told["profile"] == "linux-cpu"
    assert [each["row"] for each in told["rows"]] == [each.key for each in ROWS]
    cpu = next(each for each in told["rows"] if each["row"] == "cpu")
    assert cpu["frameworks"]["pytorch"][0]["answer"] == "yes"
    assert cpu["frameworks"]["keras"][0]["answer"] == NO_ANSWER
    assert all(proofs for each in told["rows"] for proofs in each["frameworks"].values())
    assert {point["study"] for point in told["points"]} == {"comp5511", "doshi2020", "cp8321"}


def test_nothing_is_kept_of_what_was_not_probed() -> None:
    with pytest.raises(InputError, match="--keep goes together with --probe"):
        run(keep=True)
    with pytest.raises(InputError, match="nothing is known of the features on profile linux-cpu yet"):
        run()
    with pytest.raises(InputError, match="unknown profile"):
        run(profile="linus-cpu")


def test_what_one_framework_came_to_is_kept_though_the_next_is_stopped(stood_in: list[str]) -> None:
    if profiles.of_this_machine().name != "linux-cpu":
        pytest.skip("the probes of linux-cpu run on x86-64 Linux alone")
    evidence.write(Kept(profile="linux-cpu", frameworks={name: found(name) for name in FRAMEWORKS}))
    with pytest.raises(KeyboardInterrupt):
        run(probe=True, keep=True)
    assert set(stood_in) >= {"keras"}
    kept = evidence.read("linux-cpu").frameworks
    before_keras = stood_in[: stood_in.index("keras")]
    assert {name: each.lock_sha256 for name, each in kept.items()} == {
        name: "new" if name in before_keras else "ab" for name in FRAMEWORKS
    }


def test_probing_keeps_nothing_unless_it_is_asked_to(stood_in: list[str], place: Path) -> None:
    if profiles.of_this_machine().name != "linux-cpu":
        pytest.skip("the probes of linux-cpu run on x86-64 Linux alone")
    with pytest.raises(KeyboardInterrupt):
        run(probe=True)
    assert list(place.iterdir()) == []
