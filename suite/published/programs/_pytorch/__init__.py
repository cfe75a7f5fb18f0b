"""What the programs written in PyTorch share: how they are started, run and examined."""

from __future__ import annotations

from typing import Any

from suite.frameworks import Device
from suite.workload import Adam, Optimizer, Sgd


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


def constants(live: Any) -> Optimizer:
    """Return a live optimiser's constants in the workload's words."""
    group = live.param_groups[0]
    if "betas" not in group:
        return Sgd(learning_rate=group["lr"], momentum=group["momentum"])
    (beta1, beta2), epsilon = group["betas"], group["eps"]
    return Adam(learning_rate=group["lr"], beta1=beta1, beta2=beta2, epsilon=epsilon)
