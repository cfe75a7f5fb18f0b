"""A program's network in PyTorch, opened up: for the clock, and for examination; shared by the programs written in it.

A program offers ``learner(net)``, its loss and optimiser; ``load(dataset, batch_size, shuffle=...)``, its loader;
``train_one_epoch(net, loader, criterion, optimizer)``, which returns the mean loss; ``evaluate(net, loader)``.
"""

from __future__ import annotations

import contextlib
from abc import abstractmethod
from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

from suite.frameworks import Device, Inputs, State, Stretch, Weights
from suite.frameworks.pytorch import layout, optimizer, place
from suite.frameworks.pytorch.settings import read_settings
from suite.published.programs import SEEDS, Observer, ProgramTrainer
from suite.published.programs._loaders import Moved, Watched
from suite.published.programs._pytorch import constants
from suite.workload import Adam, Workload


class OnPyTorch(ProgramTrainer):
    """The program itself, with a hand on every part of it."""

    shuffled = True
    """Whether the program's loader shuffles in training."""
    names: tuple[str, ...]
    """The operations of the program's forward pass, in order, by the names of the workload's layers; one that the
    workload does not have has a name of its own."""

    def __init__(self, workload: Workload, program: Any, network: Any, seed: int, on: Device, *, glorot: bool) -> None:
        """Seed PyTorch, let ``network()`` make the program's network, and take it in hand.

        Args:
            workload: What the program trains.
            program: The program's module.
            network: Makes the network.
            seed: The run's seed.
            on: Where the network is to lie.
            glorot: Whether initial weights are drawn again as Keras draws them.
        """
        import torch

        self.workload = workload
        self.device = on
        self.program = program
        self.flattened = layout.flattened(workload)
        torch.manual_seed(seed % SEEDS)
        self.net = network()
        names = [shape.layer.name for shape in workload.shapes() if shape.weight_shape is not None]
        modules = [module for module in self.net.children() if next(module.parameters(), None) is not None]
        self.modules = dict(zip(names, modules, strict=True))
        if glorot:
            self._initialise_as_keras()
        self.net.to(place.torchs(on))
        place.refuse_elsewhere("a weight", self.net.parameters(), on)
        self.criterion, self.optimizer = self.learner()

    def learner(self) -> tuple[Any, Any]:
        """Return the program's loss and a new optimiser."""
        made: tuple[Any, Any] = self.program.learner(self.net)
        return made

    def _initialise_as_keras(self) -> None:
        import torch

        state = torch.get_rng_state()  # put back afterwards: the examples come in the order in which they otherwise do
        for module in self.modules.values():
            torch.nn.init.xavier_uniform_(module.weight)
            torch.nn.init.zeros_(module.bias)
        torch.set_rng_state(state)

    @abstractmethod
    def feed(self, pixels: np.ndarray, labels: np.ndarray) -> tuple[Inputs, Any]:
        """Send examples down the program's own input path."""

    def examples(self, pixels: np.ndarray, labels: np.ndarray) -> Any:
        """Make a data set of tensors, of all images at once."""
        inputs, targets = self.feed(pixels, labels)
        return self.of_tensors(inputs[0], targets)

    def prepare(
        self,
        images: np.ndarray,
        labels: np.ndarray,
        masks: Mapping[str, np.ndarray],  # noqa: ARG002
    ) -> tuple[Inputs, Any]:
        """Return images channels first, and labels, as tensors: past the program's own input path.

        The program drops by masks of its own; those given are left aside.
        """
        import torch

        return (torch.from_numpy(layout.images_to_torch(images, channels_last=False)),), torch.from_numpy(labels)

    def prepared(self, stretch: Stretch) -> Any:
        """Make a data set of tensors."""
        return self.of_tensors(stretch.inputs[0], stretch.labels)

    def of_tensors(self, images: Any, labels: Any) -> Any:
        """Return a data set of tensors."""
        from torch.utils.data import TensorDataset

        return TensorDataset(images, labels)

    def run(self, examples: Any, batch: int, epochs: int, observer: Observer) -> None:
        """Let the program loop over its loader, which is watched."""
        loader = Watched(self._moved(self.program.load(examples, batch, shuffle=self.shuffled)), observer)
        for _ in range(epochs):
            observer.end(self.program.train_one_epoch(self.net, loader, self.criterion, self.optimizer))

    def _moved(self, loader: Any) -> Any:
        """Return the program's loader; on a GPU, one whose batches are moved there, as PyTorch's tutorial has it."""
        return loader if self.device == "cpu" else Moved(loader, place.torchs(self.device))

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
        self.criterion, self.optimizer = self.learner()
        if state:
            for name, tensor in self._parameters():
                values = {
                    theirs: self._to_torch(name, state[f"{name}/{slot}"]) for slot, theirs in self._slots().items()
                }
                optimizer.fill(self.optimizer, tensor, values, int(state["step"]) if "step" in state else None)

    def dump(self) -> Weights:
        """Return the parameters in canonical layout."""
        return {name: self._from_torch(name, tensor) for name, tensor in self._parameters()}

    def dump_state(self) -> State:
        """Return the optimiser's state; before the first step there is none, which is zero."""
        state: State = {}
        for name, tensor in self._parameters():
            live = self.optimizer.state.get(tensor, {})
            for slot, theirs in self._slots().items():
                state[f"{name}/{slot}"] = self._from_torch(name, live[theirs] if theirs in live else tensor * 0)
            if isinstance(constants(self.optimizer), Adam):
                state["step"] = np.array(int(live.get("step", 0)), np.int64)
        return state

    def logits(self, images: Any) -> np.ndarray:
        """Forward as in the program's own evaluation."""
        import torch

        learning = self.net.training
        self.net.eval()
        with torch.no_grad():
            outputs: np.ndarray = self.net(images.to(place.torchs(self.device))).cpu().numpy()
        self.net.train(learning)
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
        self.net.train()
        self.optimizer.zero_grad()
        images, labels = (each.to(place.torchs(self.device)) for each in (inputs[0], labels))
        loss = self.criterion(self.net(images), labels)
        loss.backward()
        gradients = {name: self._from_torch(name, tensor.grad) for name, tensor in self._parameters()}
        self.optimizer.zero_grad()
        return loss.item(), gradients

    @contextlib.contextmanager
    def undropped(self) -> Iterator[None]:
        """Set the rate of every dropout to nothing."""
        rates = {module: module.p for module in self._dropouts().values()}
        for module in rates:
            module.p = 0.0
        try:
            yield
        finally:
            for module, rate in rates.items():
                module.p = rate

    def dropped(self) -> dict[str, np.ndarray]:
        """Send ones through every live dropout."""
        import torch

        found = {}
        for name, module in self._dropouts().items():
            (shape,) = (shape.input_shape for shape in self.workload.shapes() if shape.layer.name == name)
            ones = torch.ones((16, *shape))
            ones = ones.permute(0, 3, 1, 2) if len(shape) == 3 else ones
            left = module.train()(ones).numpy()
            found[name] = left.transpose(0, 2, 3, 1).copy() if len(shape) == 3 else left
        return found

    def _dropouts(self) -> dict[str, Any]:
        """Return the network's dropouts, by the names of the workload's that they stand for."""
        modules = [module for module in self.net.modules() if type(module).__name__.startswith("Dropout")]
        return dict(zip((name for name in self.names if name.startswith("dropout")), modules, strict=True))

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
        traced = torch.fx.symbolic_trace(self.net.eval())
        ShapeProp(traced).propagate(torch.zeros(1, channels, height, width, device=place.torchs(self.device)))
        self.net.train()
        modules = dict(traced.named_modules())
        operations = [
            node
            for node in traced.graph.nodes
            if node.op.startswith("call_") and not isinstance(modules.get(node.target), torch.nn.Identity)
        ]
        shapes = [tuple(node.meta["tensor_meta"].shape[1:]) for node in operations]
        canonical = [(*shape[1:], shape[0]) if len(shape) == 3 else shape for shape in shapes]
        return dict(zip(self.names, canonical, strict=True))

    def settings(self) -> dict[str, Any]:
        """Read back what took effect, the seed among it."""
        import torch

        covered = {"seed": torch.initial_seed(), "seed_covers": "initial weights and order of examples"}
        return read_settings(self.net, self.optimizer, compiled=False) | covered

    def _slots(self) -> dict[str, str]:
        return optimizer.slots(constants(self.optimizer))

    def _parameters(self) -> Iterator[tuple[str, Any]]:
        for name, module in self.modules.items():
            yield f"{name}/weight", module.weight
            yield f"{name}/bias", module.bias

    def _to_torch(self, name: str, array: np.ndarray) -> Any:
        import torch

        return torch.from_numpy(layout.to_torch(array, self.flattened.get(name)))

    def _from_torch(self, name: str, tensor: Any) -> np.ndarray:
        return layout.from_torch(tensor.detach().cpu().numpy(), self.flattened.get(name))
