"""Keras 3, trained by ``fit`` as its users do: on TensorFlow here, on other libraries in files of their own."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping
from typing import Any

from suite.frameworks import Device, DType, Framework, Mode, Trainer
from suite.frameworks.keras.engine import Engine
from suite.frameworks.tensorflow import ONEDNN_OFF, TENSORFLOW, TensorFlow, tensorflow_policy
from suite.workload import Workload


class KerasFramework(Framework):
    """What Keras is on any library: its start and its networks."""

    @abstractmethod
    def engine(self) -> Engine:
        """Return the library that it computes with."""

    def start(self, threads: int, device: Device = "cpu") -> None:
        """Import the library, then Keras on it, and set what is asked for."""
        import os

        from suite.frameworks.keras import settings

        os.environ["KERAS_BACKEND"] = self.engine().name
        self.device = device
        asked = self.changed(self.on_device(self.process_policy(threads), device))
        self.engine().start(asked, device)
        import keras

        settings.apply(asked)
        keras.config.disable_interactive_logging()

    def build(self, workload: Workload, mode: str, dtype: DType = "float32") -> Trainer:
        """Build and compile a ``keras.Sequential``."""
        from suite.frameworks.keras.trainer import KerasTrainer

        return KerasTrainer(workload, self.changed(self.mode_policy(mode)), dtype, self.engine(), self.device)


class Keras(KerasFramework):
    """The framework's facts."""

    name = "keras"
    title = "Keras"
    rank = 3
    modes = (
        Mode(name="fit", sentence="Model.fit runs the loop and feeds the arrays; each step is a TensorFlow graph"),
        Mode(name="fit-xla", sentence="the same, with the step compiled by XLA (jit_compile=True)"),
    )
    default_mode = "fit"
    requirements = TensorFlow.requirements
    distributions = ("keras", TENSORFLOW)
    probes = (ONEDNN_OFF,)

    def process_policy(self, threads: int) -> dict[str, Any]:
        """What is asked of TensorFlow, and its layout."""
        return {**tensorflow_policy(threads), "layout": "NHWC"}

    def on_device(self, policy: Mapping[str, Any], device: Device) -> dict[str, Any]:
        """As TensorFlow."""
        return TensorFlow().on_device(policy, device)

    def mode_policy(self, mode: str) -> dict[str, Any]:
        """A graph in both modes, and whether it is compiled."""
        return {"graph": True, "compiled": mode == "fit-xla"}

    def engine(self) -> Engine:
        """TensorFlow."""
        from suite.frameworks.keras.on_tensorflow import OnTensorFlow

        return OnTensorFlow()


FRAMEWORK = Keras()
