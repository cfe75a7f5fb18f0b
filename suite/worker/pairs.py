"""Stereo pairs as a worker reads them: patches to train on, whole pairs to match."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal, overload

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from suite import inputs, records
from suite.frameworks import NHWC, Axes
from suite.inputs import UNIT
from suite.workload import Workload

TEST_EXAMPLES: Final = 10_000
"""Most test examples: as many places, evenly spaced over all test positions."""
CHUNK: Final = 4096
"""Examples that are cut at a time."""

Split = Literal["train", "test"]


@dataclass(frozen=True, eq=False)
class StereoPair:
    """A rectified pair: images normalised by their own mean and deviation, and the disparities of the left one.

    ``left``, ``right`` and ``truth`` are float32 (h, w); ``truth`` is in pixels, nan where it is unknown.
    """

    name: str
    left: np.ndarray
    right: np.ndarray
    truth: np.ndarray


class StereoExamples:
    """Patches of stereo pairs: the left one in channel 0, two candidates from the right image in channels 1 and 2."""

    def __init__(self, folder: Path, task: Workload) -> None:
        if task.matching is None or task.input_shape[0] != task.input_shape[1] or task.input_shape[0] % 2 == 0:
            raise ValueError(f"workload {task.name} has no square patches with a middle to match")
        self._folder = folder
        self._side = task.input_shape[0]
        self._matching = task.matching
        self._train = _Split(folder, "train", self._side // 2)

    def train(
        self, order: np.ndarray, axes: Axes = NHWC, epoch: int = 0, seed: int = 0
    ) -> tuple[np.ndarray, np.ndarray]:
        """Return patches (n, side, side, 3) at the training positions in ``order``, and labels (n,).

        Candidates are drawn for each visit anew, by ``epoch`` and ``seed``, see :func:`suite.inputs.candidates`.
        """
        return self._cut(self._train, order, axes, epoch, seed)

    def test(self, axes: Axes = NHWC) -> tuple[np.ndarray, np.ndarray]:
        """Return the test examples: places and candidates are the same in every run."""
        split = _Split(self._folder, "test", self._side // 2)
        count = min(len(split.positions), TEST_EXAMPLES)
        return self._cut(split, np.arange(count) * len(split.positions) // count, axes, "test", 0)

    def _cut(
        self, split: _Split, order: np.ndarray, axes: Axes, draw: int | str, seed: int
    ) -> tuple[np.ndarray, np.ndarray]:
        pair, y, x = split.positions[order].astype(np.int64).T
        drawn = inputs.candidates(self._matching, x * UNIT - split.truth[pair, y, x], draw, seed)
        columns = np.stack([drawn.positive, drawn.negative])
        shape = (len(order), self._side, self._side, 3)
        images = np.empty([shape[axis] for axis in axes], np.float32).transpose(np.argsort(axes))
        for start in range(0, len(order), CHUNK):
            part = slice(start, start + CHUNK)
            places = pair[part], y[part]
            images[part, ..., 0] = split.windows("left")[*places, x[part]]
            first = np.where(drawn.labels[part] == 0, *columns[:, part])
            images[part, ..., 1] = split.windows("right")[*places, first]
            images[part, ..., 2] = split.windows("right")[*places, columns[:, part].sum(axis=0) - first]
        return images, drawn.labels


class _Split:
    """The pairs of one split: positions, disparities, and images normalised and padded by ``pad`` zeros all around."""

    def __init__(self, folder: Path, split: Split, pad: int) -> None:
        self.positions = np.load(folder / f"{split}_positions.npy", mmap_mode="r", allow_pickle=False)
        self.truth = np.load(folder / f"{split}_truth.npy", mmap_mode="r", allow_pickle=False)
        self._side = 2 * pad + 1
        sizes = np.load(folder / f"{split}_sizes.npy", allow_pickle=False)
        self._padded = {}
        for eye in ("left", "right"):
            pixels = np.load(folder / f"{split}_{eye}.npy", mmap_mode="r", allow_pickle=False)
            count, height, width = pixels.shape
            padded = np.zeros((count, height + 2 * pad, width + 2 * pad), np.float32)
            for number, (h, w) in enumerate(sizes):
                padded[number, pad : pad + h, pad : pad + w] = normalise(pixels[number, :h, :w])
            self._padded[eye] = padded

    def windows(self, eye: Literal["left", "right"]) -> np.ndarray:
        """Return a view (pairs, height, width, side, side): the patch around every pixel."""
        return sliding_window_view(self._padded[eye], (self._side, self._side), axis=(1, 2))


class TestPairs(Sequence[StereoPair]):
    """The test pairs, each read and normalised when it is asked for: all of KITTI's together would take a gigabyte."""

    __test__ = False  # no test, whatever pytest makes of the name

    def __init__(self, folder: Path) -> None:
        self._names = records.read_json(folder / "data.json", "the description of prepared data")["test_pairs"]
        self._sizes = np.load(folder / "test_sizes.npy", allow_pickle=False)
        self._arrays = [
            np.load(folder / f"test_{part}.npy", mmap_mode="r", allow_pickle=False)
            for part in ("left", "right", "truth")
        ]

    def __len__(self) -> int:
        return len(self._names)

    @overload
    def __getitem__(self, index: int) -> StereoPair: ...
    @overload
    def __getitem__(self, index: slice) -> list[StereoPair]: ...
    def __getitem__(self, index: int | slice) -> StereoPair | list[StereoPair]:
        if isinstance(index, slice):
            return [self[number] for number in range(len(self))[index]]
        height, width = self._sizes[index]
        left, right, coded = (array[index, :height, :width] for array in self._arrays)
        truth = np.where(coded == 0, np.float32(np.nan), coded.astype(np.float32) / np.float32(UNIT))
        return StereoPair(self._names[index], normalise(left), normalise(right), truth)


def test_pairs(folder: Path) -> TestPairs:
    """Return the whole test pairs of the stereo set prepared in ``folder``."""
    return TestPairs(folder)


test_pairs.__test__ = False  # type: ignore[attr-defined]


def normalise(pixels: np.ndarray) -> np.ndarray:
    """Return the bytes of one image less their mean, over their standard deviation, in float32; zeros if that is 0.

    Mean and deviation come from exact sums, so that every machine has the same.
    """
    values, count = pixels.astype(np.int64), pixels.size
    total, squares = int(values.sum()), int((values * values).sum())
    variance = count * squares - total * total
    if variance == 0:
        return np.zeros(pixels.shape, np.float32)
    mean, deviation = np.float32(total / count), np.float32(math.sqrt(variance) / count)
    result: np.ndarray = (pixels.astype(np.float32) - mean) / deviation
    return result
