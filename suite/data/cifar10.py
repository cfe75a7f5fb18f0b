"""CIFAR-10 as its publisher offers it: the six binary files, in a folder or still inside the tar.gz.

Source of format, names and sizes: https://www.cs.toronto.edu/~kriz/cifar.html, "binary version". No pickle is read.
"""

from __future__ import annotations

import gzip
import hashlib
import tarfile
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Final

import numpy as np

from suite.data.contract import U8, Archive, DataSet, Images
from suite.errors import InputError

FOLDER: Final = "cifar-10-batches-bin"
SIDE: Final = 32
RECORD: Final = 1 + 3 * SIDE * SIDE
"""Bytes of a record: the label, then 1024 red, 1024 green and 1024 blue bytes, each row by row."""
CLASSES: Final = ("airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck")
UNPACKED_LIMIT: Final = 256_000_000
"""Most bytes ever unpacked from an archive; the publisher's holds 184.4 MB."""


@dataclass(frozen=True, kw_only=True)
class Published:
    """What the publisher's files have to be.

    Attributes:
        md5: digest of each file, training batches in order, the test batch last.
        records: images per file.
    """

    md5: Mapping[str, str]
    records: int


PUBLISHED = Published(
    md5={
        "data_batch_1.bin": "5dd7e06a14cb22eb9f671a540d1b7c25",
        "data_batch_2.bin": "5ea93a67294ea407fff1d09f752e9692",
        "data_batch_3.bin": "942cd6a4bcdd0dd3c604fbe906cb4421",
        "data_batch_4.bin": "ae636b3ba5c66a11e91e8cb52e771fcb",
        "data_batch_5.bin": "53f37980c15c3d472c316c40844f3f0d",
        "test_batch.bin": "803d5f7f4d78ea53de84dbe85f74fb6d",
    },
    records=10_000,
)
ARCHIVE = Archive(
    name="cifar-10-binary.tar.gz",
    # The publisher's two addresses (the first redirects to the second today), then two copies that documented tutorials
    # use: MindSpore's and Swift for TensorFlow's. Whoever sends it, the publisher's md5 decides.
    urls=(
        "https://www.cs.toronto.edu/~kriz/cifar-10-binary.tar.gz",
        "https://cave.cs.toronto.edu/kriz/cifar-10-binary.tar.gz",
        "https://mindspore-website.obs.cn-north-4.myhuaweicloud.com/notebook/datasets/cifar-10-binary.tar.gz",
        "https://storage.googleapis.com/s4tf-hosted-binaries/datasets/CIFAR10/cifar-10-binary.tar.gz",
    ),
    md5="c32a1d4ab5d03f1284b67883e8d87530",
    size=170_052_171,
)


def find(folder: Path) -> Path | None:
    """Return the folder of binary files or the archive that ``folder`` is or holds, or None."""
    if folder.is_file():
        return folder
    for candidate in (folder, folder / FOLDER):
        if any((candidate / name).is_file() for name in PUBLISHED.md5):
            return candidate
    archive = folder / ARCHIVE.name
    return archive if archive.is_file() else None


def identify(source: Path | None) -> str:
    """Check every byte of ``source`` against the published md5s and return what the images are.

    Raises:
        InputError: a file is missing, truncated or altered, or the archive is none; expected and found are named.
    """
    path = _named(source)
    # The published archive holds the published files, so its own md5 spares unpacking it. Another is looked into: one
    # that was packed anew is accepted if the files in it are the publisher's.
    if path.is_dir() or _md5_of(path) != ARCHIVE.md5:
        for name, data in _files(path):
            _check(name, data, path)
    return "cifar10 " + " ".join(PUBLISHED.md5.values())


def read(source: Path | None) -> Images:
    """Return the images of the folder or archive ``source``; what is read is what is checked.

    Raises:
        InputError: as :func:`identify`.
    """
    path = _named(source)
    count, names = PUBLISHED.records, list(PUBLISHED.md5)
    pixels = np.empty((len(names) * count, SIDE, SIDE, 3), np.uint8)
    labels = np.empty(len(names) * count, np.uint8)
    for name, data in _files(path):
        _check(name, data, path)
        place = slice(names.index(name) * count, (names.index(name) + 1) * count)
        labels[place], pixels[place] = parse(data, f"{path / name}")
        del data  # 30 MB that need not be there while the next file is read
    train = (len(names) - 1) * count
    return Images(
        train_images=pixels[:train], train_labels=labels[:train], test_images=pixels[train:], test_labels=labels[train:]
    )


def parse(data: bytes, where: str) -> tuple[U8, U8]:
    """Return labels (N,) and images (N, 32, 32, 3) of N binary records; ``where`` names them in errors.

    Raises:
        InputError: the length is no multiple of a record's, or a label is not 0 to 9.
    """
    if len(data) % RECORD:
        raise InputError(f"{where} is no CIFAR-10 batch: {len(data)} bytes are no multiple of {RECORD}.")
    records = np.frombuffer(data, np.uint8).reshape(-1, RECORD)
    labels = records[:, 0]
    wrong = np.flatnonzero(labels >= len(CLASSES))
    if wrong.size:
        raise InputError(
            f"{where} is no CIFAR-10 batch: record {wrong[0]} has the label {labels[wrong[0]]}, not 0 to 9."
        )
    return labels, records[:, 1:].reshape(-1, 3, SIDE, SIDE).transpose(0, 2, 3, 1)


