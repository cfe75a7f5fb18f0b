"""Runs inside a framework's environment: what one adapter does with given weights and batches, written to a file.

``python adapter_probe.py FRAMEWORK WORK``: writes WORK/<framework>.json and .npz; keys are ``network|arm|dtype``.
"""

import json
import sys
from pathlib import Path
from typing import Any

import numpy as np

from suite.frameworks import DType, Stretch, Trainer, framework
from suite.worker.clock import PerfClock
from suite.worker.measure import describe_layers
from suite.workload import Workload
from tests.contract import networks

THREADS = 1

Arrays = dict[str, np.ndarray]


def main(name: str, work: Path) -> None:
    """Try every mode and precision on every network."""
    chosen = framework(name)
    chosen.start(THREADS)
    facts, arrays = {}, {}
    for task, mode, dtype in networks.tried(chosen):
        key = f"{task.name}|{name}-{mode}|{dtype}"
        probe = Probe(task, chosen.build(task, mode, dtype), dtype)
        facts[key] = probe.facts()
        arrays |= {f"{key}|{each}": array for each, array in probe.arrays.items()}
    (work / f"{name}.json").write_text(json.dumps(facts))
    np.savez(work / f"{name}.npz", **arrays)


class Probe:
    """One trainer, and what was learned of it."""

    def __init__(self, task: Workload, trainer: Trainer, dtype: DType) -> None:
        self.task, self.trainer = task, trainer
        self.weights, self.state = networks.given_weights(task, dtype), networks.given_state(task, dtype)
        self.images, labels, masks = networks.given_examples(task, dtype)
        prepared, labels = trainer.prepare(self.images, labels, masks)
        batch = networks.batch_of(task.name)
        self.stretch = Stretch(inputs=prepared, labels=labels, examples=len(self.images), batch=batch)
        self.batches = [self.stretch.slice(at, at + batch) for at in range(0, len(self.images), batch)]
        self.arrays: Arrays = {}

    def facts(self) -> dict[str, Any]:
        """Put the trainer through everything and return what is not an array."""
        found = self.round_trip() | self.rates() | self.pieces() | self.training()
        return found | {
            "layers": describe_layers(self.task, self.trainer),
            "settings": self.trainer.settings(),
            "residues": list(self.trainer.residues),
        }

    def keep(self, what: str) -> None:
        """Keep the weights and the state as they are now."""
        self.arrays |= {f"{what}|{name}": array for name, array in self.trainer.dump().items()}
        self.arrays |= {f"{what}-state|{name}": array for name, array in self.trainer.dump_state().items()}

    def round_trip(self) -> dict[str, Any]:
        """Load and dump; evaluate; see what arrives."""
        self.trainer.load(self.weights, self.state)
        loaded = self.trainer.dump()
        self.keep("loaded")
        first = self.batches[0][0]
        self.arrays["logits|"] = self.trainer.logits(first[0])
        seen = self.trainer.seen(first)
        return {
            "loaded_unchanged": same(loaded, self.weights),
            "unmoved_by_looking": same(self.trainer.dump(), self.weights),
            "seen": [str(seen.dtype), np.array_equal(seen, self.images[: len(seen)]), len(seen)],
        }

    def rates(self) -> dict[str, Any]:
        """Change the rate and train on: off the path, the momentum of before would count for too much or too little."""
        rates = []
        self.trainer.load(self.weights, self.state)
        rates.append(self.trainer.learning_rate())
        self.trainer.train_step(*self.batches[0])
        for finished, batch in enumerate(self.batches[1:4]):
            self.trainer.set_learning_rate(0.5 * self.task.learning_rate(finished))
            rates.append(self.trainer.learning_rate())
            self.trainer.train_step(*batch)
        self.keep("scheduled")
        self.trainer.load(self.weights)
        rates.append(self.trainer.learning_rate())
        return {"rates": rates}

    def pieces(self) -> dict[str, Any]:
        """Take a step apart: gradients, then the update with them, and the whole."""
        self.trainer.load(self.weights, self.state)
        loss, gradients = self.trainer.gradients(*self.batches[0])
        self.arrays |= {f"gradients|{name}": array for name, array in gradients.items()}
        learned = {name: array for name, array in self.trainer.dump().items() if name in gradients}
        self.trainer.load(self.weights, self.state)
        self.trainer.apply(gradients)
        self.keep("applied")
        self.trainer.load(self.weights, self.state)
        step_loss = float(self.trainer.train_step(*self.batches[0]))
        self.keep("step")
        return {
            "loss": loss,
            "step_loss": step_loss,
            "unmoved_by_gradients": all(np.array_equal(learned[name], self.weights[name]) for name in gradients),
        }

    def training(self) -> dict[str, Any]:
        """Train on a stretch; again from the start; step by step; and from where the first part of it was put away."""
        clock, trainer = PerfClock(), self.trainer
        trainer.load(self.weights)
        loss = trainer.train(self.stretch, clock)
        self.keep("train")
        trainer.load(self.weights)
        again = trainer.train(self.stretch, PerfClock())
        trainer.load(self.weights)
        losses = [float(trainer.train_step(*batch)) for batch in self.batches[:-1]]
        put_away = trainer.dump(), trainer.dump_state()
        losses.append(float(trainer.train_step(*self.batches[-1])))
        self.keep("stepwise")
        trainer.load(*put_away)
        trainer.train_step(*self.batches[-1])
        self.keep("resumed")
        sizes = [len(labels) for _, labels in self.batches]
        return {
            "train_loss": loss,
            "train_loss_again": again,
            "stepwise_loss": float(np.dot(losses, sizes) / sum(sizes)),
            "steps": len(clock.steps()),
            "fastest_s": float(clock.steps().min()),
        }


def same(ones: Arrays, others: Arrays) -> bool:
    """Return whether all arrays are the same to the last bit, of the same type."""
    return ones.keys() == others.keys() and all(
        np.array_equal(ones[name], others[name]) and ones[name].dtype == others[name].dtype for name in ones
    )


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]))
