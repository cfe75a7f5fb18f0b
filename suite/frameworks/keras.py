"""Keras 3 on TensorFlow, trained by ``fit`` as its users do.

Canonical arrays are Keras's own layout, so nothing is transposed here.
"""

from __future__ import annotations

from types import MappingProxyType
from typing import Any, assert_never

import numpy as np

from suite.frameworks import Framework, Mode, StepClock, Stretch, Trainer, Weights
from suite.frameworks.tensorflow import start_tensorflow, tensorflow_settings
from suite.layers import Conv2d, Dense, Flatten, Layer, MaxPool2d, Relu
from suite.workload import Workload


class Keras(Framework):
    """The framework's facts and its start."""

    name = "keras"
    title = "Keras"
    rank = 3
    modes = (
        Mode(name="fit", sentence="Model.fit runs the loop and feeds the arrays; each step is a TensorFlow graph"),
        Mode(name="fit-xla", sentence="the same, with the step compiled by XLA (jit_compile=True)"),
    )
    default_mode = "fit"
    requirements = MappingProxyType({"cpu": ("keras==3.15.1", "tensorflow-cpu==2.21.0")})
    distributions = ("keras", "tensorflow-cpu")

    def start(self, threads: int) -> None:
        """Import TensorFlow with its thread pools set, then Keras on it."""
        import os

        os.environ["KERAS_BACKEND"] = "tensorflow"
        start_tensorflow(threads)
        import keras

        keras.config.disable_interactive_logging()

    def build(self, workload: Workload, mode: str) -> Trainer:
        """Build and compile a ``keras.Sequential``."""
        return KerasTrainer(workload, mode)


class KerasTrainer(Trainer):
    """A ``keras.Sequential`` compiled with SGD and the loss on logits; no metric runs beside the loss."""

    def __init__(self, workload: Workload, mode: str) -> None:
        import keras

        self.workload = workload
        self.model = keras.Sequential([keras.Input(workload.input_shape), *map(_layer, workload.layers)])
        self.model.compile(
            optimizer=keras.optimizers.SGD(
                learning_rate=workload.optimizer.learning_rate,
                momentum=workload.optimizer.momentum,
                nesterov=False,
                weight_decay=None,
            ),
            loss=keras.losses.SparseCategoricalCrossentropy(from_logits=True, reduction="sum_over_batch_size"),
            jit_compile=mode == "fit-xla",
        )
        self.model.optimizer.build(self.model.trainable_variables)

    def load(self, weights: Weights) -> None:
        """Assign canonical arrays and zero the optimiser's slots and step count."""
        for shape in self.workload.shapes():
            if shape.weight_shape:
                name = shape.layer.name
                self.model.get_layer(name).set_weights([weights[f"{name}/weight"], weights[f"{name}/bias"]])
        rate = self.model.optimizer.learning_rate
        for variable in self.model.optimizer.variables:
            if variable is not rate:
                variable.assign(np.zeros(variable.shape, variable.dtype))

    def dump(self) -> Weights:
        """Return the layers' weights."""
        weights: Weights = {}
        for shape in self.workload.shapes():
            if shape.weight_shape:
                name = shape.layer.name
                weights[f"{name}/weight"], weights[f"{name}/bias"] = self.model.get_layer(name).get_weights()
        return weights

    def prepare(self, images: np.ndarray, labels: np.ndarray) -> tuple[Any, Any]:
        """Keep the arrays: ``fit`` takes them in as they are."""
        return images, labels

    def train_step(self, images: Any, labels: Any) -> Any:
        """One step through ``train_on_batch``: the same traced step that ``fit`` runs."""
        return self.model.train_on_batch(images, labels)

    def train(self, stretch: Stretch, clock: StepClock) -> float:
        """Hand the stretch to ``fit``, which owns the loop; the clock ticks in its callback."""
        ticks = _ticks(clock)
        clock.tick()
        history = self.model.fit(
            stretch.images,
            stretch.labels,
            batch_size=stretch.batch,
            epochs=1,
            shuffle=False,  # the examples come in the stored order already
            verbose=0,
            callbacks=[ticks],
        )
        return float(history.history["loss"][0])

    def logits(self, images: Any) -> np.ndarray:
        """Forward in evaluation mode."""
        outputs: np.ndarray = self.model.predict_on_batch(images)
        return outputs

    def layer_outputs(self) -> dict[str, tuple[int, ...]]:
        """Return the shapes that the layers report."""
        return {layer.name: tuple(layer.output.shape[1:]) for layer in self.model.layers}

    def settings(self) -> dict[str, Any]:
        """Read back the backend, jit state and what TensorFlow itself reports."""
        import keras

        return tensorflow_settings(self.model.trainable_variables[0].value) | {
            "optimizer": type(self.model.optimizer).__name__,
            "backend": keras.backend.backend(),
            "dtype_policy": keras.config.dtype_policy().name,
            "image_data_format": keras.config.image_data_format(),
            "graph": not self.model.run_eagerly,
            "xla": bool(self.model.jit_compile),
            "steps_per_execution": int(self.model.steps_per_execution),
        }


def _layer(layer: Layer) -> Any:
    import keras

    match layer:
        case Conv2d():
            return keras.layers.Conv2D(
                layer.filters, layer.kernel_size, strides=layer.stride, padding="valid", name=layer.name
            )
        case MaxPool2d():
            return keras.layers.MaxPooling2D(layer.size, strides=layer.stride, padding="valid", name=layer.name)
        case Dense():
            return keras.layers.Dense(layer.units, name=layer.name)
        case Flatten():
            return keras.layers.Flatten(name=layer.name)
        case Relu():
            return keras.layers.ReLU(name=layer.name)
        case _:
            assert_never(layer)


def _ticks(clock: StepClock) -> Any:
    """Return a callback that ticks after each step.

    The end of a step is noted at the beginning of the next, and the last at the end of the epoch: Keras hands its
    batch-end callbacks to another thread, or, where one of them asks for numbers, fetches the loss after every step.
    """
    import keras

    class Ticks(keras.callbacks.Callback):  # type: ignore[misc]
        def on_train_batch_begin(self, batch: int, logs: Any = None) -> None:  # noqa: ARG002
            if batch:
                clock.tick()

        def on_epoch_end(self, epoch: int, logs: Any = None) -> None:  # noqa: ARG002
            clock.tick()

    return Ticks()


FRAMEWORK = Keras()
