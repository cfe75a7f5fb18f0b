"""Batch sizes are examined with as many examples as are run, also where that is more than the exam has visits."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from suite.frameworks import StepClock, Stretch
from suite.parity import questions
from suite.parity.answers import Answers, Expected
from suite.parity.judge import sizes, sizes_taken
from suite.parity.program import Program
from suite.parity.questions import BATCH, STEPS
from suite.parity.reference import train_batch
from suite.worker.exam import Exam
from suite.workload import Workload
from tests.parity.networks import NETWORKS, network
from tests.parity.numpytrainer import NumpyTrainer

VISITS = STEPS * BATCH
LARGE = 1700
"""More than there are visits, and it leaves a partial batch of 700 in an epoch."""


class Short(NumpyTrainer):
    """Trains on no more examples of a batch than the exam has visits."""

    def train(self, stretch: Stretch, clock: StepClock) -> float:
        count = min(stretch.examples, VISITS)
        return super().train(replace(stretch, examples=count, batch=min(stretch.batch, count)), clock)


def examined(task: Workload, trainer: type[NumpyTrainer], folder: Path) -> tuple[Answers, float]:
    drawn = questions.draw(task, folder)
    exam = Exam(task, drawn, lambda: trainer(task), "float32", [LARGE])
    exam.masks = questions.masks(task, VISITS)
    exam._sizes()
    arrays = {f"float32|{name}": array for name, array in exam.arrays.items()}
    answers = Answers("float32", {"float32": exam.facts}, arrays)
    return answers, sizes(answers, Expected(Program.of(task), task, drawn))[0]


@pytest.mark.parametrize("task", [NETWORKS["plain"], NETWORKS["everything"]], ids=lambda task: task.name)
def test_a_large_batch_is_examined_whole(task: Workload, tmp_path: Path) -> None:
    seen: list[int] = []

    class Noting(NumpyTrainer):
        def train(self, stretch: Stretch, clock: StepClock) -> float:
            seen.append(len(stretch.inputs[0]))
            return super().train(stretch, clock)

    answers, off = examined(task, Noting, tmp_path)
    assert seen == [LARGE, 50_000 % LARGE, LARGE]
    assert [
        count for _, _, count in sizes_taken(answers, Expected(Program.of(task), task, questions.draw(task, tmp_path)))
    ] == seen
    assert off < 2e-4


def test_one_who_leaves_examples_of_a_large_batch_out_is_caught(tmp_path: Path) -> None:
    assert examined(NETWORKS["plain"], Short, tmp_path)[1] > 2e-4


@pytest.mark.parametrize("reduction", ["mean", "sum"])
def test_the_mean_over_parts_is_the_whole_batch(reduction: str, tmp_path: Path) -> None:
    task = network(name="plain")
    drawn = questions.draw(task, tmp_path)
    program = replace(Program.of(task), reduction=reduction)  # type: ignore[arg-type]
    found = Expected(program, task, drawn).one_batch(2 * VISITS + 100)
    visits = np.concatenate([drawn.visits, drawn.visits, drawn.visits[:100]])
    images = questions.scaled(drawn.pixels[visits], task.input_scaling)
    whole = train_batch(program, drawn.weights, images, drawn.labels[visits], {})
    assert found.loss == pytest.approx(whole.loss, rel=1e-12)
    assert len(found.outputs) == len(visits)
    for name, gradient in whole.gradients.items():
        np.testing.assert_allclose(found.gradients[name], gradient, rtol=1e-9, atol=1e-12 * np.abs(gradient).max())


def test_visits_and_masks_begin_anew_where_there_are_too_few() -> None:
    rows = np.arange(6).reshape(3, 2)
    assert questions.repeated(rows, 2).tolist() == [[0, 1], [2, 3]]
    assert questions.repeated(rows, 7).tolist() == [*rows.tolist(), *rows.tolist(), [0, 1]]
