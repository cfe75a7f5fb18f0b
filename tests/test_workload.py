"""Workloads: every constant is written, and the published counts hold."""

from __future__ import annotations

import dataclasses

import pytest

from suite import layers
from suite.errors import InputError
from suite.layers import Dense
from suite.workload import Adam, ConstantRate, InputScaling, MultiStep, Sgd, SoftmaxCrossEntropy, Workload
from suite.workloads import workload, workloads


@pytest.mark.parametrize(("name", "count"), [("cifar10-cnn3x3", 122_570), ("cifar10-cnn5x5", 62_006)])
def test_the_studys_networks(name: str, count: int) -> None:
    task = workload(name)
    assert sum(shape.parameters for shape in task.shapes()) == task.parameter_count == count
    assert task.optimizer == Sgd(learning_rate=0.001, momentum=0.9)
    assert task.input_scaling == InputScaling(divisor=255.0, mean=0.5, std=0.5)
    assert task.loss == SoftmaxCrossEntropy(reduction="mean")
    assert (task.weights, task.biases) == ("glorot-uniform", "zeros")
    assert (task.batches, task.epochs) == ((4, 8, 16, 32), (10, 20))
    assert task.shapes()[-1].output_shape == (task.classes,)


@pytest.mark.parametrize(
    "kind",
    [
        *(Workload, InputScaling, SoftmaxCrossEntropy, Sgd, Adam, ConstantRate, MultiStep),
        *layers.Layer.__args__,  # type: ignore[attr-defined]
    ],
)
def test_no_field_has_a_default(kind: type) -> None:
    for field in dataclasses.fields(kind):
        assert field.default is dataclasses.MISSING, field.name
        assert field.default_factory is dataclasses.MISSING, field.name


def test_a_wrong_parameter_count_cannot_be_made() -> None:
    task = workload("cifar10-cnn3x3")
    with pytest.raises(ValueError, match=r"cifar10-cnn3x3: its layers have .* 122570 in all, but .* 122571 in all"):
        dataclasses.replace(task, parameter_count=122_571)
    with pytest.raises(ValueError, match="are expected"):
        dataclasses.replace(task, layers=(*task.layers[:-1], Dense(name="dense2", units=11)))


def test_the_rate_is_constant_where_nothing_else_is_said() -> None:
    task = workload("cifar10-cnn3x3")
    assert [task.learning_rate(finished) for finished in range(30)] == [0.001] * 30


def test_the_rate_drops_once_each_epoch_has_been_finished() -> None:
    dropping = MultiStep(epochs=(2, 3), factor=0.5)
    task = dataclasses.replace(workload("cifar10-cnn3x3"), schedule=dropping)
    assert [task.learning_rate(finished) for finished in range(5)] == [0.001, 0.001, 0.0005, 0.00025, 0.00025]
    adam = Adam(learning_rate=0.25, beta1=0.9, beta2=0.999, epsilon=1e-8)
    assert dataclasses.replace(task, optimizer=adam).learning_rate(2) == 0.125


def test_every_workload_is_called_by_its_name() -> None:
    assert list(workloads()) == [task.name for task in workloads().values()]


def test_an_unknown_workload_names_the_near_ones() -> None:
    with pytest.raises(InputError, match=r"unknown workload 'cifar10-cnn4x4': did you mean cifar10-cnn.x. or"):
        workload("cifar10-cnn4x4")
