"""Where TensorFlow computes: the device asked for, or an error.

GPUs run asynchronously, so the clock has to wait for them (``tf.test.experimental.sync_devices``: its documentation).
Not verified on this hardware: the machines that tests run on have no GPU, so tests fake one.
"""

from __future__ import annotations

import platform
from collections.abc import Iterable
from typing import Any

from suite.frameworks import Device, device


def settle(title: str, asked: Device) -> None:
    """Let this process see one GPU, or with "cpu" none: possible only before TensorFlow's first operation.

    Raises:
        UnsupportedError: TensorFlow does not find the device.
    """
    import tensorflow as tf

    gpus = tf.config.list_physical_devices("GPU") if asked != "cpu" else []
    kind = _kind()
    if asked != "cpu" and (not gpus or kind != asked):
        built = "is built with CUDA" if tf.test.is_built_with_cuda() else "is not built with CUDA"
        seen = f"sees {len(gpus)} GPUs for {kind}" if gpus else "sees no GPU"
        raise device.absent(title, asked, f"TensorFlow {tf.__version__} {built} and {seen}")
    tf.config.set_visible_devices(gpus[:1], "GPU")


def grow_memory() -> None:
    """Let TensorFlow take memory of the GPU as it needs it: possible only before its first operation."""
    import tensorflow as tf

    for gpu in tf.config.get_visible_devices("GPU"):
        tf.config.experimental.set_memory_growth(gpu, enable=True)


def _kind() -> Device:
    """Return what a GPU is on this system: TensorFlow has one word for all."""
    return "metal" if platform.system() == "Darwin" else "cuda"


def ours(live: str) -> str:
    """Return our name of a live tensor's device: "cuda" for ``/job:localhost/replica:0/task:0/device:GPU:0``."""
    if "CPU" in live.upper():
        return "cpu"
    return _kind() if "GPU" in live.upper() else live


def here(asked: Device) -> Any:
    """Return the context in which tensors are made that lie on a device."""
    import tensorflow as tf

    return tf.device("/CPU:0" if asked == "cpu" else "/GPU:0")


def synchronise(asked: Device) -> None:
    """Wait until the device has done everything asked of it."""
    if asked != "cpu":
        import tensorflow as tf

        tf.test.experimental.sync_devices()


def refuse_elsewhere(what: str, tensors: Iterable[Any], asked: Device) -> None:
    """Refuse tensors or variables that lie on another device.

    Raises:
        UnsupportedError: some do.
    """
    device.refuse_elsewhere(what, (ours(tensor.device) for tensor in tensors), asked)


def settings(live: str) -> dict[str, Any]:
    """Read back where a live tensor's device is, its name, and how many GPUs this process sees."""
    import tensorflow as tf

    gpus = tf.config.get_visible_devices("GPU")
    found: dict[str, Any] = {"device": ours(live), "gpus_visible": len(gpus), "memory_growth": "no GPU"}
    if gpus:
        details = tf.config.experimental.get_device_details(gpus[0])
        found["device_name"] = details.get("device_name", "unknown because TensorFlow does not name it")
        found["memory_growth"] = all(map(tf.config.experimental.get_memory_growth, gpus))
    return found
