"""Runs inside a framework's environment: what one adapter does with given weights and batches, written to a file.

``python adapter_probe.py FRAMEWORK WORK``: WORK holds inputs.npz; WORK/<framework>.json and .npz are written.
"""

import json
import sys
from pathlib import Path

import numpy as np

from suite.frameworks import Stretch, framework
from suite.worker.clock import PerfClock
from suite.worker.measure import describe_layers
from suite.workloads import workloads

BATCH, THREADS = 32, 1


def main(name: str, work: Path) -> None:
    """Try every mode on every workload."""
    chosen = framework(name)
    chosen.start(THREADS)
    facts, arrays = {}, {}
    for workload in workloads().values():
        given = np.load(work / f"{workload.name}.npz")
        weights = {key: given[key] for key in given.files if "/" in key}
        for mode in chosen.modes:
            trainer = chosen.build(workload, mode.name)
            trainer.load(weights)
            key = f"{workload.name}|{name}-{mode.name}"
            loaded = trainer.dump()
            images, labels = trainer.prepare(given["images"], given["labels"])
            logits = trainer.logits(images[:BATCH])
            step_loss = float(trainer.train_step(images[:BATCH], labels[:BATCH]))
            after_step = trainer.dump()
            trainer.load(weights)
            clock = PerfClock()
            count = len(given["labels"])
            loss = trainer.train(Stretch(images=images, labels=labels, examples=count, batch=BATCH), clock)
            after = trainer.dump()
            trainer.load(weights)
            again = trainer.train(Stretch(images=images, labels=labels, examples=count, batch=BATCH), PerfClock())
            facts[key] = {
                "loaded_unchanged": all(np.array_equal(loaded[each], weights[each]) for each in weights)
                and loaded.keys() == weights.keys(),
                "dtypes": sorted({str(array.dtype) for array in after.values()}),
                "step_loss": step_loss,
                "loss": loss,
                "loss_again": again,
                "steps": len(clock.steps()),
                "fastest_s": float(clock.steps().min()),
                "layers": describe_layers(workload, trainer),
                "settings": trainer.settings(),
            }
            arrays |= {f"{key}|step|{each}": array for each, array in after_step.items()}
            arrays |= {f"{key}|train|{each}": array for each, array in after.items()}
            arrays[f"{key}|logits"] = logits
    (work / f"{name}.json").write_text(json.dumps(facts))
    np.savez(work / f"{name}.npz", **arrays)


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]))
