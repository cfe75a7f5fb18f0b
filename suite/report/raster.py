"""Pictures of pixels as small PNG files: grey, in colours, or each pixel one of a few colours.

Arrays in, bytes out; the same array gives the same bytes.
"""

from __future__ import annotations

import functools
import io
from collections.abc import Sequence

import matplotlib as mpl
import numpy as np
from PIL import Image

COLOURS = 64
"""Steps of the colour scale: fine enough for the eye, coarse enough for small files."""

UNKNOWN = (226, 228, 231)
"""The light grey of pixels about which nothing is known."""

Colour = tuple[int, int, int]


@functools.cache
def scale() -> tuple[Colour, ...]:
    """Return the colours from the smallest to the largest value: cividis.

    It reads alike with and without colour vision deficiency, and from dark to light.
    Source: Nuñez, Anderton and Renslow, PLOS ONE 13(7), 2018.
    """
    reds_greens_blues = mpl.colormaps["cividis"](np.linspace(0, 1, COLOURS))[:, :3]
    return tuple((int(r), int(g), int(b)) for r, g, b in np.rint(reds_greens_blues * 255))


def plain(pixels: np.ndarray) -> bytes:
    """Return a picture of bytes: (h, w) or (h, w, 1) grey, (h, w, 3) red, green, blue."""
    squeezed = pixels[..., 0] if pixels.ndim == 3 and pixels.shape[2] == 1 else pixels
    return _png(Image.fromarray(np.ascontiguousarray(squeezed, np.uint8)))


def grey(values: np.ndarray, low: float, high: float, levels: int = 256) -> bytes:
    """Return a grey picture (h, w): ``low`` and less is black, ``high`` and more white."""
    share = np.clip((values - low) / ((high - low) or 1.0), 0, 1)
    return plain(np.rint(np.rint(share * (levels - 1)) * (255 / (levels - 1))))


def scaled(values: np.ndarray, low: float, high: float) -> bytes:
    """Return a picture (h, w) in the colours of :func:`scale`; what is nan is :data:`UNKNOWN`."""
    known = np.isfinite(values)
    share = np.clip((np.where(known, values, low) - low) / ((high - low) or 1.0), 0, 1)
    index = np.where(known, np.rint(share * (COLOURS - 1)), COLOURS)
    return indexed(index, (*scale(), UNKNOWN))


def indexed(index: np.ndarray, colours: Sequence[Colour]) -> bytes:
    """Return a picture (h, w) whose pixels name their colours by number."""
    image = Image.fromarray(np.ascontiguousarray(index, np.uint8), mode=None)
    image.putpalette([part for colour in colours for part in colour])
    return _png(image)


def sheet(tiles: np.ndarray, columns: int, fill: float) -> np.ndarray:
    """Return tiles (n, h, w, ...) side by side, ``columns`` to a row, with one pixel of ``fill`` between them."""
    count, height, width = tiles.shape[:3]
    rows = -(-count // columns)
    shape = (rows * (height + 1) - 1, columns * (width + 1) - 1, *tiles.shape[3:])
    result = np.full(shape, fill, tiles.dtype)
    for number in range(count):
        top, left = (number // columns) * (height + 1), (number % columns) * (width + 1)
        result[top : top + height, left : left + width] = tiles[number]
    return result


def _png(image: Image.Image) -> bytes:
    target = io.BytesIO()
    image.save(target, format="PNG", optimize=True)
    return target.getvalue()
