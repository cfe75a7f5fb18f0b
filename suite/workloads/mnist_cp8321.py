"""The MNIST network of the CP8321 assignment (2022).

Its programs differed in inputs, dropout, the loss and in what they called accuracy. Here inputs are standardised as in
its PyTorch program, and the dropout masks (whole channels behind the convolution) are drawn once for every framework.
"""

from __future__ import annotations

from suite.layers import Conv2d, Dense, Dropout, Flatten, MaxPool2d, Relu
from suite.workload import ConstantRate, InputScaling, Sgd, SoftmaxCrossEntropy, Workload

_LAYERS = (
    Conv2d(name="conv1", filters=10, kernel_size=5, stride=1, padding="valid"),
    MaxPool2d(name="pool1", size=2, stride=2),
    Relu(name="relu1"),
    Conv2d(name="conv2", filters=20, kernel_size=5, stride=1, padding="valid"),
    Dropout(name="dropout1", rate=0.5, per_channel=True),
    MaxPool2d(name="pool2", size=2, stride=2),
    Relu(name="relu2"),
    Flatten(name="flatten"),
    Dense(name="dense1", units=50),
    Relu(name="relu3"),
    Dropout(name="dropout2", rate=0.5, per_channel=False),
    Dense(name="dense2", units=10),
)

WORKLOADS = (
    Workload(
        name="mnist-cnn-cp8321",
        title="MNIST, CP8321 network",
        study="cp8321",
        source="CP8321 assignment 6, 2022, its notebooks",
        dataset="mnist",
        examples=60_000,
        input_shape=(28, 28, 1),
        input_scaling=InputScaling(divisor=255.0, mean=0.1307, std=0.3081),
        layers=_LAYERS,
        layer_parameters=(260, 5_020, 16_050, 510),
        parameter_count=21_840,
        classes=10,
        weights="glorot-uniform",
        biases="zeros",
        loss=SoftmaxCrossEntropy(reduction="mean"),
        optimizer=Sgd(learning_rate=0.01, momentum=0.5),
        schedule=ConstantRate(),
        batches=(64,),
        epochs=(1, 3, 6),
        last_partial_batch="kept",
        evaluation_batch=500,
        matching=None,
    ),
)
