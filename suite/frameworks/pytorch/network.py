"""The workload's network as PyTorch modules."""

from __future__ import annotations

import functools
import math
from typing import Any, assert_never

from suite.layers import (
    AveragePool2d,
    BatchNorm,
    Conv2d,
    Dense,
    Dropout,
    Flatten,
    L2Normalize,
    LayerShape,
    MaxPool2d,
    Relu,
    Similarities,
    Views,
)
from suite.workload import Workload


def network(workload: Workload) -> Any:
    """Return the layers in an ``nn.Sequential``, or, where masks come along, in one that hands them to its dropouts."""
    from torch import nn

    has_dropout = any(isinstance(layer, Dropout) for layer in workload.layers)
    model = _masked_modules()[0]() if has_dropout else nn.Sequential()
    for shape in workload.shapes():
        model.add_module(shape.layer.name, _module(shape))
    return model


@functools.cache
def _masked_modules() -> tuple[Any, Any]:
    """Return the classes of a network with dropouts and of a dropout whose mask is given."""
    from torch import nn

    class MaskedDropout(nn.Module):  # type: ignore[misc]
        def __init__(self, rate: float) -> None:
            super().__init__()
            self.kept = 1 - rate

        def forward(self, value: Any, mask: Any = None) -> Any:
            return value * (mask.to(value.dtype) / self.kept) if self.training else value

    class MaskedSequential(nn.Sequential):  # type: ignore[misc]
        def forward(self, value: Any, *masks: Any) -> Any:
            used = 0
            for module in self:
                if isinstance(module, MaskedDropout):
                    value = module(value, masks[used] if self.training else None)
                    used += 1
                else:
                    value = module(value)
            return value

    return MaskedSequential, MaskedDropout


@functools.cache
def _siamese_modules() -> tuple[Any, Any, Any]:
    """Return the classes of what makes a network a Siamese one: views, normalised features, their similarities."""
    from torch import nn

    class Views(nn.Module):  # type: ignore[misc]
        def forward(self, value: Any) -> Any:
            return value.reshape(-1, 1, *value.shape[2:])

    class Normalize(nn.Module):  # type: ignore[misc]
        def __init__(self, epsilon: float) -> None:
            super().__init__()
            self.shortest = math.sqrt(epsilon)

        def forward(self, value: Any) -> Any:
            return nn.functional.normalize(value, dim=1, eps=self.shortest)  # of images, too: channels come first

    class Similarities(nn.Module):  # type: ignore[misc]
        def __init__(self, views: int) -> None:
            super().__init__()
            self.views = views

        def forward(self, value: Any) -> Any:
            value = value.reshape(-1, self.views, value.shape[1])
            return (value[:, :1] * value[:, 1:]).sum(dim=2)

    return Views, Normalize, Similarities


def _module(shape: LayerShape) -> Any:  # noqa: C901 (one case for each kind)
    from torch import nn

    layer = shape.layer
    match layer:
        case Conv2d():
            padding = layer.kernel_size // 2 if layer.padding == "same" else 0
            return nn.Conv2d(shape.input_shape[-1], layer.filters, layer.kernel_size, layer.stride, padding=padding)
        case MaxPool2d():
            return nn.MaxPool2d(layer.size, layer.stride)
        case AveragePool2d():
            return nn.AvgPool2d(layer.size, layer.stride)
        case Dropout():
            return _masked_modules()[1](layer.rate)
        case BatchNorm():
            norm = nn.BatchNorm2d if len(shape.input_shape) == 3 else nn.BatchNorm1d
            return norm(shape.input_shape[-1], eps=layer.epsilon, momentum=1 - layer.momentum)
        case Dense():
            return nn.Linear(shape.input_shape[0], layer.units)
        case Flatten():
            return nn.Flatten()
        case Relu():
            return nn.ReLU()
        case Views():
            return _siamese_modules()[0]()
        case L2Normalize():
            return _siamese_modules()[1](layer.epsilon)
        case Similarities():
            return _siamese_modules()[2](layer.views)
        case _:
            assert_never(layer)
