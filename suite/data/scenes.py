"""One stereo pair as it is read or made, and what is kept of many: arrays, and where examples can be cut."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from suite.data.contract import U8, U16, U32, Pairs
from suite.errors import InputError

REACH: Final = 11
"""How far beside the true place in the right image there has to be image: no wrong candidate lies farther off."""
UNIT: Final = 256
"""Disparities are kept as whole numbers of 1/256 pixel, as KITTI's files have them; 0 is unknown."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Scene:
    """A rectified pair: ``left`` and ``right`` grey uint8 (h, w), ``truth`` uint16 (h, w), 256 times the disparity.

    ``where`` names it in errors.
    """

    name: str
    where: str
    left: U8
    right: U8
    truth: U16


def refuse_unlike_sizes(scene: Scene, left: str, right: str, truth: str) -> None:
    """Refuse images of unlike sizes.

    Raises:
        InputError: the right image or the disparities have another size than the left image; the files are named.
    """
    for where, (height, width) in ((right, scene.right.shape), (truth, scene.truth.shape)):
        if (height, width) != scene.left.shape:
            raise InputError(
                f"{where} has {width} x {height} pixels, and {left} {scene.left.shape[1]} x {scene.left.shape[0]}: "
                "these are no pair."
            )


def gather(train: Sequence[Scene], test: Sequence[Scene]) -> Pairs:
    """Return the set of both splits' scenes.

    Raises:
        InputError: no example can be cut from a split, since its images are too small or all its truth is unknown.
    """
    return Pairs(**_split("train", train), **_split("test", test))


def places(truth: U16) -> U32:
    """Return y, x (n, 2) of every pixel from which examples can be cut.

    Its disparity t is known, and x - t - REACH to x - t + REACH lie in the image.
    """
    there = truth.astype(np.int32)
    x = np.arange(truth.shape[1], dtype=np.int32) * UNIT
    place = x - there
    fits = (there > 0) & (place >= REACH * UNIT) & (place <= (truth.shape[1] - 1 - REACH) * UNIT)
    return np.argwhere(fits).astype(np.uint32)


def _split(split: str, scenes: Sequence[Scene]) -> dict[str, Any]:
    height, width = (max(scene.left.shape[axis] for scene in scenes) for axis in range(2))
    left, right = (np.zeros((len(scenes), height, width), np.uint8) for _ in range(2))
    truth = np.zeros((len(scenes), height, width), np.uint16)
    positions = []
    for number, scene in enumerate(scenes):
        inside = (number, slice(scene.left.shape[0]), slice(scene.left.shape[1]))
        left[inside], right[inside], truth[inside] = scene.left, scene.right, scene.truth
        found = places(scene.truth)
        positions.append(np.insert(found, 0, number, axis=1))
    if not sum(map(len, positions)):
        raise InputError(f"{scenes[0].where} has no pixel of known disparity that lies far enough from the edges.")
    return {
        f"{split}_left": left,
        f"{split}_right": right,
        f"{split}_truth": truth,
        f"{split}_sizes": np.array([scene.left.shape for scene in scenes], np.int32),
        f"{split}_positions": np.concatenate(positions),
        f"{split}_pairs": tuple(scene.name for scene in scenes),
    }
