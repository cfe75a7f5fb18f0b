"""The maps of a run's test pairs: what is recorded of them, what is on the clock, and what is no map at all."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, cast

import numpy as np
import pytest

from suite.frameworks import Trainer
from suite.worker import stereo
from suite.worker.nonsense import NonsenseError

Map = Callable[[np.ndarray], np.ndarray]


@dataclass
class Pair:
    name: str
    left: np.ndarray
    right: np.ndarray
    truth: np.ndarray


def pair(name: str, height: int = 4, width: int = 10, truth: float = 5.0, known: int = 40) -> Pair:
    left = np.random.default_rng(0).normal(size=(height, width)).astype(np.float32)
    answer = np.full((height, width), np.nan, np.float32)
    answer.flat[-known:] = truth
    return Pair(name, left, left.copy(), answer)


class Matching:
    """Gives the map that it was told to; notes sizes and ranges, and waits a moment."""

    def __init__(self, make: Map) -> None:
        self.make = make
        self.asked: list[tuple[tuple[int, ...], int]] = []

    def disparities(self, left: np.ndarray, right: np.ndarray, count: int) -> np.ndarray:
        assert left.dtype == right.dtype == np.float32
        self.asked.append((left.shape, count))
        time.sleep(0.2 if len(self.asked) == 1 else 0.001)
        return self.make(left)


def ramp(left: np.ndarray) -> np.ndarray:
    return np.broadcast_to(np.arange(left.shape[1]), left.shape).copy()


def matched(make: Map, *pairs: Pair) -> tuple[dict[str, Any], np.ndarray]:
    return stereo.match(cast("Trainer", Matching(make)), pairs, 228)


def test_each_pair_has_its_rate_and_all_have_their_mean() -> None:
    found, first = matched(ramp, pair("a"), pair("b", truth=3.0), pair("c", known=1))
    # x is off by 3 or more from 5 at 0, 1, 2, 8, 9, and from 3 at 0, 6, 7, 8, 9
    assert [(row["name"], row["error_rate"], row["known"]) for row in found["pairs"]] == [
        ("a", 0.5, 40),
        ("b", 0.5, 40),
        ("c", 1.0, 1),
    ]
    assert found["error_rate"] == pytest.approx(2 / 3)
    assert found["disparities"] == 228
    assert np.array_equal(first, ramp(first))


def test_a_map_of_each_size_is_made_before_the_clock_runs() -> None:
    trainer = Matching(ramp)
    pairs = [pair("a"), pair("b"), pair("c", width=12)]
    found, _ = stereo.match(cast("Trainer", trainer), pairs, 228)
    assert trainer.asked == [((4, 10), 228)] * 3 + [((4, 12), 228)] * 2
    assert all(0 < row["seconds"] < 0.2 for row in found["pairs"])


def test_pairs_are_taken_one_by_one() -> None:
    events: list[str] = []

    def pairs() -> Iterator[Pair]:
        for name in "ab":
            events.append(name)
            yield pair(name)

    def make(left: np.ndarray) -> np.ndarray:
        events.append("map")
        return ramp(left)

    stereo.match(cast("Trainer", Matching(make)), pairs(), 228)
    assert events == ["a", "map", "map", "b", "map"]


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (
            lambda left: np.zeros(left.shape, np.int64),
            "the disparity map of a is 0 everywhere: the similarities are no",
        ),
        (lambda left: ramp(left).astype(np.float32), "has to be .* of whole numbers, not .* of float32"),
        (lambda left: ramp(left)[:-1], r"has to be \(4, 10\) of whole numbers, not \(3, 10\)"),
        (lambda left: ramp(left) + 1, "outside the image or the range"),
        (lambda left: ramp(left) - 1, "outside the image or the range"),
    ],
)
def test_what_is_no_map_is_nonsense(make: Map, words: str) -> None:
    with pytest.raises(NonsenseError, match=words):
        matched(make, pair("a"))


def test_disparities_beyond_the_range_are_nonsense() -> None:
    with pytest.raises(NonsenseError, match="outside the image or the range"):
        stereo.match(cast("Trainer", Matching(ramp)), [pair("a")], 9)


def test_images_without_texture_may_have_a_map_of_zeros() -> None:
    plain = pair("a", truth=0.0)
    plain.left[:] = 0
    found, _ = matched(lambda left: np.zeros(left.shape, np.int64), plain)
    assert found["error_rate"] == 0.0


def test_a_pair_without_truth_is_told_by_its_name() -> None:
    unknown = pair("b")
    unknown.truth[:] = np.nan
    with pytest.raises(NonsenseError, match="pair b: the true disparity of no pixel is known"):
        matched(ramp, pair("a"), unknown)


def test_no_pair_is_nonsense() -> None:
    with pytest.raises(NonsenseError, match="no test pair"):
        matched(ramp)
