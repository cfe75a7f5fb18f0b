"""Three pairs of the Middlebury stereo sets: trained on cones and teddy, tested on tsukuba and these two.

Source of layouts and scales: https://vision.middlebury.edu/stereo/data/scenes2003/ and scenes2001/.
"""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Final

from suite.data import png
from suite.data.contract import DataSet, Pairs
from suite.data.files import Folder
from suite.data.scenes import UNIT, Scene, gather, refuse_unlike_sizes
from suite.errors import InputError

HOME: Final = "middlebury"
SCALES: Final = {"cones": 4, "teddy": 4, "tsukuba": 16}
"""By what the values of each pair's disparities have to be divided; 0 is unknown."""
TRAIN: Final = ("cones", "teddy")
TEST: Final = ("tsukuba", "cones", "teddy")
LEFT, RIGHT, TRUTH = "im2.png", "im6.png", "disp2.png"


def find(folder: Path) -> Path | None:
    """Return the folder, ``folder`` or ``middlebury`` in it, that holds any of the pairs, or None."""
    places = (folder, folder / HOME)
    return next((place for place in places if any((place / name / LEFT).is_file() for name in SCALES)), None)


def identify(source: Path | None) -> str:
    """Return the digest of every file that is read; nothing is published that it could be compared with.

    Raises:
        InputError: a file is missing.
    """
    digest = hashlib.sha256()
    for name in SCALES:
        for file in (LEFT, RIGHT, TRUTH):
            digest.update(f"{name}/{file}\n".encode())
            digest.update(hashlib.sha256(_folder(source).read(f"{name}/{file}")).digest())
    return f"middlebury {digest.hexdigest()}"


def read(source: Path | None) -> Pairs:
    """Return the pairs in the folder ``source``.

    Raises:
        InputError: as :func:`identify`, or an image is damaged, or has another type or size than it should.
    """
    scenes = {name: _scene(_folder(source), name) for name in SCALES}
    return gather([scenes[name] for name in TRAIN], [scenes[name] for name in TEST])


def describe(_source: Path | None) -> str:
    """Say what was read."""
    return "the publisher's images: cones and teddy for training, tsukuba and these two for testing"


def _folder(source: Path | None) -> Folder:
    if source is None:
        raise TypeError("Middlebury is read from somewhere: a source has to be given")
    return Folder(source)


def _scene(files: Folder, name: str) -> Scene:
    paths = [f"{name}/{file}" for file in (LEFT, RIGHT, TRUTH)]
    left, right = (png.grey(files.read(path), files.where(path), png.GREY, png.COLOUR) for path in paths[:2])
    levels = png.level(files.read(paths[2]), files.where(paths[2]))
    truth = levels.astype("uint16") * (UNIT // SCALES[name])
    found = Scene(name=name, where=files.where(paths[2]), left=left, right=right, truth=truth)
    refuse_unlike_sizes(found, *(files.where(path) for path in paths))
    if not truth.any():
        raise InputError(f"{files.where(paths[2])} holds no known disparity.")
    return found


DATASET = DataSet(
    name="middlebury",
    title="Middlebury stereo",
    synthetic=False,
    kind="stereo",
    classes=(),
    citation=(
        "Daniel Scharstein and Richard Szeliski: A Taxonomy and Evaluation of Dense Two-Frame Stereo Correspondence "
        "Algorithms. IJCV 2002. The same: High-Accuracy Stereo Depth Maps Using Structured Light. CVPR 2003."
    ),
    needs="a folder with cones, teddy and tsukuba, each with im2.png, im6.png and disp2.png,",
    find=find,
    identify=identify,
    describe=describe,
    read=read,
)
