"""Where PyTorch computes: the device asked for, or an error.

CUDA and MPS queue work, so the clock has to wait for them (``torch.cuda.synchronize``, ``torch.mps.synchronize``: their
documentation). Not verified on this hardware: the machines that tests run on have no GPU, so tests fake one.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from suite.frameworks import Device, device

_TORCHS: dict[Device, str] = {"cpu": "cpu", "cuda": "cuda", "metal": "mps"}
"""PyTorch's words for devices."""


def require(title: str, asked: Device) -> None:
    """Refuse a device that PyTorch does not find.

    Raises:
        UnsupportedError: it does not.
    """
    import torch

    there = {"cpu": True, "cuda": torch.cuda.is_available(), "metal": torch.backends.mps.is_available()}
    if not there[asked]:
        build = f"CUDA {torch.version.cuda}" if torch.version.cuda else "no CUDA"
        metal = "Metal" if torch.backends.mps.is_built() else "no Metal"
        found = f"this build, {torch.__version__}, has {build} and {metal}, and sees {torch.cuda.device_count()} GPUs"
        raise device.absent(title, asked, found)


def torchs(asked: Device) -> str:
    """Return PyTorch's name of a device."""
    return _TORCHS[asked]


def ours(live: Any) -> str:
    """Return our name of a live ``torch.device``, or its own where we have none."""
    return next((name for name, theirs in _TORCHS.items() if theirs == live.type), str(live))


def synchronise(asked: Device) -> None:
    """Wait until the device has done everything asked of it."""
    import torch

    if asked == "cuda":
        torch.cuda.synchronize()
    elif asked == "metal":
        torch.mps.synchronize()


def refuse_elsewhere(what: str, tensors: Iterable[Any], asked: Device) -> None:
    """Refuse tensors that lie on another device.

    Raises:
        UnsupportedError: some do.
    """
    device.refuse_elsewhere(what, (ours(tensor.device) for tensor in tensors), asked)


def settings(live: Any) -> dict[str, Any]:
    """Read back where a live ``torch.device`` is, its name, and how many GPUs this process sees."""
    import torch

    found = {"device": ours(live), "gpus_visible": torch.cuda.device_count() + int(torch.backends.mps.is_available())}
    if live.type == "cuda":
        found["device_name"] = torch.cuda.get_device_name(live)
    elif live.type == "mps":
        found["device_name"] = "unknown because PyTorch does not name it"
    return found
