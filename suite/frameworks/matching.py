"""How whole images are matched, the same in every framework: what is padded, and the blocks of columns.

The features of a block of left columns are multiplied with those of every right column that one of them may be matched
with, mirrored: row i, column j of the product is the similarity at disparity j - (BLOCK - 1 - i). So what is wanted is
a band along the product's diagonal, ``count`` wide. Read as one long line, from its place BLOCK - 1 on, the product has
that band in the first ``count`` places of every BLOCK + count - 2.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from suite.workload import Workload

BLOCK = 64
"""Left columns that are matched at a time: few enough that the product is hardly wider than the band, many enough for a
matrix product to be fast."""

ROWS = 8
"""Images are padded to a multiple of this many rows and of BLOCK columns: then the pairs of a data set, which differ by
a few pixels, all have one shape, and nothing is traced or compiled for each of them."""

WORSE = -2.0
"""Below any similarity."""


@dataclass(frozen=True)
class Block:
    """The left columns from ``start`` on, the mirrored right columns from ``first`` on, and what lies outside.

    ``outside`` (BLOCK, count) marks the candidates that are not inside the right image; None where all are.
    """

    start: int
    first: int
    outside: np.ndarray | None


def padded(workload: Workload, left: np.ndarray, right: np.ndarray, dtype: str) -> np.ndarray:
    """Return both images as (2, height, width, 1), zeros around them: as far as a patch reaches, and on to a multiple.

    Raises:
        ValueError: they are not two images of one size.
    """
    if left.ndim != 2 or left.shape != right.shape:
        raise ValueError(f"images of the shapes {left.shape} and {right.shape} are no stereo pair")
    height, width = left.shape
    reach = workload.input_shape[0] // 2
    more = ((reach, reach + -height % ROWS), (reach, reach + -width % BLOCK))
    return np.stack([np.pad(each.astype(dtype), more) for each in (left, right)])[..., None]


def blocks(width: int, count: int) -> list[Block]:
    """Return the blocks of images of ``width`` columns (a multiple of BLOCK), matched over ``count`` disparities.

    Right columns are counted from the right edge on leftwards, and ``count`` - 1 more beyond the left edge.
    """
    found = []
    for start in range(0, width, BLOCK):
        outside = np.arange(count) > start + np.arange(BLOCK)[:, None]
        found.append(Block(start, width - BLOCK - start, outside if outside.any() else None))
    return found
