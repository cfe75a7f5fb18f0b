"""Stereo pairs as the worker cuts patches from them, and whole ones."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from suite.data.scenes import Scene, gather
from suite.frameworks import NCHW, NHWC, Axes
from suite.records import SCHEMA, write_json_once
from suite.worker import pairs
from suite.worker.inputs import StereoExamples, examples, test_pairs
from suite.worker.pairs import normalise
from suite.workloads import workload, workloads

TASK = workload("mc-cnn-fast")


def scene(number: int, height: int, width: int) -> Scene:
    """An image of noise, seen again 3.5 px further left: truth as far as it is known."""
    random = np.random.default_rng(number)
    left, right = (random.integers(0, 256, (height, width), np.uint8) for _ in range(2))
    truth = random.integers(0, 6 * 256, (height, width)).astype(np.uint16)
    return Scene(name=f"pair {number}", where="here", left=left, right=right, truth=truth)


def store(folder: Path, train: list[Scene], test: list[Scene]) -> Path:
    made = gather(train, test)
    for name, array in made.arrays.items():
        np.save(folder / f"{name}.npy", array)
    write_json_once(folder / "data.json", {"schema": SCHEMA, **made.names})
    return folder


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return store(tmp_path, [scene(0, 12, 40), scene(1, 10, 44)], [scene(2, 11, 50)])


@pytest.mark.parametrize("axes", [NHWC, NCHW])
def test_each_patch_is_what_a_loop_would_cut(folder: Path, axes: Axes) -> None:
    found = examples(folder, TASK)
    assert isinstance(found, StereoExamples)
    count = len(np.load(folder / "train_positions.npy"))
    order = np.random.default_rng(0).integers(0, count, 200).astype(np.uint32)
    images, labels = found.train(order, axes, epoch=3, seed=5)
    assert (images.shape, images.dtype, labels.dtype) == ((200, 9, 9, 3), np.float32, np.int64)
    assert images.transpose(axes).flags.c_contiguous
    sources = [scene(0, 12, 40), scene(1, 10, 44)]
    for number in range(200):
        pair, y, x = (int(value) for value in np.load(folder / "train_positions.npy")[order[number]])
        left, right = (
            np.pad(normalise(image).astype(np.float32), 4) for image in (sources[pair].left, sources[pair].right)
        )
        assert np.array_equal(images[number, ..., 0], left[y : y + 9, x : x + 9])
        place = x - sources[pair].truth[y, x] / 256
        distances = []
        for channel in (1, 2):
            matches = [
                p
                for p in range(right.shape[1] - 8)
                if np.array_equal(images[number, ..., channel], right[y : y + 9, p : p + 9])
            ]
            assert len(matches) == 1  # inside the image, and noise has no patch twice
            distances.append(abs(matches[0] - place))
        assert distances[labels[number]] <= 1
        assert 4 <= distances[1 - labels[number]] <= 10


def test_draws_follow_epoch_and_seed_alone(folder: Path) -> None:
    order = np.arange(300, dtype=np.uint32)
    first = StereoExamples(folder, TASK).train(order, epoch=1, seed=2)
    again = StereoExamples(folder, TASK).train(order, NCHW, epoch=1, seed=2)
    assert all(np.array_equal(a, b) for a, b in zip(first, again, strict=True))
    for epoch, seed in ((2, 2), (1, 3)):
        images, labels = StereoExamples(folder, TASK).train(order, epoch=epoch, seed=seed)
        assert np.array_equal(images[..., 0], first[0][..., 0])
        assert not np.array_equal(images[..., 1:], first[0][..., 1:])
        assert not np.array_equal(labels, first[1])


def test_cutting_in_parts_changes_nothing(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    order = np.arange(100, dtype=np.uint32)
    whole = StereoExamples(folder, TASK).train(order)
    monkeypatch.setattr(pairs, "CHUNK", 7)
    assert all(np.array_equal(a, b) for a, b in zip(whole, StereoExamples(folder, TASK).train(order), strict=True))


def test_test_examples_are_the_same_ones_from_all_positions(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pairs, "TEST_EXAMPLES", 50)
    images, labels = StereoExamples(folder, TASK).test()
    again, _ = StereoExamples(folder, TASK).test(NCHW)
    assert len(images) == len(labels) == 50
    assert np.array_equal(images, again)
    left = np.pad(normalise(scene(2, 11, 50).left), 4)
    positions = np.load(folder / "test_positions.npy").astype(int)
    for image, index in zip(images, range(50), strict=True):
        _, y, x = positions[index * len(positions) // 50]
        assert np.array_equal(image[..., 0], left[y : y + 9, x : x + 9])
    assert pairs.TEST_EXAMPLES == 50


def test_a_patch_at_a_corner_is_padded_by_zeros(tmp_path: Path) -> None:
    truth = np.zeros((9, 30), np.uint16)
    truth[0, 12] = 256  # place 11: the first that leaves room for every candidate
    one = scene(0, 9, 30)
    corner = Scene(name="corner", where="here", left=one.left, right=one.right, truth=truth)
    (image,), _ = StereoExamples(store(tmp_path, [corner], [corner]), TASK).train(np.zeros(1, np.uint32))
    assert not image[:4].any()
    assert image[4:].all()


@given(st.integers(0, 255), st.integers(1, 9), st.integers(1, 9))
def test_an_image_of_one_colour_becomes_zeros(value: int, height: int, width: int) -> None:
    normalised = normalise(np.full((height, width), value, np.uint8))
    assert normalised.dtype == np.float32
    assert not normalised.any()


@given(st.binary(min_size=2, max_size=400))
def test_normalised_images_have_mean_0_and_deviation_1(data: bytes) -> None:
    pixels = np.frombuffer(data, np.uint8).reshape(1, -1)
    normalised = normalise(pixels).astype(np.float64)
    if len(set(data)) > 1:
        assert normalised.mean() == pytest.approx(0, abs=1e-4)
        assert normalised.std() == pytest.approx(1, abs=1e-4)


def test_whole_pairs_have_their_own_size_and_say_what_is_unknown(tmp_path: Path) -> None:
    small, large = scene(1, 10, 44), scene(2, 11, 50)
    found = test_pairs(store(tmp_path, [large], [small, large]))
    assert [pair.name for pair in found] == ["pair 1", "pair 2"]
    assert [pair.left.shape for pair in found] == [(10, 44), (11, 50)]
    assert [pair.name for pair in found[1:]] == ["pair 2"]
    for pair, source in zip(found, (small, large), strict=True):
        assert {array.dtype for array in (pair.left, pair.right, pair.truth)} == {np.dtype(np.float32)}
        assert np.array_equal(pair.right, normalise(source.right))
        assert np.array_equal(np.isnan(pair.truth), source.truth == 0)
        assert np.array_equal(np.nan_to_num(pair.truth) * 256, source.truth)


def test_a_workload_without_matching_has_no_pairs(folder: Path) -> None:
    task = next(task for task in workloads().values() if task.matching is None)
    with pytest.raises(ValueError, match="has no square patches"):
        StereoExamples(folder, task)
