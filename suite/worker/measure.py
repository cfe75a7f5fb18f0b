"""One run: import, build, data, first step, warm-up, steady steps or whole epochs, evaluation, each timed apart."""

from __future__ import annotations

import math
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from suite import inputs, seeds
from suite.frameworks import Stretch, Trainer, Weights, framework
from suite.worker import pictures, stereo
from suite.worker.clock import PerfClock, Stopwatch
from suite.worker.inputs import Examples, test_pairs
from suite.worker.inputs import examples as prepared_examples
from suite.worker.job import Job
from suite.worker.nonsense import NonsenseError, refuse_below_chance, refuse_no_numbers, refuse_other_network
from suite.workload import Workload
from suite.workloads import workload

PART_BYTES = 2_000_000_000
"""Images of an epoch are prepared so many bytes at a time, in whole batches: all patches of KITTI's pairs are 16 GB."""


@dataclass
class Measurement:
    """What one run has measured so far; kept even when the run ends in nonsense."""

    watch: Stopwatch = field(default_factory=Stopwatch)
    clock: PerfClock = field(default_factory=PerfClock)
    steps: list[np.ndarray] = field(default_factory=list)
    leading: int = 0
    epochs: list[dict[str, Any]] = field(default_factory=list)
    facts: dict[str, Any] = field(default_factory=dict)

    def train(self, trainer: Trainer, stretch: Stretch, phase: str) -> float:
        """Train on ``stretch`` under ``phase``, keep its step times, and return the mean loss.

        Raises:
            NonsenseError: the loss is not a finite number.
        """
        clock = PerfClock()
        loss = trainer.train(stretch, clock)
        times = clock.steps()
        self.steps.append(times)
        self.watch.phases[phase] = self.watch.phases.get(phase, 0.0) + float(times.sum())
        if not math.isfinite(loss):
            raise NonsenseError(f"the training loss is {loss} after {sum(map(len, self.steps))} steps")
        return loss


def measure(job: Job, result: Measurement) -> None:
    """Do the run that ``job`` describes and fill ``result``.

    Raises:
        NonsenseError: a wrong parameter count, a loss or an output that is not finite, an accuracy below chance after
            training, or a disparity map that cannot be one.
    """
    task = workload(job.workload)
    trainer = _start(job, task, result)
    since = time.perf_counter()
    examples = prepared_examples(Path(job.data), task)
    order = np.load(job.order, mmap_mode="r", allow_pickle=False)
    result.watch.lap("data", since)
    if job.epochs is None:
        _sample_steps(job, task, trainer, examples, order[0], result)
    else:
        _train_epochs(job, task, trainer, examples, order, result)
    result.facts["settings"] = trainer.settings()


def _start(job: Job, task: Workload, result: Measurement) -> Trainer:
    """Import the framework, build the network, give it the initial weights, and check what came out."""
    since = time.perf_counter()
    chosen = framework(job.framework)
    if job.probe:
        chosen.switch(job.probe)
    result.facts["requested"] = chosen.requested(job.threads, job.mode, job.device)
    chosen.start(job.threads, job.device)
    result.watch.lap("import", since)
    since = time.perf_counter()
    trainer = chosen.build(task, job.mode)
    trainer.load(read_weights(job))
    result.watch.lap("build", since)
    result.facts["layers"] = layers = describe_layers(task, trainer)
    result.facts["parameter_count"] = count = sum(layer["parameters"] for layer in layers)
    refuse_other_network(count, task)
    return trainer


def read_weights(job: Job) -> Weights:
    """Return the initial weights that every framework is given."""
    with np.load(job.weights, allow_pickle=False) as weights:
        return {name: weights[name] for name in weights.files}


def describe_layers(task: Workload, trainer: Trainer) -> list[dict[str, Any]]:
    """Return each layer's name, kind, output shape and parameter count, as the live network has them, in its order.

    A program as published may lack some of the workload's layers and have others of its own; a layer that nobody
    declared is of unknown kind. What is learned counts, the running values of a batch norm do not.
    """
    outputs = trainer.layer_outputs()
    counts: dict[str, int] = {}
    for name, array in trainer.dump().items():
        layer, kind = name.split("/")
        if kind in ("weight", "bias"):
            counts[layer] = counts.get(layer, 0) + array.size
    kinds = {layer.name: type(layer).__name__ for layer in task.layers} | dict(trainer.extra)
    return [
        {
            "name": name,
            "kind": kinds.get(name, "unknown"),
            "output_shape": list(shape),
            "parameters": counts.get(name, 0),
        }
        for name, shape in outputs.items()
    ]


def _stretch(
    job: Job, task: Workload, trainer: Trainer, examples: Examples, order: np.ndarray, epoch: int, part: int = 0
) -> Stretch:
    """Prepare the examples in ``order``, a part of ``epoch``, with what is drawn for it: dropout masks, candidates."""
    seed = seeds.derive(job.seed, "part", part) if part else job.seed
    masks = inputs.masks(task, len(order), epoch, seed)
    prepared, labels = trainer.prepare(*examples.train(order, trainer.memory_axes, epoch, seed), masks)
    return Stretch(inputs=prepared, labels=labels, examples=len(order), batch=job.batch)


