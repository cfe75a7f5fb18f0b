"""Canonical arrays to PyTorch's layout and back.

Images are (n, channels, height, width), convolution weights (out, in, height, width), dense weights (out, in). PyTorch
flattens channels first: whatever stands behind a flatten, up to and including the next dense layer, has its features in
that order, and so have their parameters and dropout masks.
"""

from __future__ import annotations

import numpy as np

from suite.frameworks import NCHW
from suite.layers import BatchNorm, Dense, Dropout, Flatten, Shape, Similarities
from suite.workload import Workload


def flattened(workload: Workload) -> dict[str, Shape]:
    """Return, by the name of a parameter array or dropout mask, the image that its features were flattened from.

    An image is (height, width, channels); what has its features in canonical order is left out.
    """
    found: dict[str, Shape] = {}
    image: Shape | None = None
    for shape in workload.shapes():
        name = shape.layer.name
        if image is not None:
            match shape.layer:
                case Dense():
                    found[f"{name}/weight"] = image
                case BatchNorm():
                    found |= {f"{name}/{array}": image for array in ("weight", "bias", "mean", "variance")}
                case Dropout():
                    found[name] = image
        if isinstance(shape.layer, Flatten) and len(shape.input_shape) == 3:
            image = shape.input_shape
        elif isinstance(shape.layer, Dense | Similarities):
            image = None
    return found


def to_torch(array: np.ndarray, image: Shape | None) -> np.ndarray:
    """Turn a canonical parameter array into PyTorch's; ``image`` is what its features were flattened from."""
    if array.ndim == 4:
        return np.ascontiguousarray(array.transpose(3, 2, 0, 1))
    if image is not None:  # features are the first axis of a dense weight and the only one of a batch norm's arrays
        height, width, channels = image
        array = array.reshape(height, width, channels, -1).transpose(2, 0, 1, 3).reshape(array.shape)
    return np.ascontiguousarray(array.T)


def from_torch(array: np.ndarray, image: Shape | None) -> np.ndarray:
    """Turn PyTorch's parameter array into the canonical one, a copy: the inverse of :func:`to_torch`."""
    if array.ndim == 4:
        return array.transpose(2, 3, 1, 0).copy()
    array = array.T
    if image is not None:
        height, width, channels = image
        array = array.reshape(channels, height, width, -1).transpose(1, 2, 0, 3).reshape(array.shape)
    return array.copy()


def images_to_torch(images: np.ndarray, *, channels_last: bool) -> np.ndarray:
    """Return images (n, height, width, channels) as (n, channels, height, width), in the mode's memory order."""
    channels_first = images.transpose(NCHW)  # a view: the memory stays as it is
    return channels_first if channels_last else np.ascontiguousarray(channels_first)  # copies only what has to move


def mask_to_torch(mask: np.ndarray, image: Shape | None, *, channels_last: bool) -> np.ndarray:
    """Return a dropout mask in the layout of the values that it meets."""
    if mask.ndim == 4:
        return images_to_torch(mask, channels_last=channels_last)
    if image is not None:
        mask = mask.reshape(-1, *image).transpose(NCHW).reshape(mask.shape)
    return np.ascontiguousarray(mask)
