"""CP8321 in Keras: a small network learns handwritten digits, the way a beginner trains it."""

from typing import Any

import keras
import numpy as np
from keras import layers


def network() -> keras.Model:
    """Two convolutions, then two dense layers, with dropout in between."""
    return keras.Sequential(
        [
            keras.Input(shape=(28, 28, 1)),
            layers.Conv2D(10, (5, 5)),
            layers.MaxPooling2D((2, 2)),
            layers.ReLU(),
            layers.Conv2D(20, (5, 5)),
            layers.Dropout(0.5),
            layers.MaxPooling2D((2, 2)),
            layers.ReLU(),
            layers.Flatten(),
            layers.Dense(50, activation="relu"),
            layers.Dense(10, activation="softmax"),
        ]
    )


def prepare(pixels: np.ndarray) -> np.ndarray:
    """Bring the pixel values from 0 to 255 down to 0 to 1."""
    return pixels.astype("float32") / 255


def learner(model: keras.Model) -> None:
    """Give the model its loss and its optimiser."""
    model.compile(
        optimizer=keras.optimizers.SGD(learning_rate=0.01, momentum=0.5),
        loss=keras.losses.SparseCategoricalCrossentropy(from_logits=True),
        metrics=["accuracy"],
    )


def train(
    model: keras.Model, images: np.ndarray, labels: np.ndarray, batch_size: int, epochs: int, **more: Any
) -> None:
    """Train; ``fit`` shows the accuracy over each epoch, which is the figure of the study."""
    model.fit(images, labels, batch_size=batch_size, epochs=epochs, **more)


def evaluate(model: keras.Model, images: np.ndarray, labels: np.ndarray) -> float:
    """Return the share of test pictures whose digit the model gets right."""
    _loss, accuracy = model.evaluate(images, labels)
    return float(accuracy)
