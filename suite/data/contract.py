"""What a data set is: its images, where they come from, and what is known about them."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal

import numpy as np
from numpy.typing import NDArray

from suite.errors import InputError
from suite.workload import Workload

U8 = NDArray[np.uint8]
U16 = NDArray[np.uint16]
U32 = NDArray[np.uint32]
I32 = NDArray[np.int32]

Kind = Literal["images", "stereo"]

PARTS: Final = ("train_images", "train_labels", "test_images", "test_labels")
"""The four arrays of labelled images, in the order in which they are hashed; also the names of the prepared files."""
SPLITS: Final = ("train", "test")
STEREO_PARTS: Final = tuple(
    f"{split}_{part}" for split in SPLITS for part in ("left", "right", "truth", "sizes", "positions")
)
"""The arrays of a stereo set, likewise."""
TEST_EXAMPLES: Final = 10_000
"""Most test examples that are taken from a stereo set's test positions."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Images:
    """A whole image classification set in memory (or memory-mapped).

    Images are uint8 (N, height, width, channels), 0 to 255, rows from the top, channels red, green, blue or one grey;
    labels uint8 (N,).

    Raises:
        ValueError: an array has another type or shape, or there is not one label per image.
    """

    train_images: U8
    train_labels: U8
    test_images: U8
    test_labels: U8

    def __post_init__(self) -> None:
        for split in SPLITS:
            images, labels = getattr(self, f"{split}_images"), getattr(self, f"{split}_labels")
            if images.dtype != np.uint8 or images.ndim != 4 or images.shape[3] not in (1, 3):
                raise ValueError(
                    f"{split} images have to be uint8 (N, height, width, 1 or 3), not {images.dtype} {images.shape}"
                )
            if labels.dtype != np.uint8 or labels.shape != images.shape[:1]:
                raise ValueError(
                    f"{split} labels have to be uint8 {images.shape[:1]}, not {labels.dtype} {labels.shape}"
                )

    @property
    def arrays(self) -> dict[str, NDArray[np.generic]]:
        """Every array by the name of its prepared file."""
        return {name: getattr(self, name) for name in PARTS}

    @property
    def examples(self) -> dict[str, int]:
        """Number of training and of test examples."""
        return {f"{split}_examples": len(getattr(self, f"{split}_labels")) for split in SPLITS}

    @property
    def names(self) -> dict[str, list[str]]:
        """What else data.json says: nothing."""
        return {}

    def sha256(self) -> str:
        """Return the SHA-256 over each array's name, shape and bytes in C order; results name their data by it."""
        return _digest(self.arrays)


@dataclass(frozen=True, kw_only=True, eq=False)
class Pairs:
    """A whole stereo set in memory (or memory-mapped): rectified pairs with known disparities.

    ``left`` and ``right`` are grey, uint8 (N, H, W), zero at right and bottom of what is smaller than (H, W), which
    ``sizes`` int32 (N, 2) tells: the real height and width. ``truth`` uint16 (N, H, W) is 256 times the disparity, 0
    where it is unknown: pixel (y, x) of the left image shows what (y, x - disparity) of the right one shows.
    ``positions`` uint32 (M, 3) are pair, y, x of every pixel of which an example can be made.

    Raises:
        ValueError: an array has another type or shape, or there is not one name per pair.
    """

    train_left: U8
    train_right: U8
    train_truth: U16
    train_sizes: I32
    train_positions: U32
    test_left: U8
    test_right: U8
    test_truth: U16
    test_sizes: I32
    test_positions: U32
    train_pairs: tuple[str, ...]
    test_pairs: tuple[str, ...]

    def __post_init__(self) -> None:
        for split in SPLITS:
            frame = getattr(self, f"{split}_left").shape
            positions = getattr(self, f"{split}_positions").shape
            for part, dtype, shape in (
                ("left", np.uint8, (*frame[:1], *frame[-2:])),
                ("right", np.uint8, frame),
                ("truth", np.uint16, frame),
                ("sizes", np.int32, (*frame[:1], 2)),
                ("positions", np.uint32, (*positions[:1], 3)),
            ):
                array = getattr(self, f"{split}_{part}")
                if array.dtype != dtype or array.shape != shape:
                    raise ValueError(
                        f"{split} {part} have to be {np.dtype(dtype)} {shape}, not {array.dtype} {array.shape}"
                    )
            if len(getattr(self, f"{split}_pairs")) != frame[0]:
                raise ValueError(f"{frame[0]} {split} pairs have {len(getattr(self, f'{split}_pairs'))} names")

    @property
    def arrays(self) -> dict[str, NDArray[np.generic]]:
        """Every array by the name of its prepared file."""
        return {name: getattr(self, name) for name in STEREO_PARTS}

    @property
    def examples(self) -> dict[str, int]:
        """Number of training and of test examples."""
        return {
            "train_examples": len(self.train_positions),
            "test_examples": min(len(self.test_positions), TEST_EXAMPLES),
        }

    @property
    def names(self) -> dict[str, list[str]]:
        """What else data.json says: the pairs' names."""
        return {"train_pairs": list(self.train_pairs), "test_pairs": list(self.test_pairs)}

    def sha256(self) -> str:
        """Return the SHA-256 over each array, as that of :class:`Images`, and over the pairs' names."""
        return _digest(self.arrays, (f"{key} {name}\n" for key, names in self.names.items() for name in names))


