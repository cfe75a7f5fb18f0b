"""COMP5511 in Keras, the study's TensorFlow: two small networks that learn CIFAR-10, the way a beginner learns it."""

from typing import Any

import keras
import numpy as np
from keras import layers


def net3x3() -> keras.Model:
    """Three convolutions with 3x3 kernels, then two dense layers."""
    return keras.Sequential(
        [
            keras.Input(shape=(32, 32, 3)),
            layers.Conv2D(32, (3, 3), activation="relu"),
            layers.MaxPooling2D((2, 2)),
            layers.Conv2D(64, (3, 3), activation="relu"),
            layers.MaxPooling2D((2, 2)),
            layers.Conv2D(64, (3, 3), activation="relu"),
            layers.Flatten(),
            layers.Dense(64, activation="relu"),
            layers.Dense(10),
        ]
    )


def net5x5() -> keras.Model:
    """Two convolutions with 5x5 kernels, then three dense layers."""
    return keras.Sequential(
        [
            keras.Input(shape=(32, 32, 3)),
            layers.Conv2D(6, (5, 5), activation="relu"),
            layers.MaxPooling2D((2, 2)),
            layers.Conv2D(16, (5, 5), activation="relu"),
            layers.MaxPooling2D((2, 2)),
            layers.Flatten(),
            layers.Dense(120, activation="relu"),
            layers.Dense(84, activation="relu"),
            layers.Dense(10),
        ]
    )


METRICS = ("accuracy",)


def prepare(pixels: np.ndarray) -> np.ndarray:
    """Bring the pixel values from 0 to 255 down to 0 to 1."""
    return pixels / 255.0


def learner(model: keras.Model, metrics: tuple[str, ...] = METRICS) -> None:
    """Give the model its loss and its optimiser."""
    model.compile(
        optimizer=keras.optimizers.SGD(learning_rate=0.001, momentum=0.9),
        loss=keras.losses.SparseCategoricalCrossentropy(from_logits=True),
        metrics=list(metrics),
    )


def train(
    model: keras.Model, images: np.ndarray, labels: np.ndarray, batch_size: int, epochs: int, **more: Any
) -> None:
    """Train; what is in ``more`` goes to ``fit``."""
    model.fit(images, labels, batch_size=batch_size, epochs=epochs, **more)


def evaluate(model: keras.Model, images: np.ndarray, labels: np.ndarray) -> float:
    """Return the share of pictures whose class the model gets right."""
    _loss, accuracy = model.evaluate(images, labels)
    return float(accuracy)
