"""Disparities of a stereo pair, by a network that PyTorch has trained."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from suite.frameworks.matching import BLOCK, WORSE, blocks


def match(trunk: Sequence[Any], pair: Any, count: int) -> Any:
    """Return the disparity (height, width) of every pixel of the first image of ``pair`` (2, 1, height, width).

    ``trunk`` are the modules that make features of images, normalised ones.
    """
    import torch
    from torch.nn import functional

    features = pair
    for module in trunk:
        features = module(features)
    left = features[0].permute(1, 2, 0).contiguous()
    right = functional.pad(features[1].flip(2), (0, count - 1)).permute(1, 0, 2).contiguous()
    height, width = left.shape[:2]
    reach = BLOCK + count - 1
    winners = []
    for block in blocks(width, count):
        product = left[:, block.start : block.start + BLOCK] @ right[..., block.first : block.first + reach]
        band = product.as_strided((height, BLOCK, count), (BLOCK * reach, reach - 1, 1), BLOCK - 1)
        if block.outside is not None:
            band = band.masked_fill(torch.from_numpy(block.outside).to(band.device), WORSE)
        winners.append(band.argmax(dim=2))  # the first of equals, by its documentation
    return torch.cat(winners, dim=1)
