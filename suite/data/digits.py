"""Procedural 28 x 28 digits, the same bytes for the same seed on every machine.

A digit is a few straight strokes between points whose places, size, slant, turn and thickness are drawn per image; a
faint stroke that belongs to no digit lies across half of the images, and there is noise. All arithmetic is on integers
of a fixed width, but for square roots of whole numbers, which IEEE 754 rounds in one way only.
"""

from __future__ import annotations

from typing import Final

import numpy as np

from suite.data.twin import I16, I32, U8, Draws, mix
from suite.seeds import derive

SIDE: Final = 28
UNIT: Final = 8
"""Places are in 1/8 pixel."""
CHUNK: Final = 2500
"""Images rendered at a time."""
NOISE: Final = 24
"""Greatest change of a value by noise, out of 255; mostly less."""

STROKES: Final = (
    (((50, 4), (25, 14), (16, 50), (25, 86), (50, 96), (75, 86), (84, 50), (75, 14), (50, 4)),),
    (((30, 28), (54, 5), (54, 95)),),
    (((18, 30), (28, 11), (54, 5), (78, 20), (74, 42), (18, 94), (84, 94)),),
    (((18, 14), (52, 5), (78, 22), (68, 42), (42, 47)), ((42, 47), (76, 58), (80, 78), (54, 96), (17, 86))),
    (((66, 96), (66, 5), (14, 64), (90, 64)),),
    (((80, 6), (28, 6), (23, 46), (58, 40), (81, 60), (74, 86), (46, 96), (17, 85)),),
    (((70, 5), (38, 24), (21, 58), (27, 86), (52, 96), (76, 85), (77, 62), (53, 50), (24, 64)),),
    (((14, 8), (84, 8), (44, 96)),),
    (
        ((50, 47), (24, 32), (28, 11), (50, 4), (73, 11), (76, 32), (50, 47)),
        ((50, 47), (20, 67), (25, 90), (50, 97), (76, 90), (80, 67), (50, 47)),
    ),
    (((76, 36), (48, 50), (23, 38), (24, 15), (48, 4), (73, 14), (79, 42), (62, 76), (30, 95)),),
)
"""The points of each digit's strokes: x to the right, y down, in percent of the box that it is written into."""
JITTER: Final = 8
"""Greatest move of a point, in percent of that box."""


def images(seed: int, split: str, classes: U8, first: int = 0) -> U8:
    """Return the images (N, 28, 28, 1) for the labels ``classes`` (N,), from number ``first`` of the split on."""
    out = np.zeros((len(classes), SIDE, SIDE, 1), np.uint8)
    draw_key, noise_key = derive(seed, "mnist-twin", split, "draws"), derive(seed, "mnist-twin", split, "noise")
    for start in range(0, len(classes), CHUNK):
        part = classes[start : start + CHUNK]
        draws = Draws(draw_key, first + start, len(part))
        out[start : start + CHUNK, ..., 0] = _render(draws, part, _noise(noise_key, first + start, len(part)))
    return out


def _render(draws: Draws, classes: U8, noise: I16) -> U8:
    box = np.stack([draws.between(84, 160), draws.between(116, 164)], axis=-1)  # (n, 1, 2) width, height
    middle = draws.between(14 * UNIT - 20, 14 * UNIT + 20, 2)[:, None, :]
    slant, turn = draws.between(-16, 38), draws.between(-14, 14)  # in percent of the height, of the width
    radius = draws.between(6, 15)[:, 0]
    strength = draws.between(170, 255)
    jitter = draws.between(-JITTER, JITTER, 2 * max(sum(map(len, strokes)) for strokes in STROKES))
    ends = draws.between(0, SIDE * UNIT - 1, 4).reshape(-1, 2, 2).astype(np.int16)
    across = np.where(draws.between(0, 1) == 0, 0, draws.between(20, 110))
    ink = _ink(_near(ends[:, 0], ends[:, 1]), np.full(len(classes), 5, np.int32)) * across[:, :, None] >> 8
    for digit, strokes in enumerate(STROKES):
        which = np.flatnonzero(classes == digit)
        if not which.size:
            continue
        points = np.array([point for stroke in strokes for point in stroke], np.int32) - 50
        places = points + jitter[which, : points.size].reshape(-1, *points.shape)
        x, y = places[..., 0], places[..., 1]
        sheared = np.stack([x - y * slant[which] // 100, y + x * turn[which] // 100], axis=-1)
        at = (sheared * box[which] // 100 + middle[which]).astype(np.int16)
        nearest = np.full((len(which), SIDE, SIDE), 1 << 13, np.int16)
        for start, end in _segments(strokes):
            np.minimum(nearest, _near(at[:, start], at[:, end]), out=nearest)
        ink[which] = np.maximum(ink[which], _ink(nearest, radius[which]) * strength[which][:, :, None] >> 8)
    grain = noise * (ink + 64) // 256  # less where there is no ink
    shown: U8 = np.clip(ink + grain, 0, 255).astype(np.uint8)
    return shown


def _segments(strokes: tuple[tuple[tuple[int, int], ...], ...]) -> list[tuple[int, int]]:
    """Return start and end of every straight piece, as numbers of points."""
    found, first = [], 0
    for stroke in strokes:
        found += [(first + number, first + number + 1) for number in range(len(stroke) - 1)]
        first += len(stroke)
    return found


def _near(start: I16, end: I16) -> I16:
    """Return the squared distances (n, 28, 28), in 1/64 square pixel, of all pixels from pieces of (n, 2) x, y each."""
    vector = end.astype(np.int32) - start
    squares = (vector * vector).sum(axis=1)
    length = np.maximum(np.sqrt(squares.astype(np.float64)).astype(np.int32), 1)
    unit = (vector * 64 // length[:, None]).astype(np.int16)
    pixels = np.arange(SIDE, dtype=np.int16) * np.int16(UNIT) + np.int16(UNIT // 2)
    dx, dy = (pixels[None, :] - start[:, [axis]] for axis in range(2))
    beside = (dx * unit[:, [1]])[:, None, :] - (dy * unit[:, [0]])[:, :, None]  # 64 times the distance from the line
    along = (dx * unit[:, [0]])[:, None, :] + (dy * unit[:, [1]])[:, :, None]
    # far behind the start the second wraps around, where the first is large and both are cut to the same below
    beyond = np.maximum(-along, along - (length * 64).astype(np.int16)[:, None, None])
    aside, past = (np.minimum(distance >> 6, np.int16(60)) for distance in (abs(beside), np.maximum(beyond, 0)))
    near: I16 = aside * aside + past * past
    return near


def _ink(squares: I16, radius: I32) -> I32:
    """Return 0 to 255 by how deep a pixel lies in a stroke of that radius; its edge is a pixel wide."""
    outer = ((radius + 4) * (radius + 4))[:, None, None]
    ink: I32 = np.clip((outer - squares) * 255 // (16 * radius)[:, None, None], 0, 255)
    return ink


def _noise(key: int, first: int, count: int) -> I16:
    """Return (count, 28, 28) numbers from -NOISE to NOISE, small ones likelier (the sum of two uniform draws)."""
    words = SIDE * SIDE // 4
    counter = np.arange(first * words, (first + count) * words, dtype=np.uint64) + np.uint64(key)
    two = mix(counter).astype("<u8", copy=False).view(np.uint8).reshape(count, SIDE, SIDE, 2)
    total = two[..., 0].astype(np.int16) + two[..., 1]
    return ((total - 255) * np.int16(NOISE)) >> 8
