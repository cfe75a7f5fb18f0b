"""What Keras is asked for, and what took effect, read back from it and from the library below it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from suite.frameworks.keras.engine import Engine

_LAYOUTS = {"channels_last": "NHWC", "channels_first": "NCHW"}
"""Keras's words for a layout."""


def apply(asked: Mapping[str, Any]) -> None:
    """Set what is asked for of Keras, whatever the user's own file of Keras settings says."""
    import keras

    words = {layout: word for word, layout in _LAYOUTS.items()}
    keras.config.set_image_data_format(words[asked["layout"]])


def read_settings(model: Any, engine: Engine) -> dict[str, Any]:
    """Read back backend, layout, the live step, and what the library below reports."""
    import keras

    policy = keras.config.dtype_policy().name
    shared = engine.settings(model)
    return {
        **shared,
        "amp": shared["amp"] or policy.startswith("mixed"),
        "dtype_policy": policy,
        "layout": _LAYOUTS[keras.config.image_data_format()],
        "backend": keras.backend.backend(),
        "steps_per_execution": int(model.steps_per_execution),
        "optimizer": type(model.optimizer).__name__,
        "optimizer_implementation": "for-loop",  # Keras assigns each variable by operations of its own
    }
