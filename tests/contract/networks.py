"""Networks for the contract tests alone: together they have every layer, optimiser and schedule, and compile fast."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from suite import inputs
from suite.frameworks import DType, Framework, State, Weights
from suite.layers import (
    AveragePool2d,
    BatchNorm,
    Conv2d,
    Dense,
    Dropout,
    Flatten,
    L2Normalize,
    Layer,
    MaxPool2d,
    Relu,
    Similarities,
    Views,
    shapes,
)
from suite.parity.program import Program
from suite.parity.reference import train_batch
from suite.parity.residues import applied
from suite.parity.update import advance, initial_state
from suite.workload import Adam, ConstantRate, HingeRanking, MultiStep, Optimizer, Schedule, Sgd, Workload
from suite.workloads import workload, workloads

STEPS, PARTIAL = 5, 0.5
BATCH = 32
SMALL_BATCH = 8

_EVERY_LAYER = (
    Conv2d(name="conv1", filters=5, kernel_size=3, stride=1, padding="valid"),
    Relu(name="relu1"),  # before the norm: behind it, a bias has no gradient but noise, which Adam would make large
    BatchNorm(name="norm1", momentum=0.9, epsilon=1e-3),
    MaxPool2d(name="pool1", size=2, stride=2),
    Dropout(name="drop1", rate=0.25, per_channel=True),
    Conv2d(name="conv2", filters=6, kernel_size=3, stride=1, padding="same"),
    AveragePool2d(name="pool2", size=2, stride=2),
    Dropout(name="drop2", rate=0.25, per_channel=False),
    Flatten(name="flatten"),
    Dropout(name="drop3", rate=0.5, per_channel=False),
    Dense(name="dense1", units=4),
)
_NORMS = (
    Conv2d(name="conv1", filters=5, kernel_size=3, stride=2, padding="valid"),
    BatchNorm(name="norm1", momentum=0.8, epsilon=1e-5),
    Relu(name="relu1"),
    Flatten(name="flatten"),
    BatchNorm(name="norm2", momentum=0.9, epsilon=1e-3),
    Dense(name="dense1", units=4),
)
_MASKS = (
    Conv2d(name="conv1", filters=5, kernel_size=5, stride=1, padding="same"),
    MaxPool2d(name="pool1", size=3, stride=2),
    Flatten(name="flatten"),
    Relu(name="relu1"),
    Dense(name="dense1", units=8),
    Dropout(name="drop1", rate=0.5, per_channel=True),
    Dense(name="dense2", units=4),
)

_SIAMESE = (
    Views(name="views"),
    Conv2d(name="conv1", filters=5, kernel_size=3, stride=1, padding="valid"),
    L2Normalize(name="normalize1", epsilon=1e-2),
    Relu(name="relu1"),
    Conv2d(name="conv2", filters=6, kernel_size=3, stride=2, padding="valid"),
    Flatten(name="flatten"),
    L2Normalize(name="normalize2", epsilon=1e-12),
    Similarities(name="similarities", views=3),
    Dense(name="dense1", units=2),
)


def _small(name: str, layers: tuple[Layer, ...], optimizer: Optimizer, schedule: Schedule) -> Workload:
    shape = (10, 11, 3)
    counts = tuple(each.parameters for each in shapes(shape, layers) if each.parameters)
    return replace(
        workload("cifar10-cnn5x5"),
        name=name,
        input_shape=shape,
        layers=layers,
        layer_parameters=counts,
        parameter_count=sum(counts),
        classes=4,
        optimizer=optimizer,
        schedule=schedule,
    )


SMALL = {
    task.name: task
    for task in (
        _small(
            "every-layer",
            _EVERY_LAYER,
            Adam(learning_rate=0.001, beta1=0.9, beta2=0.999, epsilon=1e-7),
            MultiStep(epochs=(1, 2), factor=0.1),
        ),
        _small("norms", _NORMS, Sgd(learning_rate=0.01, momentum=0.0), MultiStep(epochs=(1,), factor=0.5)),
        _small("masks", _MASKS, Sgd(learning_rate=0.01, momentum=0.9), ConstantRate()),
        replace(
            _small("siamese", _SIAMESE, Sgd(learning_rate=0.01, momentum=0.9), ConstantRate()),
            classes=2,
            loss=HingeRanking(margin=0.2, reduction="mean"),
        ),
    )
}
NETWORKS = {**workloads(), **SMALL}


def batch_of(name: str) -> int:
    """Return the batch size at which a network is tried."""
    return SMALL_BATCH if name in SMALL else BATCH


def examples_of(name: str) -> int:
    """Return the number of examples: whole batches and a partial one."""
    return int(batch_of(name) * (STEPS + PARTIAL))


def given_weights(task: Workload, dtype: DType) -> Weights:
    """Return weights among which none are alike or zero, so that a permuted array shows."""
    values = np.random.default_rng(1)
    weights = inputs.weights(task, 0)
    for name, array in weights.items():
        if name.endswith(("/bias", "/mean")):
            weights[name] = values.normal(0, 0.05, array.shape).astype(np.float32)
        elif name.endswith("/variance") or array.ndim == 1:
            weights[name] = values.uniform(0.5, 1.5, array.shape).astype(np.float32)
    return {name: array.astype(dtype) for name, array in weights.items()}


def given_state(task: Workload, dtype: DType) -> State:
    """Return an optimiser's state as some steps would have left it."""
    values = np.random.default_rng(2)
    learned = {name: array for name, array in inputs.weights(task, 0).items() if name.endswith(("/weight", "/bias"))}
    state: State = {}
    for name, array in learned.items():
        match task.optimizer:
            case Sgd():
                if task.optimizer.momentum:
                    state[f"{name}/velocity"] = values.normal(0, 0.01, array.shape).astype(dtype)
            case Adam():
                state[f"{name}/first_moment"] = values.normal(0, 0.01, array.shape).astype(dtype)
                state[f"{name}/second_moment"] = values.uniform(0, 0.001, array.shape).astype(dtype)
                state["step"] = np.array(7, np.int64)
    return state


