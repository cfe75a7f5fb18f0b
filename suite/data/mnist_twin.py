"""The stand-in for MNIST where there is none: the same shapes and sizes, procedural digits, made in seconds."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Final

from suite.data import digits, twin
from suite.data.contract import DataSet, Images

SEED: Final = 0
"""The one seed in use, so that all synthetic results are about the same images."""
TRAIN: Final = 60_000
TEST: Final = 10_000


def find(_folder: Path) -> Path | None:
    """Return None: the twin is made, never found."""
    return None


def identify(_source: Path | None) -> str:
    """Return seed, sizes and the digest of the generator's own source, so that a changed generator makes new files."""
    code = hashlib.sha256(b"".join(Path(file).read_bytes() for file in (digits.__file__, twin.__file__))).hexdigest()
    return f"mnist-twin seed {SEED} sizes {TRAIN} {TEST} code {code}"


def describe(_source: Path | None) -> str:
    """Say that the images are made up."""
    return f"synthetic digits made by evenmatch from seed {SEED}"


def read(_source: Path | None) -> Images:
    """Make the images."""
    train, test = twin.labels(SEED, "mnist train", TRAIN), twin.labels(SEED, "mnist test", TEST)
    return Images(
        train_images=digits.images(SEED, "train", train),
        train_labels=train,
        test_images=digits.images(SEED, "test", test),
        test_labels=test,
    )


DATASET = DataSet(
    name="mnist-twin",
    title="synthetic stand-in for MNIST",
    synthetic=True,
    classes=tuple("0123456789"),
    shape=(digits.SIDE, digits.SIDE, 1),
    citation="Synthetic digits made by evenmatch; not MNIST.",
    find=find,
    identify=identify,
    describe=describe,
    read=read,
    twin_of="mnist",
)
