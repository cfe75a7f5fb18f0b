"""CP8321 in TensorFlow: a small network learns handwritten digits by a training loop of its own."""

from collections.abc import Callable

import numpy as np
import tensorflow as tf
from tensorflow.keras import Model, layers


class Net(Model):
    """Two convolutions, then two dense layers, with dropout in between."""

    def __init__(self) -> None:
        super().__init__()
        self.conv1 = layers.Conv2D(10, 5)
        self.conv2 = layers.Conv2D(20, 5)
        self.conv2_drop = layers.Dropout(0.5)
        self.pool = layers.MaxPooling2D(2)
        self.flatten = layers.Flatten()
        self.fc1 = layers.Dense(50, activation="relu")
        self.fc2 = layers.Dense(10, activation="softmax")

    def call(self, x: tf.Tensor, training: bool = False) -> tf.Tensor:
        """Return each digit's probability."""
        x = tf.nn.relu(self.pool(self.conv1(x)))
        x = self.conv2_drop(self.conv2(x), training=training)
        x = tf.nn.relu(self.pool(x))
        x = self.flatten(x)
        x = self.fc1(x)
        return self.fc2(x)


def scale(pixels: np.ndarray) -> np.ndarray:
    """Bring the pixel values from 0 to 255 down to 0 to 1."""
    return pixels.astype("float32") / 255


def batches(images: np.ndarray, labels: np.ndarray, batch_size: int, *, shuffle: int = 10_000) -> tf.data.Dataset:
    """Return pictures and labels in batches, shuffled within so many; 0 leaves them in order."""
    dataset = tf.data.Dataset.from_tensor_slices((images, labels))
    if shuffle:
        dataset = dataset.shuffle(shuffle)
    return dataset.batch(batch_size)


def learner() -> tuple[tf.keras.Loss, tf.keras.Optimizer]:
    """Return the loss and the optimiser."""
    loss_object = tf.keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    optimizer = tf.keras.optimizers.SGD(learning_rate=0.01, momentum=0.5)
    return loss_object, optimizer


class Training:
    """The training step, and the means of loss and accuracy over an epoch."""

    def __init__(self, model: Model, loss_object: Callable[..., tf.Tensor], optimizer: tf.keras.Optimizer) -> None:
        self.model = model
        self.loss_object = loss_object
        self.optimizer = optimizer
        self.train_loss = tf.keras.metrics.Mean()
        self.train_accuracy = tf.keras.metrics.SparseCategoricalAccuracy()

    @tf.function
    def step(self, images: tf.Tensor, labels: tf.Tensor) -> None:
        """Train on one batch."""
        with tf.GradientTape() as tape:
            predictions = self.model(images, training=True)
            loss = self.loss_object(labels, predictions)
        gradients = tape.gradient(loss, self.model.trainable_variables)
        self.optimizer.apply_gradients(zip(gradients, self.model.trainable_variables, strict=True))
        self.train_loss(loss)
        self.train_accuracy(labels, predictions)

    def epoch(self, dataset: tf.data.Dataset) -> tuple[float, float]:
        """Train on every batch once and return the mean loss and accuracy over the epoch."""
        self.train_loss.reset_state()
        self.train_accuracy.reset_state()
        for images, labels in dataset:
            self.step(images, labels)
        return float(self.train_loss.result()), float(self.train_accuracy.result())


def evaluate(model: Model, dataset: tf.data.Dataset) -> float:
    """Return the share of test pictures whose digit the model gets right."""
    accuracy = tf.keras.metrics.SparseCategoricalAccuracy()
    for images, labels in dataset:
        accuracy(labels, model(images, training=False))
    return float(accuracy.result())
