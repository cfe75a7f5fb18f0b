"""Probes of PyTorch."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

from suite.features.probes.found import Breakpoint, Found, closeness, no, not_here, partly, require, statements, yes
from suite.features.probes.nets import STEPS
from suite.features.probes.nets import pytorch as _network
from suite.features.probes.nets import pytorch_images as _images


def _difference(a: Any, b: Any) -> float:
    return float((a - b).abs().max())


def cpu() -> Found:
    """Convolve ones with ones on the processor."""
    import torch

    found = torch.nn.functional.conv2d(torch.ones(1, 1, 4, 4), torch.ones(1, 1, 3, 3))
    require(found.device.type == "cpu" and bool((found == 9).all()), f"the convolution gave {found.tolist()}")
    return yes("a convolution", f"a 3x3 convolution on {torch.get_num_threads()} threads gave the nine of a hand's sum")


def gpu() -> Found:
    """Say for which GPUs this build was made, and whether one is there."""
    import torch

    built = f"CUDA {torch.version.cuda}" if torch.version.cuda else "Metal" if torch.backends.mps.is_built() else ""
    name = "cuda" if torch.cuda.is_available() else "mps" if torch.backends.mps.is_available() else ""
    if not name:
        return not_here(
            "no GPU in this machine", f"this build is for {built or 'the processor'}, and it sees no GPU here"
        )
    product = torch.ones(8, 8, device=name) @ torch.ones(8, 8, device=name)
    require(bool((product == 8).all()), "the GPU gave a wrong product")
    return yes("computed on it", f"built for {built}; a product computed on {product.device}")


def graph() -> Found:
    """Trace a network to a graph, and see that running the graph no longer runs its Python code."""
    import torch

    calls: list[int] = []
    network = _network(calls)
    eager = network(_images())
    before = len(calls)
    exported = torch.export.export(network, (_images(),))
    nodes = [str(node.target) for node in exported.graph.nodes if node.op == "call_function"]
    traced = len(calls)
    again = exported.module()(_images())
    require(before == 1 and len(calls) == traced, "the graph ran the Python code")
    require(_difference(eager, again) < 1e-6, "the graph computes something else")
    return yes(
        "eager; traced on request",
        f"eager unless asked; torch.export traced {len(nodes)} operations ({', '.join(nodes[:3])} …)",
    )


def autodiff() -> Found:
    """Hold a gradient against a central difference, in float64."""
    import torch

    weights = torch.linspace(-1, 1, 5, dtype=torch.float64, requires_grad=True)

    def loss(values: Any) -> Any:
        return (torch.tanh(values) * values.exp()).sum()

    (found,) = torch.autograd.grad(loss(weights), weights)
    h = 1e-6
    steps = torch.eye(5, dtype=torch.float64) * h
    numeric = torch.stack([(loss(weights + step) - loss(weights - step)) / (2 * h) for step in steps]).detach()
    off = _difference(found, numeric)
    require(off < 1e-8, f"the gradient is off by {off:.1e}")
    return yes("autograd", f"autograd is within {off:.0e} of central differences, float64")


def compiling() -> Found:
    """Compile a network, and compare it with the eager one."""
    import torch
    from torch._dynamo.utils import counters

    network = _network()
    with torch.no_grad():
        off = _difference(torch.compile(network)(_images()), network(_images()))
    graphs, breaks = counters["stats"]["unique_graphs"], sum(counters["graph_break"].values())
    require(graphs >= 1 and bool(counters["inductor"]), "nothing was compiled")
    require(off < 1e-5, f"the compiled network is off by {off:.1e}")
    return yes(
        "torch.compile",
        f"torch.compile (Inductor) made {graphs} graph with {breaks} breaks; outputs beside eager: {closeness(off)}",
    )


def debugging() -> Found:
    """Stop at a breakpoint inside ``forward``: eager, and compiled."""
    import torch

    network = _network()
    eager = Breakpoint(type(network).forward, "return self.dense", "features")
    eager.runcall(network, _images())
    live = bool(eager.seen) and float(eager.seen[0].sum()) > 0
    compiled = torch.compile(network)
    compiled(_images())
    inside = Breakpoint(type(network).forward, "return self.dense", "features")
    inside.runcall(compiled, _images())
    stops = "stops" if inside.seen else "does not stop"
    require(bool(eager.seen), "the breakpoint was not reached in eager mode")
    return (yes if live else no)(
        "in eager mode, the default" if live else "values are not live",
        "a breakpoint in forward stops in eager mode (the default) with live values; "
        f"compiled by torch.compile, it {stops}",
    )


def data_loading() -> Found:
    """Load examples in two processes, shuffled, for two epochs: each once per epoch, in another order."""
    import torch

    data = torch.utils.data.TensorDataset(torch.arange(100))
    loader = torch.utils.data.DataLoader(data, batch_size=8, shuffle=True, num_workers=2)
    first, second = ([int(value) for (batch,) in loader for value in batch] for _ in range(2))
    require(sorted(first) == sorted(second) == list(range(100)), "examples are missing or doubled")
    require(first != second != sorted(second), "nothing was shuffled")
    return yes(
        "DataLoader, 2 processes",
        "DataLoader with 2 worker processes gave 100 examples once per epoch, in another order each epoch",
    )


def _replica(rank: int, folder: str) -> None:
    """One of two processes: its half of the batch, gradients averaged by DistributedDataParallel."""
    import torch

    rendezvous = (Path(folder) / "rendezvous").as_uri()
    torch.distributed.init_process_group("gloo", init_method=rendezvous, rank=rank, world_size=2)
    replica = torch.nn.parallel.DistributedDataParallel(_network())
    replica(_images()[2 * rank : 2 * rank + 2]).square().mean().backward()
    torch.save([weights.grad for weights in replica.parameters()], Path(folder) / f"{rank}.pt")
    torch.distributed.destroy_process_group()


def distribution() -> Found:
    """Train one step in two processes, and compare the gradient with one process's."""
    import torch

    network = _network()
    network(_images()).square().mean().backward()
    with tempfile.TemporaryDirectory() as folder:
        torch.multiprocessing.spawn(_replica, (folder,), nprocs=2)
        halves = [torch.load(Path(folder) / f"{rank}.pt") for rank in range(2)]
    alone = [weights.grad for weights in network.parameters()]
    off = max(_difference(a, b) for half in halves for a, b in zip(half, alone, strict=True))
    require(off < 1e-6, f"gradients differ by {off:.1e}")
    return yes(
        "DistributedDataParallel",
        f"DistributedDataParallel in 2 processes (gloo) gave the gradient of one: {closeness(off)}",
    )


