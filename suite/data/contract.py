"""What a data set is: its images, where they come from, and what is known about them."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

U8 = NDArray[np.uint8]

PARTS: Final = ("train_images", "train_labels", "test_images", "test_labels")
"""The four arrays of every data set, in the order in which they are hashed; also the names of the prepared files."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Images:
    """A whole image classification set in memory (or memory-mapped).

    Images are uint8 (N, height, width, 3), 0 to 255, rows from the top, channels red, green, blue; labels uint8 (N,).

    Raises:
        ValueError: an array has another type or shape, or there is not one label per image.
    """

    train_images: U8
    train_labels: U8
    test_images: U8
    test_labels: U8

    def __post_init__(self) -> None:
        for split in ("train", "test"):
            images, labels = getattr(self, f"{split}_images"), getattr(self, f"{split}_labels")
            if images.dtype != np.uint8 or images.ndim != 4 or images.shape[3] != 3:
                raise ValueError(
                    f"{split} images have to be uint8 (N, height, width, 3), not {images.dtype} {images.shape}"
                )
            if labels.dtype != np.uint8 or labels.shape != images.shape[:1]:
                raise ValueError(
                    f"{split} labels have to be uint8 {images.shape[:1]}, not {labels.dtype} {labels.shape}"
                )

    def sha256(self) -> str:
        """Return the SHA-256 over each array's name, shape and bytes in C order; results name their data by it."""
        digest = hashlib.sha256()
        for name in PARTS:
            array = np.ascontiguousarray(getattr(self, name))
            digest.update(f"{name} uint8 {array.shape}\n".encode())
            digest.update(array.data)
        return digest.hexdigest()


@dataclass(frozen=True, kw_only=True)
class Archive:
    """One file that a publisher offers for download.

    Attributes:
        name: the file's name.
        urls: addresses of that file, the publisher's first.
        md5: published digest of the file, hexadecimal.
        size: the file's length in bytes.
    """

    name: str
    urls: tuple[str, ...]
    md5: str
    size: int


@dataclass(frozen=True, kw_only=True)
class DataSet:
    """One data set; ``suite/data/<name>.py`` has it as ``DATASET`` and is thereby found.

    A set is either real (it is found on disk, checked and read) or synthetic (it is made, and ``source`` is None).

    Attributes:
        name: how files and options call it.
        title: how reports call it; a synthetic one has the word "synthetic" in it.
        synthetic: whether the images are made up; every accuracy reached on them has to say so.
        classes: the name of each label, in label order.
        citation: whom to cite.
        find: finds the set in a folder (a file named itself is returned), or returns None. Nothing is checked yet.
        identify: checks the source completely and returns a text that is the same exactly when ``read`` gives the same
            images.
        describe: says in words, without any path, what the images were made from.
        read: reads (or makes) the images.
        archive: where to download it, if it can be.
        twin_of: name of the real set that a synthetic one stands in for.
    """

    name: str
    title: str
    synthetic: bool
    classes: tuple[str, ...]
    citation: str
    find: Callable[[Path], Path | None]
    identify: Callable[[Path | None], str]
    describe: Callable[[Path | None], str]
    read: Callable[[Path | None], Images]
    archive: Archive | None = None
    twin_of: str | None = None
