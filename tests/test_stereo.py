"""Error rates of disparity maps, and block matching against its definition."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from suite import stereo

SIZES = st.tuples(st.integers(1, 6), st.integers(1, 9))


def by_definition(left: np.ndarray, right: np.ndarray, count: int, window: int) -> np.ndarray:
    """Every pixel, every candidate, every tap."""
    height, width = left.shape
    reach = window // 2

    def at(image: np.ndarray, y: int, x: int) -> float:
        return float(image[y, x]) if 0 <= y < height and 0 <= x < width else 0.0

    found = np.zeros((height, width), np.int64)
    for y in range(height):
        for x in range(width):
            costs = []
            for d in range(min(count, x + 1)):
                taps = [(i, j) for i in range(-reach, reach + 1) for j in range(-reach, reach + 1)]
                costs.append(sum(abs(at(left, y + i, x + j) - at(right, y + i, x - d + j)) for i, j in taps))
            found[y, x] = int(np.argmin(costs))
    return found


@settings(deadline=None, max_examples=40)
@given(st.data(), SIZES, st.integers(1, 12), st.sampled_from((1, 3, 9)))
def test_block_matching_is_its_definition(data: st.DataObject, size: tuple[int, int], count: int, window: int) -> None:
    # whole numbers: their sums are exact in any order, so that ties are ties
    images = arrays(np.float32, size, elements=st.integers(-3, 3))
    left, right = data.draw(images), data.draw(images)
    assert np.array_equal(stereo.block_matching(left, right, count, window), by_definition(left, right, count, window))


@settings(deadline=None, max_examples=30)
@given(st.integers(0, 2**32 - 1), st.integers(0, 12))
def test_block_matching_finds_a_shift(seed: int, shift: int) -> None:
    scene = np.random.default_rng(seed).normal(size=(12, 60)).astype(np.float32)
    left, right = scene[:, :40], scene[:, shift : 40 + shift]
    found = stereo.block_matching(left, right, 20)
    assert (found[:, shift + 4 : -4] == shift).all()  # where both windows lie inside


@settings(deadline=None, max_examples=30)
@given(st.integers(0, 2**32 - 1), st.integers(1, 30))
def test_no_candidate_lies_outside_the_image(seed: int, count: int) -> None:
    random = np.random.default_rng(seed)
    found = stereo.block_matching(random.normal(size=(5, 17)), random.normal(size=(5, 17)), count)
    assert (found >= 0).all()
    assert (found <= np.minimum(np.arange(17), count - 1)).all()


def test_images_without_texture_match_at_once() -> None:
    assert not stereo.block_matching(np.zeros((4, 8), np.float32), np.zeros((4, 8), np.float32), 5).any()


@settings(deadline=None)
@given(
    st.data(),
    SIZES.flatmap(
        lambda size: arrays(np.float32, size, elements=st.one_of(st.just(np.nan), st.floats(0, 200, width=32)))
    ),
)
def test_only_pixels_with_known_truth_count(data: st.DataObject, truth: np.ndarray) -> None:
    found = data.draw(arrays(np.int64, truth.shape, elements=st.integers(0, 227)))
    known = [(y, x) for y, x in np.ndindex(truth.shape) if not np.isnan(truth[y, x])]
    if not known:
        with pytest.raises(ValueError, match="no pixel is known"):
            stereo.errors(found, truth)
        return
    counted = stereo.errors(found, truth)
    wrong = [place for place in known if abs(float(found[place]) - float(truth[place])) >= 3]
    assert (counted.wrong, counted.known) == (len(wrong), len(known))
    assert counted.rate == len(wrong) / len(known)
    changed = np.where(np.isnan(truth), 99, found)  # what is found where nothing is known does not matter
    assert stereo.errors(changed, truth) == counted


def test_off_by_three_is_wrong_and_by_less_is_not() -> None:
    truth = np.array([[10.0, 10.0, 10.0, 10.25, 10.25, 10.0]], np.float32)
    found = np.array([[13, 12, 7, 13, 14, 10]])
    counted = stereo.errors(found, truth)
    assert (counted.wrong, counted.known) == (3, 6)


def test_the_whole_set_is_the_mean_over_pairs_not_over_pixels() -> None:
    rates = [stereo.Errors(wrong=1, known=2).rate, stereo.Errors(wrong=0, known=1000).rate]
    assert stereo.mean_rate(rates) == 0.25


@pytest.mark.parametrize(
    ("found", "truth", "words"),
    [
        (np.zeros((2, 3)), np.zeros((3, 2)), "the map is 2 x 3, the truth 3 x 2"),
        (np.zeros((2, 2)), np.full((2, 2), np.nan), "no pixel is known"),
        (np.full((2, 2), np.nan), np.zeros((2, 2)), "no numbers"),
    ],
)
def test_what_gives_no_rate_is_told(found: np.ndarray, truth: np.ndarray, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        stereo.errors(found, truth)


def test_no_pair_has_no_rate() -> None:
    with pytest.raises(ValueError, match="no pair"):
        stereo.mean_rate([])


@pytest.mark.parametrize(("count", "window", "other"), [(0, 9, 0), (5, 4, 0), (5, 9, 1)])
def test_block_matching_refuses_what_makes_no_sense(count: int, window: int, other: int) -> None:
    with pytest.raises(ValueError, match=r"block matching needs|the left image is 4 x 6, the right 4 x 7"):
        stereo.block_matching(np.zeros((4, 6)), np.zeros((4, 6 + other)), count, window)
