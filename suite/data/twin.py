"""Procedural 32 x 32 colour images in ten classes, the same bytes for the same seed on every machine.

All arithmetic is on integers of a fixed width, and all randomness is a counter put through a published mixing function,
so neither the NumPy version nor the processor's vector units can change a bit.

A class is a wave pattern: stripes in one of six directions, rings, two saddles, or a plaid. Phase, wavelength, bend,
place, size, colours, contrast, a faint second wave, two covering boxes and noise are drawn per image. The drawn
directions of neighbouring stripe classes overlap, so no model can be right about every image.
"""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from suite.seeds import derive

U8 = NDArray[np.uint8]
I16 = NDArray[np.int16]
I32 = NDArray[np.int32]
U64 = NDArray[np.uint64]

SIDE: Final = 32
CHUNK: Final = 250
"""Images rendered at a time: their arrays stay in a processor's second-level cache."""

CLASSES: Final = (
    "stripes-0", "stripes-30", "stripes-60", "stripes-90", "stripes-120", "stripes-150",
    "rings", "saddle", "saddle-45", "plaid",
)  # fmt: skip
TINT: Final = np.array(
    [
        [18, 0, -18],
        [-18, 18, 0],
        [0, -18, 18],
        [18, -18, 0],
        [0, 18, -18],
        [-18, 0, 18],
        [14, 14, 14],
        [-14, -14, -14],
        [18, 9, -9],
        [-9, 9, 18],
    ],
    dtype=np.int16,
)
"""Mean colour of each class, red, green, blue: a weak hint, so that training moves from its first steps on."""

JITTER: Final = 22
"""Greatest turn of a pattern from its class's direction, in degrees: a difference of two draws, so mostly less."""
NOISE: Final = 40
"""Greatest change of a value by noise, out of 255; likewise mostly less."""
FIELDS: Final = 64
"""Random numbers reserved per image."""


def mix(counter: U64) -> U64:
    """Return well-mixed 64-bit numbers for distinct counters: the splitmix64 finaliser.

    Source: Steele, Lea and Flood, "Fast splittable pseudorandom number generators", OOPSLA 2014, in the form
    and with the constants of Vigna's splitmix64.c.
    """
    z = counter * np.uint64(0x9E3779B97F4A7C15)
    z ^= z >> np.uint64(30)
    z *= np.uint64(0xBF58476D1CE4E5B9)
    z ^= z >> np.uint64(27)
    z *= np.uint64(0x94D049BB133111EB)
    z ^= z >> np.uint64(31)
    return z


