"""Keras 3 on PyTorch, trained by ``fit`` as its users do."""

from __future__ import annotations

import os
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

import numpy as np

from suite.frameworks import Device, Mode
from suite.frameworks.keras import KerasFramework
from suite.frameworks.keras.engine import Engine, Slopes, Updates, giving_back
from suite.frameworks.pytorch import PyTorch


class OnPyTorch(Engine):
    """Steps run eagerly."""

    name = "torch"

    def start(self, asked: Mapping[str, Any], device: Device) -> None:
        """Import torch, set its threads and precision, and tell Keras of the device: it would take any GPU it finds."""
        from suite.frameworks.pytorch import place, settings

        place.require("Keras on PyTorch", device)
        os.environ["KERAS_TORCH_DEVICE"] = place.torchs(device)
        settings.apply(asked)

    def synchronise(self, device: Device) -> None:
        """Wait for a GPU."""
        from suite.frameworks.pytorch import place

        place.synchronise(device)

    def device_of(self, variable: Any) -> str:
        """Ask the tensor."""
        from suite.frameworks.pytorch import place

        return place.ours(variable.value.device)

    def slopes(self, model: Any, *, compiled: bool) -> Slopes:  # noqa: ARG002 (there is no compiled mode)
        """Do what ``Model.train_step`` does."""

        def slopes(inputs: Any, labels: Any) -> tuple[float, list[np.ndarray]]:
            import keras

            outputs = model(keras.tree.map_structure(keras.ops.convert_to_tensor, inputs), training=True)
            model.zero_grad()
            loss = model.compute_loss(x=inputs, y=keras.ops.convert_to_tensor(labels), y_pred=outputs, training=True)
            loss.backward()
            found = [variable.value.grad.cpu().numpy().copy() for variable in model.trainable_variables]
            return float(loss.detach()), found

        return slopes

    def updates(self, model: Any, *, compiled: bool) -> Updates:  # noqa: ARG002 (there is no compiled mode)
        """Let the optimiser do its part of the step."""

        def update(slopes: list[np.ndarray]) -> None:
            import keras
            import torch

            with torch.no_grad():
                model.optimizer.apply(
                    [keras.ops.convert_to_tensor(slope) for slope in slopes], model.trainable_variables
                )

        return update

    def giving_back(self, images: Any, outputs: Any) -> Any:
        """``train_step`` is given the data alone."""
        return giving_back(images, outputs)

    def settings(self, model: Any) -> dict[str, Any]:
        """Read back PyTorch's own settings."""
        from suite.frameworks.pytorch.settings import process_settings

        return process_settings(model.trainable_variables[0].value, compiled=False)


class KerasTorch(KerasFramework):
    """The framework's facts."""

    name = "keras-torch"
    title = "Keras on PyTorch"
    rank = 4
    further = True
    modes = (Mode(name="fit", sentence="Model.fit runs the loop and feeds the arrays; PyTorch computes, eagerly"),)
    default_mode = "fit"
    requirements = MappingProxyType(dict.fromkeys(("cpu", "cuda", "metal"), ("keras", "torch")))
    distributions = ("keras", "torch")
    dtypes = ("float32",)  # on PyTorch, Keras's matrix products of float64 are float32

    def process_policy(self, threads: int) -> dict[str, Any]:
        """What is asked of PyTorch, and Keras's layout."""
        return {**PyTorch().process_policy(threads), "layout": "NHWC"}

    def on_device(self, policy: Mapping[str, Any], device: Device) -> dict[str, Any]:
        """As PyTorch."""
        return PyTorch().on_device(policy, device)

    def mode_policy(self, mode: str) -> dict[str, Any]:  # noqa: ARG002 (there is one)
        """Eager."""
        return {"graph": False, "compiled": False}

    def engine(self) -> Engine:
        """PyTorch."""
        return OnPyTorch()


FRAMEWORK = KerasTorch()
