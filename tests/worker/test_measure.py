"""One run's phases, steps and epochs, with a trainer whose every answer is known."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from suite import inputs, records
from suite.frameworks import Device, DType, Framework, Inputs, Mode, State, Trainer, Weights
from suite.layers import BatchNorm, Dropout
from suite.worker import __main__ as worker
from suite.worker import measure
from suite.worker.job import Job
from suite.worker.measure import Measurement
from suite.worker.nonsense import NonsenseError
from suite.workload import MultiStep, Workload
from suite.workloads import workload
from tests.toy import Toy

TASK = workload("cifar10-cnn5x5")
TRAIN, TEST = 100, 40


class Fake(Framework):
    """Notes what it is asked to do."""

    name = "fake"
    title = "Fake"
    rank = 1
    modes = (Mode(name="plain", sentence="plain"),)
    default_mode = "plain"
    distributions = ()

    def __init__(self) -> None:
        self.log: list[Any] = []
        self.losses: list[float] = []
        self.answers = "right"
        self.missing = 0
        self.task = TASK
        self.masks: list[dict[str, np.ndarray]] = []

    def start(self, threads: int, device: Device = "cpu") -> None:
        self.log.append(("start", threads))

    def build(self, workload: Workload, mode: str, dtype: DType = "float32") -> Trainer:
        self.log.append(("build", workload.name, mode))
        return FakeTrainer(self)


class FakeTrainer(Trainer):
    def __init__(self, fake: Fake) -> None:
        self.fake = fake
        self.weights: Weights = {}

    def load(self, weights: Weights, state: State | None = None) -> None:
        assert state is None
        self.fake.log.append(("load", records.sha256_of(b"".join(array.tobytes() for array in weights.values()))))
        self.weights = weights

    def dump(self) -> Weights:
        return dict(list(self.weights.items())[self.fake.missing :])

    def dump_state(self) -> State:
        raise NotImplementedError

    def prepare(self, images: np.ndarray, labels: np.ndarray, masks: Mapping[str, np.ndarray]) -> tuple[Inputs, Any]:
        assert images.dtype == np.float32
        self.fake.masks.append(dict(masks))
        return (images, *masks.values()), labels

    def train_step(self, inputs: Inputs, labels: Any) -> Any:
        assert {len(values) for values in inputs} == {len(labels)}
        self.fake.log.append(("step", labels.tolist()))
        return self.fake.losses.pop(0) if self.fake.losses else 2.0

    def logits(self, images: Any) -> np.ndarray:
        """Answer from the first pixel, which holds the label (scaled)."""
        self.fake.log.append(("logits", len(images)))
        labels = np.rint((images[:, 0, 0, 0] * 0.5 + 0.5) * 255).astype(int)
        shift = {"right": 0, "wrong": 1, "nan": 0}[self.fake.answers]
        outputs = np.eye(10, dtype=np.float32)[(labels + shift) % 10]
        return np.full_like(outputs, np.nan) if self.fake.answers == "nan" else outputs

    def disparities(self, left: np.ndarray, right: np.ndarray, count: int) -> np.ndarray:
        self.fake.log.append(("map", left.shape, count))
        return np.minimum(np.broadcast_to(np.arange(left.shape[1]), left.shape), count - 1)

    def seen(self, inputs: Inputs) -> np.ndarray:
        raise NotImplementedError

    def gradients(self, inputs: Inputs, labels: Any) -> tuple[float, Weights]:
        raise NotImplementedError

    def apply(self, gradients: Weights) -> None:
        raise NotImplementedError

    def set_learning_rate(self, rate: float) -> None:
        self.fake.log.append(("rate", rate))

    def learning_rate(self) -> float:
        raise NotImplementedError

    def settings(self) -> dict[str, Any]:
        return {"threads_intra": 2}

    def layer_outputs(self) -> dict[str, tuple[int, ...]]:
        return {shape.layer.name: shape.output_shape for shape in self.fake.task.shapes()}


@pytest.fixture
def fake(monkeypatch: pytest.MonkeyPatch) -> Fake:
    made = Fake()
    monkeypatch.setattr(measure, "framework", lambda _name: made)
    monkeypatch.setattr(worker, "framework", lambda _name: made)
    return made


@pytest.fixture
def job(tmp_path: Path) -> Job:
    for split, count in (("train", TRAIN), ("test", TEST)):
        labels = (np.arange(count) % 10).astype(np.uint8)
        np.save(tmp_path / f"{split}_labels.npy", labels)
        np.save(
            tmp_path / f"{split}_images.npy", np.broadcast_to(labels[:, None, None, None], (count, 32, 32, 3)).copy()
        )
    inputs.store_weights(tmp_path / "weights.npz", TASK, 0)
    inputs.store_order(tmp_path / "order.npy", TRAIN, TRAIN, 2, 0)
    return Job(
        workload=TASK.name,
        framework="fake",
        mode="plain",
        batch=8,
        epochs=None,
        warmup=2,
        steady=5,
        threads=2,
        data=str(tmp_path),
        weights=str(tmp_path / "weights.npz"),
        order=str(tmp_path / "order.npy"),
        examples=TRAIN,
        seed=0,
        steps_file=str(tmp_path / "steps.npy"),
    )


def measured(job: Job) -> Measurement:
    result = Measurement()
    measure.measure(job, result)
    return result


def labels_of(order: np.ndarray) -> list[int]:
    return (order % 10).astype(int).tolist()


def kinds(fake: Fake) -> list[str]:
    return [entry[0] for entry in fake.log]


def batches(fake: Fake) -> list[list[int]]:
    return [entry[1] for entry in fake.log if entry[0] == "step"]


def test_sampled_steps_are_first_warm_up_and_steady_on_the_common_order(fake: Fake, job: Job) -> None:
    result = measured(job)
    assert kinds(fake)[:3] == ["start", "build", "load"]
    assert kinds(fake)[3:] == ["step"] * 8
    assert [label for batch in batches(fake) for label in batch] == labels_of(np.load(job.order)[0, :64])
    assert {len(batch) for batch in batches(fake)} == {8}
    assert result.leading == 3
    assert [len(part) for part in result.steps] == [1, 7]
    assert result.epochs == []
    phases = result.watch.phases
    times = np.concatenate(result.steps)
    assert phases["first_step"] == pytest.approx(times[0])
    assert phases["warmup"] == pytest.approx(times[1:3].sum())
    assert phases["steady"] == pytest.approx(times[3:].sum())
    assert phases.keys() == {"import", "build", "data", "first_step", "warmup", "steady"}


def test_whole_epochs_start_anew_after_the_warm_up_and_keep_the_last_partial_batch(fake: Fake, job: Job) -> None:
    result = measured(replace(job, epochs=2))
    loads = [entry for entry in fake.log if entry[0] == "load"]
    assert len(loads) == 2
    assert loads[0] == loads[1]
    order = np.load(job.order)
    second_load = len(fake.log) - 1 - kinds(fake)[::-1].index("load")
    warm = [entry[1] for entry in fake.log[:second_load] if entry[0] == "step"]
    assert [len(batch) for batch in warm] == [8, 4]  # the batch size, and that of the last one: 100 = 12 * 8 + 4
    trained = [entry[1] for entry in fake.log[second_load:] if entry[0] == "step"]
    assert [len(batch) for batch in trained] == ([8] * 12 + [4]) * 2
    assert [label for batch in trained for label in batch] == labels_of(order[0]) + labels_of(order[1])
    assert result.leading == 2
    assert [len(part) for part in result.steps] == [1, 1, 13, 13]
    assert [epoch["epoch"] for epoch in result.epochs] == [1, 2]
    assert [epoch["test_accuracy"] for epoch in result.epochs] == [1.0, 1.0]
    assert result.watch.phases["steady"] == pytest.approx(sum(epoch["train_s"] for epoch in result.epochs))
    assert result.watch.phases["evaluation"] > 0


def test_the_loss_weighs_each_example_alike(fake: Fake, job: Job) -> None:
    fake.losses = [9.0, 9.0, *[1.0] * 12, 3.0]
    result = measured(replace(job, epochs=1))
    assert result.epochs[0]["train_loss"] == pytest.approx((96 * 1.0 + 4 * 3.0) / 100)


def test_an_epoch_too_large_for_memory_is_prepared_in_whole_batches(
    fake: Fake, job: Job, monkeypatch: pytest.MonkeyPatch
) -> None:
    prepared: list[int] = []
    plain = FakeTrainer.prepare

    def noting(trainer: FakeTrainer, images: np.ndarray, *rest: Any) -> Any:
        prepared.append(len(images))
        return plain(trainer, images, *rest)

    monkeypatch.setattr(FakeTrainer, "prepare", noting)
    monkeypatch.setattr(measure, "PART_BYTES", 36 * 32 * 32 * 3 * 4)
    fake.losses = [9.0, 9.0, *[1.0] * 12, 3.0]
    result = measured(replace(job, epochs=2))
    assert prepared[2:] == [32, 32, 32, 4] * 2  # after the warm-up's and the test images
    order = np.load(job.order)
    trained = batches(fake)[2:]
    assert [len(batch) for batch in trained] == ([8] * 12 + [4]) * 2
    assert [label for batch in trained for label in batch] == labels_of(order[0]) + labels_of(order[1])
    assert [len(part) for part in result.steps] == [1, 1, 13, 13]
    assert result.epochs[0]["train_loss"] == pytest.approx((96 * 1.0 + 4 * 3.0) / 100)
    assert result.watch.phases["steady"] == pytest.approx(sum(epoch["train_s"] for epoch in result.epochs))


def test_parts_of_an_epoch_have_draws_of_their_own(fake: Fake, job: Job, monkeypatch: pytest.MonkeyPatch) -> None:
    drop = Dropout(name="drop", rate=0.5, per_channel=False)
    masked = replace(TASK, layers=(*TASK.layers[:-1], drop, TASK.layers[-1]))
    monkeypatch.setattr(measure, "workload", lambda _name: masked)
    monkeypatch.setattr(measure, "PART_BYTES", 1)
    fake.task = masked
    measured(replace(job, epochs=1, batch=50))
    first, second = [masks["drop"] for masks in fake.masks if masks][-2:]
    assert not np.array_equal(first, second)
    assert np.array_equal(first, inputs.masks(masked, 50, 0, 0)["drop"])


def test_without_a_partial_batch_only_one_size_is_warmed_up(fake: Fake, job: Job) -> None:
    result = measured(replace(job, epochs=1, batch=10))
    assert result.leading == 1
    assert {len(batch) for batch in batches(fake)} == {10}


def test_the_rate_of_the_schedule_is_set_before_each_epoch(
    fake: Fake, job: Job, monkeypatch: pytest.MonkeyPatch
) -> None:
    scheduled = replace(TASK, schedule=MultiStep(epochs=(1,), factor=0.5))
    monkeypatch.setattr(measure, "workload", lambda _name: scheduled)
    measured(replace(job, epochs=2))
    assert [entry[1] for entry in fake.log if entry[0] == "rate"] == [0.001, 0.0005]
    found = kinds(fake)
    assert found[found.index("rate") - 1] == "load"
    assert found[len(found) - 1 - found[::-1].index("rate") - 1] == "logits"


@pytest.mark.parametrize("epochs", [None, 2])
def test_masks_of_the_seed_and_epoch_come_along(
    fake: Fake, job: Job, monkeypatch: pytest.MonkeyPatch, epochs: int | None
) -> None:
    masked = replace(
        TASK, layers=(*TASK.layers[:-1], Dropout(name="drop", rate=0.5, per_channel=False), TASK.layers[-1])
    )
    monkeypatch.setattr(measure, "workload", lambda _name: masked)
    fake.task = masked
    measured(replace(job, epochs=epochs, seed=5))
    expected = [(64, 0)] if epochs is None else [(8, 0), None, (100, 0), (100, 1)]  # None: to evaluate, without masks
    assert len(fake.masks) == len(expected)
    for masks, drawn in zip(fake.masks, expected, strict=True):
        if drawn is None:
            assert masks == {}
        else:
            assert np.array_equal(masks["drop"], inputs.masks(masked, *drawn, 5)["drop"])


def test_running_values_do_not_count_as_parameters(fake: Fake) -> None:
    normed = replace(
        TASK,
        layers=(BatchNorm(name="norm", momentum=0.9, epsilon=1e-3), *TASK.layers),
        layer_parameters=(6, *TASK.layer_parameters),
        parameter_count=TASK.parameter_count + 6,
    )
    fake.task = normed
    trainer = FakeTrainer(fake)
    trainer.load(inputs.weights(normed, 0))
    assert {"norm/mean", "norm/variance"} <= trainer.dump().keys()
    layers = measure.describe_layers(normed, trainer)
    assert layers[0] == {"name": "norm", "kind": "BatchNorm", "output_shape": [32, 32, 3], "parameters": 6}
    assert sum(layer["parameters"] for layer in layers) == normed.parameter_count


def test_threads_and_mode_reach_the_framework(fake: Fake, job: Job) -> None:
    measured(replace(job, threads=7))
    assert fake.log[:2] == [("start", 7), ("build", TASK.name, "plain")]


def test_layers_are_read_from_the_live_network(fake: Fake, job: Job) -> None:
    facts = measured(job).facts
    assert facts["parameter_count"] == 62_006
    assert [layer["name"] for layer in facts["layers"]] == [layer.name for layer in TASK.layers]
    assert facts["layers"][0] == {"name": "conv1", "kind": "Conv2d", "output_shape": [28, 28, 6], "parameters": 456}
    assert facts["settings"] == {"threads_intra": 2}


def test_a_wrong_parameter_count_ends_the_run_before_it_trains(fake: Fake, job: Job) -> None:
    fake.missing = 1
    with pytest.raises(NonsenseError, match="the live network has 61556 parameters, the workload has 62006"):
        measured(job)
    assert "step" not in kinds(fake)


@pytest.mark.parametrize(("loss", "word"), [(np.nan, "nan"), (np.inf, "inf"), (-np.inf, "-inf")])
@pytest.mark.parametrize("epochs", [None, 1])
def test_a_loss_that_is_no_number_is_nonsense(fake: Fake, job: Job, loss: float, word: str, epochs: int | None) -> None:
    fake.losses = [2.0, 2.0, 2.0, loss]
    with pytest.raises(NonsenseError, match=rf"the training loss is {word} after \d+ steps"):
        measured(replace(job, epochs=epochs))


def test_an_accuracy_below_chance_is_nonsense(fake: Fake, job: Job) -> None:
    fake.answers = "wrong"
    # 40 examples are too few to tell 0 from chance (three standard errors are 0.14): take ten times as many
    for name in ("images", "labels"):
        path = Path(job.data) / f"test_{name}.npy"
        np.save(path, np.concatenate([np.load(path)] * 10))
    with pytest.raises(NonsenseError, match=r"the test accuracy after training is 0\.0000, below chance \(0\.1000\)"):
        measured(replace(job, epochs=1))


def test_outputs_that_are_no_numbers_are_nonsense(fake: Fake, job: Job) -> None:
    fake.answers = "nan"
    with pytest.raises(NonsenseError, match="outputs on the test examples are no finite numbers"):
        measured(replace(job, epochs=1))


def test_a_training_leaves_pictures_where_it_is_told_to(fake: Fake, job: Job, tmp_path: Path) -> None:
    path = tmp_path / "pictures.npz"
    result = measured(replace(job, epochs=1, pictures_file=str(path)))
    assert result.facts["pictures"] == {"sha256": records.sha256_of_file(path)}
    with np.load(path, allow_pickle=False) as found:
        assert found["labels"].tolist() == labels_of(np.arange(TEST))
        assert found["logits"].argmax(axis=1).tolist() == found["labels"].tolist()
        assert np.array_equal(found["weights/conv1/weight"], inputs.weights(TASK, 0)["conv1/weight"])
    assert "stereo" not in result.facts


def test_no_pictures_of_sampled_steps_nor_unasked(fake: Fake, job: Job) -> None:
    assert "pictures" not in measured(job).facts
    assert "pictures" not in measured(replace(job, epochs=1)).facts


def test_a_stereo_network_matches_the_test_pairs_after_the_last_epoch(
    fake: Fake, job: Job, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    images = np.random.default_rng(0).integers(0, 255, (2, 6, 12)).astype(np.uint8)
    truth = np.full((6, 12), 5.0, np.float32)
    for part, array in (("left", images), ("truth", np.full((2, 6, 12), 5 * 256, np.uint16))):
        np.save(tmp_path / f"test_{part}.npy", array)
    pairs = [
        SimpleNamespace(name=name, left=image.astype(np.float32), right=image.astype(np.float32), truth=truth)
        for name, image in zip(("first", "second"), images, strict=True)
    ]
    monkeypatch.setattr(measure, "test_pairs", lambda folder: pairs if folder == tmp_path else [])
    matching = workload("mc-cnn-fast").matching
    monkeypatch.setattr(measure, "workload", lambda _name: replace(TASK, matching=matching))
    result = measured(replace(job, epochs=2, pictures_file=str(tmp_path / "pictures.npz")))
    assert [entry for entry in fake.log if entry[0] == "map"] == [("map", (6, 12), 228)] * 3
    assert kinds(fake)[-3:] == ["map"] * 3
    found = result.facts["stereo"]
    assert [(row["name"], row["error_rate"], row["known"]) for row in found["pairs"]] == [
        ("first", 7 / 12, 72),
        ("second", 7 / 12, 72),
    ]
    assert found["error_rate"] == pytest.approx(7 / 12)
    assert 0 < sum(row["seconds"] for row in found["pairs"]) <= result.watch.phases["maps"]
    with np.load(tmp_path / "pictures.npz", allow_pickle=False) as kept:
        assert np.array_equal(kept["left"], images[0])
        assert kept["map"][0].tolist() == list(range(12))
        assert str(kept["pair"]) == "first"
        assert "images" not in kept.files


def test_sampled_steps_never_run_out_of_examples(fake: Fake, job: Job) -> None:
    measured(replace(job, batch=32))
    assert {len(batch) for batch in batches(fake)} == {32}


def test_evaluation_counts_every_example_once(fake: Fake) -> None:
    trainer = FakeTrainer(fake)
    pixels = np.zeros((25, 1, 1, 3), np.float32) - 1.0  # every pixel says label 0
    labels = np.array([0] * 10 + [1] * 15)
    assert measure.evaluate(trainer, pixels, labels, 10) == 10 / 25
    assert [entry[1] for entry in fake.log] == [10, 10, 5]


def run_main(job: Job, folder: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[int, dict[str, Any]]:
    job.write(folder / "job.json")
    monkeypatch.setattr(sys, "argv", ["worker", str(folder / "job.json"), str(folder / "result.json")])
    monkeypatch.delenv("EVENMATCH_DRIVER_PIPE", raising=False)
    code = worker.main()
    return code, records.read_json(folder / "result.json", "the result")


def test_the_result_holds_every_phase_and_step(
    fake: Fake, job: Job, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    code, result = run_main(job, tmp_path, monkeypatch)
    assert code == 0
    assert "reason" not in result
    times = np.load(job.steps_file, allow_pickle=False)
    assert (len(times), times.dtype) == (8, np.float64)
    assert result["steps"] == {
        "count": 5,
        "median_s": np.median(times[3:]),
        "mean_s": pytest.approx(times[3:].mean()),
        "max_s": times[3:].max(),
        "first_s": times[0],
        "early_s": times[3],  # the first and the last quarter of five are one step each
        "late_s": times[7],
        "clock_tick_s": time.get_clock_info("perf_counter").resolution,
        "warmup": 3,
        "sha256": records.sha256_of_file(Path(job.steps_file)),
    }
    assert set(result["phases"]) == {"import", "build", "data", "first_step", "warmup", "steady", "evaluation"}
    assert result["phases"]["evaluation"] == 0.0
    assert result["inputs"] == {
        "weights_sha256": inputs.digest(inputs.weights(TASK, 0)),
        "order_sha256": records.sha256_of_file(Path(job.order)),
    }
    assert result["versions"].keys() == {"python", "numpy"}
    assert result["cpu_s"] > 0
    assert 10_000_000 < result["peak_rss_bytes"] < 10_000_000_000


@pytest.mark.parametrize(
    ("losses", "missing", "reason", "count"),
    [([2.0, np.nan], 0, "the training loss is nan after 8 steps", 5), ([], 1, "the live network has 61556", 0)],
)
def test_nonsense_is_written_down_with_what_was_measured(
    fake: Fake,
    job: Job,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    losses: list[float],
    missing: int,
    reason: str,
    count: int,
) -> None:
    fake.losses, fake.missing = losses, missing
    code, result = run_main(job, tmp_path, monkeypatch)
    assert code == worker.NONSENSE == 4
    assert result["reason"].startswith(reason)
    assert len(np.load(job.steps_file)) == (8 if count else 0)
    if not count:
        assert result["steps"]["median_s"] is None


def test_a_real_process_does_a_job_and_says_so_by_its_exit_code(toy_checkout: Toy, job: Job, tmp_path: Path) -> None:
    """With a driver's pipe that stays open: the watching thread must not disturb the end of the process."""
    reading, writing = os.pipe()
    weights = tmp_path / "tiny.npz"  # of the toys' network
    np.savez(weights, **{"dense1/weight": np.zeros((48, 10), np.float32), "dense1/bias": np.zeros(10, np.float32)})
    given = replace(job, framework="toyone", weights=str(weights))
    for mode, code in (("plain", 0), ("nan", 4), ("memory", 1)):
        replace(given, mode=mode, steps_file=str(tmp_path / f"{mode}.npy")).write(tmp_path / f"{mode}.json")
        done = subprocess.run(
            [
                sys.executable,
                "-m",
                "suite.worker",
                str(tmp_path / f"{mode}.json"),
                str(tmp_path / f"{mode}-result.json"),
            ],
            cwd=tmp_path,
            env=toy_checkout.environment() | {"PYTHONPATH": str(toy_checkout.root), "EVENMATCH_DRIVER_PIPE": "1"},
            stdin=reading,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        assert done.returncode == code, done.stderr
        assert (tmp_path / f"{mode}-result.json").exists() is (mode != "memory")
        assert ("MemoryError" in done.stderr) is (mode == "memory")
    os.close(reading)
    os.close(writing)
    assert json.loads((tmp_path / "nan-result.json").read_text())["reason"] == "the training loss is nan after 1 steps"
