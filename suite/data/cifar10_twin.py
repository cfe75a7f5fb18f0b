"""The stand-in for CIFAR-10 where there is none: the same shapes and sizes, procedural images, made in seconds."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Final

from suite.data import twin
from suite.data.contract import DataSet, Images

SEED: Final = 0
"""The one seed in use, so that all synthetic results are about the same images."""
TRAIN: Final = 50_000
TEST: Final = 10_000


def find(_folder: Path) -> Path | None:
    """Return None: the twin is made, never found."""
    return None


def identify(_source: Path | None) -> str:
    """Return seed, sizes and the digest of the generator's own source, so that a changed generator makes new files."""
    code = hashlib.sha256(Path(twin.__file__).read_bytes()).hexdigest()
    return f"cifar10-twin seed {SEED} sizes {TRAIN} {TEST} code {code}"


def describe(_source: Path | None) -> str:
    """Say that the images are made up."""
    return f"synthetic images made by evenmatch from seed {SEED}"


def read(_source: Path | None) -> Images:
    """Make the images."""
    train, test = twin.labels(SEED, "train", TRAIN), twin.labels(SEED, "test", TEST)
    return Images(
        train_images=twin.images(SEED, "train", train),
        train_labels=train,
        test_images=twin.images(SEED, "test", test),
        test_labels=test,
    )


DATASET = DataSet(
    name="cifar10-twin",
    title="synthetic stand-in for CIFAR-10",
    synthetic=True,
    classes=twin.CLASSES,
    shape=(twin.SIDE, twin.SIDE, 3),
    citation="Synthetic images made by evenmatch; not CIFAR-10.",
    find=find,
    identify=identify,
    describe=describe,
    read=read,
    twin_of="cifar10",
)