def given_examples(task: Workload, dtype: DType) -> tuple[np.ndarray, np.ndarray, dict[str, np.ndarray]]:
    """Return images, labels and masks."""
    values, count = np.random.default_rng(0), examples_of(task.name)
    images = values.uniform(-1, 1, (count, *task.input_shape)).astype(np.float32).astype(dtype)
    return images, values.integers(0, task.classes, count), inputs.masks(task, count, 0, 0)


def by_definition(task: Workload, dtype: DType, residues: list[str]) -> tuple[float, Weights]:
    """Return the mean loss of training on all examples in order, and the weights it ends with, with these residues."""
    program = applied(Program.of(task), residues)
    images, labels, dropped = given_examples(task, dtype)
    weights: Weights = given_weights(task, dtype)
    state, losses, size = initial_state(program.rule, weights), [], batch_of(task.name)
    for start in range(0, len(images), size):
        here = slice(start, start + size)
        masks = {name: mask[here] for name, mask in dropped.items()}
        batch = train_batch(program, weights, images[here], labels[here], masks)
        weights, state = advance(program, weights, state, batch, program.rule.learning_rate)
        losses.append(batch.loss * len(labels[here]))
    return sum(losses) / len(images), weights


def tried(framework: Framework) -> list[tuple[Workload, str, DType]]:
    """Return every network, mode and precision in which a framework is tried.

    Compiling takes 5 to 30 s each: compiled modes train the first study's workloads in float32, as they do when they
    are timed, and prove all layers, in float64 where there is one for all.
    """
    return [
        (task, mode.name, dtype)
        for task in NETWORKS.values()
        for mode in framework.modes
        for dtype in framework.dtypes_on("cpu", task)
        if not framework.mode_policy(mode.name)["compiled"]
        or (task.study == "comp5511" and task.name in workloads() and dtype == "float32")
        or (task.name in ("every-layer", "siamese") and dtype == framework.dtypes_on("cpu", task)[-1])
    ]
