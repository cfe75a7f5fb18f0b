"""What PyTorch is asked for, and what took effect, read back from it."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from typing import Any

from suite.frameworks import arithmetic
from suite.frameworks.pytorch import place

_FULL = ("none", "ieee")
"""PyTorch's words for float32 that is not rounded."""


def apply(asked: Mapping[str, Any]) -> None:
    """Set what is asked for of the process, before any network is built.

    TF32, cuDNN's trying out of kernels and determinism have no effect on a processor; they are set so that the matched
    lane means the same on every device.
    """
    import torch

    torch.set_num_threads(asked["threads_intra"])
    torch.set_num_interop_threads(asked["threads_inter"])
    torch.set_flush_denormal(asked["denormals_flushed"])
    torch.use_deterministic_algorithms(asked["deterministic"])
    torch.set_float32_matmul_precision(asked["matmul_precision"])
    torch.backends.cuda.matmul.allow_tf32 = asked["tf32_matmul"]
    torch.backends.cudnn.allow_tf32 = asked["tf32_convolutions"]
    torch.backends.cudnn.benchmark = asked["cudnn_autotune"]
    if "onednn" in asked:
        torch.backends.mkldnn.enabled = asked["onednn"]


def read_settings(model: Any, optimizer: Any, *, compiled: bool) -> dict[str, Any]:
    """Read back everything of a live network and its optimiser."""
    import torch

    # The weight of a convolution over one channel lies the same in both orders, and tells nothing.
    last = any(
        weight.dim() == 4 and weight.is_contiguous(memory_format=torch.channels_last) and not weight.is_contiguous()
        for weight in model.parameters()
    )
    return process_settings(next(model.parameters()), compiled=compiled) | {
        "layout": "NHWC" if last else "NCHW",
        "optimizer": type(optimizer).__name__,
        "optimizer_implementation": _implementation(optimizer),
    }


def process_settings(first: Any, *, compiled: bool) -> dict[str, Any]:
    """Read back threads, precision, kernels, compilation and library flags; ``first`` is one of the weights."""
    import torch

    return {
        "threads_intra": torch.get_num_threads(),
        "threads_inter": torch.get_num_interop_threads(),
        **place.settings(first.device),
        "dtype": _name(first.dtype),
        "dtype_policy": _name(torch.get_default_dtype()),
        "amp": torch.is_autocast_enabled(first.device.type),
        **_precision(first.device),
        "deterministic": torch.are_deterministic_algorithms_enabled(),
        "cudnn_autotune": torch.backends.cudnn.benchmark,
        "memory_growth": True if torch.cuda.is_available() else "no GPU",
        "onednn": torch.backends.mkldnn.is_available() and torch.backends.mkldnn.enabled,
        "onednn_built": torch.backends.mkldnn.is_available(),
        "onednn_precision": _onednn_precision(),
        **_execution(compiled=compiled),
        **parse_build(torch.__config__.show()),
        "build_accelerator": _accelerator(),
        "cpu_capability": torch.backends.cpu.get_cpu_capability(),
    }


def parse_build(text: str) -> dict[str, str]:
    """Return the telling parts of ``torch.__config__.show()``; what it does not say is left out."""
    found = {
        "build_compiler": re.search(r"- (GCC|clang|MSVC)[ :]*(\d[\w.]*)", text, re.IGNORECASE),
        "build_blas": re.search(r"(Math Kernel Library) Version (\d[\w.]*)", text),
        "onednn_version": re.search(r"(MKL-DNN|oneDNN) v(\d[\w.]*)", text),
    }
    names = {"Math Kernel Library": "MKL"}
    build = {key: f"{names.get(m[1], m[1])} {m[2]}" for key, m in found.items() if m and key != "onednn_version"}
    if version := found["onednn_version"]:
        build["onednn_version"] = version[2]
    if "build_blas" not in build and (blas := re.search(r"BLAS_INFO=(\w+)", text)):
        build["build_blas"] = blas[1]
    return build


def _name(dtype: Any) -> str:
    return str(dtype).removeprefix("torch.")


def _precision(device: Any) -> dict[str, Any]:
    """Return what the flags say of float32, and what arithmetic does."""
    import torch

    identity = torch.from_numpy(arithmetic.identity()).to(device)
    matrix = torch.from_numpy(arithmetic.fine_matrix()).to(device)
    images = torch.from_numpy(arithmetic.fine_images()).to(device).permute(0, 3, 1, 2)
    tiny = torch.from_numpy(arithmetic.denormals()).to(device)
    with torch.no_grad():
        product = matrix @ identity
        convolved = torch.nn.functional.conv2d(images, identity[:, :, None, None])
        return {
            "matmul_precision": torch.get_float32_matmul_precision(),
            "tf32_matmul": torch.backends.cuda.matmul.allow_tf32,
            "tf32_convolutions": torch.backends.cudnn.allow_tf32,
            "float32_kept_matmul": arithmetic.kept(product.cpu().numpy()),
            "float32_kept_convolutions": arithmetic.kept(convolved.cpu().numpy()),
            "denormals_flushed": arithmetic.flushed((tiny * 1).cpu().numpy()),
        }


def _onednn_precision() -> str:
    """Return to what oneDNN may round float32: by PyTorch's own flags, else by oneDNN's environment variable."""
    import torch

    flags = {getattr(torch.backends.mkldnn, part).fp32_precision for part in ("matmul", "conv")}
    rounded = sorted(flags.difference(_FULL))
    return ", ".join(rounded) or os.environ.get("ONEDNN_DEFAULT_FPMATH_MODE", "float32").lower()


def _implementation(optimizer: Any) -> str:
    """Return how the live optimiser runs over the weights, PyTorch's own choice where it was left to it."""
    from torch.optim.optimizer import _default_to_fused_or_foreach

    group = optimizer.param_groups[0]
    fused, foreach = group.get("fused"), group.get("foreach")
    if fused is None and foreach is None:
        fused, foreach = _default_to_fused_or_foreach(group["params"], group.get("differentiable", False))
    return "fused" if fused else "foreach" if foreach else "for-loop"


def _execution(*, compiled: bool) -> dict[str, Any]:
    """Say how the step runs; where it was to be compiled, what was: graphs, breaks in them, and the cache's state."""
    if not compiled:
        return {"graph": False, "compiled": False, "compiler": "none"}
    from torch._dynamo.utils import counters

    graphs = int(counters["stats"]["unique_graphs"])
    return {
        "graph": graphs > 0,
        "compiled": graphs > 0,
        "compiler": "TorchInductor" if graphs else "none",
        "compile_graphs": graphs,
        "compile_graph_breaks": int(sum(counters["graph_break"].values())),
        "compile_cache": "warm" if counters["inductor"]["fxgraph_cache_hit"] else "cold",
    }


def _accelerator() -> str:
    import torch

    if torch.version.cuda:
        return f"CUDA {torch.version.cuda}"
    return f"ROCm {torch.version.hip}" if torch.version.hip else "processor"