def devices() -> Found:
    """Put tensors on devices by hand, and mix them."""
    import torch

    here, there = torch.ones(2, device="cpu"), torch.ones(2, device="meta")
    require((here.device.type, there.device.type) == ("cpu", "meta"), "tensors are not where they were put")
    try:
        here + there
    except RuntimeError:
        return yes(
            "by hand; mixing refused",
            "by hand: a tensor is where it was put (device=…), and adding tensors of two devices is refused",
        )
    return partly(
        "by hand; mixing not refused",
        "by hand: a tensor is where it was put, and tensors of two devices are mixed without a word",
    )


def _train() -> list[float]:
    import torch

    network, images, labels = _network(), _images(), torch.tensor([0, 1, 2, 0])
    optimizer = torch.optim.SGD(network.parameters(), lr=0.5)
    losses = []
    for _ in range(STEPS):
        optimizer.zero_grad()
        loss = torch.nn.functional.cross_entropy(network(images), labels)
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    return losses


def training() -> Found:
    """Train with what is there, and count the statements that it takes."""
    import torch

    losses = _train()
    require(losses[-1] < 0.5 * losses[0], "the loss did not fall")
    ready = [name for name in ("fit", "compile_and_fit", "train_on_batch") if hasattr(torch.nn.Module, name)]
    count = statements(_train)
    fell = f"loss {losses[0]:.2f} to {losses[-1]:.2f}"
    words = f"the loop is written by hand: {count} statements trained {STEPS} steps, {fell}"
    brief = f"own loop, {count} statements"
    if ready:
        return yes(", ".join(ready), f"{words}; ready-made: {', '.join(ready)}")
    return no(brief, f"{words}; nn.Module has no fit")