def _part(stretch: Stretch, start: int, end: int) -> Stretch:
    """Return the examples from ``start`` up to ``end``."""
    prepared, labels = stretch.slice(start, end)
    return Stretch(inputs=prepared, labels=labels, examples=end - start, batch=stretch.batch)


def _sample_steps(
    job: Job, task: Workload, trainer: Trainer, examples: Examples, order: np.ndarray, result: Measurement
) -> None:
    """One first step, then warm-up and steady steps in one stretch, so that nothing starts up between them."""
    total = 1 + job.warmup + job.steady
    since = time.perf_counter()
    visited = np.resize(order, total * job.batch)  # from the start again, should an epoch be too short
    stretch = _stretch(job, task, trainer, examples, visited, epoch=0)
    result.watch.lap("data", since)
    result.train(trainer, _part(stretch, 0, job.batch), "first_step")
    result.train(trainer, _part(stretch, job.batch, stretch.examples), "warmup")
    warm = float(result.steps[-1][: job.warmup].sum())
    result.watch.phases["steady"] = result.watch.phases["warmup"] - warm
    result.watch.phases["warmup"] = warm
    result.leading = 1 + job.warmup


def _train_epochs(
    job: Job, task: Workload, trainer: Trainer, examples: Examples, order: np.ndarray, result: Measurement
) -> None:
    """Warm up with both batch sizes that will occur, start anew from the initial weights, then train whole epochs."""
    assert job.epochs is not None
    _warm_up(job, task, trainer, examples, order[0], result)
    result.leading = sum(map(len, result.steps))
    since = time.perf_counter()
    trainer.load(read_weights(job))
    (test_images, *_), test_labels = trainer.prepare(*examples.test(trainer.memory_axes), {})
    result.watch.lap("data", since)
    for epoch in range(job.epochs):
        trainer.set_learning_rate(task.learning_rate(epoch))
        loss = _train_epoch(job, task, trainer, examples, order[epoch], epoch, result)
        since = time.perf_counter()
        accuracy = evaluate(trainer, test_images, test_labels, task.evaluation_batch)
        result.watch.lap("evaluation", since)
        result.epochs.append(
            {
                "epoch": epoch + 1,
                "train_loss": loss,
                "test_accuracy": accuracy,
                "train_s": float(result.steps[-1].sum()),
                "eval_s": time.perf_counter() - since,
            }
        )
    refuse_below_chance(result.epochs[-1]["test_accuracy"], task.classes, len(test_labels))
    shown = {} if task.matching is None else _match_pairs(job, task.matching.disparities, trainer, result)
    if job.pictures_file:
        shown = shown or pictures.predictions(trainer, Path(job.data), test_images, task.evaluation_batch)
        result.facts["pictures"] = pictures.keep(Path(job.pictures_file), trainer, shown)


def _train_epoch(
    job: Job,
    task: Workload,
    trainer: Trainer,
    examples: Examples,
    order: np.ndarray,
    epoch: int,
    result: Measurement,
) -> float:
    """Train on the examples in ``order``, keep their step times as one array, and return the mean loss per example."""
    size = max(1, PART_BYTES // (4 * math.prod(task.input_shape)) // job.batch) * job.batch
    begun, losses = len(result.steps), []
    for part, start in enumerate(range(0, len(order), size)):
        since = time.perf_counter()
        stretch = _stretch(job, task, trainer, examples, order[start : start + size], epoch, part)
        result.watch.lap("data", since)
        losses.append(result.train(trainer, stretch, "steady") * stretch.examples)
        del stretch  # the images of one part are gone before those of the next are prepared
    result.steps[begun:] = [np.concatenate(result.steps[begun:])]
    return sum(losses) / len(order)


def _match_pairs(job: Job, count: int, trainer: Trainer, result: Measurement) -> dict[str, np.ndarray]:
    """Match every test pair and note the error rates; return what there is to see of the first one."""
    since = time.perf_counter()
    result.facts["stereo"], found = stereo.match(trainer, test_pairs(Path(job.data)), count)
    result.watch.lap("maps", since)
    return pictures.matched_pair(Path(job.data), result.facts["stereo"]["pairs"][0]["name"], found)


def _warm_up(
    job: Job, task: Workload, trainer: Trainer, examples: Examples, order: np.ndarray, result: Measurement
) -> None:
    """Run the first step and one of the last, smaller batch: some modes compile anew for each batch size."""
    partial = len(order) % job.batch
    sizes = [job.batch, *([partial] if partial else [])]
    since = time.perf_counter()
    stretch = _stretch(job, task, trainer, examples, order[: job.batch], epoch=0)
    result.watch.lap("data", since)
    for size, phase in zip(sizes, ("first_step", "warmup"), strict=False):
        result.train(trainer, _part(stretch, 0, size), phase)


def evaluate(trainer: Trainer, images: Any, labels: Any, batch: int) -> float:
    """Return the share of test examples whose largest output is their label, counted here alike for every framework.

    Raises:
        NonsenseError: an output is no finite number.
    """
    truth = trainer.on_host(labels)
    correct = 0
    for start in range(0, len(truth), batch):
        outputs = trainer.logits(images[start : start + batch])
        refuse_no_numbers(outputs)
        correct += int((outputs.argmax(axis=1) == truth[start : start + batch]).sum())
    return correct / len(truth)
