"""What the programs written in PyTorch share: how they are started, run and examined."""

from __future__ import annotations

from suite.frameworks import Device


def start(threads: int, device: Device) -> None:
    """Import torch, and set both thread counts.

    Raises:
        UnsupportedError: PyTorch does not find the device.
    """
    import importlib

    import torch

    from suite.frameworks.pytorch import place

    place.require("PyTorch", device)
    importlib.import_module("torch._dynamo")  # torch.optim would import it when it is first used
    torch.set_num_threads(threads)
    torch.set_num_interop_threads(threads)
