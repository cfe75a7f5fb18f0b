"""One run of a program as published: timed from outside, so that it trains as it would without us.

Nothing is warmed up: what a user of the program waits for is on the clock, its input path and the first step included.
"""

from __future__ import annotations

import math
import time
from pathlib import Path
from typing import Any

import numpy as np

from suite.published.programs import SEEDS, Observer, ProgramTrainer, program
from suite.worker.clock import PerfClock
from suite.worker.inputs import read_pixels
from suite.worker.job import Job
from suite.worker.measure import Measurement, describe_layers
from suite.worker.nonsense import NonsenseError, refuse_below_chance, refuse_other_network
from suite.workload import Workload
from suite.workloads import workload


def measure_program(job: Job, result: Measurement) -> None:
    """Do the run that ``job`` describes and fill ``result``.

    Raises:
        NonsenseError: a wrong parameter count, a loss that is not finite, or an accuracy below chance after training.
    """
    task = workload(job.workload)
    trainer = _start(job, task, result)
    since = time.perf_counter()
    pixels, labels = read_pixels(Path(job.data), "train")
    if job.epochs is None:
        visited = np.resize(np.arange(len(pixels)), (1 + job.warmup + job.steady) * job.batch)
    else:
        visited = np.arange(min(job.examples, len(pixels)))
    examples = trainer.examples(pixels[visited], labels[visited])
    if job.epochs is None:
        result.watch.lap("data", since)
        trainer.run(examples, job.batch, 1, _Sampling(job, result))
    else:
        test_pixels, test_labels = read_pixels(Path(job.data), "test")
        tests = trainer.examples(test_pixels, test_labels)
        result.watch.lap("data", since)
        trainer.run(examples, job.batch, job.epochs, _Training(job, result, trainer, tests))
        refuse_below_chance(result.epochs[-1]["test_accuracy"], task.classes, len(test_labels))
    result.facts["settings"] = trainer.settings()


def _start(job: Job, task: Workload, result: Measurement) -> ProgramTrainer:
    """Import the program, let it build its network, and check what came out."""
    since = time.perf_counter()
    chosen = program(job.framework, job.workload)
    chosen.start(job.threads, job.device)
    result.watch.lap("import", since)
    since = time.perf_counter()
    trainer = chosen.build(task, job.mode, "float32", job.seed)
    result.watch.lap("build", since)
    asked = {"threads_intra": job.threads, "threads_inter": job.threads, "device": job.device}
    result.facts["requested"] = {**asked, "seed": job.seed % SEEDS}
    result.facts["layers"] = describe_layers(task, trainer)
    result.facts["parameter_count"] = sum(layer["parameters"] for layer in result.facts["layers"])
    refuse_other_network(result.facts["parameter_count"], task)
    return trainer


class _Timing(Observer):
    """Keeps the times of each epoch's steps; evaluation lies between epochs and so between clocks."""

    def __init__(self, job: Job, result: Measurement) -> None:
        self.job = job
        self.result = result
        self.clock = PerfClock()

    def begin(self) -> None:
        self.clock = PerfClock()
        self.clock.tick()

    def step(self) -> None:
        self.clock.tick()

    def end(self, loss: float) -> None:
        self.result.steps.append(self.clock.steps())
        if not math.isfinite(loss):
            raise NonsenseError(f"the training loss is {loss} after {sum(map(len, self.result.steps))} steps")

    def split(self, leading: int) -> None:
        """Divide the times so far into first step, warm-up up to ``leading`` steps, and steady steps."""
        times = np.concatenate(self.result.steps)
        self.result.leading = leading
        self.result.watch.phases |= {
            "first_step": float(times[:1].sum()),
            "warmup": float(times[1:leading].sum()),
            "steady": float(times[leading:].sum()),
        }


class _Sampling(_Timing):
    """The one short epoch of a sampled cell."""

    def end(self, loss: float) -> None:
        super().end(loss)
        self.split(leading=1 + self.job.warmup)


class _Training(_Timing):
    """A whole training, evaluated after each epoch."""

    def __init__(self, job: Job, result: Measurement, trainer: ProgramTrainer, tests: Any) -> None:
        super().__init__(job, result)
        self.trainer = trainer
        self.tests = tests

    def end(self, loss: float) -> None:
        super().end(loss)
        self.split(leading=1)
        since = time.perf_counter()
        accuracy = self.trainer.evaluate(self.tests, self.job.batch)
        self.result.watch.lap("evaluation", since)
        reported = self.trainer.reported()
        self.result.facts["reported_as"] = self.trainer.reported_as
        self.result.epochs.append(
            {
                "epoch": len(self.result.epochs) + 1,
                "train_loss": loss,
                "test_accuracy": accuracy,
                "reported_accuracy": accuracy if reported is None else reported,
                "train_s": float(self.result.steps[-1].sum()),
                "eval_s": time.perf_counter() - since,
            }
        )
