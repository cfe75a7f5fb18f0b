"""The program's model, optimiser and input path, opened up: for the clock, and for examination."""

from __future__ import annotations

from types import MappingProxyType
from typing import Any

import numpy as np

from suite.frameworks import Device
from suite.published.programs import TRAINING_ACCURACY
from suite.published.programs._keras.cp8321 import Switches
from suite.published.programs._keras.softmax import twice, without_softmax
from suite.published.programs._keras.trainer import OnKeras
from suite.workload import InputScaling, Workload


class Cp8321KerasTrainer(OnKeras):
    """The program itself, with a hand on every part of it."""

    extra = MappingProxyType({"softmax": "Softmax"})
    reported_as = TRAINING_ACCURACY

    def __init__(self, workload: Workload, switches: Switches, seed: int, on: Device = "cpu") -> None:
        from suite.published.programs.cp8321_keras import program

        self.switches = switches
        left_out = set() if switches.dropout_as_pytorch else {"dropout2"}
        names = [layer.name for layer in workload.layers if layer.name not in left_out]
        self.names = (*names, *(() if switches.softmax == "once" else ("softmax",)))
        super().__init__(workload, program, self._model, seed, on, pytorchs=switches.pytorchs_init)

    def _model(self) -> Any:
        """Let the program make its model; its dropouts and its softmax are changed where that is switched."""
        import keras

        from suite.published.programs.cp8321_keras import program

        model = program.network()
        if self.switches.softmax == "once":
            without_softmax(model.layers[-1])
        if not self.switches.dropout_as_pytorch:
            return model
        *layers, last = (
            keras.layers.SpatialDropout2D(layer.rate) if isinstance(layer, keras.layers.Dropout) else layer
            for layer in model.layers
        )
        return keras.Sequential([keras.Input((28, 28, 1)), *layers, keras.layers.Dropout(0.5), last])

    def compile(self) -> None:
        """Let the program compile its model; with another loss where softmax is to be applied twice."""
        super().compile()
        if self.switches.softmax == "twice":
            self.model.compile(optimizer=self.model.optimizer, loss=twice, metrics=["accuracy"])

    def examples(self, pixels: np.ndarray, labels: np.ndarray) -> Any:
        """Scale all images now, the program's own way, and standardise them where that is switched."""
        images, labels = super().examples(pixels, labels)
        scaling = self.workload.input_scaling
        if self.switches.standardised:
            assert isinstance(scaling, InputScaling)
            images = (images - np.float32(scaling.mean)) / np.float32(scaling.std)
        return images, labels

    def reported(self) -> float | None:
        """Return the accuracy that ``fit`` told for its last epoch."""
        return self.told.get("accuracy")
