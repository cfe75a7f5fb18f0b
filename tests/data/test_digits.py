"""Made-up digits: the same bytes everywhere, told apart by their shapes alone."""

from __future__ import annotations

import hashlib
import time

import numpy as np
import pytest

from suite.data import digits, mnist, mnist_twin, twin

WHOLE = "b7ce95cfe4685b870c0e35dc187f0fb0295f34c2407b3d1b67518bfd1b3daa2d"
PREFIX = "02dfb7c8f5702f3eb56fbd9cad2be01af1126d2a649032003e26fa846d5b6919"


def test_the_first_images_are_the_same_bytes_everywhere() -> None:
    classes = twin.labels(0, "mnist train", 60_000)
    images = digits.images(0, "train", classes[:300])
    assert (images.shape, images.dtype) == ((300, 28, 28, 1), np.uint8)
    assert hashlib.sha256(classes.tobytes() + images.tobytes()).hexdigest() == PREFIX


def test_the_whole_set_is_the_same_bytes_everywhere_and_quickly_made() -> None:
    start = time.process_time()
    made = mnist_twin.read(None)
    spent = time.process_time() - start
    assert made.sha256() == WHOLE
    assert (len(made.train_labels), len(made.test_labels)) == (60_000, 10_000)
    assert np.bincount(made.train_labels).tolist() == [6000] * 10
    assert spent < 20


def test_any_part_can_be_made_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    classes = twin.labels(0, "mnist test", 300)
    whole = digits.images(0, "test", classes)
    monkeypatch.setattr(digits, "CHUNK", 64)
    assert np.array_equal(digits.images(0, "test", classes[133:290], first=133), whole[133:290])


def test_seed_split_and_class_all_matter_and_no_image_comes_twice() -> None:
    classes = twin.labels(0, "mnist train", 200)
    base = digits.images(0, "train", classes)
    for other in (
        digits.images(1, "train", classes),
        digits.images(0, "test", classes),
        digits.images(0, "train", (classes + 1) % 10),
    ):
        assert all(not np.array_equal(a, b) for a, b in zip(base, other, strict=True))
    assert len({image.tobytes() for image in base}) == 200


def test_rendering_uses_no_more_numbers_than_are_reserved(monkeypatch: pytest.MonkeyPatch) -> None:
    used = []
    between = twin.Draws.between

    def watch(self: twin.Draws, low: int, high: int, width: int = 1) -> twin.I32:
        drawn = between(self, low, high, width)
        used.append(self._field)
        return drawn

    monkeypatch.setattr(twin.Draws, "between", watch)
    digits.images(0, "train", twin.labels(0, "mnist train", 10))
    assert max(used) <= twin.FIELDS


def test_distances_are_those_from_the_stroke() -> None:
    random = np.random.default_rng(0)
    start, end = (random.integers(0, 224, (40, 2)).astype(np.int16) for _ in range(2))
    found = digits._near(start, end)
    pixels = np.arange(28) * 8 + 4.0
    for number in range(40):
        a, b = start[number].astype(float), end[number].astype(float)
        for y, x in random.integers(0, 28, (30, 2)):
            p = np.array([pixels[x], pixels[y]])
            share = np.clip((p - a) @ (b - a) / max((b - a) @ (b - a), 1), 0, 1)
            distance = np.linalg.norm(p - a - share * (b - a))
            if distance < 50:
                assert np.sqrt(found[number, y, x]) == pytest.approx(distance, abs=5)
            else:
                assert found[number, y, x] > 45**2


def test_no_linear_map_tells_all_digits_apart() -> None:
    train_labels, test_labels = twin.labels(0, "mnist train", 8000), twin.labels(0, "mnist test", 2000)
    train, test = (
        np.hstack([digits.images(0, split, labels).reshape(len(labels), -1) / 255, np.ones((len(labels), 1))])
        for split, labels in (("train", train_labels), ("test", test_labels))
    )
    weights = np.linalg.solve(train.T @ train + 10 * np.eye(train.shape[1]), train.T @ np.eye(10)[train_labels])
    assert 0.4 < np.mean((test @ weights).argmax(1) == test_labels) < 0.85


def test_the_twin_looks_like_what_it_stands_in_for_and_says_what_it_is() -> None:
    dataset = mnist_twin.DATASET
    assert "synthetic" in dataset.describe(None)
    assert dataset.twin_of == mnist.DATASET.name
    assert (dataset.shape, dataset.classes) == (mnist.DATASET.shape, mnist.DATASET.classes)
    counts = [published.records for published in mnist.PUBLISHED.values()]
    assert counts == [mnist_twin.TRAIN, mnist_twin.TRAIN, mnist_twin.TEST, mnist_twin.TEST]
