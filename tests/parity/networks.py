"""Small networks that have every kind of layer, optimiser and schedule, for tests of parity."""

from __future__ import annotations

from dataclasses import replace

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
from suite.workload import (
    Adam,
    ConstantRate,
    HingeRanking,
    InputScaling,
    MultiStep,
    Optimizer,
    PerImage,
    Schedule,
    Sgd,
    SoftmaxCrossEntropy,
    Workload,
)

ADAM = Adam(learning_rate=0.001, beta1=0.9, beta2=0.999, epsilon=1e-8)

PLAIN = (
    Conv2d(name="conv1", filters=4, kernel_size=3, stride=1, padding="valid"),
    Relu(name="relu1"),
    MaxPool2d(name="pool1", size=2, stride=2),
    Flatten(name="flatten"),
    Dense(name="dense1", units=8),
    Relu(name="relu2"),
    Dense(name="dense2", units=5),
)

EVERYTHING = (
    Conv2d(name="conv1", filters=4, kernel_size=3, stride=1, padding="same"),
    BatchNorm(name="bn1", momentum=0.9, epsilon=1e-5),
    Relu(name="relu1"),
    MaxPool2d(name="pool1", size=2, stride=2),
    Dropout(name="drop1", rate=0.25, per_channel=True),
    Conv2d(name="conv2", filters=6, kernel_size=2, stride=2, padding="valid"),
    Relu(name="relu2"),
    AveragePool2d(name="pool2", size=2, stride=1),
    Flatten(name="flatten"),
    Dropout(name="drop2", rate=0.5, per_channel=False),
    Dense(name="dense1", units=5),
)

SIAMESE = (
    Views(name="views"),
    Conv2d(name="conv1", filters=4, kernel_size=3, stride=1, padding="valid"),
    Relu(name="relu1"),
    Conv2d(name="conv2", filters=6, kernel_size=3, stride=1, padding="valid"),
    L2Normalize(name="normalize1", epsilon=1.0),
    Flatten(name="flatten"),
    L2Normalize(name="normalize2", epsilon=1e-12),
    Similarities(name="similarities", views=3),
)


def network(
    layers: tuple[Layer, ...] = PLAIN,
    optimizer: Optimizer | None = None,
    schedule: Schedule | None = None,
    name: str = "small",
) -> Workload:
    """Return a workload of 10 x 10 x 2 images in 5 classes."""
    counts = tuple(shape.parameters for shape in shapes((10, 10, 2), layers) if shape.parameters)
    return Workload(
        name=name,
        title="a small network",
        source="these tests",
        dataset="cifar10",
        input_shape=(10, 10, 2),
        study="none",
        examples=50_000,
        input_scaling=InputScaling(divisor=255.0, mean=0.5, std=0.5),
        matching=None,
        layers=layers,
        layer_parameters=counts,
        parameter_count=sum(counts),
        classes=5,
        weights="glorot-uniform",
        biases="zeros",
        loss=SoftmaxCrossEntropy(reduction="mean"),
        optimizer=optimizer or Sgd(learning_rate=0.01, momentum=0.9),
        schedule=schedule or ConstantRate(),
        batches=(4,),
        epochs=(1,),
        last_partial_batch="kept",
        evaluation_batch=50,
    )


def siamese(layers: tuple[Layer, ...] = SIAMESE) -> Workload:
    """Return a workload of two candidates to compare with a patch of 7 x 7."""
    counts = tuple(shape.parameters for shape in shapes((7, 7, 3), layers) if shape.parameters)
    return replace(
        network(),
        name="siamese",
        input_shape=(7, 7, 3),
        input_scaling=PerImage(),
        layers=layers,
        layer_parameters=counts,
        parameter_count=sum(counts),
        classes=2,
        loss=HingeRanking(margin=0.2, reduction="mean"),
    )


NETWORKS = {
    "plain": network(name="plain"),
    "everything": network(EVERYTHING, ADAM, name="everything"),
    "stepped": network(schedule=MultiStep(epochs=(1, 2), factor=0.1), name="stepped"),
    "without-momentum": network(optimizer=Sgd(learning_rate=0.01, momentum=0.0), name="without-momentum"),
    "siamese": siamese(),
}


def changed(workload: Workload, **changes: object) -> Workload:
    """Return the workload with other layers, optimiser or scaling, its parameter counts put right."""
    layers = changes.get("layers", workload.layers)
    counts = tuple(s.parameters for s in shapes(workload.input_shape, layers) if s.parameters)  # type: ignore[arg-type]
    return replace(workload, **changes, layer_parameters=counts, parameter_count=sum(counts))  # type: ignore[arg-type]
