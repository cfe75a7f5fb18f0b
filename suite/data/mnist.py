"""MNIST as its publisher offers it: the four IDX files, gzipped or unpacked.

Source of format, names and sizes: http://yann.lecun.com/exdb/mnist/, "FILE FORMATS FOR THE MNIST DATABASE".
"""

from __future__ import annotations

import gzip
import hashlib
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np

from suite.data.contract import U8, Archive, DataSet, Images
from suite.errors import InputError

SIDE: Final = 28
CLASSES: Final = tuple("0123456789")
PLACES: Final = (".", "raw", "MNIST/raw", "MNIST")
"""Where the files may lie below the folder that is named."""
HEADER: Final = {1: 8, 3: 16}
"""Bytes of the header, by the number of axes: a magic number, then the length of each axis, each of four bytes."""


@dataclass(frozen=True, kw_only=True)
class Published:
    """One of the publisher's files: md5 as it is offered, gzipped; digest of what is in it; its length; its images."""

    gzipped: str
    size: int
    unpacked: str
    records: int
    axes: int

    @property
    def length(self) -> int:
        """Bytes of the unpacked file."""
        return HEADER[self.axes] + self.records * (SIDE * SIDE if self.axes == 3 else 1)


PUBLISHED: Mapping[str, Published] = {
    "train-images-idx3-ubyte": Published(
        gzipped="f68b3c2dcbeaaa9fbdd348bbdeb94873",
        size=9_912_422,
        unpacked="6bbc9ace898e44ae57da46a324031adb",
        records=60_000,
        axes=3,
    ),
    "train-labels-idx1-ubyte": Published(
        gzipped="d53e105ee54ea40749a09fcbcd1e9432",
        size=28_881,
        unpacked="a25bea736e30d166cdddb491f175f624",
        records=60_000,
        axes=1,
    ),
    "t10k-images-idx3-ubyte": Published(
        gzipped="9fb629c4189551a2d022fa330f9573f3",
        size=1_648_877,
        unpacked="2646ac647ad5339dbf082846283269ea",
        records=10_000,
        axes=3,
    ),
    "t10k-labels-idx1-ubyte": Published(
        gzipped="ec29112dd5afa0611ce80d1b7f02629c",
        size=4_542,
        unpacked="27ae3e4e09519cfbb04c329615203637",
        records=10_000,
        axes=1,
    ),
}
"""The digests of gzipped files are those that libraries publish too; the others are of what is in these files."""
# The publisher's own server refuses downloads at times, so that two long-lived copies stand behind it: PyTorch's and
# TensorFlow's. Whoever sends a file, the md5 decides.
MIRRORS: Final = (
    "https://yann.lecun.com/exdb/mnist",
    "https://ossci-datasets.s3.amazonaws.com/mnist",
    "https://storage.googleapis.com/cvdf-datasets/mnist",
)
ARCHIVES: Final = tuple(
    Archive(
        name=f"{name}.gz",
        urls=tuple(f"{mirror}/{name}.gz" for mirror in MIRRORS),
        md5=published.gzipped,
        size=published.size,
    )
    for name, published in PUBLISHED.items()
)


def find(folder: Path) -> Path | None:
    """Return the folder, ``folder`` or one below it, that holds any of the four files, or None."""
    places = (folder / place for place in PLACES)
    return next((place for place in places if any(_file(place, name) for name in PUBLISHED)), None)


def identify(source: Path | None) -> str:
    """Check every byte in ``source`` and return what the images are.

    Raises:
        InputError: a file is missing, truncated or altered; expected and found are named.
    """
    for name in PUBLISHED:
        _content(_named(source), name)
    return "mnist " + " ".join(published.unpacked for published in PUBLISHED.values())


def read(source: Path | None) -> Images:
    """Return the images of the folder ``source``; what is read is what is checked.

    Raises:
        InputError: as :func:`identify`.
    """
    train_images, train_labels, test_images, test_labels = (
        parse(_content(_named(source), name), published, str(_named(source) / name))
        for name, published in PUBLISHED.items()
    )
    return Images(
        train_images=train_images, train_labels=train_labels, test_images=test_images, test_labels=test_labels
    )


