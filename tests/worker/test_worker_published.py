"""Timing a program from outside: which steps count as what, what is evaluated when, and what it is given."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from suite.frameworks import Device, Stretch
from suite.published.programs import TRAINING_ACCURACY, Observer, Program, ProgramTrainer, Variant
from suite.worker import __main__ as worker
from suite.worker import published
from suite.worker.job import Job
from suite.worker.measure import Measurement
from suite.worker.nonsense import NonsenseError
from suite.workload import Workload
from suite.workloads import workload

TASK = workload("cifar10-cnn5x5")
TRAIN, TEST = 100, 400


class Fake(Program):
    """Notes what it is asked to do."""

    study = "fake"
    framework = "fake"
    workloads = (TASK.name,)
    variants = (Variant(name="published", sentence="as it is"), Variant(name="other", sentence="otherwise"))
    distributions = ("numpy",)

    def __init__(self) -> None:
        self.log: list[Any] = []
        self.loss = 2.0
        self.accuracy = 0.5
        self.missing = 0

    def start(self, threads: int, device: Device = "cpu") -> None:
        self.log.append(("start", threads, device))

    def build(self, workload: Workload, variant: str, dtype: str, seed: int) -> ProgramTrainer:
        self.log.append(("build", workload.name, variant, dtype, seed))
        return FakeTrainer(self)


class FakeTrainer(ProgramTrainer):
    def __init__(self, fake: Fake) -> None:
        self.fake = fake

    def examples(self, pixels: np.ndarray, labels: np.ndarray) -> Any:
        assert pixels.dtype == np.uint8
        return labels

    def run(self, examples: Any, batch: int, epochs: int, observer: Observer) -> None:
        for _ in range(epochs):
            self.fake.log.append(("train", len(examples), batch))
            observer.begin()
            for _ in range(math.ceil(len(examples) / batch)):
                observer.step()
            observer.end(self.fake.loss)

    def evaluate(self, examples: Any, batch: int) -> float:
        self.fake.log.append(("evaluate", len(examples), batch))
        return self.fake.accuracy

    def dump(self) -> dict[str, np.ndarray]:
        arrays = {}
        for shape in TASK.shapes():
            if shape.weight_shape is not None:
                arrays[f"{shape.layer.name}/weight"] = np.zeros(shape.weight_shape, np.float32)
                arrays[f"{shape.layer.name}/bias"] = np.zeros(shape.weight_shape[-1:], np.float32)
        return dict(list(arrays.items())[self.fake.missing :])

    def settings(self) -> dict[str, Any]:
        return {"seed": 7}

    def layer_outputs(self) -> dict[str, tuple[int, ...]]:
        return {shape.layer.name: shape.output_shape for shape in TASK.shapes()}

    def prepared(self, stretch: Stretch) -> Any:
        return stretch.labels

    def unused(self, *_given: Any) -> Any:
        raise NotImplementedError

    load = dump_state = prepare = train_step = logits = seen = gradients = apply = unused
    set_learning_rate = learning_rate = feed = unused


@pytest.fixture
def fake(monkeypatch: pytest.MonkeyPatch) -> Fake:
    made = Fake()
    for module in (published, worker):
        monkeypatch.setattr(module, "program", lambda _framework, _workload: made)
    return made


@pytest.fixture
def job(tmp_path: Path) -> Job:
    for split, count in (("train", TRAIN), ("test", TEST)):
        np.save(tmp_path / f"{split}_labels.npy", (np.arange(count) % 10).astype(np.uint8))
        np.save(tmp_path / f"{split}_images.npy", np.zeros((count, 32, 32, 3), np.uint8))
    return Job(
        lane="as-published",
        workload=TASK.name,
        framework="fake",
        mode="other",
        batch=8,
        epochs=None,
        warmup=2,
        steady=5,
        threads=2,
        data=str(tmp_path),
        weights="",
        order="",
        examples=TRAIN,
        seed=2**33 + 7,
        steps_file=str(tmp_path / "steps.npy"),
    )


def changed(job: Job, **values: Any) -> Job:
    return Job(**(vars(job) | values))


def measured(job: Job) -> Measurement:
    result = Measurement()
    published.measure_program(job, result)
    return result


def test_threads_variant_and_seed_reach_the_program(fake: Fake, job: Job) -> None:
    result = measured(job)
    assert fake.log[:2] == [("start", 2, "cpu"), ("build", TASK.name, "other", "float32", 2**33 + 7)]
    assert result.facts["requested"] == {"threads_intra": 2, "threads_inter": 2, "device": "cpu", "seed": 7}
    assert result.facts["settings"] == {"seed": 7}


def test_sampled_steps_are_one_short_epoch(fake: Fake, job: Job) -> None:
    result = measured(job)
    assert fake.log[2:] == [("train", 8 * 8, 8)]  # the first step, 2 of warm-up, 5 that count
    assert result.leading == 3
    times = np.concatenate(result.steps)
    assert len(times) == 8
    phases = result.watch.phases
    parts = (times[:1], times[1:3], times[3:])
    assert [phases[name] for name in ("first_step", "warmup", "steady")] == pytest.approx([p.sum() for p in parts])
    assert "evaluation" not in phases
    assert result.epochs == []


def test_sampled_steps_never_run_out_of_examples(fake: Fake, job: Job) -> None:
    measured(changed(job, steady=50))
    assert fake.log[2:] == [("train", 53 * 8, 8)]


def test_a_whole_training_begins_with_its_first_step_and_is_evaluated_after_each_epoch(fake: Fake, job: Job) -> None:
    result = measured(changed(job, epochs=2))
    assert fake.log[2:] == [("train", TRAIN, 8), ("evaluate", TEST, 8)] * 2
    assert [len(part) for part in result.steps] == [13, 13]
    assert result.leading == 1
    phases = result.watch.phases
    assert phases["warmup"] == 0
    assert phases["first_step"] == result.steps[0][0]
    assert phases["first_step"] + phases["steady"] == pytest.approx(sum(part.sum() for part in result.steps))
    assert phases["evaluation"] == pytest.approx(sum(epoch["eval_s"] for epoch in result.epochs), rel=0.5, abs=1e-4)
    for number, (epoch, times) in enumerate(zip(result.epochs, result.steps, strict=True), start=1):
        assert epoch.keys() == {"epoch", "train_loss", "test_accuracy", "reported_accuracy", "train_s", "eval_s"}
        assert (epoch["epoch"], epoch["train_loss"], epoch["test_accuracy"]) == (number, 2.0, 0.5)
        assert epoch["reported_accuracy"] == 0.5
        assert epoch["train_s"] == pytest.approx(times.sum())


def test_what_a_program_itself_calls_accuracy_is_kept_beside_the_test_accuracy(
    fake: Fake, job: Job, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(FakeTrainer, "reported", lambda _self: 0.25)
    monkeypatch.setattr(FakeTrainer, "reported_as", TRAINING_ACCURACY)
    result = measured(changed(job, epochs=1))
    assert [(epoch["test_accuracy"], epoch["reported_accuracy"]) for epoch in result.epochs] == [(0.5, 0.25)]
    assert result.facts["reported_as"] == TRAINING_ACCURACY


def test_part_of_the_examples_are_the_first_ones(fake: Fake, job: Job) -> None:
    measured(changed(job, epochs=1, examples=60))
    assert fake.log[2] == ("train", 60, 8)


@pytest.mark.parametrize("epochs", [None, 2])
def test_a_loss_that_is_no_number_is_nonsense(fake: Fake, job: Job, epochs: int | None) -> None:
    fake.loss = math.nan
    with pytest.raises(NonsenseError, match=r"^the training loss is nan after \d+ steps$"):
        measured(changed(job, epochs=epochs))
    assert ("evaluate", TEST, 8) not in fake.log


def test_an_accuracy_below_chance_is_nonsense(fake: Fake, job: Job) -> None:
    fake.accuracy = 0.0
    with pytest.raises(NonsenseError, match="below chance"):
        measured(changed(job, epochs=1))


def test_another_network_is_refused_before_it_trains(fake: Fake, job: Job) -> None:
    fake.missing = 1
    with pytest.raises(NonsenseError, match="parameters, the workload has 62006"):
        measured(job)
    assert len(fake.log) == 2


def test_the_result_says_that_nothing_was_given_and_which_packages_ran(fake: Fake, job: Job) -> None:
    record = worker._record(job, measured(job))
    assert record["inputs"] == {
        "weights_sha256": None,
        "order_sha256": None,
        "sentence": "not applicable: the program draws its own initial weights and order of examples from the seed",
    }
    assert record["versions"].keys() == {"python", "numpy"}
    assert record["steps"]["count"] == 5
    assert record["settings"]["seed"] == 7
