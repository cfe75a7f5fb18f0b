"""Block matching of a run's test pairs, worked out once."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest

from suite import baseline, records
from suite.errors import InputError


@dataclass
class Pair:
    name: str
    left: np.ndarray
    right: np.ndarray
    truth: np.ndarray


def shifted(name: str, by: int, truth: float) -> Pair:
    scene = np.random.default_rng(by).normal(size=(12, 50)).astype(np.float32)
    answer = np.full((12, 40), np.nan, np.float32)
    answer[:, 15:30] = truth
    return Pair(name, scene[:, :40], scene[:, by : 40 + by], answer)


def test_rates_of_every_pair_and_the_map_of_the_first(tmp_path: Path) -> None:
    baseline.ensure(tmp_path, [shifted("a", 3, 3.0), shifted("b", 5, 8.0)], 10)
    found = baseline.load(tmp_path)
    assert found is not None
    assert found["pairs"] == [
        {"name": "a", "error_rate": 0.0, "known": 180},
        {"name": "b", "error_rate": 1.0, "known": 180},  # off by exactly 3
    ]
    assert (found["error_rate"], found["disparities"], found["window"]) == (0.5, 10, 9)
    assert found["map_sha256"] == records.sha256_of_file(tmp_path / baseline.MAP)
    with np.load(tmp_path / baseline.MAP, allow_pickle=False) as kept:
        assert str(kept["pair"]) == "a"
        assert (kept["map"][:, 15:30] == 3).all()


def test_it_is_worked_out_once(tmp_path: Path) -> None:
    baseline.ensure(tmp_path, [shifted("a", 3, 3.0)], 10)
    before = (tmp_path / baseline.NAME).read_bytes()
    baseline.ensure(tmp_path, [shifted("b", 5, 8.0)], 10)
    assert (tmp_path / baseline.NAME).read_bytes() == before


def test_a_folder_without_one_has_none(tmp_path: Path) -> None:
    assert baseline.load(tmp_path) is None


def test_a_damaged_one_is_named_with_what_to_do(tmp_path: Path) -> None:
    (tmp_path / baseline.NAME).write_text("{")
    with pytest.raises(InputError, match=r"baseline\.json .* is damaged.*Remove it and go on with --resume"):
        baseline.load(tmp_path)


def test_pairs_that_give_no_rate_are_told(tmp_path: Path) -> None:
    unknown = shifted("000007_10", 3, np.nan)
    with pytest.raises(InputError, match="test pair 000007_10 cannot be used: the true disparity of no pixel is known"):
        baseline.ensure(tmp_path, [unknown], 10)
    with pytest.raises(InputError, match="no test pair"):
        baseline.ensure(tmp_path, [], 10)
    assert list(tmp_path.iterdir()) == []
