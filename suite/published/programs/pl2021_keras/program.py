"""PL2021 in Keras, the study's TensorFlow: a network of two convolutions learns handwritten digits."""

from typing import Any

import keras
import numpy as np
from keras import layers


def network() -> keras.Model:
    """Two convolutions with pooling, then two dense layers."""
    return keras.Sequential(
        [
            keras.Input(shape=(28, 28, 1)),
            layers.Conv2D(32, (5, 5), activation="relu"),
            layers.MaxPooling2D((2, 2)),
            layers.Conv2D(64, (5, 5), activation="relu"),
            layers.MaxPooling2D((2, 2)),
            layers.Flatten(),
            layers.Dense(64, activation="relu"),
            layers.Dense(10),
        ]
    )


def prepare(pixels: np.ndarray) -> np.ndarray:
    """Bring the pixel values from 0 to 255 down to 0 to 1."""
    return pixels / 255.0


def learner(model: keras.Model) -> None:
    """Give the model its loss and its optimiser."""
    model.compile(
        optimizer="adam",
        loss=keras.losses.SparseCategoricalCrossentropy(from_logits=True),
        metrics=["accuracy"],
    )


def train(
    model: keras.Model, images: np.ndarray, labels: np.ndarray, batch_size: int, epochs: int, **more: Any
) -> None:
    """Train; what is in ``more`` goes to ``fit``."""
    model.fit(images, labels, batch_size=batch_size, epochs=epochs, **more)


def evaluate(model: keras.Model, images: np.ndarray, labels: np.ndarray) -> float:
    """Return the share of test pictures whose digit the model gets right."""
    _loss, accuracy = model.evaluate(images, labels)
    return float(accuracy)
