"""PyTorch: eager execution as its users get it, eager with channels-last memory, and torch.compile.

Canonical arrays meet PyTorch's layout here: convolution weights become (out, in, height, width), dense weights
(out, in), and the dense layer behind a flatten has its columns reordered, since PyTorch flattens channels first.
"""

from __future__ import annotations

from types import MappingProxyType
from typing import Any, assert_never

import numpy as np

from suite.frameworks import NCHW, NHWC, Framework, Mode, Trainer, Weights
from suite.layers import Conv2d, Dense, Flatten, LayerShape, MaxPool2d, Relu
from suite.workload import Workload


class PyTorch(Framework):
    """The framework's facts and its start."""

    name = "pytorch"
    title = "PyTorch"
    rank = 1
    modes = (
        Mode(name="eager", sentence="operations run one by one as Python reaches them, contiguous (NCHW) memory"),
        Mode(
            name="eager-channels-last",
            sentence="eager, with images and weights in channels-last (NHWC) memory",
            companion=True,
        ),
        Mode(name="compile", sentence="torch.compile turns forward and backward into generated code"),
    )
    default_mode = "eager"
    requirements = MappingProxyType({"cpu": ("torch==2.13.0",)})
    distributions = ("torch",)

    def start(self, threads: int) -> None:
        """Import torch, set both thread counts, and flush denormals as TensorFlow always does."""
        import torch
        import torch._dynamo  # torch.optim imports it on first use, in 0.9 s: that is importing, not building

        torch.set_num_threads(threads)
        torch.set_num_interop_threads(threads)
        torch.set_flush_denormal(True)

    def build(self, workload: Workload, mode: str) -> Trainer:
        """Build the network as an ``nn.Sequential`` with its SGD optimiser."""
        return PyTorchTrainer(workload, mode)


class PyTorchTrainer(Trainer):
    """An ``nn.Sequential`` trained with ``torch.optim.SGD``."""

    def __init__(self, workload: Workload, mode: str) -> None:
        import torch

        self.workload = workload
        self.mode = mode
        self.channels_last = mode == "eager-channels-last"
        self.memory_axes = NHWC if self.channels_last else NCHW
        self.model = torch.nn.Sequential()
        for shape in workload.shapes():
            self.model.add_module(shape.layer.name, _module(shape))
        if self.channels_last:
            self.model = self.model.to(memory_format=torch.channels_last)
        self.optimizer = self._fresh_optimizer()
        self.loss = torch.nn.functional.cross_entropy
        self.forward_loss = self._forward_loss
        if mode == "compile":
            self.forward_loss = torch.compile(self._forward_loss)

    def _fresh_optimizer(self) -> Any:
        import torch

        constants = self.workload.optimizer
        return torch.optim.SGD(
            self.model.parameters(),
            lr=constants.learning_rate,
            momentum=constants.momentum,
            dampening=0,
            weight_decay=0,
            nesterov=False,
        )

    def _forward_loss(self, images: Any, labels: Any) -> Any:
        return self.loss(self.model(images), labels)

    def load(self, weights: Weights) -> None:
        """Copy canonical arrays into the modules and start a new optimiser."""
        import torch

        with torch.no_grad():
            for shape, module in self._weighted():
                name = shape.layer.name
                module.weight.copy_(torch.from_numpy(_to_torch(weights[f"{name}/weight"], self._flattened(name))))
                module.bias.copy_(torch.from_numpy(weights[f"{name}/bias"]))
        self.optimizer = self._fresh_optimizer()

    def dump(self) -> Weights:
        """Return the modules' parameters in canonical layout."""
        weights: Weights = {}
        for shape, module in self._weighted():
            name = shape.layer.name
            weights[f"{name}/weight"] = _from_torch(module.weight.detach().numpy(), self._flattened(name))
            weights[f"{name}/bias"] = module.bias.detach().numpy().copy()
        return weights

    def prepare(self, images: np.ndarray, labels: np.ndarray) -> tuple[Any, Any]:
        """Return images (n, channels, height, width) in the mode's memory order, and int64 labels, as tensors."""
        import torch

        channels_first = images.transpose(NCHW)  # a view: the memory stays as it is
        if not self.channels_last:
            channels_first = np.ascontiguousarray(channels_first)  # copies only what does not lie so already
        return torch.from_numpy(channels_first), torch.from_numpy(labels)

    def train_step(self, images: Any, labels: Any) -> Any:
        """One step of forward, backward and update."""
        self.optimizer.zero_grad(set_to_none=True)
        loss = self.forward_loss(images, labels)
        loss.backward()
        self.optimizer.step()
        return loss.detach()

    def logits(self, images: Any) -> np.ndarray:
        """Forward in evaluation mode, without recording gradients."""
        import torch

        self.model.eval()
        with torch.no_grad():
            outputs: np.ndarray = self.model(images).numpy()
        self.model.train()
        return outputs

    def layer_outputs(self) -> dict[str, tuple[int, ...]]:
        """Run one blank image through the modules and note what leaves each."""
        import torch

        height, width, channels = self.workload.input_shape
        value = torch.zeros(1, channels, height, width)
        outputs = {}
        with torch.no_grad():
            for name, module in self.model.named_children():
                value = module(value)
                shape = tuple(value.shape[1:])
                outputs[name] = (*shape[1:], shape[0]) if len(shape) == 3 else shape
        return outputs

    def settings(self) -> dict[str, Any]:
        """Read back threads, layout, precision, determinism, denormals, compilation and library flags."""
        import torch

        first = next(self.model.parameters())
        layout = (
            "NHWC (channels_last)" if first.is_contiguous(memory_format=torch.channels_last) else "NCHW (contiguous)"
        )
        settings = {
            "threads_intra": torch.get_num_threads(),
            "threads_inter": torch.get_num_interop_threads(),
            "dtype": str(first.dtype).removeprefix("torch."),
            "device": str(first.device),
            "layout": layout,
            "deterministic": torch.are_deterministic_algorithms_enabled(),
            "matmul_precision": torch.get_float32_matmul_precision(),
            "denormals_flushed": bool((torch.tensor(1e-40) * 1).item() == 0.0),
            "onednn": torch.backends.mkldnn.is_available(),
            "optimizer": type(self.optimizer).__name__,
            "cpu_capability": torch.backends.cpu.get_cpu_capability(),
            "compiled": self.mode == "compile",
        }
        if self.mode == "compile":
            settings |= _compile_state()
        return settings

    def _weighted(self) -> list[tuple[LayerShape, Any]]:
        """Return the layers that have weights, each with its module."""
        return [(s, self.model.get_submodule(s.layer.name)) for s in self.workload.shapes() if s.weight_shape]

    def _flattened(self, name: str) -> tuple[int, ...] | None:
        """Return the image shape (height, width, channels) that was flattened right before the layer, if any."""
        before: tuple[int, ...] | None = None
        for shape in self.workload.shapes():
            if shape.layer.name == name:
                return before
            if isinstance(shape.layer, Flatten):
                before = shape.input_shape
            elif shape.weight_shape:
                before = None
        raise KeyError(name)


