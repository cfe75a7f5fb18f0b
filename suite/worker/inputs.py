"""What every framework is given alike: prepared images or pairs, one order of examples, one set of initial weights."""

from __future__ import annotations

from pathlib import Path
from typing import Literal, Protocol

import numpy as np

from suite.frameworks import NHWC, Axes
from suite.worker.pairs import StereoExamples, StereoPair, test_pairs
from suite.workload import InputScaling, Workload

__all__ = [
    "Examples",
    "ImageExamples",
    "StereoExamples",
    "StereoPair",
    "examples",
    "read_pixels",
    "scale",
    "test_pairs",
]


class Examples(Protocol):
    """Training and test examples as the driver prepared them: bytes on disk, read as they are needed.

    Images are float32 (n, height, width, channels); they lie in memory in the order of ``axes``, see
    :attr:`suite.frameworks.Trainer.memory_axes`. Labels are int64 (n,).
    """

    def train(
        self, order: np.ndarray, axes: Axes = NHWC, epoch: int = 0, seed: int = 0
    ) -> tuple[np.ndarray, np.ndarray]:
        """Return the training examples in ``order``; what is drawn of an example depends on ``epoch`` and ``seed``."""

    def test(self, axes: Axes = NHWC) -> tuple[np.ndarray, np.ndarray]:
        """Return all test examples, always the same."""


def examples(folder: Path, task: Workload) -> Examples:
    """Return the examples of ``task`` from the data set prepared in ``folder``."""
    if isinstance(task.input_scaling, InputScaling):
        return ImageExamples(folder, task.input_scaling)
    return StereoExamples(folder, task)


class ImageExamples:
    """Labelled images."""

    def __init__(self, folder: Path, scaling: InputScaling) -> None:
        self._scaling = scaling
        self._train_images = np.load(folder / "train_images.npy", mmap_mode="r", allow_pickle=False)
        self._train_labels = np.load(folder / "train_labels.npy", allow_pickle=False)
        self._test_images = np.load(folder / "test_images.npy", mmap_mode="r", allow_pickle=False)
        self._test_labels = np.load(folder / "test_labels.npy", allow_pickle=False)

    def train(
        self, order: np.ndarray, axes: Axes = NHWC, epoch: int = 0, seed: int = 0
    ) -> tuple[np.ndarray, np.ndarray]:
        """Return the training examples in ``order``; nothing of them is drawn."""
        del epoch, seed
        return scale(self._train_images[order], self._scaling, axes), self._train_labels[order].astype(np.int64)

    def test(self, axes: Axes = NHWC) -> tuple[np.ndarray, np.ndarray]:
        """Return all test examples, in file order."""
        return scale(self._test_images[:], self._scaling, axes), self._test_labels.astype(np.int64)


def read_pixels(folder: Path, split: Literal["train", "test"]) -> tuple[np.ndarray, np.ndarray]:
    """Return all images (n, height, width, channels) and labels (n,) of a split, as bytes, in memory and file order."""
    images = np.load(folder / f"{split}_images.npy", allow_pickle=False)
    return images, np.load(folder / f"{split}_labels.npy", allow_pickle=False)


def scale(pixels: np.ndarray, scaling: InputScaling, axes: Axes = NHWC) -> np.ndarray:
    """Return (pixels / divisor - mean) / std in float32, each operation rounded to float32.

    The shape stays (n, height, width, channels); the memory behind it is laid out in the order of ``axes``, in one pass
    over the bytes, so that no framework's layout costs a second copy of the floats.
    """
    values = pixels.transpose(axes).astype(np.float32, order="C")
    values /= np.float32(scaling.divisor)
    values -= np.float32(scaling.mean)
    values /= np.float32(scaling.std)
    return values.transpose(np.argsort(axes))
