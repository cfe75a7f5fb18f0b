"""What the programs written in Keras on TensorFlow share: how they are started, run and examined."""

from __future__ import annotations

from suite.frameworks import Device


def start(threads: int, device: Device, title: str) -> None:
    """Import Keras on TensorFlow, whose thread pools and devices are set first.

    Raises:
        UnsupportedError: TensorFlow does not find the device.
    """
    import os

    os.environ["KERAS_BACKEND"] = "tensorflow"
    from suite.frameworks.tensorflow import start_tensorflow

    start_tensorflow(threads, device, title)