def describe(source: Path | None) -> str:
    """Say what kind of source it was, without its path."""
    kind = "folder of binary files" if _named(source).is_dir() else "tar.gz archive"
    return f"the publisher's {kind}, every file's md5 checked"


def _named(source: Path | None) -> Path:
    if source is None:
        raise TypeError("CIFAR-10 is read from somewhere: a source has to be given")
    return source


def _files(path: Path) -> Iterator[tuple[str, bytes]]:
    """Yield name and bytes of each of the six files, in any order, unchecked."""
    return _from_folder(path) if path.is_dir() else _from_archive(path)


def _from_folder(folder: Path) -> Iterator[tuple[str, bytes]]:
    for name in PUBLISHED.md5:
        yield name, _file(folder / name)


def _file(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            return file.read(PUBLISHED.records * RECORD + 1)  # one byte too many is enough to notice a file too long
    except FileNotFoundError:
        raise InputError(
            f"{path} is missing (expected md5 {PUBLISHED.md5[path.name]}): unpack {ARCHIVE.name} again, or get it with "
            "--download."
        ) from None
    except OSError as error:
        raise InputError(f"{path} cannot be read: {error.strerror}.") from None


def _from_archive(path: Path) -> Iterator[tuple[str, bytes]]:
    """Read the six members by name; nothing is unpacked to disk, so links and paths in the archive can do no harm."""
    missing = set(PUBLISHED.md5)
    try:
        with _LimitedGzip(path) as unzipped, tarfile.open(fileobj=unzipped, mode="r|") as archive:
            for member in archive:
                name = _wanted(member.name)
                if name not in missing:
                    continue
                if not member.isreg() or member.size > PUBLISHED.records * RECORD + 1:
                    raise InputError(
                        f"{path} is not the publisher's: its member {member.name} is no file of the right size."
                    )
                content = archive.extractfile(member)
                yield name, content.read() if content else b""
                missing.remove(name)
                if not missing:
                    return
    except (tarfile.TarError, EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise InputError(
            f"{path} is no whole tar.gz archive ({_reason(error)}): it has {path.stat().st_size} bytes with md5 "
            f"{_md5_of(path)}, the publisher's {ARCHIVE.name} has {ARCHIVE.size} with {ARCHIVE.md5}; get it again with "
            "--download."
        ) from None
    except OSError as error:
        raise InputError(f"{path} cannot be read: {error.strerror or error}.") from None
    first = min(missing)
    raise InputError(
        f"{path} has no {FOLDER}/{first} (expected md5 {PUBLISHED.md5[first]}): the publisher's archive is "
        f"{ARCHIVE.name} with md5 {ARCHIVE.md5}."
    )


def _wanted(member: str) -> str:
    """Return the file's name if ``member`` is one of the publisher's paths, else an empty text."""
    parts = [part for part in PurePosixPath(member).parts if part != "."]
    return parts[1] if len(parts) == 2 and parts[0] == FOLDER and parts[1] in PUBLISHED.md5 else ""


def _reason(error: Exception) -> str:
    return (
        "it ends too early" if isinstance(error, EOFError) or "unexpected end" in str(error) else str(error).rstrip(".")
    )


def _check(name: str, data: bytes, path: Path) -> None:
    expected, size = PUBLISHED.md5[name], PUBLISHED.records * RECORD
    found = hashlib.md5(data, usedforsecurity=False).hexdigest()
    if found == expected:
        return
    if len(data) == size:
        what = "is altered"
    else:
        what = f"is truncated: {len(data)} bytes, not {size}" if len(data) < size else f"is longer than {size} bytes"
        found = _md5_of(path / name) if path.is_dir() else found  # no more than one byte too many was read
    raise InputError(
        f"{path / name} {what}; expected md5 {expected}, found {found}: get the file again, or leave --data out to use "
        "the synthetic stand-in."
    )


def _md5_of(path: Path) -> str:
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, lambda: hashlib.md5(usedforsecurity=False)).hexdigest()
    except OSError as error:
        raise InputError(f"{path} cannot be read: {error.strerror}.") from None


class _LimitedGzip(gzip.GzipFile):
    """A gzip stream that refuses to give more than ``UNPACKED_LIMIT`` bytes, whatever an archive's headers claim."""

    def read(self, size: int | None = -1) -> bytes:
        data = super().read(size)
        if self.tell() > UNPACKED_LIMIT:
            raise InputError(f"{self.name} unpacks to over {UNPACKED_LIMIT} bytes: it is not the publisher's archive.")
        return data


DATASET = DataSet(
    name="cifar10",
    title="CIFAR-10",
    synthetic=False,
    classes=CLASSES,
    shape=(SIDE, SIDE, 3),
    citation="Alex Krizhevsky: Learning Multiple Layers of Features from Tiny Images. University of Toronto, 2009.",
    needs=f"its publisher's folder of binary files or {ARCHIVE.name}",
    find=find,
    identify=identify,
    describe=describe,
    read=read,
    archives=(ARCHIVE,),
)
