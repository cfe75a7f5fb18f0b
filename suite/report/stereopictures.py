"""One test pair as pictures: the left image, the truth, each framework's disparity map, and where it is wrong."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from suite import baseline, records, stereo
from suite.layers import Conv2d
from suite.parity.program import Program
from suite.parity.reference import evaluate
from suite.records import Record
from suite.report import pictures, raster, text
from suite.report.document import Block, Gallery, Picture, Scale, Text
from suite.report.material import Material, mapping
from suite.report.predicted import terms, title_of
from suite.report.raster import UNKNOWN, Colour
from suite.report.shown import Shown, arrays
from suite.worker.pairs import normalise

WIDEST, SMALLER, SHOWN = 640, 430, 490
"""Pixels of a picture from left to right, larger images are made smaller by a whole factor; the same where there are
more than :data:`MANY` maps; and the width at which it is shown: two fit side by side, each map beside its errors."""

MANY = 4

ERRORS: tuple[Colour, ...] = (UNKNOWN, (11, 76, 140), (120, 178, 222), (213, 94, 0))
"""Not known; off by less than 1 pixel; by 1 to 3; by 3 or more, which is wrong. Dark and light blue and vermilion, told
apart with any colour vision and by their lightness."""

READ = (
    "In the maps of errors, dark blue pixels are off by less than 1, light blue ones by 1 to 3, orange ones by 3 or "
    "more, which counts as wrong; of pale grey ones the truth is not known."
)

CROP = 64
"""Height and width of the part of the left image whose feature maps are shown."""


def blocks(material: Material, workload: str) -> list[Block]:
    """Return the pictures of a workload's first test pair, and sentences on those that are missing."""
    shown: list[Shown] = []
    missing: list[str] = []
    for lane in material.lanes:
        found, told = pictures.trained(lane, workload)
        shown, missing = [*shown, *found], [*missing, *told]
    shown = [each for each in shown if each.arrays["map"].shape == shown[0].arrays["map"].shape]
    galleries: list[Block] = [_pair(material, shown), _maps(material, shown[0])] if shown else []
    return [*galleries, *(Text(text=sentence) for sentence in missing)]


def _pair(material: Material, shown: list[Shown]) -> Gallery:
    first = shown[0]
    pair = str(first.arrays["pair"])
    coded = first.arrays["truth"]
    truth = np.where(coded == 0, np.float32(np.nan), coded / np.float32(256))
    high = float(np.nanmax(truth)) if (coded > 0).any() else 1.0
    maps = [(each.name.text, each.arrays["map"]) for each in shown]
    blocks = _of_blocks(material, pair, truth.shape)
    maps += [("Block matching", blocks)] if blocks is not None else []
    widest = WIDEST if len(maps) <= MANY else SMALLER
    drawing = _Drawing(truth=truth, high=high, widest=widest, synthetic=material.synthetic)
    made_up = "synthetic " if material.synthetic else ""
    left = Picture(
        png=raster.grey(drawing.mean(first.arrays["left"]), 0, 255, levels=32),
        width=SHOWN,
        caption="Left image",
        description=f"The left image of the {made_up}pair {pair}.",
        synthetic=material.synthetic,
        sharp=False,
    )
    return Gallery(
        title=title_of(material, first, f"test pair {pair}"),
        caption=f"{READ} The colours of disparities are the same in all pictures.{terms(material)}",
        pictures=[
            left,
            drawing.disparities("Ground truth", truth),
            *(picture for name, found in maps for picture in drawing.of(name, found.astype(np.float32))),
        ],
        synthetic=material.synthetic,
    )


def _of_blocks(material: Material, pair: str, shape: tuple[int, ...]) -> np.ndarray | None:
    """Return block matching's map of the pair, None where the run's folder does not hold it as it was written."""
    path = material.folder / baseline.MAP
    known: Record = mapping(mapping(material.analysis.get("stereo")).get("baseline"))
    if not known or not path.is_file() or records.sha256_of_file(path) != known.get("map_sha256"):
        return None
    found = arrays(path) or {}
    right = str(found.get("pair")) == pair and "map" in found and found["map"].shape == shape
    return found["map"] if right else None


