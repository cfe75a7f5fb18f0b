"""Prepared images and pairs as the worker reads them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from suite.frameworks import NCHW, NHWC, Axes
from suite.worker.inputs import ImageExamples, scale
from suite.workload import InputScaling

HALF = InputScaling(divisor=255.0, mean=0.5, std=0.5)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    random = np.random.RandomState(0)
    for split, count in (("train", 12), ("test", 5)):
        np.save(tmp_path / f"{split}_images.npy", random.randint(0, 256, (count, 4, 4, 3), np.uint8))
        np.save(tmp_path / f"{split}_labels.npy", random.randint(0, 10, count, np.uint8))
    return tmp_path


def test_the_studys_scaling_maps_bytes_to_minus_one_to_one() -> None:
    values = scale(np.array([0, 51, 102, 255], np.uint8).reshape(1, 2, 2, 1), HALF).ravel()
    assert values.dtype == np.float32
    assert values == pytest.approx([-1.0, -0.6, -0.2, 1.0], abs=1e-6)
    assert (values[0], values[3]) == (-1.0, 1.0)


@given(st.floats(1, 1000, width=32), st.floats(-2, 2, width=32), st.floats(0.125, 4, width=32))
def test_scaling_is_that_of_the_formula(divisor: float, mean: float, std: float) -> None:
    pixels = np.arange(256, dtype=np.uint8).reshape(1, 16, 16, 1)
    wanted = (pixels.astype(np.float64) / divisor - mean) / std
    assert np.allclose(scale(pixels, InputScaling(divisor=divisor, mean=mean, std=std)), wanted, rtol=1e-5, atol=1e-4)


def test_scaling_leaves_the_pixels_as_they_were() -> None:
    pixels = np.arange(256, dtype=np.uint8).reshape(1, 16, 16, 1)
    scale(pixels, HALF)
    assert pixels.ravel().tolist() == list(range(256))


@pytest.mark.parametrize("axes", [NHWC, NCHW])
def test_the_memory_order_changes_no_value_and_needs_no_copy(axes: Axes) -> None:
    pixels = np.random.default_rng(0).integers(0, 256, (5, 4, 3, 2), dtype=np.uint8)
    values = scale(pixels, HALF, axes)
    assert values.shape == pixels.shape
    assert np.array_equal(values, scale(pixels, HALF))
    assert values.transpose(axes).flags.c_contiguous


@given(order=st.lists(st.integers(0, 11), min_size=1, max_size=20))
def test_training_examples_come_in_the_order_asked_for(
    tmp_path_factory: pytest.TempPathFactory, order: list[int]
) -> None:
    home = tmp_path_factory.mktemp("data")
    pixels = np.arange(12, dtype=np.uint8)[:, None, None, None] * np.ones((1, 2, 2, 3), np.uint8)
    for name, array in (("images", pixels), ("labels", np.arange(12, dtype=np.uint8) % 10)):
        np.save(home / f"train_{name}.npy", array)
        np.save(home / f"test_{name}.npy", array)
    images, labels = ImageExamples(home, HALF).train(np.array(order, np.uint32))
    assert (images.dtype, labels.dtype) == (np.float32, np.int64)
    assert labels.tolist() == [number % 10 for number in order]
    assert np.array_equal(images, scale(pixels[order], HALF))


def test_test_examples_come_in_file_order(folder: Path) -> None:
    images, labels = ImageExamples(folder, HALF).test()
    assert np.array_equal(images, scale(np.load(folder / "test_images.npy"), HALF))
    assert labels.tolist() == np.load(folder / "test_labels.npy").tolist()


def test_pickled_data_are_never_read(folder: Path) -> None:
    np.save(folder / "test_labels.npy", np.array([{}], dtype=object), allow_pickle=True)
    with pytest.raises(ValueError, match="allow_pickle=False"):
        ImageExamples(folder, HALF)
