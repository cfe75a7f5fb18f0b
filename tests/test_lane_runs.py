"""Lanes from the command line, with toys: run, resumed, narrowed, and refused in one sentence."""

from __future__ import annotations

import json
import shutil
import sys
from pathlib import Path
from typing import Any

import pytest

from tests import toy
from tests.toy import Toy

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="the toys' interpreters are shell scripts")

SMOKE = ("run", "--preset", "smoke", "--threads", "1")


@pytest.fixture(scope="module")
def checkout(tmp_path_factory: pytest.TempPathFactory) -> Toy:
    made = toy.make(tmp_path_factory.mktemp("lanes") / "checkout")
    folder = made.root / "suite" / "published" / "programs" / "toystudy"
    folder.mkdir()
    shutil.copy(Path(__file__).with_name("toyprogram.py"), folder / "__init__.py")
    return made


def results(folder: Path) -> dict[str, dict[str, Any]]:
    return {path.stem: json.loads(path.read_text()) for path in sorted((folder / "raw").glob("*.json"))}


def test_both_lanes_run_beside_each_other_and_resume_as_they_were_begun(checkout: Toy, tmp_path: Path) -> None:
    out = tmp_path / "both"
    done = checkout.run(*SMOKE, "--lane", "both", "--mode", "toyone-no-shuffling", "--out", out)
    assert (done.returncode, done.stderr) == (0, "")
    raws = results(out)
    lanes = {(raw["lane"], raw["framework"], raw["mode"]) for raw in raws.values()}
    assert lanes == {
        *(("matched", name, "plain") for name in ("toyone", "toytwo")),
        *(("as-published", "toyone", variant) for variant in ("published", "no-shuffling")),
    }
    assert {raw["status"] for raw in raws.values()} == {"ok"}
    lost = next(name for name, raw in raws.items() if raw["mode"] == "no-shuffling")
    for path in (out / "raw").glob(f"{lost}*"):
        path.unlink()
    again = checkout.run("run", "--resume", "--out", out)
    assert (again.returncode, again.stderr) == (0, "")
    assert "1 runs (11 finished before)" in again.stdout
    assert results(out).keys() == raws.keys()


def test_a_program_is_given_no_weights_and_no_order_and_says_so(checkout: Toy, tmp_path: Path) -> None:
    out = tmp_path / "published"
    done = checkout.run(*SMOKE, "--lane", "as-published", "--out", out)
    assert (done.returncode, done.stderr) == (0, "")
    raws = list(results(out).values())
    assert {raw["cell"] for raw in raws} == {
        f"toy-cpu/as-published/cifar10-cnn5x5/toyone-published/{parameters}" for parameters in ("b32", "b32-e1-n2048")
    }
    for raw in raws:
        assert raw["inputs"]["weights_sha256"] is None
        assert raw["settings"]["seed"] == raw["requested"]["seed"] == raw["seed"] % 2**32
        assert raw["environment"] == "toyone"
    assert len({raw["seed"] for raw in raws}) == 2  # one for each block
    assert not (out / "inputs").exists()
    trained = [raw for raw in raws if raw["epochs"]]
    assert [len(raw["epochs"]) for raw in trained] == [1]
    assert trained[0]["steps"]["warmup"] == 1


def test_what_a_lane_has_not_is_refused_in_one_sentence(checkout: Toy) -> None:
    told = toy.many(
        checkout,
        [
            (["plan", "--mode", "toyone-no-shuffling"], {}),
            (["plan", "--lane", "as-published", "--mode", "toyone-plain"], {}),
            (["plan", "--lane", "as-published", "--mode", "toyone-no-shufling"], {}),
            (["plan", "--lane", "published"], {}),
            (["plan", "--lane", "as-published", "--select", "*/toytwo-*/*"], {}),
        ],
    )
    assert [code for code, _, _ in told] == [2] * 5
    for (_, _, errors), says in zip(
        told,
        (
            "--mode toyone-no-shuffling is of lane as-published: add --lane as-published, or --lane both.",
            "--mode toyone-plain is of lane matched: add --lane matched, or --lane both.",
            "unknown framework-mode 'toyone-no-shufling': did you mean toyone-no-shuffling",
            "argument --lane: invalid choice: 'published'",
            "--select '*/toytwo-*/*' matches none of the",
        ),
        strict=True,
    ):
        assert says in errors.strip().splitlines()[-1]


def test_a_plan_lists_the_cells_of_the_lane(checkout: Toy) -> None:
    done = checkout.run("plan", "--preset", "smoke", "--lane", "as-published")
    assert done.returncode == 0
    assert "toy-cpu/as-published/cifar10-cnn5x5/toyone-published/b32-e1-n2048" in done.stdout
    assert "matched" not in done.stdout
