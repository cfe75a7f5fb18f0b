"""``python -m suite.worker.exam JOB``: sit the parity exam of one workload in one framework, in several modes.

Answers go to the exam's folder, ``<arm>.json`` and ``<arm>.npz`` for each mode as soon as it is done, so that a mode
which takes the process with it costs no other mode its answers.
"""

from __future__ import annotations

import functools
import io
import sys
import time
import traceback
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from suite import records
from suite.errors import UnsupportedError
from suite.frameworks import DType, Framework, Inputs, State, Stretch, Trainer, Weights, framework
from suite.parity import questions
from suite.parity.questions import BATCH, STEPS, Questions, Trajectory
from suite.parity.synchronised import Ended, Synchronised
from suite.published import programs
from suite.worker.__main__ import die_with_the_driver, versions
from suite.worker.clock import PerfClock
from suite.worker.measure import describe_layers, evaluate
from suite.workload import MultiStep, Workload
from suite.workloads import workload

Arrays = dict[str, np.ndarray]


def main() -> int:
    """Answer for every mode that the job names; see the module's docstring."""
    die_with_the_driver()
    job = records.read_json(Path(sys.argv[1]), "the exam's job")
    task, folder = workload(job["workload"]), Path(job["folder"])
    asked = questions.draw(task, folder)
    published = job["lane"] == "as-published"
    chosen = programs.program(job["framework"], task.name) if published else framework(job["framework"])
    try:
        chosen.start(job["threads"], job["device"])
    except UnsupportedError as error:
        sys.stderr.write(f"{error}\n")
        return error.exit_code
    dtypes = chosen.dtypes_on(job["device"], task)
    for mode in job["modes"]:
        since = time.perf_counter()
        facts: dict[str, Any] = {"schema": records.SCHEMA, "dtypes": list(dtypes)}
        facts["versions"] = versions(chosen.distributions)
        arrays: Arrays = {}
        for dtype in dtypes:
            facts[dtype], found = Exam(task, asked, _builder(chosen, task, mode, dtype), dtype, job["batches"]).sit()
            arrays |= {f"{dtype}|{name}": values for name, values in found.items()}
        facts["seconds"] = time.perf_counter() - since
        keep(folder / f"{job['framework']}-{mode}", facts, arrays)
    return 0


def _builder(chosen: Framework | programs.Program, task: Workload, mode: str, dtype: DType) -> Callable[[], Trainer]:
    if isinstance(chosen, Framework):
        return functools.partial(chosen.build, task, mode, dtype)

    def build() -> Trainer:
        trainer = chosen.build(task, mode, dtype, questions.SEED)
        trainer.fix_order(questions.SEED)
        return trainer

    return build


def keep(place: Path, facts: dict[str, Any], arrays: Arrays) -> None:
    """Write an arm's answers; the facts last, since with them the answers count as given."""
    data = io.BytesIO()
    np.savez(data, **arrays)  # type: ignore[arg-type]
    records.replace(place.with_name(f"{place.name}.npz"), data.getvalue())
    records.replace_json(place.with_name(f"{place.name}.json"), facts)


