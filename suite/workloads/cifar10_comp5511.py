"""The two CIFAR-10 networks of the COMP5511 study (2021), its figures 8 to 11.

The study fed inputs scaled unlike to the two frameworks and left each its own initial weights. Here both are one thing:
the PyTorch tutorial's scaling, and Glorot-uniform weights with zero biases, drawn once and given to every framework.
"""

from __future__ import annotations

from suite.layers import Conv2d, Dense, Flatten, Layer, MaxPool2d, Relu
from suite.workload import ConstantRate, InputScaling, Sgd, SoftmaxCrossEntropy, Workload

_CNN3X3 = (
    Conv2d(name="conv1", filters=32, kernel_size=3, stride=1, padding="valid"),
    Relu(name="relu1"),
    MaxPool2d(name="pool1", size=2, stride=2),
    Conv2d(name="conv2", filters=64, kernel_size=3, stride=1, padding="valid"),
    Relu(name="relu2"),
    MaxPool2d(name="pool2", size=2, stride=2),
    Conv2d(name="conv3", filters=64, kernel_size=3, stride=1, padding="valid"),
    Relu(name="relu3"),
    Flatten(name="flatten"),
    Dense(name="dense1", units=64),
    Relu(name="relu4"),
    Dense(name="dense2", units=10),
)

_CNN5X5 = (
    Conv2d(name="conv1", filters=6, kernel_size=5, stride=1, padding="valid"),
    Relu(name="relu1"),
    MaxPool2d(name="pool1", size=2, stride=2),
    Conv2d(name="conv2", filters=16, kernel_size=5, stride=1, padding="valid"),
    Relu(name="relu2"),
    MaxPool2d(name="pool2", size=2, stride=2),
    Flatten(name="flatten"),
    Dense(name="dense1", units=120),
    Relu(name="relu3"),
    Dense(name="dense2", units=84),
    Relu(name="relu4"),
    Dense(name="dense3", units=10),
)


def _workload(name: str, title: str, layers: tuple[Layer, ...], counts: tuple[int, ...], total: int) -> Workload:
    return Workload(
        name=name,
        title=title,
        study="comp5511",
        source="COMP5511 CIFAR-10 study, 2021, figures 8 to 11 and 16 to 33",
        dataset="cifar10",
        examples=50_000,
        input_shape=(32, 32, 3),
        input_scaling=InputScaling(divisor=255.0, mean=0.5, std=0.5),
        layers=layers,
        layer_parameters=counts,
        parameter_count=total,
        classes=10,
        weights="glorot-uniform",
        biases="zeros",
        loss=SoftmaxCrossEntropy(reduction="mean"),
        optimizer=Sgd(learning_rate=0.001, momentum=0.9),
        schedule=ConstantRate(),
        batches=(4, 8, 16, 32),
        epochs=(10, 20),
        last_partial_batch="kept",
        evaluation_batch=500,
        matching=None,
    )


WORKLOADS = (
    _workload("cifar10-cnn3x3", "CIFAR-10, 3x3 network", _CNN3X3, (896, 18_496, 36_928, 65_600, 650), 122_570),
    _workload("cifar10-cnn5x5", "CIFAR-10, 5x5 network", _CNN5X5, (456, 2_416, 48_120, 10_164, 850), 62_006),
)