def _digest(arrays: dict[str, NDArray[np.generic]], words: Iterable[str] = ()) -> str:
    digest = hashlib.sha256()
    for name, given in arrays.items():
        array = np.ascontiguousarray(given)
        digest.update(f"{name} {array.dtype} {array.shape}\n".encode())
        digest.update(array.astype(array.dtype.newbyteorder("<"), copy=False).data)
    for word in words:
        digest.update(word.encode())
    return digest.hexdigest()


@dataclass(frozen=True, kw_only=True)
class Archive:
    """One file that a publisher offers for download.

    Attributes:
        name: the file's name.
        urls: addresses of that file, the publisher's first.
        md5: published digest of the file, hexadecimal; None where none is published: then it is a zip archive, and the
            checksums in it are what it is checked by.
        size: the file's length in bytes; None where it is not published: then the server's word is taken.
    """

    name: str
    urls: tuple[str, ...]
    md5: str | None
    size: int | None


@dataclass(frozen=True, kw_only=True)
class Licence:
    """Terms that have to be accepted before a download.

    Attributes:
        name: the licence's short name.
        sentence: what it asks, in one sentence; whoever shows pictures of the set shows it, too.
        url: where its text is.
    """

    name: str
    sentence: str
    url: str


@dataclass(frozen=True, kw_only=True)
class DataSet:
    """One data set; ``suite/data/<name>.py`` has it as ``DATASET`` and is thereby found.

    A set is either real (it is found on disk, checked and read) or synthetic (it is made, and ``source`` is None).

    Attributes:
        name: how files and options call it.
        title: how reports call it; a synthetic one has the word "synthetic" in it.
        synthetic: whether the images are made up; every accuracy reached on them has to say so.
        kind: labelled images, or stereo pairs.
        classes: the name of each label, in label order; none for stereo pairs.
        shape: (height, width, channels) of each image; None for stereo pairs, which have sizes of their own.
        citation: whom to cite.
        needs: what has to be in the folder that a user names, in words.
        find: finds the set in a folder (a file named itself is returned), or returns None. Nothing is checked yet.
        identify: checks the source completely and returns a text that is the same exactly when ``read`` gives the same
            images.
        describe: says in words, without any path, what the images were made from.
        read: reads (or makes) the images.
        archives: what to download, if it can be.
        licence: terms to be accepted before a download.
        twin_of: name of the real set that a synthetic one stands in for.
    """

    name: str
    title: str
    synthetic: bool
    kind: Kind = "images"
    classes: tuple[str, ...]
    shape: tuple[int, int, int] | None = None
    citation: str
    needs: str = ""
    find: Callable[[Path], Path | None]
    identify: Callable[[Path | None], str]
    describe: Callable[[Path | None], str]
    read: Callable[[Path | None], Images | Pairs]
    archives: tuple[Archive, ...] = ()
    licence: Licence | None = None
    twin_of: str | None = None

    def refuse_unlike(self, task: Workload) -> None:
        """Refuse a workload that cannot be trained on this set.

        Raises:
            InputError: it needs the other kind, another image size or another number of classes.
        """
        wanted: Kind = "images" if task.matching is None else "stereo"
        words = {"images": "labelled images", "stereo": "stereo pairs"}
        if self.kind != wanted:
            raise InputError(
                f"{task.name} needs {words[wanted]}, and {self.name} ({self.title}) has {words[self.kind]}: choose "
                "another --dataset."
            )
        if self.kind == "images" and (self.shape, len(self.classes)) != (task.input_shape, task.classes):
            raise InputError(
                f"{task.name} needs images {task.input_shape} of {task.classes} classes, and those of {self.name} "
                f"({self.title}) are {self.shape} of {len(self.classes)}: choose another --dataset."
            )
