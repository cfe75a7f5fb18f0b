"""The MNIST network of the PL2021 term project.

Its programs shuffled in one framework only and fed the other float64; its Adam had each framework's own constants. Here
all is one thing: Adam with the constants of its paper, inputs in [0, 1], one order of examples.
"""

from __future__ import annotations

from suite.layers import Conv2d, Dense, Flatten, MaxPool2d, Relu
from suite.workload import Adam, ConstantRate, InputScaling, SoftmaxCrossEntropy, Workload

_LAYERS = (
    Conv2d(name="conv1", filters=32, kernel_size=5, stride=1, padding="valid"),
    Relu(name="relu1"),
    MaxPool2d(name="pool1", size=2, stride=2),
    Conv2d(name="conv2", filters=64, kernel_size=5, stride=1, padding="valid"),
    Relu(name="relu2"),
    MaxPool2d(name="pool2", size=2, stride=2),
    Flatten(name="flatten"),
    Dense(name="dense1", units=64),
    Relu(name="relu3"),
    Dense(name="dense2", units=10),
)

WORKLOADS = (
    Workload(
        name="mnist-cnn-pl2021",
        title="MNIST, PL2021 network",
        study="pl2021",
        source="PL2021 term project, 2021, its two notebooks",
        dataset="mnist",
        examples=60_000,
        input_shape=(28, 28, 1),
        input_scaling=InputScaling(divisor=255.0, mean=0.0, std=1.0),
        layers=_LAYERS,
        layer_parameters=(832, 51_264, 65_600, 650),
        parameter_count=118_346,
        classes=10,
        weights="glorot-uniform",
        biases="zeros",
        loss=SoftmaxCrossEntropy(reduction="mean"),
        optimizer=Adam(learning_rate=0.001, beta1=0.9, beta2=0.999, epsilon=1e-8),
        schedule=ConstantRate(),
        batches=(32,),
        epochs=(5,),
        last_partial_batch="kept",
        evaluation_batch=500,
        matching=None,
    ),
)
