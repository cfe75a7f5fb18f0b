"""Mismatches, planted one at a time in an otherwise right trainer."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from suite.frameworks import DType, Inputs, State, StepClock, Stretch, Trainer, Weights
from suite.layers import BatchNorm, Conv2d, Dropout, Layer, shapes
from suite.parity.program import Program
from suite.workload import Workload
from tests.parity.networks import ADAM, EVERYTHING, NETWORKS, changed, network, siamese
from tests.parity.numpytrainer import NumpyTrainer

Build = Callable[[Workload, DType], Trainer]


@dataclass(frozen=True)
class Plant:
    """One mismatch: where it is planted, which item has to fail first (None: no mismatch), and words it is told in."""

    name: str
    workload: Workload
    build: Build
    item: str | None
    words: tuple[str, ...] = ()


def program(workload: Workload, **changes: Any) -> Build:
    return lambda _, dtype: NumpyTrainer(workload, dtype, replace(Program.of(workload), **changes))


def rule(workload: Workload, **changes: Any) -> Build:
    return program(workload, rule=replace(Program.of(workload).rule, **changes))


def layers(workload: Workload, change: Callable[[tuple[Layer, ...]], tuple[Layer, ...]]) -> Build:
    return program(workload, layers=change(workload.layers))


def kind(trainer: type[NumpyTrainer]) -> Build:
    return trainer


def exchanged(first: str, second: str) -> Callable[[tuple[Layer, ...]], tuple[Layer, ...]]:
    def change(found: tuple[Layer, ...]) -> tuple[Layer, ...]:
        by_name = {layer.name: layer for layer in found}
        swap = {first: second, second: first}
        return tuple(by_name[swap.get(layer.name, layer.name)] for layer in found)

    return change


def every(of: type, **changes: Any) -> Callable[[tuple[Layer, ...]], tuple[Layer, ...]]:
    return lambda found: tuple(replace(layer, **changes) if isinstance(layer, of) else layer for layer in found)


def one(place: int, **changes: Any) -> Callable[[tuple[Layer, ...]], tuple[Layer, ...]]:
    return lambda found: (*found[:place], replace(found[place], **changes), *found[place + 1 :])


class OtherScaling(NumpyTrainer):
    """Takes images in on [0, 1]."""

    def seen(self, fed: Inputs) -> np.ndarray:
        return np.asarray(((fed[0] + np.float32(1)) / np.float32(2)).astype(self.dtype))


class DoubleInputs(NumpyTrainer):
    """Feeds float64 into a float32 network."""

    def seen(self, fed: Inputs) -> np.ndarray:
        return np.asarray(fed[0], np.float64)


class ReversedChannels(NumpyTrainer):
    def seen(self, fed: Inputs) -> np.ndarray:
        return np.asarray(fed[0][..., ::-1])


class OwnOrder(NumpyTrainer):
    """Shuffles by itself."""

    def train(self, stretch: Stretch, clock: StepClock) -> float:
        order = np.random.default_rng(3).permutation(stretch.examples)
        inputs = tuple(values[order] for values in stretch.inputs)
        return super().train(replace(stretch, inputs=inputs, labels=stretch.labels[order]), clock)


class DropsLast(NumpyTrainer):
    def train(self, stretch: Stretch, clock: StepClock) -> float:
        return super().train(replace(stretch, examples=stretch.examples // stretch.batch * stretch.batch), clock)


class OwnWeights(NumpyTrainer):
    """Keeps initial weights of its own, uniform within 1 / sqrt(fan in), biases too."""

    def load(self, weights: Weights, state: State | None = None) -> None:
        super().load(weights, state)
        values = np.random.default_rng(5)
        for shape in shapes(self.workload.input_shape, self.workload.layers):
            if shape.weight_shape and len(shape.weight_shape) > 1:
                bound = 1 / np.sqrt(np.prod(shape.weight_shape[:-1]))
                for part in ("weight", "bias"):
                    name = f"{shape.layer.name}/{part}"
                    self.weights[name] = values.uniform(-bound, bound, self.weights[name].shape).astype(self.dtype)


class NoBiases(NumpyTrainer):
    def dump(self) -> Weights:
        return {name: array for name, array in self.weights.items() if not name.endswith("/bias")}


class WholeChannels(NumpyTrainer):
    """Drops whole channels where single values are meant."""

    def prepare(self, images: np.ndarray, labels: np.ndarray, masks: Mapping[str, np.ndarray]) -> tuple[Inputs, Any]:
        whole = {name: mask[:, :1, :1] if mask.ndim == 4 else mask for name, mask in masks.items()}
        return super().prepare(images, labels, whole)


class TrainsInEvaluation(NumpyTrainer):
    """Keeps dropping values in evaluation."""

    def logits(self, images: Any) -> np.ndarray:
        self.calls = getattr(self, "calls", 0) + 1
        mask = np.random.default_rng(self.calls).uniform(size=images.shape) > 0.1
        return super().logits(images * mask)


class LateSchedule(NumpyTrainer):
    """A new learning rate takes effect one step late."""

    late: float | None = None

    def load(self, weights: Weights, state: State | None = None) -> None:
        super().load(weights, state)
        self.late = None

    def set_learning_rate(self, rate: float) -> None:
        self.late = rate

    def learning_rate(self) -> float:
        return self.rate if self.late is None else self.late

    def train_step(self, fed: Inputs, labels: Any) -> Any:
        loss = super().train_step(fed, labels)
        self.rate = self.learning_rate()
        return loss


class OldVelocity(NumpyTrainer):
    """v = momentum v - rate g: the velocity keeps the rate it was made with."""

    def set_learning_rate(self, rate: float) -> None:
        for name in self.state:
            self.state[name] = self.state[name] * (self.rate / rate)
        self.rate = rate


class ExchangedCandidates(NumpyTrainer):
    """Compares with the last candidate first."""

    def logits(self, images: Any) -> np.ndarray:
        return super().logits(images)[:, ::-1]


class FromStep(NumpyTrainer):
    """Goes wrong from the 100th update on only: what no other item sees."""

    updates = 0

    def train_step(self, fed: Inputs, labels: Any) -> Any:
        self.updates += 1
        loss = super().train_step(fed, labels)
        if self.updates > 120:
            self.weights = {name: array * self.weights[name].dtype.type(1.001) for name, array in self.weights.items()}
        return loss


PLAIN, FULL, STEPPED = NETWORKS["plain"], NETWORKS["everything"], NETWORKS["stepped"]
PLAIN_ADAM = network(optimizer=ADAM, name="plain-adam")
SIAMESE = siamese()
SINGLE_DROPOUT = changed(FULL, layers=every(Dropout, per_channel=False)(EVERYTHING))
SAME = every(Conv2d, padding="same", stride=1, kernel_size=3)

PLANTS = (
    Plant("nothing", PLAIN, program(PLAIN), None),
    Plant("nothing in the full network", FULL, program(FULL), None),
    Plant("pooling before ReLU", PLAIN, layers(PLAIN, exchanged("relu1", "pool1")), None),
    Plant(
        *("average pooling before ReLU", FULL, layers(FULL, exchanged("relu2", "pool2")), "forward"),
        ("pool2 comes before relu2",),
    ),
    Plant("Adam epsilon", PLAIN_ADAM, rule(PLAIN_ADAM, epsilon=1e-7), "update", ("epsilon", "1e-07 instead of 1e-08")),
    Plant("epsilon hat", PLAIN_ADAM, rule(PLAIN_ADAM, epsilon_hat=True), "update", ("before the bias correction",)),
    Plant("Nesterov", PLAIN, rule(PLAIN, nesterov=True), "update", ("Nesterov",)),
    Plant("dampening", PLAIN, rule(PLAIN, dampening=0.9), "update", ("dampened by 0.9",)),
    Plant("coupled decay", PLAIN, rule(PLAIN, coupled_decay=5e-4), "update", ("0.0005", "coupled")),
    Plant("decoupled decay", PLAIN, rule(PLAIN, decoupled_decay=0.004), "update", ("0.004", "decoupled")),
    Plant("coupled decay in Adam", FULL, rule(FULL, coupled_decay=1e-2), "update", ("0.01, coupled",)),
    Plant("decoupled decay in Adam", FULL, rule(FULL, decoupled_decay=1e-2), "update", ("0.01, decoupled",)),
    Plant("learning rate", PLAIN, rule(PLAIN, learning_rate=0.01001), "update", ("learning rate is 0.01001",)),
    Plant("momentum", PLAIN, rule(PLAIN, momentum=0.899), "update", ("Momentum is 0.899 instead of 0.9",)),
    Plant("loss summed", PLAIN, program(PLAIN, reduction="sum"), "loss", ("summed", "8 times")),
    Plant("softmax twice", PLAIN, program(PLAIN, softmax_in_network=True), "forward", ("Softmax is applied twice",)),
    Plant("label smoothing", PLAIN, program(PLAIN, smoothing=0.1), "loss", ("smoothed by 0.1",)),
    Plant("input scaling", PLAIN, kind(OtherScaling), "data", ("[0, 1] instead of [-1, 1]",)),
    Plant("float64 inputs", PLAIN, kind(DoubleInputs), "data", ("float64 instead of float32",)),
    Plant("channels reversed", PLAIN, kind(ReversedChannels), "data", ("reverse order",)),
    Plant("own order", PLAIN, kind(OwnOrder), "batches", ("order is not followed",)),
    Plant("last batch dropped", PLAIN, kind(DropsLast), "batches", ("partial batch is dropped",)),
    Plant("padding same", PLAIN, layers(PLAIN, SAME), "parameters", ("Padding is 'same' instead of 'valid'",)),
    Plant(
        "another initialisation", PLAIN, kind(OwnWeights), "weights", ("Another initialisation", "PyTorch's default")
    ),
    Plant("biases missing", PLAIN, kind(NoBiases), "parameters", ("Biases are missing",)),
    Plant("flatten order", PLAIN, program(PLAIN, channels_first_flatten=True), "forward", ("channels first",)),
    Plant("dropout per channel", SINGLE_DROPOUT, kind(WholeChannels), "loss", ("whole channels",)),
    Plant(
        "batch-norm momentum",
        FULL,
        layers(FULL, every(BatchNorm, momentum=0.99)),
        "batches",
        ("0.99", "instead of 0.9"),
    ),
    Plant("batch-norm epsilon", FULL, layers(FULL, every(BatchNorm, epsilon=1e-3)), "forward", ("epsilon is 0.001",)),
    Plant("unbiased variance", FULL, program(FULL, unbiased_running_variance=True), "batches", ("unbiased",)),
    Plant("schedule late", STEPPED, kind(LateSchedule), "schedule", ("one step late",)),
    Plant("old velocity", STEPPED, kind(OldVelocity), "schedule", ("velocity holds the learning rate",)),
    Plant("bfloat16", PLAIN, program(PLAIN, rounding="bfloat16"), "forward", ("bfloat16",)),
    Plant("TF32", PLAIN, program(PLAIN, rounding="tf32"), "forward", ("TF32",)),
    Plant("dropout in evaluation", FULL, kind(TrainsInEvaluation), "forward", ("training mode",)),
    Plant(
        "batch statistics", FULL, program(FULL, evaluate_as_training=True), "forward", ("training mode", "batch norms")
    ),
    Plant("nothing in the Siamese network", SIAMESE, program(SIAMESE), None),
    Plant("hinge margin", SIAMESE, program(SIAMESE, margin=1.0), "loss", ("margin of the hinge is 1 instead of 0.2",)),
    Plant("hinge summed", SIAMESE, program(SIAMESE, reduction="sum"), "loss", ("summed", "8 times")),
    Plant("hinge in place of softmax", SIAMESE, program(SIAMESE, margin=None), "loss"),
    Plant(
        *("not normalised", SIAMESE, layers(SIAMESE, lambda found: (*found[:6], found[7])), "forward"),
        ("not normalised", "normalize2"),
    ),
    Plant(
        *("normalisation's epsilon", SIAMESE, layers(SIAMESE, one(4, epsilon=10.0)), "forward"),
        ("Epsilon of layer normalize1 is 10 instead of 1",),
    ),
    Plant("candidates exchanged", SIAMESE, kind(ExchangedCandidates), "forward", ("other order",)),
    Plant("patches scaled otherwise", SIAMESE, kind(OtherScaling), "data", ("scaled to [-1.5, 2.4844] instead",)),
    Plant("something from step 120 on", PLAIN, kind(FromStep), "steps", ("From step",)),
)
