"""TensorFlow with a training step of its own: variables, operations and one ``tf.function``, no Keras."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from suite.frameworks import Device, DType, Framework, Mode, Trainer
from suite.frameworks.policy import Probe
from suite.workload import Workload

ONEDNN_OFF = Probe(
    name="onednn-off",
    key="onednn",
    sentence="oneDNN off",
    asks={"onednn": False},
    environment={"TF_ENABLE_ONEDNN_OPTS": "0"},
)
"""TensorFlow reads it when it is loaded, and never again."""


TENSORFLOW = ("tensorflow-macos", "tensorflow-cpu", "tensorflow")
"""The names under which TensorFlow is installed, according to the platform: what others are made of comes last."""


class TensorFlow(Framework):
    """The framework's facts and its start."""

    name = "tensorflow"
    title = "TensorFlow"
    rank = 2
    modes = (
        Mode(name="function", sentence="the whole training step is traced once into a graph (tf.function)"),
        Mode(name="xla", sentence="the same graph compiled by XLA (jit_compile=True)"),
        Mode(name="eager", sentence="operations run one by one as Python reaches them"),
    )
    default_mode = "function"
    requirements = MappingProxyType(
        {
            "cpu": ("tensorflow-cpu", "keras"),
            "cuda": ("tensorflow[and-cuda]", "keras"),
            "metal": ("tensorflow", "tensorflow-metal", "keras"),
        }
    )
    distributions = (TENSORFLOW, "keras")
    probes = (ONEDNN_OFF,)

    def process_policy(self, threads: int) -> dict[str, Any]:
        """Both thread pools, float32 kept everywhere."""
        return tensorflow_policy(threads)

    def mode_policy(self, mode: str) -> dict[str, Any]:
        """Whether the step is traced, and whether it is compiled."""
        return {"graph": mode != "eager", "compiled": mode == "xla"}

    def on_device(self, policy: Mapping[str, Any], device: Device) -> dict[str, Any]:
        """On an NVIDIA GPU memory is taken as it is needed, as PyTorch does it."""
        asked = super().on_device(policy, device)
        return {**asked, "memory_growth": True} if device == "cuda" else asked

    def start(self, threads: int, device: Device = "cpu") -> None:
        """Import TensorFlow and set what is asked for."""
        from suite.frameworks.tensorflow import settings

        self.device = device
        asked = self.changed(self.on_device(self.process_policy(threads), device))
        start_tensorflow(asked["threads_intra"], device, self.title)
        settings.apply(asked)

    def build(self, workload: Workload, mode: str, dtype: DType = "float32") -> Trainer:
        """Make the variables and trace nothing yet: tracing belongs to the first step."""
        from suite.frameworks.tensorflow.trainer import TensorFlowTrainer

        return TensorFlowTrainer(workload, self.changed(self.mode_policy(mode)), dtype, self.device)


def tensorflow_policy(threads: int) -> dict[str, Any]:
    """Return what is asked of TensorFlow's process, by whatever computes with it."""
    return {
        "threads_intra": threads,
        "threads_inter": threads,
        "deterministic": False,
        "tf32_matmul": False,
        "tf32_convolutions": False,
    }


def start_tensorflow(threads: int, device: Device, title: str) -> None:
    """Import TensorFlow, set both of its thread pools and what it sees: possible only before its first operation.

    Raises:
        UnsupportedError: TensorFlow, for the framework called ``title``, does not find the device.
    """
    import tensorflow as tf

    from suite.frameworks.tensorflow import place

    place.settle(title, device)
    tf.config.threading.set_intra_op_parallelism_threads(threads)
    tf.config.threading.set_inter_op_parallelism_threads(threads)


FRAMEWORK = TensorFlow()
