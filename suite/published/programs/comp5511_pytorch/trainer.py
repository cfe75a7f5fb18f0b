"""The program's network, optimiser and input path, opened up: for the clock, and for examination."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

from suite.frameworks import Device, Inputs, State, Stretch, Weights
from suite.frameworks.pytorch import layout, optimizer, place
from suite.frameworks.pytorch.settings import read_settings
from suite.published.programs import SEEDS, Observer, ProgramTrainer
from suite.published.programs.comp5511_pytorch import Switches
from suite.workload import Sgd, Workload


class PyTorchProgramTrainer(ProgramTrainer):
    """The program itself, with a hand on every part of it."""

    def __init__(self, workload: Workload, switches: Switches, seed: int, on: Device = "cpu") -> None:
        import torch

        from suite.published.programs.comp5511_pytorch import program

        self.workload = workload
        self.switches = switches
        self.device = on
        self.program = program
        self.flattened = layout.flattened(workload)
        torch.manual_seed(seed % SEEDS)
        networks: dict[str, Any] = {"cifar10-cnn3x3": program.Net3x3, "cifar10-cnn5x5": program.Net5x5}
        self.net = networks[workload.name]()
        names = [shape.layer.name for shape in workload.shapes() if shape.weight_shape is not None]
        modules = [module for module in self.net.children() if next(module.parameters(), None) is not None]
        self.modules = dict(zip(names, modules, strict=True))
        if switches.kerass_init:
            self._initialise_as_keras()
        self.net.to(place.torchs(on))
        place.refuse_elsewhere("a weight", self.net.parameters(), on)
        self.criterion, self.optimizer = program.learner(self.net)

    def _initialise_as_keras(self) -> None:
        import torch

        state = torch.get_rng_state()  # put back afterwards: the examples come in the order in which they otherwise do
        for module in self.modules.values():
            torch.nn.init.xavier_uniform_(module.weight)
            torch.nn.init.zeros_(module.bias)
        torch.set_rng_state(state)

    def examples(self, pixels: np.ndarray, labels: np.ndarray) -> Any:
        """Make the program's data set, of which every access transforms one image, or all of them now."""
        if self.switches.one_by_one:
            return self._dataset(pixels, labels)
        inputs, targets = self.feed(pixels, labels)
        return self._of_tensors(inputs[0], targets)

    def _dataset(self, pixels: np.ndarray, labels: np.ndarray) -> Any:
        from torchvision import transforms

        transform = self.program.TRANSFORM if self.switches.minus_one_to_one else transforms.ToTensor()
        return self.program.Cifar10(pixels, labels.tolist(), transform)

    def feed(self, pixels: np.ndarray, labels: np.ndarray) -> tuple[Inputs, Any]:
        """Take every item of the program's data set, and join them as its loader does."""
        from torch.utils.data import default_collate

        dataset = self._dataset(pixels, labels)
        images, targets = default_collate([dataset[index] for index in range(len(dataset))])
        return (images,), targets

    def prepare(self, images: np.ndarray, labels: np.ndarray, masks: Mapping[str, np.ndarray]) -> tuple[Inputs, Any]:
        """Return images channels first, and labels, as tensors: past the program's own input path."""
        import torch

        assert not masks
        return (torch.from_numpy(layout.images_to_torch(images, channels_last=False)),), torch.from_numpy(labels)

    def prepared(self, stretch: Stretch) -> Any:
        """Make a data set of tensors."""
        return self._of_tensors(stretch.inputs[0], stretch.labels)

    def _of_tensors(self, images: Any, labels: Any) -> Any:
        from torch.utils.data import TensorDataset

        return TensorDataset(images, labels)

    def run(self, examples: Any, batch: int, epochs: int, observer: Observer) -> None:
        """Let the program loop over its loader, which is watched."""
        loader = _Watched(self._moved(self.program.load(examples, batch, shuffle=self.switches.shuffled)), observer)
        for _ in range(epochs):
            observer.end(self.program.train_one_epoch(self.net, loader, self.criterion, self.optimizer))

    def _moved(self, loader: Any) -> Any:
        """Return the program's loader; on a GPU, one whose batches are moved there, as PyTorch's tutorial has it."""
        return loader if self.device == "cpu" else _Moved(loader, place.torchs(self.device))

    def on_host(self, values: Any) -> np.ndarray:
        """Copy a tensor from where it lies."""
        array: np.ndarray = values.cpu().numpy()
        return array

    def synchronise(self) -> None:
        """Wait for a GPU."""
        place.synchronise(self.device)

    def evaluate(self, examples: Any, batch: int) -> float:
        """Let the program count, and put the random numbers back that its loader draws even where it shuffles nothing.

        So training goes on as if nobody had looked.
        """
        import torch

        state = torch.get_rng_state()
        accuracy: float = self.program.evaluate(
            self.net, self._moved(self.program.load(examples, batch, shuffle=False))
        )
        torch.set_rng_state(state)
        return accuracy

    def train_step(self, inputs: Inputs, labels: Any) -> Any:
        """Let the program loop over a single batch."""
        batches = self._moved([(*inputs, labels)])
        return self.program.train_one_epoch(self.net, batches, self.criterion, self.optimizer)

    def load(self, weights: Weights, state: State | None = None) -> None:
        """Copy canonical arrays into the network, and let the program make a new optimiser."""
        import torch

        with torch.no_grad():
            for name, tensor in self._parameters():
                tensor.copy_(self._to_torch(name, weights[name]))
        self.criterion, self.optimizer = self.program.learner(self.net)
        if state:
            for name, tensor in self._parameters():
                values = {
                    theirs: self._to_torch(name, state[f"{name}/{slot}"]) for slot, theirs in self._slots().items()
                }
                optimizer.fill(self.optimizer, tensor, values, None)

    def dump(self) -> Weights:
        """Return the parameters in canonical layout."""
        return {name: self._from_torch(name, tensor) for name, tensor in self._parameters()}

    def dump_state(self) -> State:
        """Return the momentum; before the first step there is none, which is zero."""
        state: State = {}
        for name, tensor in self._parameters():
            live = self.optimizer.state.get(tensor, {})
            for slot, theirs in self._slots().items():
                state[f"{name}/{slot}"] = self._from_torch(name, live[theirs] if theirs in live else tensor * 0)
        return state

    def logits(self, images: Any) -> np.ndarray:
        """Forward as in the program's own evaluation."""
        import torch

        with torch.no_grad():
            outputs: np.ndarray = self.net(images.to(place.torchs(self.device))).cpu().numpy()
        return outputs

    def seen(self, inputs: Inputs) -> np.ndarray:
        """Note what the first layer is called with in a forward pass."""
        import torch

        caught: list[Any] = []
        first = next(iter(self.modules.values()))
        hook = first.register_forward_pre_hook(lambda _module, arguments: caught.append(arguments[0]))
        with torch.no_grad():
            self.net(inputs[0].to(place.torchs(self.device)))
        hook.remove()
        images: np.ndarray = caught[0].cpu().numpy().transpose(0, 2, 3, 1).copy()
        return images

    def gradients(self, inputs: Inputs, labels: Any) -> tuple[float, Weights]:
        """Forward and backward as in a step."""
        self.optimizer.zero_grad()
        images, labels = (each.to(place.torchs(self.device)) for each in (inputs[0], labels))
        loss = self.criterion(self.net(images), labels)
        loss.backward()
        gradients = {name: self._from_torch(name, tensor.grad) for name, tensor in self._parameters()}
        self.optimizer.zero_grad()
        return loss.item(), gradients

    def apply(self, gradients: Weights) -> None:
        """Put the gradients where ``backward`` puts them, and let the optimiser step."""
        for name, tensor in self._parameters():
            tensor.grad = self._to_torch(name, gradients[name]).to(tensor.device)
        self.optimizer.step()
        self.optimizer.zero_grad()

    def set_learning_rate(self, rate: float) -> None:
        """Set the rate of the only parameter group."""
        self.optimizer.param_groups[0]["lr"] = rate

    def learning_rate(self) -> float:
        """Return the rate of the only parameter group."""
        return float(self.optimizer.param_groups[0]["lr"])

    def layer_outputs(self) -> dict[str, tuple[int, ...]]:
        """Trace the forward pass and note the shape of each operation's result."""
        import torch
        from torch.fx.passes.shape_prop import ShapeProp

        height, width, channels = self.workload.input_shape
        traced = torch.fx.symbolic_trace(self.net)
        ShapeProp(traced).propagate(torch.zeros(1, channels, height, width, device=place.torchs(self.device)))
        operations = [node for node in traced.graph.nodes if node.op.startswith("call_")]
        shapes = [tuple(node.meta["tensor_meta"].shape[1:]) for node in operations]
        canonical = [(*shape[1:], shape[0]) if len(shape) == 3 else shape for shape in shapes]
        return {layer.name: shape for layer, shape in zip(self.workload.layers, canonical, strict=True)}

    def settings(self) -> dict[str, Any]:
        """Read back what took effect, the seed among it."""
        import torch

        covered = {"seed": torch.initial_seed(), "seed_covers": "initial weights and order of examples"}
        return read_settings(self.net, self.optimizer, compiled=False) | covered

    def _slots(self) -> dict[str, str]:
        group = self.optimizer.param_groups[0]
        return optimizer.slots(Sgd(learning_rate=group["lr"], momentum=group["momentum"]))

    def _parameters(self) -> Iterator[tuple[str, Any]]:
        for name, module in self.modules.items():
            yield f"{name}/weight", module.weight
            yield f"{name}/bias", module.bias

    def _to_torch(self, name: str, array: np.ndarray) -> Any:
        import torch

        return torch.from_numpy(layout.to_torch(array, self.flattened.get(name)))

    def _from_torch(self, name: str, tensor: Any) -> np.ndarray:
        return layout.from_torch(tensor.detach().cpu().numpy(), self.flattened.get(name))


class _Moved:
    """A loader whose batches are moved to a device when they are asked for."""

    def __init__(self, loader: Any, device: str) -> None:
        self._loader = loader
        self._device = device

    def __len__(self) -> int:
        return len(self._loader)

    def __iter__(self) -> Iterator[Any]:
        for batch in self._loader:
            yield tuple(each.to(self._device) for each in batch)


class _Watched:
    """A loader that tells when a pass over it begins, and when the next batch (or the end) is asked for."""

    def __init__(self, loader: Any, observer: Observer) -> None:
        self._loader = loader
        self._observer = observer

    def __len__(self) -> int:
        return len(self._loader)

    def __iter__(self) -> Iterator[Any]:
        self._observer.begin()
        for batch in self._loader:
            yield batch
            self._observer.step()
