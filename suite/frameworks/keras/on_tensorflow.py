"""Keras on TensorFlow."""

from __future__ import annotations

import contextlib
import inspect
from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

from suite.frameworks import Device
from suite.frameworks.keras.engine import Engine, Slopes, Updates, giving_back


class OnTensorFlow(Engine):
    """Steps are traced graphs, compiled by XLA or not."""

    name = "tensorflow"
    rounds_scalars = True

    def start(self, asked: Mapping[str, Any], device: Device) -> None:
        """Import TensorFlow, and set its threads, devices and precision."""
        from suite.frameworks.tensorflow import start_tensorflow
        from suite.frameworks.tensorflow.settings import apply

        start_tensorflow(asked["threads_intra"], device, "Keras")
        apply(asked)

    def synchronise(self, device: Device) -> None:
        """Wait for a GPU."""
        from suite.frameworks.tensorflow import place

        place.synchronise(device)

    def device_of(self, variable: Any) -> str:
        """Ask TensorFlow's variable."""
        from suite.frameworks.tensorflow import place

        return place.ours(variable.value.device)

    def feeding(self) -> contextlib.AbstractContextManager[Any]:
        """In the processor's memory: ``fit`` feeds by ``tf.data``, which would fetch it from a GPU first."""
        from suite.frameworks.tensorflow import place

        made: contextlib.AbstractContextManager[Any] = place.here("cpu")
        return made

    def slopes(self, model: Any, *, compiled: bool) -> Slopes:
        """Do what ``Model.train_step`` does, as a graph."""
        import tensorflow as tf

        def step(inputs: Any, labels: Any) -> tuple[Any, list[Any]]:
            with tf.GradientTape() as tape:
                outputs = model(inputs, training=True)
                loss = model.compute_loss(x=inputs, y=labels, y_pred=outputs, training=True)
            return loss, tape.gradient(loss, model.trainable_variables)

        run = _traced(step, compiled=compiled)

        def slopes(inputs: Any, labels: Any) -> tuple[float, list[np.ndarray]]:
            loss, found = run(inputs, labels)
            return float(loss), [slope.numpy() for slope in found]

        return slopes

    def updates(self, model: Any, *, compiled: bool) -> Updates:
        """Let the optimiser do its part of the step, as a graph."""
        import tensorflow as tf

        def step(slopes: list[Any]) -> None:
            model.optimizer.apply_gradients(zip(slopes, model.trainable_variables, strict=True))

        run = _traced(step, compiled=compiled)
        return lambda slopes: run([tf.constant(slope) for slope in slopes])

    def giving_back(self, images: Any, outputs: Any) -> Any:
        """``train_step`` is given the data alone."""
        return giving_back(images, outputs)

    def settings(self, model: Any) -> dict[str, Any]:
        """Read back TensorFlow's own settings and how the live step runs."""
        from suite.frameworks.tensorflow.settings import execution, tensorflow_settings

        return tensorflow_settings(model.trainable_variables[0].value) | execution(live_step(model.train_function))


def _traced(function: Any, *, compiled: bool) -> Any:
    import tensorflow as tf

    return tf.function(function, autograph=False, jit_compile=compiled, reduce_retracing=True)


def live_step(train_function: Any) -> Any:
    """Return the function of one step inside what ``fit`` calls; None before the first step.

    Keras keeps it in closures. It is the innermost traced one: around it is one that takes batches from an iterator.
    """
    traced = [each for each in _below(train_function, set()) if hasattr(each, "experimental_get_tracing_count")]
    return traced[-1] if traced else None


def _below(function: Any, seen: set[int]) -> Iterator[Any]:
    """Yield a function and every function that it holds on to, outermost first."""
    if function is None or id(function) in seen:
        return
    seen.add(id(function))
    yield function
    held = inspect.getclosurevars(function).nonlocals.values() if inspect.isfunction(function) else ()
    for inner in (getattr(function, "python_function", None), getattr(function, "__wrapped__", None), *held):
        if callable(inner):
            yield from _below(inner, seen)