def parse(data: bytes, published: Published, where: str) -> U8:
    """Return the images (N, 28, 28, 1) or the labels (N,) of an unpacked IDX file; ``where`` names it in errors.

    Raises:
        InputError: the header or the length is another than it should be, or a label is not 0 to 9.
    """
    lengths = (published.records, SIDE, SIDE)[: published.axes]
    # the magic number: two zero bytes, 8 for unsigned bytes, the number of axes; then each length, high byte first
    header = np.array([0x0800 + published.axes, *lengths], ">u4").tobytes()
    if data[: len(header)] != header or len(data) != published.length:
        raise InputError(f"{where} is no IDX file of {' x '.join(map(str, lengths))} bytes.")
    values = np.frombuffer(data, np.uint8, offset=len(header))
    if published.axes == 3:
        return values.reshape(*lengths, 1)
    if (values >= len(CLASSES)).any():
        raise InputError(f"{where} has the label {values.max()}, not 0 to 9.")
    return values


def describe(source: Path | None) -> str:
    """Say what kind of source it was, without its path."""
    kinds = {
        "gzipped" if path.suffix == ".gz" else "unpacked" for name in PUBLISHED if (path := _file(_named(source), name))
    }
    return f"the publisher's {' and '.join(sorted(kinds))} IDX files, every file's digest checked"


def _named(source: Path | None) -> Path:
    if source is None:
        raise TypeError("MNIST is read from somewhere: a source has to be given")
    return source


def _file(folder: Path, name: str) -> Path | None:
    """Return the file ``name``, gzipped or, if only that is there, unpacked."""
    return next((path for path in (folder / f"{name}.gz", folder / name) if path.is_file()), None)


def _content(folder: Path, name: str) -> bytes:
    """Return a file's unpacked bytes, which are the publisher's."""
    published, path = PUBLISHED[name], _file(folder, name)
    if path is None:
        raise InputError(
            f"{folder / name}.gz is missing (expected md5 {published.gzipped}): get it again, or all with --download."
        )
    try:
        with gzip.open(path) if path.suffix == ".gz" else path.open("rb") as file:
            data = file.read(published.length + 1)  # one byte too many is enough to notice a file too long
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        reason = "it ends too early" if isinstance(error, EOFError) else str(error).rstrip(".")
        raise InputError(f"{path} is no whole gzip file ({reason}): {_expected(path, published)}") from None
    except OSError as error:
        raise InputError(f"{path} cannot be read: {error.strerror or error}.") from None
    if hashlib.md5(data, usedforsecurity=False).hexdigest() != published.unpacked:
        wrong = f"has {len(data)} bytes, not {published.length}" if len(data) < published.length else "is altered"
        wrong = f"has more than {published.length} bytes" if len(data) > published.length else wrong
        raise InputError(f"{path} {wrong}{' unpacked' * (path.suffix == '.gz')}: {_expected(path, published)}")
    return data


def _expected(path: Path, published: Published) -> str:
    with path.open("rb") as file:
        found = hashlib.file_digest(file, lambda: hashlib.md5(usedforsecurity=False)).hexdigest()
    expected = published.gzipped if path.suffix == ".gz" else published.unpacked
    return f"expected md5 {expected}, found {found}; get the file again, or leave --data out to use the stand-in."


DATASET = DataSet(
    name="mnist",
    title="MNIST",
    synthetic=False,
    classes=CLASSES,
    shape=(SIDE, SIDE, 1),
    citation=(
        "Yann LeCun, Leon Bottou, Yoshua Bengio and Patrick Haffner: Gradient-Based Learning Applied to Document "
        "Recognition. Proceedings of the IEEE, 1998. CC BY-SA 3.0."
    ),
    needs="its publisher's four IDX files (train-images-idx3-ubyte.gz and so on), as in MNIST/raw,",
    find=find,
    identify=identify,
    describe=describe,
    read=read,
    archives=ARCHIVES,
)
