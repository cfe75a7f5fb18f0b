"""Runs inside a framework's environment: five steps of the bare loop and of the suite's, from the same weights.

``python bare_probe.py FRAMEWORK RESULT``: RESULT.npz gets ``<workload>|before|0``, ``...|bare|0``, ``...|suite|0``, ...
"""

import importlib
import sys
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.alternate import batch_of
from suite import inputs
from suite.frameworks import Stretch, Trainer, framework
from suite.worker.clock import PerfClock
from suite.workloads import workloads

STEPS, THREADS = 5, 1
PAIR, DISPARITIES = (12, 40), 8


def main(name: str, result: Path) -> None:
    """Train both ways on every workload."""
    chosen = framework(name)
    chosen.start(THREADS)
    bare = importlib.import_module(f"benchmarks.bare.{name}")
    arrays = {}
    for workload in workloads().values():
        values = np.random.default_rng(0)
        batch = batch_of(workload)
        images = values.uniform(-1, 1, (STEPS * batch, *workload.input_shape)).astype(np.float32)
        labels = values.integers(0, workload.classes, STEPS * batch)
        masks = inputs.masks(workload, STEPS * batch, 0, 0)
        trainer = chosen.build(workload, chosen.default_mode)
        trainer.load(inputs.weights(workload, 0))
        loop = bare.Loop(workload.name, images, labels, *masks.values(), batch=batch)
        set_parameters(loop, own_parameters(trainer))
        before = [array.copy() for array in loop.parameters()]
        stamps = loop.train()
        assert stamps == sorted(stamps)
        prepared, truth = trainer.prepare(images, labels, masks)
        trainer.train(Stretch(inputs=prepared, labels=truth, examples=len(labels), batch=batch), PerfClock())
        for kind, found in (("before", before), ("bare", loop.parameters()), ("suite", own_parameters(trainer))):
            arrays |= {f"{workload.name}|{kind}|{index}": array.copy() for index, array in enumerate(found)}
    left, right = np.random.default_rng(1).normal(size=(2, *PAIR)).astype(np.float32)
    weights = list(inputs.weights(workloads()["mc-cnn-fast"], 0).values())
    arrays["depth map"] = np.asarray(bare.depth_map(weights, left, right, DISPARITIES))
    np.savez(result, **arrays)


def own_parameters(trainer: Trainer) -> list[np.ndarray]:
    """Return the live arrays of a trainer in the framework's own layout and in the order of the layers."""
    inside: Any = trainer
    if hasattr(inside, "network"):
        return [variable.numpy() for variable in inside.network.learned.values()]
    if hasattr(inside.model, "get_weights"):
        return list(inside.model.get_weights())
    return [parameter.detach().numpy() for parameter in inside.model.parameters()]


def set_parameters(loop: Any, arrays: list[np.ndarray]) -> None:
    """Give the bare loop's network these parameters."""
    if hasattr(loop, "variables"):
        for variable, array in zip(loop.variables, arrays, strict=True):
            variable.assign(array)
    elif hasattr(loop.model, "set_weights"):
        loop.model.set_weights(arrays)
    else:
        import torch

        with torch.no_grad():
            for parameter, array in zip(loop.model.parameters(), arrays, strict=True):
                parameter.copy_(torch.from_numpy(array))


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]))
