"""The MNIST and stereo studies in their real environments, from the command line, on the synthetic stand-ins."""

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

HANGS_S = 1800
"""After how long a run hangs: its passports take minutes the first time, and more on a machine with other work."""


def ran(folder: Path, *arguments: str) -> Path:
    """Run a study on its stand-in and return the folder."""
    done = subprocess.run(
        [sys.executable, "-m", "suite", "run", *arguments, "--blocks", "1", "--out", str(folder)],
        cwd=home.ROOT,
        capture_output=True,
        text=True,
        timeout=HANGS_S,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, ""), done.stdout
    return folder


def results(folder: Path) -> dict[str, dict[str, Any]]:
    """Return the raw results by lane, arm and parameters."""
    return {raw["lane"] + "/" + raw["cell"].split("/", 3)[3]: raw for raw in fixednames.results(folder).values()}


@pytest.fixture(scope="module")
def digits(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return ran(
        tmp_path_factory.mktemp("studies") / "cp8321", "--study", "cp8321", "--preset", "smoke", "--lane", "both"
    )


@pytest.fixture(scope="module")
def stereo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    training = ("--study", "ecai2021", "--preset", "full", "--epochs", "1", "--examples", "12800")
    return ran(tmp_path_factory.mktemp("studies") / "ecai2021", *training)


def test_three_frameworks_train_cp8321s_network_alike_and_its_three_programs_run_beside(digits: Path) -> None:
    fixednames.check(digits)
    raws = results(digits)
    assert {raw["status"] for raw in raws.values()} == {"ok"}
    assert {raw["parameter_count"] for raw in raws.values()} == {21_840}
    assert {raw["data"]["name"] for raw in raws.values()} == {"mnist-twin"}
    matched = {cell: raw for cell, raw in raws.items() if raw["lane"] == "matched"}
    published = {cell: raw for cell, raw in raws.items() if raw["lane"] == "as-published"}
    assert {raw["framework"] for raw in published.values()} == {"pytorch", "tensorflow", "keras"}
    assert {raw["passport"]["status"] for raw in matched.values()} == {"matched"}
    assert {raw["passport"]["status"] for raw in published.values()} == {"as-published"}
    accuracies = [raw["epochs"][0]["test_accuracy"] for raw in matched.values() if raw["epochs"]]
    assert len(accuracies) == 3
    assert max(accuracies) - min(accuracies) <= 0.003


def test_the_programs_softmax_applied_twice_is_told(digits: Path) -> None:
    published = [raw for raw in results(digits).values() if raw["lane"] == "as-published"]
    told = {raw["framework"]: raw["passport"]["differences"] for raw in published}
    assert any("softmax" in sentence for sentence in told["keras"])
    assert any("softmax" in sentence for sentence in told["tensorflow"])


def test_a_stereo_network_trained_on_scenes_beats_block_matching_on_held_out_ones(stereo: Path) -> None:
    fixednames.check(stereo)
    raws = results(stereo)
    assert {raw["status"] for raw in raws.values()} == {"ok"}
    assert {raw["passport"]["status"] for raw in raws.values()} == {"matched"}
    rates = {cell: raw["stereo"]["error_rate"] for cell, raw in raws.items()}
    assert len(rates) == 3
    assert max(rates.values()) - min(rates.values()) < 0.005
    baseline = json.loads((stereo / "analysis.json").read_text())["stereo"]["baseline"]
    assert max(rates.values()) < baseline["error_rate"]


def test_every_map_is_counted_over_the_pixels_whose_truth_is_known(stereo: Path) -> None:
    for raw in results(stereo).values():
        assert len(raw["stereo"]["pairs"]) == 4
        for pair in raw["stereo"]["pairs"]:
            assert 0 < pair["error_rate"] < 1
            assert pair["known"] > 100_000
            assert pair["seconds"] > 0
