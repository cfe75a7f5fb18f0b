"""Probes of PyTorch that write files: a trace, a log, weights, a network to be run without its code."""

from __future__ import annotations

import importlib
import json
import tempfile
from pathlib import Path
from typing import Any

from suite.features.probes.found import Found, closeness, partly, require, yes
from suite.features.probes.nets import pytorch as _network
from suite.features.probes.nets import pytorch_images as _images
from suite.features.probes.processes import reloaded


def _difference(a: Any, b: Any) -> float:
    return float((a - b).abs().max())


def profile() -> Found:
    """Write a trace file, and find the operations in it."""
    import torch

    network = _network()
    with tempfile.TemporaryDirectory() as folder, torch.profiler.profile() as profiler:
        network(_images())
        profiler.stop()
        file = Path(folder) / "trace.json"
        profiler.export_chrome_trace(str(file))
        events = json.loads(file.read_text(encoding="utf-8"))["traceEvents"]
    names = {str(event.get("name")) for event in events}
    require({"aten::conv2d", "aten::linear"} <= names, "the trace has not the names of the operations")
    return yes(
        "Chrome trace",
        f"torch.profiler wrote a Chrome trace of {len(events)} events, aten::conv2d and aten::linear among them",
    )


def event_log() -> Found:
    """Try to write a loss for TensorBoard."""
    try:
        writers = importlib.import_module("torch.utils.tensorboard")
    except ModuleNotFoundError as error:
        return partly(
            "needs TensorBoard",
            f"torch.utils.tensorboard is there, and needs a package that is not installed with it: {error}",
        )
    with tempfile.TemporaryDirectory() as folder:
        with writers.SummaryWriter(folder) as writer:
            writer.add_scalar("loss", 1.5, 0)
        sizes = [file.stat().st_size for file in Path(folder).glob("events*")]
    require(bool(sizes), "no event file was written")
    return yes("for TensorBoard", f"SummaryWriter wrote an event file of {sizes[0]} bytes")


def save_and_load() -> Found:
    """Save weights, load them into another network, compare outputs."""
    import torch

    network, other = _network(), _network()
    with torch.no_grad():
        for weights in other.parameters():
            weights.zero_()
        require(_difference(network(_images()), other(_images())) > 0, "the two networks were equal before")
        with tempfile.TemporaryDirectory() as folder:
            file = Path(folder) / "weights.pt"
            torch.save(network.state_dict(), file)
            other.load_state_dict(torch.load(file, weights_only=True))
        off = _difference(network(_images()), other(_images()))
    require(off == 0, f"outputs differ by {off:.1e}")
    return yes(
        "weights",
        "weights saved as a state_dict, loaded into another network by weights_only: outputs equal to the last bit",
    )


def export() -> Found:
    """Export a network, and run it in another process that knows no class of it."""
    import torch

    network = _network()
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "network.pt2"
        torch.export.save(torch.export.export(network, (_images(),)), file)
        size = file.stat().st_size
        found = torch.tensor(reloaded("pytorch", file, _images().tolist()))
    off = _difference(found, network(_images()).detach())
    require(off < 1e-6, f"outputs differ by {off:.1e}")
    return yes(
        "torch.export",
        f"torch.export wrote {size / 1e3:.0f} kB; run by another process without the class: {closeness(off)}",
    )
