from __future__ import annotations

import hashlib
import math
import time

import numpy as np
import pytest

from suite.data import cifar10, cifar10_twin, twin

PREFIX = "0f68311e8d5af7a1fb82113d6edb81eda50d31cf019ecfc3af7c22a6f68946ea"
WHOLE = "38792fba6df96c2561cf47f3647d253f44bc1aabea17fbca43d3e2e95bfc07a0"


def test_the_first_images_are_the_same_bytes_everywhere() -> None:
    labels = twin.labels(0, "train", 50_000)
    images = twin.images(0, "train", labels[:600])
    assert images.shape == (600, 32, 32, 3)
    assert images.dtype == np.uint8
    assert hashlib.sha256(labels.tobytes() + images.tobytes()).hexdigest() == PREFIX


def test_the_whole_set_is_the_same_bytes_everywhere_and_quickly_made() -> None:
    start = time.process_time()
    images = cifar10_twin.read(None)
    spent = time.process_time() - start
    assert images.sha256() == WHOLE
    assert images.train_images.shape == (50_000, 32, 32, 3)
    assert images.test_images.shape == (10_000, 32, 32, 3)
    assert np.bincount(images.train_labels).tolist() == [5000] * 10
    assert np.bincount(images.test_labels).tolist() == [1000] * 10
    assert spent < 10


def test_any_part_can_be_made_alone() -> None:
    labels = twin.labels(0, "test", 1000)
    whole = twin.images(0, "test", labels)
    assert np.array_equal(twin.images(0, "test", labels[333:700], first=333), whole[333:700])


def test_seed_split_and_class_all_matter() -> None:
    labels = twin.labels(0, "train", 100)
    base = twin.images(0, "train", labels)
    assert not np.array_equal(base, twin.images(1, "train", labels))
    assert not np.array_equal(base, twin.images(0, "test", labels))
    assert not np.array_equal(labels, twin.labels(1, "train", 100))
    changed = twin.images(0, "train", (labels + 1) % 10)
    assert all(not np.array_equal(a, b) for a, b in zip(base, changed, strict=True))


def test_no_image_comes_twice() -> None:
    train = twin.images(0, "train", twin.labels(0, "train", 3000))
    test = twin.images(0, "test", twin.labels(0, "test", 1000))
    assert len({image.tobytes() for image in [*train, *test]}) == 4000


def test_mixing_is_splitmix64() -> None:
    # the first outputs for seed 1234567 of the published C code, which adds the constant before each output
    got = twin.mix(np.arange(1, 4, dtype=np.uint64) + _start(1234567))
    assert [int(value) for value in got] == [6457827717110365317, 3203168211198807973, 9817491932198370423]


def _start(seed: int) -> np.uint64:
    """The counter whose product with the constant is ``seed``, so that mix(n + start) is the n-th output."""
    return np.uint64(seed * pow(0x9E3779B97F4A7C15, -1, 2**64) % 2**64)


def test_sine_is_a_sine() -> None:
    degrees = np.arange(-720, 721, dtype=np.int32)
    wanted = [math.sin(math.radians(degree)) for degree in degrees]
    assert twin.sine(degrees) / 4096 == pytest.approx(wanted, abs=0.003)


def test_draws_are_uniform_and_inside_their_bounds() -> None:
    drawn = twin.Draws(key=5, first=0, count=20_000).between(-3, 6)
    counts = np.bincount(drawn[:, 0] + 3, minlength=10)
    assert len(counts) == 10
    assert ((counts - 2000) ** 2 / 2000).sum() < 33.7  # chi-squared, 9 degrees of freedom, p = 1e-4


def test_rendering_uses_no_more_numbers_than_are_reserved(monkeypatch: pytest.MonkeyPatch) -> None:
    used = []
    between = twin.Draws.between

    def watch(self: twin.Draws, low: int, high: int, width: int = 1) -> twin.I32:
        drawn = between(self, low, high, width)
        used.append(self._field)
        return drawn

    monkeypatch.setattr(twin.Draws, "between", watch)
    twin.images(0, "train", twin.labels(0, "train", 10))
    assert max(used) <= twin.FIELDS


def test_the_twin_looks_like_what_it_stands_in_for_and_says_what_it_is() -> None:
    dataset = cifar10_twin.DATASET
    assert "synthetic" in dataset.title
    assert "synthetic" in dataset.describe(None)
    assert dataset.synthetic
    assert dataset.twin_of == cifar10.DATASET.name
    assert len(dataset.classes) == len(cifar10.DATASET.classes)
    assert (5 * cifar10.PUBLISHED.records, cifar10.PUBLISHED.records) == (cifar10_twin.TRAIN, cifar10_twin.TEST)


def test_neither_colour_nor_place_gives_the_class_away() -> None:
    """The best linear map from pixels to classes (ridge regression on 8 x 8 means) is far from the 60 % limit."""
    train_labels, test_labels = twin.labels(0, "train", 8000), twin.labels(0, "test", 2000)
    train, test = (
        _coarse(twin.images(0, split, labels)) for split, labels in (("train", train_labels), ("test", test_labels))
    )
    weights = np.linalg.solve(train.T @ train + 10 * np.eye(train.shape[1]), train.T @ np.eye(10)[train_labels])
    assert 0.1 < np.mean((test @ weights).argmax(1) == test_labels) < 0.5


def _coarse(images: twin.U8) -> np.ndarray[tuple[int, ...], np.dtype[np.float64]]:
    means = images.reshape(len(images), 8, 4, 8, 4, 3).mean((2, 4)).reshape(len(images), -1) / 128 - 1
    return np.hstack([means, np.ones((len(images), 1))])
