"""What Keras is asked for, and what took effect, read back from it and the TensorFlow below it."""

from __future__ import annotations

import inspect
from collections.abc import Iterator, Mapping
from typing import Any

from suite.frameworks.tensorflow.settings import execution, tensorflow_settings

_LAYOUTS = {"channels_last": "NHWC", "channels_first": "NCHW"}
"""Keras's words for a layout."""


def apply(asked: Mapping[str, Any]) -> None:
    """Set what is asked for of Keras, whatever the user's own file of Keras settings says."""
    import keras

    words = {layout: word for word, layout in _LAYOUTS.items()}
    keras.config.set_image_data_format(words[asked["layout"]])


def read_settings(model: Any) -> dict[str, Any]:
    """Read back backend, layout, the live step, and what TensorFlow itself reports."""
    import keras

    policy = keras.config.dtype_policy().name
    shared = tensorflow_settings(model.trainable_variables[0].value)
    return {
        **shared,
        **execution(live_step(model.train_function)),
        "amp": shared["amp"] or policy.startswith("mixed"),
        "dtype_policy": policy,
        "layout": _LAYOUTS[keras.config.image_data_format()],
        "backend": keras.backend.backend(),
        "steps_per_execution": int(model.steps_per_execution),
        "optimizer": type(model.optimizer).__name__,
        "optimizer_implementation": "for-loop",  # Keras assigns each variable by operations of its own
    }


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
