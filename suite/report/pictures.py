"""Pictures from the runs' own weights and data: images, filters, feature maps, predictions right and wrong."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from suite.layers import Conv2d, Flatten
from suite.parity.program import Program
from suite.parity.reference import evaluate
from suite.records import Record
from suite.report import raster, text
from suite.report.document import Block, Gallery, Picture, Section, Text
from suite.report.material import Material, batch_of, epochs_of, mapping, setting
from suite.report.names import MATCHED
from suite.report.predicted import label_of, predictions, terms, tile, title_of
from suite.report.shown import Shown, of
from suite.worker.inputs import scale
from suite.workload import InputScaling

LEAD = (
    "Made from the final weights that the runs left behind and from the test images. Filters are shown as they were "
    "before training, which is alike in all frameworks, and as each framework's training left them. Feature maps are "
    "what the definition of the network gives with those weights. The accuracies of all frameworks over epochs are in "
    "one plot under “Loss and accuracy over epochs”."
)
NOTHING = "No whole training left pictures behind: run the preset smoke, quick or full for them."

SAMPLES, FILTERS, MAPS = 24, 64, 32
"""How many there are at most of each: sample images, filters, feature maps."""

MAPS_READ = (
    f"one square for each channel, at most {MAPS}; each picture runs from its smallest value, black, to its largest, "
    "white."
)


def section(material: Material) -> Section:
    """Return the pictures of every workload that was trained whole in the matched lane."""
    blocks: list[Block] = []
    for lane in material.lanes:
        for workload in lane.workloads if lane.lane == MATCHED else ():
            shown, missing = trained(lane, workload)
            missing_texts = [Text(text=sentence) for sentence in missing]
            blocks += [*(_blocks(lane, shown) if shown else []), *missing_texts]
    return Section(id="pictures", title="Pictures", lead=LEAD, blocks=blocks or [Text(text=NOTHING)])


def trained(material: Material, workload: str) -> tuple[list[Shown], list[str]]:
    """Return what the longest training of each framework left behind, and what is missing of that, in sentences.

    Of several batch sizes the one that the report speaks of first is taken, or else the largest, for all alike.
    """
    kept = [
        raw
        for raw in material.in_order(material.raws_of(workload))
        if mapping(raw.get("pictures")).get("file") and material.is_default(material.name_of(raw))
    ]
    if not kept:
        return [], []
    main = material.main_batch(workload, "training")

    def rank(raw: Record) -> tuple[int, bool, int]:
        return epochs_of(raw) or 0, batch_of(raw) == main, batch_of(raw) or 0

    best = max(map(rank, kept))
    found = [of(material, raw) for raw in kept if rank(raw) == best]
    return [each for each in found if isinstance(each, Shown)], [each for each in found if isinstance(each, str)]


def _blocks(material: Material, shown: list[Shown]) -> list[Block]:
    blocks: list[Block] = []
    first = shown[0]
    if first.task.matching is None:
        blocks.append(_samples(material, first))
    blocks += _filters(material, shown)
    if first.task.matching is None:
        blocks += _maps(material, first)
        blocks += predictions(material, shown)
    return blocks


def _samples(material: Material, shown: Shown) -> Gallery:
    return Gallery(
        title=title_of(material, shown, "test images with their labels"),
        caption=f"The first {min(SAMPLES, len(shown.arrays['labels']))} of the test set, the same ones in every run."
        + terms(material),
        pictures=[
            tile(material, shown, place, label_of(material, int(shown.arrays["labels"][place])))
            for place in range(min(SAMPLES, len(shown.arrays["labels"])))
        ],
        synthetic=material.synthetic,
    )


def _filters(material: Material, shown: list[Shown]) -> list[Block]:
    """Return the filters of the first convolution before training and after it in each framework, on one scale."""
    first = next((layer for layer in shown[0].task.layers if isinstance(layer, Conv2d)), None)
    if first is None:
        return []
    key = f"{first.name}/weight"
    sets = [("before training, in every framework", shown[0].first_weights()[key])]
    sets += [(f"after training: {each.name.text}", each.weights[key]) for each in shown]
    most = max(float(np.abs(weights).max()) for _, weights in sets)
    if not np.isfinite(most):
        return []
    count = min(FILTERS, first.filters)
    return [
        Gallery(
            title=title_of(material, shown[0], "filters of the first layer"),
            caption=f"{first.name}: {text.plural(count, 'filter')} of {first.kernel_size} × {first.kernel_size}; "
            f"mid-grey is 0, black −{text.significant(most, 2)}, white {text.significant(most, 2)}"
            f"{', one colour for each channel' if sets[0][1].shape[2] == 3 else ''}. "
            f"{setting(shown[0].raw).capitalize()}, block 0.",
            pictures=[_filter_sheet(words, weights[..., :count], most) for words, weights in sets],
            synthetic=material.synthetic,
        )
    ]


def _filter_sheet(words: str, weights: np.ndarray, most: float) -> Picture:
    """Return one picture of filters (height, width, channels, filters): in colours for three channels, else grey."""
    tiles = weights.transpose(3, 0, 1, 2)
    tiles = tiles if tiles.shape[3] == 3 else tiles.mean(axis=3)
    pixels = np.rint(np.clip(tiles / (2 * (most or 1.0)) + 0.5, 0, 1) * 255).astype(np.uint8)
    return Picture(
        png=raster.plain(raster.sheet(pixels, columns=8, fill=255)),
        width=232,
        caption=words[:1].upper() + words[1:],
        description=f"{len(tiles)} filters of the first layer {words}.",
    )


def _maps(material: Material, shown: Shown) -> list[Block]:
    """Return what the layers up to the third convolution make of the first test image, by the definition."""
    scaling = shown.task.input_scaling
    kinds = [type(layer) for layer in shown.task.layers]
    stops = [place for place, kind in enumerate(kinds) if kind is Conv2d or kind is Flatten]
    if not stops or kinds[stops[0]] is not Conv2d or not isinstance(scaling, InputScaling):
        return []
    images = scale(shown.arrays["images"][:1], scaling)
    pictures = [tile(material, shown, 0, "the image")]
    for end in dict.fromkeys([stops[0] + 1, *stops[1:3]]):
        program = replace(Program.of(shown.task), layers=shown.task.layers[:end])
        maps = evaluate(program, shown.weights, images)[0]
        pictures.append(map_sheet(maps, shown.task.layers[end - 1].name))
    label = label_of(material, int(shown.arrays["labels"][0]))
    return [
        Gallery(
            title=title_of(material, shown, "feature maps"),
            caption=f"What the first layers make of one test image ({label}), from the weights of {shown.name.text}: "
            f"{MAPS_READ}{terms(material)}",
            pictures=pictures,
            synthetic=material.synthetic,
        )
    ]


def map_sheet(maps: np.ndarray, name: str) -> Picture:
    """Return one picture of maps (height, width, channels)."""
    tiles = maps[..., :MAPS].transpose(2, 0, 1)
    low, high = float(tiles.min()), float(tiles.max())
    return Picture(
        png=raster.grey(raster.sheet(tiles, columns=8, fill=high), low, high, levels=16),
        width=320,
        caption=f"after {name}",
        description=f"{len(tiles)} feature maps after the layer {name}.",
    )
