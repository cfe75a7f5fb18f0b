"""The two networks in plain Keras, trained by ``fit``."""

from __future__ import annotations

import time

import keras
import numpy as np
from keras import layers

NETWORKS = {
    "cifar10-cnn3x3": lambda: keras.Sequential(
        [
            keras.Input((32, 32, 3)),
            layers.Conv2D(32, 3),
            layers.ReLU(),
            layers.MaxPooling2D(2),
            layers.Conv2D(64, 3),
            layers.ReLU(),
            layers.MaxPooling2D(2),
            layers.Conv2D(64, 3),
            layers.ReLU(),
            layers.Flatten(),
            layers.Dense(64),
            layers.ReLU(),
            layers.Dense(10),
        ]
    ),
    "cifar10-cnn5x5": lambda: keras.Sequential(
        [
            keras.Input((32, 32, 3)),
            layers.Conv2D(6, 5),
            layers.ReLU(),
            layers.MaxPooling2D(2),
            layers.Conv2D(16, 5),
            layers.ReLU(),
            layers.MaxPooling2D(2),
            layers.Flatten(),
            layers.Dense(120),
            layers.ReLU(),
            layers.Dense(84),
            layers.ReLU(),
            layers.Dense(10),
        ]
    ),
}


class Loop:
    """A compiled model and the examples it is trained on."""

    def __init__(self, workload: str, images: np.ndarray, labels: np.ndarray) -> None:
        """Take ``images`` (n, 32, 32, 3) float32 and ``labels`` (n,) int64, n a multiple of 32."""
        self.images = images
        self.labels = labels
        self.model = NETWORKS[workload]()
        self.model.compile(
            optimizer=keras.optimizers.SGD(learning_rate=0.001, momentum=0.9),
            loss=keras.losses.SparseCategoricalCrossentropy(from_logits=True),
            jit_compile=False,
        )

    def train(self) -> list[int]:
        """Train on every batch once; return the time (ns) before and after: no callback is in the loop."""
        start = time.perf_counter_ns()
        self.model.fit(self.images, self.labels, batch_size=32, shuffle=False, verbose=0)
        return [start, time.perf_counter_ns()]

    def parameters(self) -> list[np.ndarray]:
        """Return the arrays that are trained, in the order of the layers, weights before biases."""
        arrays: list[np.ndarray] = self.model.get_weights()
        return arrays
