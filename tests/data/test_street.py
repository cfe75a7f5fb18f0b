"""Made-up street scenes: the same bytes everywhere, disparities that are exact, and what makes matching hard."""

from __future__ import annotations

import hashlib
from dataclasses import replace

import numpy as np
import pytest

from suite.data import kitti_twin, street
from suite.data.scenes import UNIT, Scene

DIGEST = "753c4bf43c4d706c9ebaeae472a7a77753114dcd24b3ca35a7511239dafe2d19"
SIZE = (94, 310)


@pytest.fixture(scope="module")
def scenes() -> list[Scene]:
    return [street.scene(0, "train", number, *SIZE, occluded=number % 2 == 0) for number in range(4)]


def test_scenes_are_the_same_bytes_everywhere(scenes: list[Scene]) -> None:
    parts = (array for scene in scenes for array in (scene.left, scene.right, scene.truth.astype("<u2")))
    assert hashlib.sha256(b"".join(array.tobytes() for array in parts)).hexdigest() == DIGEST


def test_seed_split_and_number_all_matter(scenes: list[Scene]) -> None:
    others = [(1, "train", 0), (0, "test", 0), (0, "train", 1)]
    for seed, split, number in others:
        other = street.scene(seed, split, number, *SIZE, occluded=True)
        assert not np.array_equal(other.left, scenes[0].left)
        assert not np.array_equal(other.truth, scenes[0].truth)


@pytest.mark.parametrize("number", range(4))
def test_a_left_pixel_is_at_x_less_its_disparity_in_the_right_view(number: int) -> None:
    horizon, surfaces = street.layout(0, "train", number, *SIZE)
    left, right = (street.trace(surfaces, horizon, *SIZE, eye) for eye in ("left", "right"))
    y, x = np.indices(SIZE)
    place = x * UNIT - left.disparity
    before, share = np.clip(place // UNIT, 0, SIZE[1] - 2), place % UNIT
    both = (right.surface[y, before] == left.surface) & (right.surface[y, before + 1] == left.surface) & (place >= 0)
    shown = (right.column[y, before] * (UNIT - share) + right.column[y, before + 1] * share) / UNIT
    assert both.mean() > 0.5
    assert abs(shown - x * UNIT)[both].max() < 4  # 1/64 pixel
    assert np.array_equal(left.column, x * UNIT)


def test_without_noise_and_other_light_both_views_have_the_same_colours(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(street, "NOISE", 0)
    horizon, surfaces = street.layout(0, "train", 0, *SIZE)
    alike = [
        replace(surface, start=number * UNIT, across=0, down=0, look=replace(surface.look, gain=256, offset=0))
        for number, surface in enumerate(surfaces, 1)
    ]
    left, right = (street.trace(alike, horizon, *SIZE, eye) for eye in ("left", "right"))
    pictures = [street.paint(alike, view, 1, 2, right=view is right) for view in (left, right)]
    y, x = np.indices(SIZE)
    at = np.maximum(x - left.disparity // UNIT, 0)
    same = (x >= left.disparity // UNIT) & (right.surface[y, at] == left.surface)
    assert same.mean() > 0.5
    assert np.array_equal(pictures[0][same], pictures[1][y, at][same])


def test_hidden_pixels_have_a_disparity_in_training_only(scenes: list[Scene]) -> None:
    seen = street.scene(0, "train", 0, *SIZE, occluded=False)
    assert np.array_equal(seen.left, scenes[0].left)
    known = seen.truth > 0
    assert np.array_equal(seen.truth[known], scenes[0].truth[known])
    assert 0.02 < (scenes[0].truth > 0).mean() - known.mean() < 0.4
    y, x = np.nonzero(known)
    assert (x * UNIT >= seen.truth[y, x] - UNIT // 2).all()


@pytest.mark.parametrize("scene", range(4))
def test_scenes_are_of_use_to_train_on(scenes: list[Scene], scene: int) -> None:
    made = scenes[scene]
    assert made.left.shape == made.right.shape == made.truth.shape == SIZE
    assert (made.left.dtype, made.truth.dtype) == (np.uint8, np.uint16)
    assert 0.4 < (made.truth > 0).mean() < 0.98
    assert made.truth[made.truth > 0].min() >= UNIT // 4
    assert made.truth.max() < 120 * UNIT
    assert made.left.std() > 20
    assert abs(made.left.astype(int) - made.right).mean() > 10


def test_the_set_has_kittis_sizes_and_says_what_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kitti_twin, "SIZES", (SIZE, (90, 300)))
    monkeypatch.setattr(kitti_twin, "TRAIN", 2)
    monkeypatch.setattr(kitti_twin, "TEST", 1)
    before = kitti_twin.identify(None)
    made = kitti_twin.read(None)
    assert made.train_sizes.tolist() == [[94, 310], [90, 300]]
    assert made.train_pairs == ("twin train 000000", "twin train 000001")
    assert made.test_pairs == ("twin test 000000",)
    assert not made.train_left[1, 90:].any()
    assert not made.train_left[1, :, 300:].any()
    monkeypatch.setattr(kitti_twin, "TEST", 2)
    assert kitti_twin.identify(None) != before
    assert "synthetic" in kitti_twin.describe(None)
    assert kitti_twin.DATASET.twin_of == "kitti"
