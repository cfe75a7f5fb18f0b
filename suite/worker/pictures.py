"""What a training run leaves behind for people to look at: its weights, and some of what it was tested on.

The file is an .npz of a few hundred kilobytes, a megabyte where it holds a whole pair. ``weights/<layer>/<kind>``: the
final weights, canonical. Of a network that tells classes apart: ``index`` (n,), ``images`` (n, h, w, c) uint8,
``labels`` (n,) and ``logits`` (n, classes) of the first :data:`SAMPLE` test images and then of the first :data:`WRONG`
ones it gets wrong among the first :data:`POOL`; ``pool``: how many were looked through. Of a stereo network: ``pair``,
``left`` (h, w) uint8, ``truth`` (h, w) uint16 (256 times the disparity, 0 where unknown) and ``map`` (h, w) whole
numbers of the first test pair.
"""

from __future__ import annotations

import io
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from suite import records
from suite.frameworks import Trainer

SAMPLE, WRONG, POOL = 48, 16, 2000
"""How many test images are kept: always the same ones; those predicted wrongly; and how many are looked through."""


def predictions(trainer: Trainer, folder: Path, images: Any, batch: int) -> dict[str, np.ndarray]:
    """Return test images with what the network says of them.

    Args:
        trainer: its network has been trained.
        folder: the prepared data, whose bytes are kept.
        images: all test images in file order, prepared by ``trainer``.
        batch: how many are evaluated at once.
    """
    labels = np.load(folder / "test_labels.npy", allow_pickle=False)[:POOL].astype(np.int64)
    parts = [trainer.logits(images[start : start + batch]) for start in range(0, len(labels), batch)]
    logits = np.concatenate(parts)[: len(labels)].astype(np.float32)
    wrong = np.flatnonzero(logits.argmax(axis=1) != labels)
    index = np.concatenate([np.arange(min(SAMPLE, len(labels))), wrong[wrong >= SAMPLE][:WRONG]])
    pixels = np.load(folder / "test_images.npy", mmap_mode="r", allow_pickle=False)
    return {
        "index": index,
        "images": pixels[index],
        "labels": labels[index],
        "logits": logits[index],
        "pool": np.int64(len(labels)),
    }


def matched_pair(folder: Path, name: str, found: np.ndarray) -> dict[str, np.ndarray]:
    """Return the first test pair's left image and truth, as they lie in the prepared data, with the map ``found``."""
    height, width = found.shape
    left, truth = (
        np.load(folder / f"test_{part}.npy", mmap_mode="r", allow_pickle=False)[0, :height, :width]
        for part in ("left", "truth")
    )
    small = found.astype(np.uint8 if found.max() < 256 else np.uint16)
    return {"pair": np.array(name), "left": left, "truth": truth, "map": small}


def keep(path: Path, trainer: Trainer, shown: Mapping[str, np.ndarray]) -> dict[str, Any]:
    """Write the file with the trainer's weights and what is ``shown``; return what the raw result says of it."""
    weights = {f"weights/{name}": array.astype(np.float32) for name, array in trainer.dump().items()}
    data = io.BytesIO()
    np.savez_compressed(data, **weights, **shown)  # type: ignore[arg-type]
    records.write_once(path, data.getvalue())
    return {"sha256": records.sha256_of(data.getvalue())}