def _module(shape: LayerShape) -> Any:
    from torch import nn

    layer = shape.layer
    match layer:
        case Conv2d():
            return nn.Conv2d(shape.input_shape[-1], layer.filters, layer.kernel_size, layer.stride, padding=0)
        case MaxPool2d():
            return nn.MaxPool2d(layer.size, layer.stride)
        case Dense():
            return nn.Linear(shape.input_shape[0], layer.units)
        case Flatten():
            return nn.Flatten()
        case Relu():
            return nn.ReLU()
        case _:
            assert_never(layer)


def _to_torch(weight: np.ndarray, flattened: tuple[int, ...] | None) -> np.ndarray:
    """Canonical to PyTorch: (h, w, in, out) to (out, in, h, w); (in, out) to (out, in), flattened channels first."""
    if weight.ndim == 4:
        return np.ascontiguousarray(weight.transpose(3, 2, 0, 1))
    if flattened is not None:
        weight = weight.reshape(*flattened, -1).transpose(2, 0, 1, 3).reshape(weight.shape)
    return np.ascontiguousarray(weight.T)


def _from_torch(weight: np.ndarray, flattened: tuple[int, ...] | None) -> np.ndarray:
    """PyTorch to canonical: the inverse of :func:`_to_torch`."""
    if weight.ndim == 4:
        return np.ascontiguousarray(weight.transpose(2, 3, 1, 0))
    weight = weight.T
    if flattened is not None:
        height, width, channels = flattened
        weight = weight.reshape(channels, height, width, -1).transpose(1, 2, 0, 3).reshape(weight.shape)
    return np.ascontiguousarray(weight)


def _compile_state() -> dict[str, Any]:
    """Say whether torch.compile really compiled: graphs made, breaks in them, and whether its cache was warm."""
    from torch._dynamo.utils import counters

    return {
        "compile_graphs": int(counters["stats"]["unique_graphs"]),
        "compile_graph_breaks": int(sum(counters["graph_break"].values())),
        "compile_cache": "warm" if counters["inductor"]["fxgraph_cache_hit"] else "cold",
    }


FRAMEWORK = PyTorch()
