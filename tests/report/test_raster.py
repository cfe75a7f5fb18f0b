"""Arrays as PNG files: read back by the library that readers' browsers are like, they are what they were."""

from __future__ import annotations

import io
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from PIL import Image

from suite.report import raster


def opened(png: bytes) -> np.ndarray:
    image = Image.open(io.BytesIO(png))
    return np.asarray(image.convert("RGB") if image.mode == "P" else image)


@settings(deadline=None, max_examples=30)
@given(st.sampled_from(((3, 5), (3, 5, 1), (4, 2, 3))).flatmap(lambda shape: arrays(np.uint8, shape)))
def test_bytes_stay_what_they_are(pixels: np.ndarray) -> None:
    found = opened(raster.plain(pixels))
    assert np.array_equal(found, pixels[..., 0] if pixels.shape[-1] == 1 and pixels.ndim == 3 else pixels)
    assert raster.plain(pixels) == raster.plain(pixels.copy())


def test_grey_runs_from_black_to_white_and_no_further() -> None:
    found = opened(raster.grey(np.array([[-9.0, 0.0, 0.5, 1.0, 9.0]]), 0, 1))
    assert found.tolist() == [[0, 0, 128, 255, 255]]
    assert set(opened(raster.grey(np.linspace(0, 1, 500)[None], 0, 1, levels=4)).ravel()) == {0, 85, 170, 255}


def test_grey_of_one_value_is_a_picture_all_the_same() -> None:
    assert opened(raster.grey(np.full((2, 2), 3.0), 3, 3)).tolist() == [[0, 0], [0, 0]]


def test_the_scale_gets_lighter_all_the_way() -> None:
    lightness = [0.2126 * r + 0.7152 * g + 0.0722 * b for r, g, b in raster.scale()]
    assert len(lightness) == raster.COLOURS
    assert all(after > before for before, after in pairwise(lightness))


def test_values_have_the_colours_of_the_scale_and_unknown_ones_none_of_them() -> None:
    found = opened(raster.scaled(np.array([[0.0, 10.0, 99.0, np.nan]]), 0, 10))
    low, high = raster.scale()[0], raster.scale()[-1]
    assert [tuple(pixel) for pixel in found[0].tolist()] == [low, high, high, raster.UNKNOWN]
    assert raster.UNKNOWN not in raster.scale()


def test_numbered_colours() -> None:
    assert opened(raster.indexed(np.array([[1, 0]]), ((1, 2, 3), (4, 5, 6)))).tolist() == [[[4, 5, 6], [1, 2, 3]]]


@pytest.mark.parametrize("shape", [(5, 2, 3), (5, 2, 3, 3)])
def test_tiles_lie_side_by_side_with_a_line_between(shape: tuple[int, ...]) -> None:
    tiles = np.arange(np.prod(shape)).reshape(shape) + 1
    found = raster.sheet(tiles, columns=3, fill=0)
    assert found.shape == (5, 11, *shape[3:])
    assert np.array_equal(found[:2, 4:7], tiles[1])
    assert np.array_equal(found[3:, :3], tiles[3])
    assert not found[2].any()
    assert not found[3:, 8:].any()  # there is no sixth