class _Drawing:
    """Draws what belongs to one pair, all of it in the same size and colours."""

    def __init__(self, truth: np.ndarray, high: float, widest: int, *, synthetic: bool) -> None:
        self.truth, self.high, self.synthetic = truth, high, synthetic
        self.factor = -(-truth.shape[1] // widest)
        strip = np.arange(raster.COLOURS)[None]
        self.scale = Scale(png=raster.indexed(strip, raster.scale()), low="0", high=f"{text.significant(high)} pixels")

    def of(self, name: str, found: np.ndarray) -> list[Picture]:
        """Return a map and where it is wrong."""
        errors = stereo.errors(found, self.truth) if np.isfinite(self.truth).any() else None
        rate = f", {errors.rate * 100:.2f}{text.THIN}% wrong" if errors else ""
        off = np.abs(found - self.truth)
        kind = np.select([np.isnan(off), off < 1, off < stereo.WRONG_FROM], [0, 1, 2], 3)
        wrong = Picture(
            png=raster.indexed(self.first(kind, kind > 0), ERRORS),
            width=SHOWN,
            caption=f"{name}: errors{rate}",
            description=f"Where the disparity map of {name} is wrong{rate}.",
            synthetic=self.synthetic,
            sharp=False,
        )
        return [self.disparities(name, found), wrong]

    def disparities(self, name: str, values: np.ndarray) -> Picture:
        """Return a disparity map with its scale."""
        return Picture(
            png=raster.scaled(self.first(values, np.isfinite(values)), 0, self.high),
            width=SHOWN,
            caption=f"{name}: disparities" if name != "Ground truth" else name,
            description=f"{name}: disparities of every pixel, from dark blue (0, far away) to yellow (near).",
            scale=self.scale,
            synthetic=self.synthetic,
            sharp=False,
        )

    def first(self, values: np.ndarray, known: np.ndarray) -> np.ndarray:
        """Return one value for each square of pixels: the first of which something is known, row by row."""
        squares, there = self._squares(values), self._squares(known)
        chosen = there.argmax(axis=2)[..., None]
        return np.asarray(np.take_along_axis(squares, chosen, axis=2)[..., 0])

    def mean(self, values: np.ndarray) -> np.ndarray:
        """Return the mean of each square of pixels."""
        return np.asarray(self._squares(values).mean(axis=2))

    def _squares(self, values: np.ndarray) -> np.ndarray:
        """Return (rows, columns, pixels) of the squares; what does not fill one at right and bottom is left out."""
        side = self.factor
        rows, columns = values.shape[0] // side, values.shape[1] // side
        cut = values[: rows * side, : columns * side].reshape(rows, side, columns, side)
        return cut.transpose(0, 2, 1, 3).reshape(rows, columns, side * side)


def _maps(material: Material, shown: Shown) -> Gallery:
    """Return what the first and the last layer of the network make of a part of the left image."""
    left = shown.arrays["left"]
    top, start = max(0, left.shape[0] - CROP) // 2, max(0, left.shape[1] - CROP) // 2
    part = np.s_[top : top + CROP, start : start + CROP]
    image = normalise(left)[part]
    trunk, _ = shown.task.trunk()
    last = len(trunk)
    first = 1 + next(place for place, layer in enumerate(trunk) if isinstance(layer, Conv2d))
    sheets = []
    for end in dict.fromkeys((first, last)):
        program = replace(Program.of(shown.task), layers=trunk[:end], input_shape=(*image.shape, 1))
        maps = evaluate(program, shown.weights, image[None, ..., None])[0]
        sheets.append(pictures.map_sheet(maps, trunk[end - 1].name))
    return Gallery(
        title=title_of(material, shown, "feature maps"),
        caption=f"What the network makes of the middle of the left image, from the weights of {shown.name.text}: "
        f"{pictures.MAPS_READ}{terms(material)}",
        pictures=[
            Picture(
                png=raster.grey(left[part], 0, 255, levels=32),
                width=3 * CROP,
                caption="The part",
                description="The middle of the left image.",
                synthetic=material.synthetic,
            ),
            *(replace(sheet, synthetic=material.synthetic) for sheet in sheets),
        ],
        synthetic=material.synthetic,
    )