def sine(degrees: I32) -> I32:
    """Return 4096 times the sine of whole degrees, by Bhaskara's rational formula (0.2 % off): integers only."""
    turned = degrees % 360
    half = turned % 180
    product = half * (180 - half)
    return np.where(turned < 180, 1, -1).astype(np.int32) * (4 * 4096 * product // (40500 - product))


class Draws:
    """Independent whole numbers for each image of a chunk, one named draw after the other."""

    def __init__(self, key: int, first: int, count: int) -> None:
        index = np.arange(first, first + count, dtype=np.uint64) * np.uint64(FIELDS)
        self._base = index + np.uint64(key)
        self._field = 0

    def between(self, low: int, high: int, width: int = 1) -> I32:
        """Return (images, width) numbers from ``low`` to ``high``, both included."""
        fields = np.arange(self._field, self._field + width, dtype=np.uint64)
        self._field += width
        high_bits = mix(self._base[:, None] + fields) >> np.uint64(32)
        return ((high_bits * np.uint64(high - low + 1)) >> np.uint64(32)).astype(np.int32) + np.int32(low)


def labels(seed: int, split: str, count: int) -> U8:
    """Return ``count`` shuffled labels (count,), each class equally often (within one)."""
    key = derive(seed, "twin", split, "labels")
    order = np.argsort(mix(np.arange(count, dtype=np.uint64) + np.uint64(key)), kind="stable")
    return (order % len(CLASSES)).astype(np.uint8)


def images(seed: int, split: str, classes: U8, first: int = 0) -> U8:
    """Return the images (N, 32, 32, 3) for the labels ``classes`` (N,), from number ``first`` of the split on."""
    out = np.empty((len(classes), SIDE, SIDE, 3), np.uint8)
    draw_key, noise_key = derive(seed, "twin", split, "draws"), derive(seed, "twin", split, "noise")
    for start in range(0, len(classes), CHUNK):
        part = classes[start : start + CHUNK]
        draws = Draws(draw_key, first + start, len(part))
        out[start : start + CHUNK] = _render(draws, part, _noise(noise_key, first + start, len(part)))
    return out


def _noise(key: int, first: int, count: int) -> I16:
    """Return (count, 3, 32, 32) numbers from -NOISE to NOISE, small ones likelier (the sum of two uniform draws)."""
    words = 3 * SIDE * SIDE // 4
    counter = np.arange(first * words, (first + count) * words, dtype=np.uint64) + np.uint64(key)
    two = mix(counter).astype("<u8", copy=False).view(np.uint8).reshape(count, 3, SIDE, SIDE, 2)
    total = two[..., 0].astype(np.int16) + two[..., 1]
    return ((total - 255) * np.int16(NOISE)) >> 8


def _render(draws: Draws, classes: U8, noise: I16) -> U8:
    x = np.arange(SIDE, dtype=np.int32)[None, :] - draws.between(9, 22)
    y = np.arange(SIDE, dtype=np.int32)[None, :] - draws.between(9, 22)
    pattern = _window(draws, x, y) * _pattern(draws, classes, x, y) >> 8  # (n, 32, 32), -128 to 127
    colours = (
        draws.between(36, 110, 3)
        * np.where(draws.between(0, 3, 3) == 0, -1, 1)
        * np.where(draws.between(0, 1) == 0, -1, 1)
    )
    canvas = _background(draws, classes)
    for channel in range(3):
        canvas[:, channel] += pattern * colours[:, channel, None, None].astype(np.int16) >> 7
    for _ in range(2):
        _cover(draws, canvas)
    canvas += noise
    return np.clip(canvas, 0, 255).astype(np.uint8).transpose(0, 2, 3, 1)


def _pattern(draws: Draws, classes: U8, x: I32, y: I32) -> I16:
    """Return the waves (n, 32, 32), -128 to 127."""
    kind = classes.astype(np.int32)[:, None]
    stripes, plaid = kind < 6, kind == 9
    turn = draws.between(0, JITTER) - draws.between(0, JITTER)
    any_turn = draws.between(0, 179)
    angle = np.where(stripes, kind * 30 + turn, any_turn)
    frequency = draws.between(65536 // 12, 65536 // 5)  # 65536 is one period: wavelengths of 5 to 12 pixels
    bend = draws.between(-160, 160)
    curve = draws.between(350, 700) * np.where(draws.between(0, 1) == 0, -1, 1)
    linear = np.where(stripes | plaid, frequency, 0)
    # rings: x^2 + y^2; saddle: x^2 - y^2; saddle-45: 2 x y; others: a slight bend
    xx = np.where((kind == 6) | (kind == 7), curve, np.where(kind == 8, 0, bend))
    yy = np.where(kind == 6, curve, np.where(kind == 7, -curve, np.where(kind == 8, 0, -bend)))
    xy = np.where(kind == 8, 2 * curve, 0)
    main = _wave(draws, x, y, linear * sine(angle + 90) >> 12, linear * sine(angle) >> 12, xx, yy, xy)
    second = np.where(plaid, angle + 90, draws.between(0, 359))
    other = _wave(
        draws, x, y, frequency * sine(second + 90) >> 12, frequency * sine(second) >> 12, 0 * xx, 0 * yy, 0 * xy
    )
    share = np.where(plaid, 64, draws.between(0, 40)).astype(np.int16)[:, :, None]
    return (main * (128 - share) >> 7) + (other * share >> 7)


def _wave(draws: Draws, x: I32, y: I32, fx: I32, fy: I32, xx: I32, yy: I32, xy: I32) -> I16:
    """Return a triangle wave (n, 32, 32), -128 to 127, of the phase fx x + fy y + xx x^2 + yy y^2 + xy x y + a draw."""
    across = (fx * x + xx * x * x + draws.between(0, 65535)).astype(np.uint16)
    down = (fy * y + yy * y * y).astype(np.uint16)
    phase = down[:, :, None] + across[:, None, :]
    phase += (
        y.astype(np.uint16)[:, :, None] * (xy * x).astype(np.uint16)[:, None, :]
    )  # wraps at one period, as it should
    signed = phase.view(np.int16)
    return ((signed ^ (signed >> 15)) >> 7) - np.int16(128)


def _window(draws: Draws, x: I32, y: I32) -> I16:
    """Return how strongly the pattern shows (n, 32, 32), 0 to 255: full in the middle, fading at a drawn distance."""
    reach = draws.between(90, 330)[:, :, None]
    fall = reach - (y * y)[:, :, None] - (x * x)[:, None, :]
    strength: I16 = np.clip(fall * 3, 0, 255).astype(np.int16)
    return strength


def _background(draws: Draws, classes: U8) -> I16:
    """Return colour gradients (n, 3, 32, 32) around a drawn colour that leans a little to the class's tint."""
    colour = draws.between(68, 188, 3).astype(np.int16) + TINT[classes]
    slope = draws.between(-24, 24, 6).astype(np.int16)
    steps = np.arange(SIDE, dtype=np.int16) - np.int16(16)
    across = (slope[:, :3, None] * steps >> 4) + colour[:, :, None]
    down = slope[:, 3:, None] * steps >> 4
    return down[:, :, :, None] + across[:, :, None, :]


def _cover(draws: Draws, canvas: I16) -> None:
    """Paint one box of a drawn place, size and colour over each image."""
    place, size = draws.between(-4, 28, 2), draws.between(2, 14, 2)
    steps = np.arange(SIDE, dtype=np.int32)[None, :]
    rows, columns = ((steps >= place[:, [i]]) & (steps < place[:, [i]] + size[:, [i]]) for i in range(2))
    colour = draws.between(10, 245, 3).astype(np.int16)
    inside = (rows[:, :, None] & columns[:, None, :])[:, None]
    np.copyto(canvas, colour[:, :, None, None], where=inside)
