"""Imports a framework, looks for its accelerator and trains it 20 steps, and writes after each stage how far it came.

Run by the environment that a recipe made, on Pythons from 3.8 up and on every release of the frameworks since 2021, so
it uses nothing but what all of these have. Started as a file: ``python -I probe.py FRAMEWORK ACCELERATOR RESULT
MODULE...``
"""

from __future__ import annotations

import importlib
import importlib.util
import json
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

STEPS = 20
SIDE = 8
CLASSES = 4
EXAMPLES = 32
LEARNING_RATE = 0.1


def main(framework: str, accelerator: str, result: str, *modules: str) -> None:
    """Go up the ladder as far as it goes; an error ends the program with its traceback."""
    found: dict[str, Any] = {}

    def note(**more: Any) -> None:
        found.update(more)
        Path(result).write_text(json.dumps(found), encoding="utf-8")

    names = {"pytorch": ["torch"], "tensorflow": ["tensorflow"], "keras": ["keras"]}[framework]
    versions: dict[str, str] = {}
    for name in [*names, *modules]:
        module = importlib.import_module(name)
        versions[name] = str(getattr(module, "__version__", "unknown"))
        note(importing=versions)
    if framework == "pytorch" and importlib.util.find_spec("numpy"):
        importlib.import_module("torch").zeros(1).numpy()  # fails where NumPy beside it is too new
    note(imports=versions)
    sees, train = {"pytorch": _pytorch, "tensorflow": _tensorflow, "keras": _keras}[framework](accelerator)
    note(accelerator=sees)
    note(losses=[float(loss) for loss in train()])


def _images() -> tuple[list[Any], list[int]]:
    """Return images whose brightest corner is their class, and the classes, as nested lists."""
    labels = [index % CLASSES for index in range(EXAMPLES)]
    images: list[Any] = []
    for index, label in enumerate(labels):
        down, right = (label // 2) * SIDE // 2, (label % 2) * SIDE // 2
        images.append(
            [
                [
                    [
                        float(down <= y < down + SIDE // 2 and right <= x < right + SIDE // 2)
                        + ((index * 31 + y * 17 + x * 7 + channel * 5) % 13) / 26
                        for channel in range(3)
                    ]
                    for x in range(SIDE)
                ]
                for y in range(SIDE)
            ]
        )
    return images, labels


def _pytorch(accelerator: str) -> tuple[bool, Callable[[], Iterator[Any]]]:
    import torch

    if accelerator == "cuda":
        sees, device = torch.cuda.is_available(), "cuda"
    elif accelerator == "metal":
        sees, device = torch.backends.mps.is_available(), "mps"
    else:
        sees, device = False, "cpu"
    device = device if sees else "cpu"

    def train() -> Iterator[Any]:
        torch.manual_seed(0)
        images, labels = _images()
        x = torch.tensor(images).permute(0, 3, 1, 2).contiguous().to(device)
        y = torch.tensor(labels).to(device)
        model = torch.nn.Sequential(
            torch.nn.Conv2d(3, 8, 3),
            torch.nn.ReLU(),
            torch.nn.MaxPool2d(2),
            torch.nn.Flatten(),
            torch.nn.Linear(72, CLASSES),
        ).to(device)
        optimizer = torch.optim.SGD(model.parameters(), lr=LEARNING_RATE)
        loss_of = torch.nn.CrossEntropyLoss()
        for _ in range(STEPS):
            optimizer.zero_grad()
            loss = loss_of(model(x), y)
            loss.backward()
            optimizer.step()
            yield loss.item()

    return bool(sees), train


def _gpus() -> bool:
    import tensorflow as tf

    return bool(tf.config.list_physical_devices("GPU"))


def _tensorflow(_accelerator: str) -> tuple[bool, Callable[[], Iterator[Any]]]:
    import tensorflow as tf

    def train() -> Iterator[Any]:
        tf.random.set_seed(0)
        images, labels = _images()
        x, y = tf.constant(images, tf.float32), tf.constant(labels, tf.int32)
        weights = [
            tf.Variable(tf.random.normal((3, 3, 3, 8), stddev=0.2)),
            tf.Variable(tf.zeros((8,))),
            tf.Variable(tf.random.normal((72, CLASSES), stddev=0.1)),
            tf.Variable(tf.zeros((CLASSES,))),
        ]

        @tf.function  # type: ignore[untyped-decorator]
        def step() -> Any:
            with tf.GradientTape() as tape:
                hidden = tf.nn.relu(tf.nn.conv2d(x, weights[0], 1, "VALID") + weights[1])
                hidden = tf.reshape(tf.nn.max_pool2d(hidden, 2, 2, "VALID"), (EXAMPLES, -1))
                logits = hidden @ weights[2] + weights[3]
                loss = tf.reduce_mean(tf.nn.sparse_softmax_cross_entropy_with_logits(labels=y, logits=logits))
            for variable, gradient in zip(weights, tape.gradient(loss, weights)):  # noqa: B905 (Python 3.9)
                variable.assign_sub(LEARNING_RATE * gradient)
            return loss

        for _ in range(STEPS):
            yield step()

    return _gpus(), train


def _keras(_accelerator: str) -> tuple[bool, Callable[[], Iterator[Any]]]:
    import keras
    import numpy as np

    def train() -> Iterator[Any]:
        images, labels = _images()
        model = keras.models.Sequential(
            [
                keras.layers.Conv2D(8, 3, activation="relu", input_shape=(SIDE, SIDE, 3)),
                keras.layers.MaxPooling2D(2),
                keras.layers.Flatten(),
                keras.layers.Dense(CLASSES, activation="softmax"),
            ]
        )
        model.compile(optimizer="sgd", loss="sparse_categorical_crossentropy")
        x, y = np.array(images, np.float32), np.array(labels, np.int64)
        for _ in range(STEPS):
            yield model.train_on_batch(x, y)

    return _gpus(), train


if __name__ == "__main__":
    main(*sys.argv[1:])
