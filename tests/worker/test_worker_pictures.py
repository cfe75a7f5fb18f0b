"""What a run leaves behind to be looked at: fixed images, the wrong ones, final weights, one pair's map."""

from __future__ import annotations

from pathlib import Path
from typing import Any, cast

import numpy as np
import pytest

from suite import records
from suite.errors import InputError
from suite.frameworks import Trainer
from suite.worker import pictures


class Answering:
    """Says the label that an image's first pixel holds, and one more where that is in ``wrong``."""

    def __init__(self, wrong: set[int]) -> None:
        self.wrong = wrong
        self.sizes: list[int] = []

    def logits(self, images: Any) -> np.ndarray:
        self.sizes.append(len(images))
        places = images[:, 0, 0, 0].astype(int)
        answers = [(place % 10 + (place in self.wrong)) % 10 for place in places.tolist()]
        return np.eye(10, dtype=np.float64)[answers]

    def dump(self) -> dict[str, np.ndarray]:
        return {"conv1/weight": np.full((3, 3, 1, 2), 0.5, np.float64), "conv1/bias": np.zeros(2)}


def stored(folder: Path, count: int) -> np.ndarray:
    np.save(folder / "test_labels.npy", (np.arange(count) % 10).astype(np.uint8))
    np.save(folder / "test_images.npy", (np.arange(count) % 251).astype(np.uint8)[:, None, None, None].repeat(2, 1))
    return np.arange(count, dtype=np.float32)[:, None, None, None]


def shown(folder: Path, count: int, wrong: set[int], batch: int = 500) -> tuple[dict[str, np.ndarray], Answering]:
    trainer = Answering(wrong)
    images = stored(folder, count)
    return pictures.predictions(cast("Trainer", trainer), folder, images, batch), trainer


def test_the_first_images_and_then_the_first_wrong_ones(tmp_path: Path) -> None:
    found, trainer = shown(tmp_path, 3000, {5, 60, 1999, 2001})
    assert found["index"].tolist() == [*range(48), 60, 1999]  # 5 is there anyway, 2001 lies beyond the pool
    assert found["labels"].tolist() == [index % 10 for index in found["index"]]
    assert (found["logits"].argmax(axis=1) != found["labels"]).nonzero()[0].tolist() == [5, 48, 49]
    assert found["images"].shape == (50, 2, 1, 1)
    assert found["images"].dtype == np.uint8
    assert found["images"][:, 0, 0, 0].tolist() == [index % 251 for index in found["index"]]
    assert found["logits"].dtype == np.float32
    assert found["pool"] == 2000
    assert trainer.sizes == [500] * 4


def test_no_more_wrong_ones_than_fit(tmp_path: Path) -> None:
    found, _ = shown(tmp_path, 1000, set(range(1000)))
    assert found["index"].tolist() == list(range(64))


def test_few_test_images(tmp_path: Path) -> None:
    found, trainer = shown(tmp_path, 40, {3}, batch=32)
    assert found["index"].tolist() == list(range(40))
    assert int(found["pool"]) == 40
    assert trainer.sizes == [32, 8]


def test_the_file_holds_weights_and_what_is_shown(tmp_path: Path) -> None:
    found, trainer = shown(tmp_path, 100, set())
    told = pictures.keep(tmp_path / "pictures.npz", cast("Trainer", trainer), found)
    assert told == {"sha256": records.sha256_of_file(tmp_path / "pictures.npz")}
    with np.load(tmp_path / "pictures.npz", allow_pickle=False) as file:
        assert set(file.files) == {"weights/conv1/weight", "weights/conv1/bias", *found}
        assert file["weights/conv1/weight"].dtype == np.float32
        assert np.array_equal(file["images"], found["images"])
    with pytest.raises(InputError, match="never overwritten"):
        pictures.keep(tmp_path / "pictures.npz", cast("Trainer", trainer), found)


def test_a_pair_is_kept_without_the_padding_of_its_file(tmp_path: Path) -> None:
    left = np.arange(2 * 5 * 7, dtype=np.uint8).reshape(2, 5, 7)
    np.save(tmp_path / "test_left.npy", left)
    np.save(tmp_path / "test_truth.npy", left.astype(np.uint16) * 256)
    found = pictures.matched_pair(tmp_path, "000000_10", np.full((4, 6), 300))
    assert np.array_equal(found["left"], left[0, :4, :6])
    assert np.array_equal(found["truth"], left[0, :4, :6].astype(np.uint16) * 256)
    assert found["map"].dtype == np.uint16
    assert (found["map"] == 300).all()
    assert str(found["pair"]) == "000000_10"
    assert pictures.matched_pair(tmp_path, "a", np.full((4, 6), 255))["map"].dtype == np.uint8
