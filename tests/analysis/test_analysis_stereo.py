"""The study's four times and error rates, as medians over runs."""

from __future__ import annotations

from typing import Any

import pytest

from suite.analysis import analyse
from suite.records import Record
from tests.rawfactory import failed, raw

BASELINE: Record = {
    "schema": 1,
    "method": "block matching",
    "window": 9,
    "disparities": 228,
    "pairs": [{"name": "000000_10", "error_rate": 0.4, "known": 900}],
    "error_rate": 0.4,
    "map_sha256": "ba5e",
}


def matched(framework: str, block: int, rates: tuple[float, ...], seconds: tuple[float, ...], **more: Any) -> Record:
    pairs = [
        {"name": f"{number:06d}_10", "error_rate": rate, "known": 1000 + number, "seconds": took}
        for number, (rate, took) in enumerate(zip(rates, seconds, strict=True))
    ]
    stereo = {"disparities": 228, "pairs": pairs, "error_rate": sum(rates) / len(rates)}
    return raw(framework, block, workload="mc-cnn-fast", batch=128, epochs=2, stereo=stereo, **more)


def test_times_and_rates_are_medians_over_runs() -> None:
    runs = [
        matched("pytorch", 0, (0.1, 0.3), (1.0, 3.0), step=0.010),
        matched("pytorch", 1, (0.2, 0.4), (2.0, 6.0), step=0.020),
        matched("pytorch", 2, (0.6, 0.2), (1.5, 1.5), step=0.030),
        matched("keras", 0, (0.5, 0.5), (9.0, 9.0), step=0.040),
    ]
    found = analyse(runs, baseline=BASELINE)["stereo"]
    first, second = found["rows"]
    steps = -(-50000 // 128)
    assert (first["framework"], first["runs"], first["disparities"]) == ("pytorch", 3, 228)
    assert first["total_s"] == pytest.approx(2 * steps * 0.020)
    assert first["epoch_s"] == pytest.approx(steps * 0.020)
    assert first["step_s"] == 0.020
    assert first["map_s"] == 2.0  # of 2, 4 and 1.5
    assert first["error_rate"] == pytest.approx(0.3)  # of 0.2, 0.3 and 0.4
    assert first["pairs"] == [
        {"name": "000000_10", "known": 1000, "error_rate": 0.2, "seconds": 1.5},
        {"name": "000001_10", "known": 1001, "error_rate": 0.3, "seconds": 3.0},
    ]
    assert (second["framework"], second["runs"], second["map_s"]) == ("keras", 1, 9.0)
    assert found["baseline"] == {key: value for key, value in BASELINE.items() if key != "schema"}


def test_other_runs_have_no_row() -> None:
    runs = [
        raw(),
        raw("keras", epochs=2),
        failed(workload="mc-cnn-fast"),
        matched("pytorch", 0, (0.1,), (1.0,), probe="mkldnn-off"),
        *(raw("keras", epochs=3, stereo=strange) for strange in (None, 7, {"pairs": 7}, {"pairs": [7]})),
    ]
    assert analyse(runs, baseline=BASELINE)["stereo"] == {"rows": [], "baseline": None}


def test_without_a_baseline_there_is_none() -> None:
    found = analyse([matched("pytorch", 0, (0.1,), (1.0,))])["stereo"]
    assert len(found["rows"]) == 1
    assert found["baseline"] is None