class Exam:
    """One trainer's exam in one precision.

    Every item stands alone: it loads what it needs, and what goes wrong in it is noted and leaves the others be.
    """

    def __init__(
        self, task: Workload, asked: Questions, build: Callable[[], Trainer], dtype: str, batches: Sequence[int] = ()
    ) -> None:
        self.task, self.asked, self.build, self.dtype = task, asked, build, dtype
        self.batches = batches
        self.facts: dict[str, Any] = {"errors": {}}
        self.arrays: Arrays = {}

    def sit(self) -> tuple[dict[str, Any], Arrays]:
        """Return facts and arrays of every item that could be answered."""
        self.trainer = self.build()
        self.facts["residues"] = list(self.trainer.residues)
        self.masks = questions.masks(self.task, STEPS * BATCH)
        items = (
            *(self._parameters, self._weights, self._data, self._forward, self._gradients, self._update),
            *(self._batches, self._schedule, self._evaluation, self._steps, self._free_run, self._sizes),
        )
        for item in items:
            name = item.__name__.removeprefix("_")
            since = time.perf_counter()
            try:
                item()
            except Exception as error:
                self.facts["errors"][name] = f"{type(error).__name__}: {str(error).strip() or 'no words'}"[:500]
                traceback.print_exc()
            self.facts.setdefault("item_seconds", {})[name] = time.perf_counter() - since
        return self.facts, self.arrays

    def _parameters(self) -> None:
        dumped = self.trainer.dump()
        self.facts["shapes"] = {name: list(array.shape) for name, array in dumped.items()}
        self._keep("initial", dumped)
        self.facts["layers"] = describe_layers(self.task, self.trainer)

    def _weights(self) -> None:
        self.trainer.load(self.asked.weights)
        self._keep("weights", self.trainer.dump())

    def _data(self) -> None:
        examples = self.asked.batch(0)
        if isinstance(self.trainer, programs.ProgramTrainer):  # it takes pixels in by a path of its own
            inputs, _ = self.trainer.feed(self.asked.pixels[examples], self.asked.labels[examples])
        else:
            inputs, _ = self._fed(examples)
        seen = self.trainer.seen(inputs)
        self.facts["seen_dtype"] = str(seen.dtype)
        self.arrays["seen"] = seen

    def _forward(self) -> None:
        self.trainer.load(self.asked.weights)
        inputs, _ = self._fed(self.asked.batch(0))
        self.arrays["forward"] = self.trainer.logits(inputs[0])
        self.arrays["forward_again"] = self.trainer.logits(inputs[0])

    def _gradients(self) -> None:
        self.trainer.load(self.asked.weights)
        loss, gradients = self.trainer.gradients(*self._fed(self.asked.batch(0)))
        self.arrays["loss"] = np.asarray(float(loss))
        again, _ = self.trainer.gradients(*self._fed(self.asked.batch(0)))
        self.arrays["loss_again"] = np.asarray(float(again))
        self._keep("gradients", gradients)
        if isinstance(self.trainer, programs.ProgramTrainer):
            self._without_dropout(self.trainer)

    def _without_dropout(self, trainer: programs.ProgramTrainer) -> None:
        """Ask a program, which draws masks of its own, what it computes while its dropouts drop nothing."""
        with trainer.undropped():
            loss, gradients = trainer.gradients(*self._fed(self.asked.batch(0)))
        self.arrays["loss_undropped"] = np.asarray(float(loss))
        self._keep("gradients_undropped", gradients)
        self._keep("dropout", trainer.dropped())

    def _update(self) -> None:
        asked = self.asked
        self.trainer.load(asked.update_weights, asked.update_state)
        self.trainer.apply(asked.update_gradients)
        self._keep("update_weights", self.trainer.dump())
        self._keep("update_state", self.trainer.dump_state())

    def _batches(self) -> None:
        """Train as a run trains: over several batches and a partial one, then over examples one by one."""
        for name, visits, batch in (
            ("batches", self.asked.several(), BATCH),
            ("singles", self.asked.singles(), 1),
        ):
            self.trainer.load(self.asked.weights)
            self._train(visits, batch)
            self._keep(f"{name}_weights", self.trainer.dump())
            self._keep(f"{name}_state", self.trainer.dump_state())

    def _schedule(self) -> None:
        """Train short epochs until the last change of the learning rate is behind, as a run does.

        Each batch is trained on by itself, so that an order of the framework's own changes nothing here.
        """
        self.trainer.load(self.asked.weights)
        rates = []
        for epoch in range(epochs_of_schedule(self.task)):
            self.trainer.set_learning_rate(self.task.learning_rate(epoch))
            rates.append(float(self.trainer.learning_rate()))
            for first in (0, BATCH):
                self._train(self.asked.visits[first : first + BATCH], BATCH, first)
        self.facts["learning_rates"] = rates
        self._keep("schedule_weights", self.trainer.dump())

    def _evaluation(self) -> None:
        self.trainer.load(Trajectory(self.task, self.asked).last())
        inputs, labels = self._fed(np.arange(len(self.asked.labels)))
        self.arrays["evaluation"] = self.trainer.logits(inputs[0][: len(self.asked.labels)])
        self.facts["accuracy"] = evaluate(self.trainer, inputs[0], labels, self.task.evaluation_batch)

    def _steps(self) -> None:
        """Take each of 200 steps from the definition's weights and state, and note how far from its own they end."""
        measure = Synchronised(self.task, self.asked, self.dtype, self.trainer.residues)
        found, turned = np.zeros((STEPS, 3)), 0
        for number, step in enumerate(Trajectory(self.task, self.asked).steps()):
            self.trainer.load(step.weights, step.state)
            loss = float(self.trainer.train_step(*self._fed_step(number)))
            found[number], ties = measure.off(number, step, Ended(loss, self.trainer.dump(), self.trainer.dump_state()))
            turned += ties
        self.arrays["steps"] = found
        self.facts["steps_turned"] = turned

    def _free_run(self) -> None:
        """Train 200 steps freely, and again from weights one rounding unit away, to see what rounding alone does."""
        if self.dtype != "float32":
            return
        nudged = {name: np.nextafter(array, np.float32(np.inf)) for name, array in self.asked.weights.items()}
        for name, weights in (("free", self.asked.weights), ("free_nudged", nudged)):
            self.trainer.load(weights)
            losses = [self.trainer.train_step(*self._fed_step(number)) for number in range(STEPS)]
            self.arrays[name] = np.asarray([float(loss) for loss in losses])

    def _sizes(self) -> None:
        """Take one step with every batch size that will run, each in a network built anew, as runs do.

        Compiled modes make code of its own for a batch size, and again when the partial batch of an epoch's end comes
        along; so that follows, where there is one, and the size once more. A batch really has as many examples as are
        run; where that is more than the exam has visits, those are repeated.
        """
        if self.dtype != "float32":
            return
        for size in self.batches:
            self.trainer = self.build()
            for number, count in enumerate(questions.sequence(size, self.task.examples)):
                self.trainer.load(self.asked.weights)
                self._train(self.asked.first(count), count)
                self._keep(f"sizes_{size}_{number}", self.trainer.dump())

    def _fed_step(self, number: int) -> tuple[Inputs, Any]:
        rows = slice(number * BATCH, (number + 1) * BATCH)
        return self._fed(self.asked.batch(number), rows)

    def _fed(self, examples: np.ndarray, visits: slice = slice(0, None)) -> tuple[Inputs, Any]:
        """Return examples as the trainer's own input path makes them."""
        masks = {name: questions.repeated(mask[visits], len(examples)) for name, mask in self.masks.items()}
        images = questions.scaled(self.asked.pixels[examples], self.task.input_scaling).astype(self.dtype)
        laid = images.transpose(self.trainer.memory_axes).copy().transpose(np.argsort(self.trainer.memory_axes))
        return self.trainer.prepare(laid, self.asked.labels[examples], masks)

    def _train(self, examples: np.ndarray, batch: int, first_visit: int = 0) -> float:
        inputs, labels = self._fed(examples, slice(first_visit, None))
        return self.trainer.train(
            Stretch(inputs=inputs, labels=labels, examples=len(examples), batch=batch), PerfClock()
        )

    def _keep(self, what: str, arrays: Weights | State) -> None:
        self.arrays |= {f"{what}|{name}": np.asarray(values) for name, values in arrays.items()}


def epochs_of_schedule(task: Workload) -> int:
    """Return how many epochs it takes to see every change of the learning rate, and one more step."""
    return max(task.schedule.epochs) + 1 if isinstance(task.schedule, MultiStep) else 2


if __name__ == "__main__":
    sys.exit(main())
