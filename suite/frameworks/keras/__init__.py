"""Keras 3 on TensorFlow, trained by ``fit`` as its users do."""

from __future__ import annotations

from types import MappingProxyType

from suite.frameworks import DType, Framework, Mode, Trainer
from suite.frameworks.tensorflow import start_tensorflow
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

    def build(self, workload: Workload, mode: str, dtype: DType = "float32") -> Trainer:
        """Build and compile a ``keras.Sequential``."""
        from suite.frameworks.keras.trainer import KerasTrainer

        return KerasTrainer(workload, mode, dtype)


FRAMEWORK = Keras()
