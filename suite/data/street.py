"""Procedural street scenes seen by two cameras, with exact disparities, the same bytes on every machine.

A scene is a set of flat surfaces, each with a disparity that is linear in the left image's coordinates: a road, walls
beside it, vehicles, poles and trees in front of hills and sky. Both views are rendered from the surfaces themselves: a
pixel of the right view is traced back to the place of the left image that shows the same point of the nearest surface,
and textures are functions of that place. So a left pixel x of disparity t is at x - t in the right view, to 1/256 of a
pixel.

Some surfaces hardly have texture, others repeat themselves. The right view has another brightness and contrast, and so
has each surface in it; both views have noise of their own. All arithmetic is on integers of a fixed width.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import astuple, dataclass, replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from suite.data.contract import U8, U16
from suite.data.scenes import UNIT, Scene
from suite.data.twin import I32, Draws, mix
from suite.seeds import derive

SLOPE: Final = 1024
"""Slopes along a row are whole numbers of 1/1024."""
WIDTH: Final = 1242
"""Pixels in a row of the images that disparities are drawn for; in smaller ones they are smaller, too."""
OCTAVES: Final = (1, 2, 4, 6)
"""Cells of the four layers of noise are 2, 4, 16 and 64 pixels wide."""
TABLE: Final = (512, 1024)
"""Rows and columns of random values behind the noise; what is larger than the table repeats, which no image is."""
NOISE: Final = 18
"""Greatest change of a pixel by noise, out of 255; mostly less, since it is the sum of two draws."""


TEXTURED: Final = ((6, 50), (6, 50), (8, 50), (10, 50))
"""Least and greatest strength of the layers of noise, out of 128, of a surface with texture."""
PLAIN: Final = ((1, 4), (1, 4), (2, 6), (4, 12))
"""Likewise, of a surface with hardly any."""
COUNTS: Final = {"vehicle": (5, 8), "pole": (2, 5), "tree": (2, 4), "fence": (1, 2)}
"""Fewest and most of each kind of thing in a scene."""
SHAPES: Final = {
    "vehicle": (120, 360, -60, 500),
    "pole": (8, 16, 700, 2000),
    "tree": (150, 300, 0, 0),
    "fence": (300, 700, -300, -120),
}
"""Of each kind, half its width in 1/100 of its disparity, and its :attr:`Surface.rise`: least and greatest."""


@dataclass(frozen=True, kw_only=True)
class Look:
    """What covers a surface.

    Attributes:
        shade: mean brightness.
        fine, small, middle, large: strengths of the layers of noise.
        period: of its stripes, in 1/256 pixel; stripes: their strength.
        gain: its contrast in the right view, 256 for the same as in the left one; offset: its brightness there.
    """

    shade: int
    fine: int
    small: int
    middle: int
    large: int
    period: int = UNIT
    stripes: int = 0
    gain: int
    offset: int


@dataclass(frozen=True, kw_only=True)
class Surface:
    """A flat surface; its disparity at (x, y) of the left image is ``start`` + ``across`` x / 4 + ``down`` y.

    Disparities and places along a row are in 1/256 pixel, ``across`` in 1/1024; y is in whole rows.

    Attributes:
        start, across, down: its disparity.
        left, right: where it begins and ends along a row.
        rise: it reaches (disparity x ``rise`` / 256) rows above the horizon.
        radius: pixels; of a round one the distance from its middle to its edge, 0 for others.
        known: whether its disparity is told.
        look: what covers it.
    """

    start: int
    across: int = 0
    down: int = 0
    left: int
    right: int
    rise: int
    radius: int = 0
    known: bool = True
    look: Look


@dataclass(frozen=True)
class View:
    """What one camera sees (h, w): which surface, its disparity, and the column of the left image that shows it."""

    surface: I32
    disparity: I32
    column: I32


def scene(seed: int, split: str, number: int, height: int, width: int, *, occluded: bool) -> Scene:
    """Return scene ``number`` of a split; ``occluded``: whether disparities are told of what the right view hides."""
    horizon, surfaces = layout(seed, split, number, height, width)
    left, right = (trace(surfaces, horizon, height, width, eye) for eye in ("left", "right"))
    known = np.array([surface.known for surface in surfaces])[left.surface]
    if not occluded:
        known &= _seen(left, right)
    key = derive(seed, "kitti-twin", split, number, "texture")
    pictures = [
        paint(surfaces, view, key, derive(seed, "kitti-twin", split, number, eye), right=eye == "right")
        for eye, view in (("left", left), ("right", right))
    ]
    truth: U16 = np.where(known, left.disparity, 0).astype(np.uint16)
    name = f"twin {split} {number:06d}"
    return Scene(name=name, where=name, left=pictures[0], right=pictures[1], truth=truth)


def layout(seed: int, split: str, number: int, height: int, width: int) -> tuple[int, list[Surface]]:
    """Draw a scene: the row of the horizon, and its surfaces."""
    draws = Draws(derive(seed, "kitti-twin", split, number, "layout"), 0, 1)

    def draw(low: int, high: int) -> int:
        return int(draws.between(low, high)[0, 0])

    def look(*, plain: bool = False, striped: bool = False) -> Look:
        fine, small, middle, large = (draw(*bounds) for bounds in (PLAIN if plain else TEXTURED))
        found = Look(
            shade=draw(60, 180),
            fine=fine,
            small=small,
            middle=middle,
            large=large,
            gain=draw(190, 290),
            offset=draw(-22, 22),
        )
        return replace(found, period=draw(7 * UNIT, 26 * UNIT), stripes=draw(15, 40)) if striped else found

    horizon = height * draw(42, 50) // 100
    ends = (-width * UNIT, 3 * width * UNIT)
    slope = draw(60, 90)  # of the road: 1/256 pixel of disparity per row
    made = [
        Surface(
            start=128, left=ends[0], right=ends[1], rise=1 << 16, known=False, look=replace(look(plain=True), shade=220)
        ),
        Surface(
            start=draw(2, 6) * UNIT * width // WIDTH, left=ends[0], right=ends[1], rise=draw(2000, 4000), look=look()
        ),
        Surface(start=-slope * horizon, down=slope, left=ends[0], right=ends[1], rise=-256, look=look()),
    ]
    for side in range(2):
        near, far, reach = draw(55, 95) * width // WIDTH, draw(6, 12) * width // WIDTH, width * draw(24, 40) // 100
        across = (far - near) * SLOPE // reach * (1 - 2 * side)
        made.append(
            Surface(
                start=near * UNIT - side * across * width * UNIT // SLOPE,
                across=across,
                left=(-width if side == 0 else width - reach) * UNIT,
                right=(reach if side == 0 else 2 * width) * UNIT,
                rise=draw(500, 2200),
                look=look(plain=draw(0, 2) == 0, striped=draw(0, 1) == 0),
            )
        )
    for kind, (fewest, most) in COUNTS.items():
        made += [_thing(kind, width, draw, look) for _ in range(draw(fewest, most))]
    return horizon, made


def _thing(kind: str, width: int, draw: Callable[[int, int], int], look: Callable[..., Look]) -> Surface:
    """Draw one upright surface that stands on the road, facing us or nearly so."""
    away = max(2, (8 + draw(0, 255) * draw(0, 255) * 64 // 65536) * width // WIDTH)  # pixels of disparity
    middle, across = draw(0, width), draw(-40, 40)
    narrow, wide, low, high = SHAPES[kind]
    spread = max(2, away * draw(narrow, wide) // 100)
    return Surface(
        start=(away - across * middle // SLOPE) * UNIT,
        across=across,
        left=(middle - spread) * UNIT,
        right=(middle + spread) * UNIT,
        rise=draw(low, high),
        radius=spread if kind == "tree" else 0,
        look=look(plain=kind == "vehicle" and draw(0, 2) == 0, striped=kind == "fence"),
    )


def trace(surfaces: list[Surface], horizon: int, height: int, width: int, eye: str) -> View:
    """Return what the camera ``eye`` sees of the nearest surface at every pixel."""
    rows = np.arange(height, dtype=np.int32)[:, None]
    columns = np.arange(width, dtype=np.int32)[None, :] * np.int32(UNIT)
    best, found, where = (np.full((height, width), value, np.int32) for value in (0, 0, 0))
    for number, surface in enumerate(surfaces):
        row_start = surface.start + surface.down * rows
        if eye == "left":
            place = np.broadcast_to(columns, (height, width))
        else:  # place - disparity(place) = column, solved for the place
            place = (columns + row_start) * np.int32(SLOPE) // np.int32(SLOPE - surface.across)
        disparity = row_start + (place * np.int32(surface.across) >> 10)
        inside = (place >= surface.left) & (place < surface.right) & (disparity > best)
        if surface.radius:
            dx = (place - (surface.left + surface.right) // 2) >> 8
            dy = rows - horizon + np.int32(surface.radius)
            inside &= dx * dx + dy * dy <= surface.radius * surface.radius
        else:
            inside &= (horizon - rows) * np.int32(256) <= (disparity >> 4) * np.int32(surface.rise) >> 4
        np.copyto(best, disparity, where=inside)
        np.copyto(found, np.int32(number), where=inside)
        np.copyto(where, place, where=inside)
    return View(surface=found, disparity=best, column=where)


def paint(surfaces: list[Surface], view: View, key: int, noise_key: int, *, right: bool) -> U8:
    """Return the picture (h, w) of a view."""
    table = np.array([astuple(surface.look) for surface in surfaces], np.int32)
    shade, *strengths, period, stripes, gain, offset = (column[view.surface] for column in table.T)
    height, width = view.surface.shape
    rows = np.broadcast_to(np.arange(height, dtype=np.int32)[:, None], (height, width))
    shift = (np.arange(len(surfaces), dtype=np.int32) * 977)[view.surface]  # each surface has its own part of the noise
    value = np.zeros((height, width), np.int32)
    for octave, strength in zip(OCTAVES, strengths, strict=True):
        value += _noise(_table(key, octave), view.column + shift * UNIT, rows + shift, octave) * strength >> 7
    value += _triangle(view.column * np.int32(16) // (period >> 4)) * stripes >> 7
    value += shade
    if right:
        value = ((value - 128) * gain >> 8) + 128 + offset
    value += _grain(noise_key, height, width)
    return np.clip(value, 0, 255).astype(np.uint8)


def _seen(left: View, right: View) -> NDArray[np.bool_]:
    """Return which pixels of the left view the right one shows, too: the same surface stands at x - disparity."""
    width = left.surface.shape[1]
    column = np.arange(width, dtype=np.int32) - ((left.disparity + UNIT // 2) >> 8)
    there = np.take_along_axis(right.surface, np.clip(column, 0, width - 1), axis=1)
    seen: NDArray[np.bool_] = (column >= 0) & (there == left.surface)
    return seen


def _table(key: int, octave: int) -> I32:
    count = TABLE[0] * TABLE[1]
    counter = np.arange(octave * count, (octave + 1) * count, dtype=np.uint64) + np.uint64(key)
    return (mix(counter) >> np.uint64(56)).astype(np.int32)


def _noise(table: I32, x: I32, y: I32, octave: int) -> I32:
    """Return values from -128 to 127: the table's, interpolated linearly; x in 1/256 pixel, y in pixels."""
    column, row = x >> (8 + octave), y >> octave
    across, down = x >> octave & 255, (y & (1 << octave) - 1) << 8 - octave
    rows, columns = TABLE[0] - 1, TABLE[1] - 1
    corners = [
        table[((row + below & rows) << 10) + (column + beside & columns)] for below in (0, 1) for beside in (0, 1)
    ]
    top, bottom = ((a << 8) + (b - a) * across for a, b in (corners[:2], corners[2:]))
    value: I32 = ((top << 8) + (bottom - top) * down >> 16) - 128
    return value


def _triangle(phase: I32) -> I32:
    """Return a wave from -128 to 127 with steep flanks; 256 of ``phase`` are one period."""
    value: I32 = np.clip((abs((phase & 255) - 128) - 64) * 4, -128, 127)
    return value


def _grain(key: int, height: int, width: int) -> I32:
    counter = np.arange(height * width, dtype=np.uint64) + np.uint64(key)
    two = mix(counter) >> np.uint64(48)
    total = (two >> np.uint64(8)).astype(np.int32) + (two & np.uint64(255)).astype(np.int32)
    return ((total - 255) * NOISE >> 8).reshape(height, width)
