"""What took effect in Keras and the TensorFlow below it, read back from them."""

from __future__ import annotations

from typing import Any

from suite.frameworks.tensorflow.settings import tensorflow_settings


def read_settings(model: Any) -> dict[str, Any]:
    """Read back the backend, jit state and what TensorFlow itself reports."""
    import keras

    return tensorflow_settings(model.trainable_variables[0].value) | {
        "optimizer": type(model.optimizer).__name__,
        "backend": keras.backend.backend(),
        "dtype_policy": keras.config.dtype_policy().name,
        "image_data_format": keras.config.image_data_format(),
        "graph": not model.run_eagerly,
        "xla": bool(model.jit_compile),
        "steps_per_execution": int(model.steps_per_execution),
    }
