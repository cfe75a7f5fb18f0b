"""A TensorFlow network in training: one step, the pieces it is made of, and its state in canonical form."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from suite.frameworks import Device, DType, Inputs, State, Trainer, Weights, matching
from suite.frameworks.tensorflow import place
from suite.frameworks.tensorflow.loss import loss as mean_loss
from suite.frameworks.tensorflow.matching import match
from suite.frameworks.tensorflow.network import Network
from suite.frameworks.tensorflow.optimizer import Updates, kernel
from suite.frameworks.tensorflow.settings import read_settings
from suite.workload import Workload


class TensorFlowTrainer(Trainer):
    """Variables by canonical name, the optimiser's beside them, and a step over both."""

    def __init__(self, workload: Workload, asked: Mapping[str, Any], dtype: DType, device: Device = "cpu") -> None:
        import tensorflow as tf

        self.workload = workload
        self.device = device
        self.asked = asked
        self.dtype = dtype
        self._matchers: dict[tuple[tuple[int, ...], int], Any] = {}
        self.network = Network(workload, dtype)
        place.refuse_elsewhere("a weight", self.network.learned.values(), device)
        self.updates = Updates(workload.optimizer, self.network.learned, dtype)
        images = tf.TensorSpec((None, *workload.input_shape), dtype)
        masks = [tf.TensorSpec((None, *shape.mask_shape), tf.uint8) for shape in workload.shapes() if shape.mask_shape]
        inputs = (images, *masks)
        labels = tf.TensorSpec((None,), tf.int64)
        slopes = {name: tf.TensorSpec(value.shape, dtype) for name, value in self.network.learned.items()}
        self._run_step = self._traced(self._step, inputs, labels)
        self._run_slopes = self._traced(self._slopes, inputs, labels)
        self._run_updates = self._traced(self.updates.apply, slopes)
        self._run_network = self._traced(self.network.evaluate, images)
        self._run_first = self._traced(lambda given: tf.identity(given[0]), inputs)

    def _traced(self, function: Any, *signature: Any) -> Any:
        """Return ``function`` as the mode executes it; nothing is traced before its first call."""
        import tensorflow as tf

        if not self.asked["graph"]:
            return function
        return tf.function(function, signature, autograph=False, jit_compile=self.asked["compiled"])

    def _step(self, inputs: Inputs, labels: Any) -> Any:
        loss, slopes = self._slopes(inputs, labels)
        self.updates.apply(slopes)
        return loss

    def _slopes(self, inputs: Inputs, labels: Any) -> tuple[Any, dict[str, Any]]:
        """Return the mean loss and its gradients."""
        import tensorflow as tf

        with tf.GradientTape() as tape:
            loss = mean_loss(self.workload.loss, self.network.train(inputs), labels)
        return loss, tape.gradient(loss, self.network.learned)

    def load(self, weights: Weights, state: State | None = None) -> None:
        """Assign canonical arrays, and the optimiser's state or zeros."""
        for name, variable in self._variables().items():
            variable.assign(weights[name])
        self.updates.load(state)

    def dump(self) -> Weights:
        """Return the variables' values."""
        return {name: variable.numpy() for name, variable in self._variables().items()}

    def dump_state(self) -> State:
        """Return the optimiser's variables: TensorFlow keeps them in the canonical form."""
        return self.updates.dump()

    def prepare(self, images: np.ndarray, labels: np.ndarray, masks: Mapping[str, np.ndarray]) -> tuple[Inputs, Any]:
        """Keep the arrays: TensorFlow takes them in as they are; on a GPU, put them there before the clock runs."""
        if self.device == "cpu":
            return (images, *masks.values()), labels
        import tensorflow as tf

        with place.here(self.device):
            *inputs, targets = (tf.constant(each) for each in (images, *masks.values(), labels))
        return tuple(inputs), targets

    def synchronise(self) -> None:
        """Wait for a GPU."""
        place.synchronise(self.device)

    def refuse_elsewhere(self, loss: Any) -> None:
        """Look where the loss lies."""
        place.refuse_elsewhere("the loss", [loss], self.device)

    def train_step(self, inputs: Inputs, labels: Any) -> Any:
        """One call of the traced (or eager) step."""
        return self._run_step(inputs, labels)

    def logits(self, images: Any) -> np.ndarray:
        """Forward only."""
        outputs: np.ndarray = self._run_network(images).numpy()
        return outputs

    def disparities(self, left: np.ndarray, right: np.ndarray, count: int) -> np.ndarray:
        """Match as the mode executes; traced once for images of one shape, once padded."""
        import tensorflow as tf

        pair = matching.padded(self.workload, left, right, self.dtype)
        if (pair.shape, count) not in self._matchers:

            def run(images: Any) -> Any:
                return match(self.network.features(self.workload, images), count)

            self._matchers[pair.shape, count] = self._traced(run, tf.TensorSpec(pair.shape, self.dtype))
        found: np.ndarray = self._matchers[pair.shape, count](tf.constant(pair)).numpy()
        return found[: left.shape[0], : left.shape[1]].astype(np.int64)

    def seen(self, inputs: Inputs) -> np.ndarray:
        """Return what a function of the step's own signature gets."""
        images: np.ndarray = self._run_first(inputs).numpy()
        return images

    def gradients(self, inputs: Inputs, labels: Any) -> tuple[float, Weights]:
        """Run the first half of the step."""
        loss, slopes = self._run_slopes(inputs, labels)
        return float(loss), {name: slope.numpy() for name, slope in slopes.items()}

    def apply(self, gradients: Weights) -> None:
        """Run the second half of the step."""
        import tensorflow as tf

        self._run_updates(
            {name: tf.constant(gradients[name], self.updates.rate.dtype) for name in self.network.learned}
        )

    def set_learning_rate(self, rate: float) -> None:
        """Assign the variable that the step reads."""
        self.updates.rate.assign(rate)

    def learning_rate(self) -> float:
        """Return the value of the variable that the step reads."""
        return float(self.updates.rate.numpy())

    def layer_outputs(self) -> dict[str, tuple[int, ...]]:
        """Run one blank image through the layers, in evaluation mode, and note what leaves each."""
        import tensorflow as tf

        value = tf.zeros((1, *self.workload.input_shape), self.updates.rate.dtype)
        outputs = {}
        for layer in self.workload.layers:
            value = self.network.call(layer, value)
            outputs[layer.name] = tuple(value.shape[1:])
        return outputs

    def settings(self) -> dict[str, Any]:
        """Read back what took effect."""
        weight = next(iter(self.network.learned.values()))
        return read_settings(weight, self._run_step, kernel=kernel(self.workload.optimizer))

    def _variables(self) -> dict[str, Any]:
        return self.network.learned | self.network.running
