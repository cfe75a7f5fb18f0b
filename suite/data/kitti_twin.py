"""The stand-in for KITTI where there is none: street scenes of its sizes and its coding, with exact disparities."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Final

from suite.data import street, twin
from suite.data.contract import DataSet, Pairs
from suite.data.scenes import Scene, gather

SEED: Final = 0
"""The one seed in use, so that all synthetic results are about the same scenes."""
TRAIN: Final = 6
TEST: Final = 4
SIZES: Final = ((375, 1242), (370, 1226), (376, 1241))
"""Heights and widths, by turns: those that KITTI's own images have."""


def find(_folder: Path) -> Path | None:
    """Return None: the twin is made, never found."""
    return None


def identify(_source: Path | None) -> str:
    """Return seed, counts, sizes and the digest of the generator's own source: a changed one makes new files."""
    code = hashlib.sha256(b"".join(Path(file).read_bytes() for file in (street.__file__, twin.__file__))).hexdigest()
    return f"kitti-twin seed {SEED} scenes {TRAIN} {TEST} sizes {SIZES} code {code}"


def describe(_source: Path | None) -> str:
    """Say that the scenes are made up."""
    return f"synthetic street scenes made by evenmatch from seed {SEED}"


def read(_source: Path | None) -> Pairs:
    """Make the scenes; as in KITTI, hidden pixels have disparities in training and none in testing."""
    return gather(_scenes("train", TRAIN), _scenes("test", TEST))


def _scenes(split: str, count: int) -> list[Scene]:
    return [
        street.scene(SEED, split, number, *SIZES[number % len(SIZES)], occluded=split == "train")
        for number in range(count)
    ]


DATASET = DataSet(
    name="kitti-twin",
    title="synthetic stand-in for KITTI stereo",
    synthetic=True,
    kind="stereo",
    classes=(),
    citation="Synthetic street scenes made by evenmatch; not KITTI.",
    find=find,
    identify=identify,
    describe=describe,
    read=read,
    twin_of="kitti",
)
