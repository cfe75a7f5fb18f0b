"""What a raw result says of its step times has to be what they say themselves."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from suite.analysis import load_run
from suite.errors import InputError
from suite.records import Record, sha256_of_file, to_json
from tests.rawfactory import changed, epoch, raw

FILE = "raw/a.steps.npy"
TIMES = np.array([0.5, 0.01, 0.02, 0.03, 0.01, 0.02, 0.04])


def written(folder: Path, one: Record, times: np.ndarray = TIMES, **changes: Any) -> Record:
    """Write a result and its step times, with numbers that fit where ``changes`` do not replace them."""
    (folder / "raw").mkdir(exist_ok=True)
    np.save(folder / FILE, times)
    warmup = one["steps"]["warmup"]
    steady = times[warmup:]
    one["steps"] |= {
        "file": FILE,
        "sha256": sha256_of_file(folder / FILE),
        "count": len(steady),
        "median_s": float(np.median(steady)),
        "mean_s": float(np.mean(steady)),
        "max_s": float(np.max(steady)),
    }
    if len(steady) >= 4:
        quarter = len(steady) // 4
        one["steps"] |= {
            "early_s": float(np.median(steady[:quarter])),
            "late_s": float(np.median(steady[-quarter:])),
        }
    one["phases"]["first_step"] = float(times[0])
    changed(one, changes)
    (folder / "raw" / "a.json").write_bytes(to_json(one))
    return one


def sampled(warmup: int = 1) -> Record:
    """Return a run of sampled steps."""
    return raw("pytorch", 0, steps__warmup=warmup)


def training(lane: str = "matched") -> Record:
    """Return a whole training of two epochs: three steps each, after a warm-up where it is matched."""
    one = raw("keras", 0, epochs=2, lane=lane, steps__warmup=1)
    parts = (TIMES[1:4], TIMES[4:]) if lane == "matched" else (TIMES[:3], TIMES[3:6])
    one["epochs"] = [epoch(nth, float(part.sum()), 0.5) for nth, part in enumerate(parts, start=1)]
    return one


def refused(folder: Path, words: str) -> None:
    with pytest.raises(InputError, match=words) as caught:
        load_run(folder)
    assert "--resume" in str(caught.value)


def test_results_as_they_were_written_are_read(tmp_path: Path) -> None:
    one = written(tmp_path, sampled())
    assert load_run(tmp_path) == (None, [one])


def test_altered_step_times_are_refused(tmp_path: Path) -> None:
    written(tmp_path, sampled())
    np.save(tmp_path / FILE, TIMES / 10)
    refused(tmp_path, r"a\.steps\.npy \(step times\) was altered or damaged")


@pytest.mark.parametrize("times", [np.array(["a"]), np.ones((2, 2)), np.array([None])])
def test_what_holds_no_times_is_refused(tmp_path: Path, times: np.ndarray) -> None:
    written(tmp_path, sampled())
    np.save(tmp_path / FILE, times)
    one = raw(steps__file=FILE, steps__sha256=sha256_of_file(tmp_path / FILE))
    (tmp_path / "raw" / "a.json").write_bytes(to_json(one))
    refused(tmp_path, r"a\.steps\.npy \(step times\) holds no list of seconds")


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"steps__median_s": 0.0001}, r"says a step takes 0\.0001 s, its step times say 0\.02 s;"),
        ({"steps__count": 7}, r"says 7 of its steps count, its step times say 6;"),
        ({"steps__mean_s": 0.01}, r"says a step takes 0\.01 s on average, its step times say 0\.0216666666667 s;"),
        ({"steps__max_s": 0.5}, r"says the longest step takes 0\.5 s, its step times say 0\.04 s;"),
        ({"steps__early_s": 0.02}, r"says an early step takes 0\.02 s"),
        ({"steps__late_s": 0.02}, r"says a late step takes 0\.02 s"),
        ({"phases__first_step": 0.05}, r"says the first step takes 0\.05 s, its step times say 0\.5 s;"),
    ],
)
def test_an_altered_number_is_refused(tmp_path: Path, changes: Record, words: str) -> None:
    written(tmp_path, sampled(), **changes)
    refused(tmp_path, words)


def test_numbers_that_were_not_recorded_are_not_judged(tmp_path: Path) -> None:
    written(tmp_path, sampled(), steps__mean_s=..., steps__late_s=None)
    assert load_run(tmp_path)[1]


@pytest.mark.parametrize("lane", ["matched", "as-published"])
def test_a_whole_training_agrees_with_its_step_times(tmp_path: Path, lane: str) -> None:
    times = TIMES if lane == "matched" else TIMES[:6]  # as published the first step lies inside the first epoch
    written(tmp_path, training(lane), times)
    (one,) = load_run(tmp_path)[1]
    assert one["steps"]["epoch_starts_s"] == ([0.01, 0.01] if lane == "matched" else [0.03])


@pytest.mark.parametrize("lane", ["matched", "as-published"])
def test_altered_seconds_of_an_epoch_are_refused(tmp_path: Path, lane: str) -> None:
    one = training(lane)
    one["epochs"][1]["train_s"] *= 1 + 1e-8
    written(tmp_path, one, TIMES if lane == "matched" else TIMES[:6])
    refused(tmp_path, r"was altered: it says epoch 2 takes 0\.0[67]0000000\d+ s, its step times say 0\.0[67] s;")


@pytest.mark.parametrize("change", ["dropped", "shorter"])
def test_epochs_that_do_not_fit_the_step_times_are_refused(tmp_path: Path, change: str) -> None:
    one = training()
    if change == "dropped":
        del one["epochs"][1]
    written(tmp_path, one, TIMES if change == "dropped" else TIMES[:-1])
    found = "1 of 2 epochs, its training has 6" if change == "dropped" else "2 of 2 epochs, its training has 5"
    refused(tmp_path, f"it lists {found} step times")


def test_missing_step_times_are_told(tmp_path: Path) -> None:
    one = written(tmp_path, training())
    (tmp_path / FILE).unlink()
    assert load_run(tmp_path)[1] == [changed(one, {"steps__file_missing": True})]


def test_a_run_that_did_not_end_well_is_left_as_it_is(tmp_path: Path) -> None:
    one = written(tmp_path, sampled(), steps__median_s=9.0, status="failed")
    assert load_run(tmp_path)[1] == [one]
