"""A PyTorch network in training: one step, the pieces it is made of, and its state in canonical form."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

from suite.frameworks import NCHW, NHWC, Device, DType, Inputs, State, Trainer, Weights, matching
from suite.frameworks.pytorch import layout, loss, optimizer, place
from suite.frameworks.pytorch.matching import match
from suite.frameworks.pytorch.network import network
from suite.frameworks.pytorch.settings import read_settings
from suite.layers import BatchNorm
from suite.workload import Adam, Workload

_RUNNING = {"mean": "running_mean", "variance": "running_var"}


class PyTorchTrainer(Trainer):
    """An ``nn.Sequential`` trained with an optimiser of ``torch.optim``."""

    def __init__(self, workload: Workload, asked: Mapping[str, Any], dtype: DType, device: Device = "cpu") -> None:
        import torch

        self.workload = workload
        self.device = device
        self.asked = asked
        self.dtype = dtype
        self.channels_last = asked["layout"] == "NHWC"
        self.memory_axes = NHWC if self.channels_last else NCHW
        self.flattened = layout.flattened(workload)
        self.model = network(workload).to(place.torchs(device), getattr(torch, dtype))
        if self.channels_last:
            self.model = self.model.to(memory_format=torch.channels_last)
        if any(isinstance(layer, BatchNorm) for layer in workload.layers):
            self.residues = ("batch-norm-unbiased-variance",)
        place.refuse_elsewhere("a weight", self.model.parameters(), device)
        self.optimizer = self._new_optimizer()
        self.loss = loss.loss(workload.loss)
        self.forward_loss = self._forward_loss
        if asked["compiled"]:
            torch._dynamo.reset()  # what other networks in this process compiled would count towards its limit
            self.forward_loss = torch.compile(self._forward_loss)

    def _new_optimizer(self) -> Any:
        fused = True if self.asked.get("optimizer_implementation") == "fused" else None
        return optimizer.optimizer(self.workload.optimizer, self.model.parameters(), fused=fused)

    def _forward_loss(self, inputs: Inputs, labels: Any) -> Any:
        return self.loss(self.model(*inputs), labels)

    def load(self, weights: Weights, state: State | None = None) -> None:
        """Copy canonical arrays into the modules and start a new optimiser, from ``state`` if there is one."""
        import torch

        with torch.no_grad():
            for name, tensor in (*self._parameters(), *self._running()):
                tensor.copy_(self._to_torch(name, weights[name]))
        self.optimizer = self._new_optimizer()
        if state:
            slots = optimizer.slots(self.workload.optimizer)
            step = int(state["step"]) if "step" in state else None
            for name, tensor in self._parameters():
                values = {theirs: self._to_torch(name, state[f"{name}/{slot}"]) for slot, theirs in slots.items()}
                optimizer.fill(self.optimizer, tensor, values, step)

    def dump(self) -> Weights:
        """Return the modules' parameters and running values in canonical layout."""
        return {name: self._from_torch(name, tensor) for name, tensor in (*self._parameters(), *self._running())}

    def dump_state(self) -> State:
        """Return the optimiser's slots; those that it has not made yet, before its first step, are zero."""
        state: State = {}
        for name, tensor in self._parameters():
            live = self.optimizer.state.get(tensor, {})
            for slot, theirs in optimizer.slots(self.workload.optimizer).items():
                state[f"{name}/{slot}"] = self._from_torch(name, live[theirs] if theirs in live else tensor * 0)
        if isinstance(self.workload.optimizer, Adam):
            state["step"] = np.array(optimizer.steps_made(self.optimizer), np.int64)
        return state

    def prepare(self, images: np.ndarray, labels: np.ndarray, masks: Mapping[str, np.ndarray]) -> tuple[Inputs, Any]:
        """Return images and masks channels first, in the mode's memory order, and int64 labels, as tensors."""
        import torch

        arrays = [layout.images_to_torch(images, channels_last=self.channels_last)]
        for name, mask in masks.items():
            arrays.append(layout.mask_to_torch(mask, self.flattened.get(name), channels_last=self.channels_last))
        *inputs, targets = (torch.from_numpy(array).to(place.torchs(self.device)) for array in (*arrays, labels))
        return tuple(inputs), targets

    def on_host(self, values: Any) -> np.ndarray:
        """Copy a tensor from where it lies."""
        array: np.ndarray = values.cpu().numpy()
        return array

    def synchronise(self) -> None:
        """Wait for a GPU."""
        place.synchronise(self.device)

    def refuse_elsewhere(self, loss: Any) -> None:
        """Look where the loss lies."""
        place.refuse_elsewhere("the loss", [loss], self.device)

    def train_step(self, inputs: Inputs, labels: Any) -> Any:
        """One step of forward, backward and update."""
        self.optimizer.zero_grad(set_to_none=True)
        loss = self.forward_loss(inputs, labels)
        loss.backward()
        self.optimizer.step()
        return loss.detach()

    def logits(self, images: Any) -> np.ndarray:
        """Forward in evaluation mode, without recording gradients."""
        import torch

        self.model.eval()
        with torch.no_grad():
            outputs: np.ndarray = self.model(images).cpu().numpy()
        self.model.train()
        return outputs

    def disparities(self, left: np.ndarray, right: np.ndarray, count: int) -> np.ndarray:
        """Match by the modules themselves, eagerly, as in :meth:`logits`."""
        import torch

        layers, normalize = self.workload.trunk()
        images = matching.padded(self.workload, left, right, self.dtype)
        pair = torch.from_numpy(layout.images_to_torch(images, channels_last=self.channels_last))
        trunk = [self.model.get_submodule(layer.name) for layer in (*layers, normalize)]
        self.model.eval()
        with torch.no_grad():
            found: np.ndarray = match(trunk, pair.to(place.torchs(self.device)), count).cpu().numpy()
        self.model.train()
        return found[: left.shape[0], : left.shape[1]].astype(np.int64)

    def seen(self, inputs: Inputs) -> np.ndarray:
        """Stop the forward pass at the first module and return what it was called with."""
        caught = []

        def stop(_module: Any, arguments: tuple[Any, ...]) -> None:
            caught.append(arguments[0])
            raise _StopForwardError

        hook = self.model[0].register_forward_pre_hook(stop)
        try:
            self.model(*inputs)
        except _StopForwardError:
            pass
        finally:
            hook.remove()
        images: np.ndarray = caught[0].cpu().numpy().transpose(0, 2, 3, 1).copy()
        return images

    def gradients(self, inputs: Inputs, labels: Any) -> tuple[float, Weights]:
        """Forward and backward as in a step."""
        self.optimizer.zero_grad(set_to_none=True)
        loss = self.forward_loss(inputs, labels)
        loss.backward()
        gradients = {name: self._from_torch(name, tensor.grad) for name, tensor in self._parameters()}
        self.optimizer.zero_grad(set_to_none=True)
        return float(loss.detach()), gradients

    def apply(self, gradients: Weights) -> None:
        """Put the gradients where ``backward`` puts them, and let the optimiser step."""
        import torch

        for name, tensor in self._parameters():
            tensor.grad = torch.empty_like(tensor).copy_(self._to_torch(name, gradients[name])).detach()
        self.optimizer.step()
        self.optimizer.zero_grad(set_to_none=True)

    def set_learning_rate(self, rate: float) -> None:
        """Set the rate of the only parameter group."""
        self.optimizer.param_groups[0]["lr"] = rate

    def learning_rate(self) -> float:
        """Return the rate of the only parameter group."""
        return float(self.optimizer.param_groups[0]["lr"])

    def layer_outputs(self) -> dict[str, tuple[int, ...]]:
        """Run one blank image through the modules, in evaluation mode, and note what leaves each."""
        import torch

        height, width, channels = self.workload.input_shape
        first = next(self.model.parameters())
        value = torch.zeros(1, channels, height, width, dtype=first.dtype, device=first.device)
        outputs = {}
        self.model.eval()
        with torch.no_grad():
            for name, module in self.model.named_children():
                value = module(value)
                shape = tuple(value.shape[1:])
                outputs[name] = (*shape[1:], shape[0]) if len(shape) == 3 else shape
        self.model.train()
        return outputs

    def settings(self) -> dict[str, Any]:
        """Read back what took effect."""
        return read_settings(self.model, self.optimizer, compiled=self.asked["compiled"])

    def _parameters(self) -> Iterator[tuple[str, Any]]:
        """Yield every learned tensor with its canonical name."""
        for name, tensor in self.model.named_parameters():
            yield name.replace(".", "/"), tensor

    def _running(self) -> Iterator[tuple[str, Any]]:
        """Yield every running value of the batch norms with its canonical name."""
        for layer in self.workload.layers:
            if isinstance(layer, BatchNorm):
                for name, theirs in _RUNNING.items():
                    yield f"{layer.name}/{name}", getattr(self.model.get_submodule(layer.name), theirs)

    def _to_torch(self, name: str, array: np.ndarray) -> Any:
        import torch

        return torch.from_numpy(layout.to_torch(array, self.flattened.get(name)))

    def _from_torch(self, name: str, tensor: Any) -> np.ndarray:
        return layout.from_torch(tensor.detach().cpu().numpy(), self.flattened.get(name))


class _StopForwardError(Exception):
    """Ends a forward pass that has shown what it was asked to show."""
