"""Both programs of the study in their real environments, from the command line, on a few examples."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from suite import home
from tests import fixednames

pytestmark = pytest.mark.frameworks


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("published") / "smoke"
    command = [sys.executable, "-m", "suite", "run", "--preset", "smoke", "--lane", "as-published"]
    narrowed = ["--blocks", "1", "--threads", "1"]  # one thread: two of them wait for each other on a busy machine
    done = subprocess.run(
        [*command, *narrowed, "--out", str(folder)],
        cwd=home.ROOT,
        capture_output=True,
        text=True,
        timeout=900,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
    return folder


def results(folder: Path) -> dict[str, dict[str, Any]]:
    """Return the raw results by arm and parameters."""
    return {raw["cell"].split("/", 3)[3]: raw for raw in fixednames.results(folder).values()}


def test_both_programs_run_and_every_field_is_there(finished: Path) -> None:
    fixednames.check(finished)
    raws = results(finished)
    assert set(raws) == {f"{arm}-published/{kind}" for arm in ("pytorch", "keras") for kind in ("b32", "b32-e1-n2048")}
    assert {raw["status"] for raw in raws.values()} == {"ok"}
    assert {raw["parameter_count"] for raw in raws.values()} == {62_006}


def test_each_ran_in_its_own_lock_with_its_own_defaults_and_the_blocks_seed(finished: Path) -> None:
    plan = json.loads((finished / "plan.json").read_text())
    assert set(plan["locks"]) == {"pytorch-torchvision", "keras"}
    for cell, raw in results(finished).items():
        assert raw["environment"] == ("pytorch-torchvision" if cell.startswith("pytorch") else "keras")
        assert raw["settings"]["seed"] == raw["seed"] % 2**32
        assert raw["settings"]["threads_intra"] == plan["threads"]
        assert raw["inputs"]["order_sha256"] is None
    assert results(finished)["pytorch-published/b32"]["versions"]["torchvision"] == "0.28.0"


def test_what_differs_between_the_programs_is_told(finished: Path) -> None:
    for raw in results(finished).values():
        assert raw["passport"]["status"] == "as-published"
        assert raw["passport"]["differences"]


def test_short_trainings_end_near_the_loss_of_guessing(finished: Path) -> None:
    for cell, raw in results(finished).items():
        if cell.endswith("e1-n2048"):
            assert 2.0 < raw["epochs"][0]["train_loss"] < 2.4
            assert 0.07 < raw["epochs"][0]["test_accuracy"] < 0.4
