"""A trainer that computes in NumPy what a program says: the definition, or one with a mismatch planted in it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from suite import inputs
from suite.frameworks import DType, Inputs, State, Trainer, Weights
from suite.layers import Dropout
from suite.parity.matching import disparities
from suite.parity.program import Program
from suite.parity.reference import Batch, evaluate, train_batch
from suite.parity.update import advance, initial_state, update
from suite.workload import Workload


class NumpyTrainer(Trainer):
    """Computes in float64 and keeps what it computed in ``dtype``."""

    def __init__(self, workload: Workload, dtype: DType = "float32", program: Program | None = None) -> None:
        self.workload, self.dtype = workload, dtype
        self.program = program or Program.of(workload)
        self.names = [layer.name for layer in workload.layers if isinstance(layer, Dropout)]
        self.load(inputs.weights(workload, seed=99))

    def load(self, weights: Weights, state: State | None = None) -> None:
        self.weights: Weights = {name: array.astype(self.dtype) for name, array in weights.items()}
        self.state: State = dict(state) if state is not None else initial_state(self.program.rule, weights)
        self.rate = self.program.rule.learning_rate

    def dump(self) -> Weights:
        return dict(self.weights)

    def dump_state(self) -> State:
        return {n: a if n == "step" else a.astype(self.dtype) for n, a in self.state.items()}

    def prepare(self, images: np.ndarray, labels: np.ndarray, masks: Mapping[str, np.ndarray]) -> tuple[Inputs, Any]:
        return (images, *masks.values()), labels

    def batch(self, fed: Inputs, labels: Any) -> Batch:
        masks = dict(zip(self.names, fed[1:], strict=True))
        return train_batch(self.program, self.weights, fed[0], labels, masks)

    def train_step(self, fed: Inputs, labels: Any) -> Any:
        batch = self.batch(fed, labels)
        weights, self.state = advance(self.program, self.weights, self.state, batch, self.rate)
        self.weights = {name: array.astype(self.dtype) for name, array in weights.items()}
        return batch.loss

    def logits(self, images: Any) -> np.ndarray:
        return evaluate(self.program, self.weights, images).astype(self.dtype)

    def disparities(self, left: np.ndarray, right: np.ndarray, count: int) -> np.ndarray:
        return disparities(self.workload, self.weights, left, right, count)

    def seen(self, fed: Inputs) -> np.ndarray:
        return np.asarray(fed[0])

    def gradients(self, fed: Inputs, labels: Any) -> tuple[float, Weights]:
        batch = self.batch(fed, labels)
        return batch.loss, {name: gradient.astype(self.dtype) for name, gradient in batch.gradients.items()}

    def apply(self, gradients: Weights) -> None:
        weights, self.state = update(self.program.rule, self.weights, self.state, gradients, self.rate)
        self.weights = {name: array.astype(self.dtype) for name, array in weights.items()}

    def set_learning_rate(self, rate: float) -> None:
        self.rate = rate

    def learning_rate(self) -> float:
        return self.rate

    def settings(self) -> dict[str, Any]:
        return {"threads_intra": 1, "dtype": self.dtype, "device": "cpu"}

    def layer_outputs(self) -> dict[str, tuple[int, ...]]:
        return {shape.layer.name: shape.output_shape for shape in self.program.shapes()}
