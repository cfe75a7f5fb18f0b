"""KITTI stereo as its publisher offers it: trained on the 2015 pairs, tested on the 2012 pairs, frames ``_10`` alone.

Source of layouts and coding: the development kits of both benchmarks,
https://www.cvlibs.net/datasets/kitti/eval_scene_flow.php and eval_stereo_flow.php.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from suite.data import png
from suite.data.contract import Archive, DataSet, Licence, Pairs
from suite.data.files import Files, Folder, Zip
from suite.data.scenes import Scene, gather, refuse_unlike_sizes
from suite.errors import InputError

FRAME: Final = "_10.png"
"""How the reference frames' names end: only these have disparities."""


@dataclass(frozen=True, kw_only=True)
class Benchmark:
    """One of the two benchmarks.

    Attributes:
        year: what it is called by.
        homes: names of the folder it is in, or of the archive without ``.zip``.
        left: folder of the left images; right: of the right ones; truth: of the disparities, 16-bit, times 256.
        colours: what type its images have.
    """

    year: int
    homes: tuple[str, ...]
    left: str
    right: str
    truth: str
    colours: png.Type


TRAIN: Final = Benchmark(
    year=2015,
    homes=("kitti2015", "data_scene_flow"),
    left="training/image_2",
    right="training/image_3",
    truth="training/disp_occ_0",
    colours=png.COLOUR,
)
TEST: Final = Benchmark(
    year=2012,
    homes=("kitti2012", "data_stereo_flow"),
    left="training/image_0",
    right="training/image_1",
    truth="training/disp_noc",
    colours=png.GREY,
)
LICENCE: Final = Licence(
    name="CC BY-NC-SA 3.0",
    sentence=(
        "KITTI is under CC BY-NC-SA 3.0: name its authors, use it for nothing commercial, and pass pictures of it on "
        "under the same licence only"
    ),
    url="https://creativecommons.org/licenses/by-nc-sa/3.0/",
)
_BUCKET: Final = "https://s3.eu-central-1.amazonaws.com/avg-kitti"


def find(folder: Path) -> Path | None:
    """Return ``folder`` if one of the two benchmarks is in it, else None."""
    return folder if any(_home(folder, benchmark) for benchmark in (TRAIN, TEST)) else None


def identify(source: Path | None) -> str:
    """Return the digest of every file that is read; nothing is published that it could be compared with.

    Raises:
        InputError: a benchmark or a file is missing, or an archive is damaged.
    """
    digest = hashlib.sha256()
    for benchmark in (TRAIN, TEST):
        files = _files(source, benchmark)
        for name in _frames(files, benchmark):
            for folder in (benchmark.left, benchmark.right, benchmark.truth):
                digest.update(f"{benchmark.year} {folder}/{name}\n".encode())
                digest.update(hashlib.sha256(files.read(f"{folder}/{name}")).digest())
    return f"kitti {digest.hexdigest()}"


def read(source: Path | None) -> Pairs:
    """Return all pairs in the folder ``source``.

    Raises:
        InputError: as :func:`identify`, or an image is damaged, or has another type or size than it should.
    """
    return gather(*(list(_scenes(_files(source, benchmark), benchmark)) for benchmark in (TRAIN, TEST)))


def describe(source: Path | None) -> str:
    """Say how many pairs there were, without any path, and under which terms."""
    counts = [len(_frames(_files(source, benchmark), benchmark)) for benchmark in (TRAIN, TEST)]
    return (
        f"the publisher's files: {counts[0]} pairs of {TRAIN.year} for training and {counts[1]} pairs of {TEST.year} "
        f"for testing, {LICENCE.name}"
    )


def scene(files: Files, benchmark: Benchmark, name: str) -> Scene:
    """Read one pair.

    Raises:
        InputError: an image is missing or damaged, or has another type or size than it should.
    """
    paths = [f"{folder}/{name}" for folder in (benchmark.left, benchmark.right, benchmark.truth)]
    left, right = (png.grey(files.read(path), files.where(path), benchmark.colours) for path in paths[:2])
    truth = png.deep(files.read(paths[2]), files.where(paths[2]))
    shown = f"{benchmark.year} {name.removesuffix(FRAME)}"
    found = Scene(name=shown, where=files.where(paths[2]), left=left, right=right, truth=truth)
    refuse_unlike_sizes(found, *(files.where(path) for path in paths))
    if not truth.any():
        raise InputError(f"{files.where(paths[2])} holds no known disparity.")
    return found


def _scenes(files: Files, benchmark: Benchmark) -> Iterator[Scene]:
    for name in _frames(files, benchmark):
        yield scene(files, benchmark, name)


def _home(folder: Path, benchmark: Benchmark) -> Path | None:
    """Return the folder or archive of a benchmark in ``folder``, unpacked before archived."""
    for name in benchmark.homes:
        if (folder / name / "training").is_dir():
            return folder / name
    archives = (folder / f"{name}.zip" for name in benchmark.homes)
    return next((path for path in archives if path.is_file()), None)


def _files(source: Path | None, benchmark: Benchmark) -> Files:
    if source is None:
        raise TypeError("KITTI is read from somewhere: a source has to be given")
    home = _home(source, benchmark)
    if home is None:
        names = " or ".join(f"{name}/training" for name in benchmark.homes)
        raise InputError(
            f"{source} holds no KITTI {benchmark.year}: {names} or {benchmark.homes[1]}.zip has to be in it, too."
        )
    return Zip(home) if home.is_file() else Folder(home)


def _frames(files: Files, benchmark: Benchmark) -> list[str]:
    """Return the frames' file names; one that lacks a part is named later, when it is read."""
    folders = (benchmark.left, benchmark.right, benchmark.truth)
    found = {name for folder in folders for name in files.names(folder) if _is_frame(name)}
    if not found:
        raise InputError(f"{files.where(benchmark.truth)} holds no image called *{FRAME}.")
    return sorted(found)


def _is_frame(name: str) -> bool:
    """Return whether a file is a reference frame; what systems hide beside files (``._000000_10.png``) is none."""
    return name.endswith(FRAME) and not name.startswith(".")


def _archive(benchmark: Benchmark) -> Archive:
    name = f"{benchmark.homes[1]}.zip"
    return Archive(name=name, urls=(f"{_BUCKET}/{name}",), md5=None, size=None)


DATASET = DataSet(
    name="kitti",
    title="KITTI stereo 2015 and 2012",
    synthetic=False,
    kind="stereo",
    classes=(),
    citation=(
        "Moritz Menze and Andreas Geiger: Object Scene Flow for Autonomous Vehicles. CVPR 2015. Andreas Geiger, Philip "
        "Lenz and Raquel Urtasun: Are we ready for Autonomous Driving? The KITTI Vision Benchmark Suite. CVPR 2012. "
        f"{LICENCE.name}."
    ),
    needs=(
        "a folder with kitti2015 (or data_scene_flow) and kitti2012 (or data_stereo_flow) as unpacked, or "
        "data_scene_flow.zip and data_stereo_flow.zip,"
    ),
    find=find,
    identify=identify,
    describe=describe,
    read=read,
    archives=(_archive(TRAIN), _archive(TEST)),
    licence=LICENCE,
)
