"""What took effect in PyTorch, read back from it."""

from __future__ import annotations

from typing import Any


def read_settings(model: Any, optimizer: Any, *, compiled: bool) -> dict[str, Any]:
    """Read back threads, layout, precision, determinism, denormals, compilation and library flags."""
    import torch

    first = next(model.parameters())
    layout = "NHWC (channels_last)" if first.is_contiguous(memory_format=torch.channels_last) else "NCHW (contiguous)"
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
        "optimizer": type(optimizer).__name__,
        "cpu_capability": torch.backends.cpu.get_cpu_capability(),
        "compiled": compiled,
    }
    return settings | (_compile_state() if compiled else {})


def _compile_state() -> dict[str, Any]:
    """Say whether torch.compile really compiled: graphs made, breaks in them, and whether its cache was warm."""
    from torch._dynamo.utils import counters

    return {
        "compile_graphs": int(counters["stats"]["unique_graphs"]),
        "compile_graph_breaks": int(sum(counters["graph_break"].values())),
        "compile_cache": "warm" if counters["inductor"]["fxgraph_cache_hit"] else "cold",
    }
