"""A Keras model in training: ``fit``, the pieces of its step, and its state in canonical form."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from suite.frameworks import Device, DType, Inputs, State, StepClock, Stretch, Trainer, Weights, device, matching
from suite.frameworks.keras.engine import Engine
from suite.frameworks.keras.loss import loss
from suite.frameworks.keras.matching import matcher
from suite.frameworks.keras.network import network
from suite.frameworks.keras.optimizer import LiveState, optimizer, residues
from suite.frameworks.keras.settings import read_settings
from suite.layers import BatchNorm
from suite.workload import Workload


class KerasTrainer(Trainer):
    """A ``keras.Sequential`` compiled with the loss on logits; no metric runs beside the loss."""

    def __init__(
        self, workload: Workload, asked: Mapping[str, Any], dtype: DType, engine: Engine, on: Device = "cpu"
    ) -> None:
        self.engine = engine
        self.device = on
        self.workload = workload
        self.dtype = dtype
        self._matchers: dict[tuple[tuple[int, ...], int], Any] = {}
        self.compiled = asked["compiled"]
        self.residues = residues(workload.optimizer, rounded=engine.rounds_scalars)
        self._set_precision()
        self.model, self.evaluated = network(workload)
        self.model.compile(
            optimizer=optimizer(workload.optimizer),
            loss=loss(workload.loss),
            jit_compile=self.compiled,
        )
        if self.evaluated is not self.model:
            self.evaluated.compile(jit_compile=self.compiled)
        self.model.optimizer.build(self.model.trainable_variables)
        device.refuse_elsewhere("a weight", map(engine.device_of, self.model.trainable_variables), on)
        weighted = [shape.layer for shape in workload.shapes() if shape.weight_shape is not None]
        self.learned = [f"{layer.name}/{array}" for layer in weighted for array in ("weight", "bias")]
        self.arrays = {
            layer.name: ("weight", "bias", *(("mean", "variance") if isinstance(layer, BatchNorm) else ()))
            for layer in weighted
        }
        self.state = LiveState(workload.optimizer, self.model.optimizer, self.learned)
        self._slopes = engine.slopes(self.model, compiled=self.compiled)
        self._updates = engine.updates(self.model, compiled=self.compiled)

    def _set_precision(self) -> None:
        """Set the precision of what Keras makes and takes in from here on: another trainer may have set another."""
        import keras

        keras.config.set_floatx(self.dtype)
        keras.config.set_dtype_policy(self.dtype)
        self.engine.set_precision(self.dtype)

    def load(self, weights: Weights, state: State | None = None) -> None:
        """Assign canonical arrays, and the optimiser's state or zeros."""
        for layer, names in self.arrays.items():
            self.model.get_layer(layer).set_weights([weights[f"{layer}/{name}"] for name in names])
        self.state.load(state)

    def dump(self) -> Weights:
        """Return the layers' weights."""
        weights: Weights = {}
        for layer, names in self.arrays.items():
            values = self.model.get_layer(layer).get_weights()
            weights |= {f"{layer}/{name}": value for name, value in zip(names, values, strict=True)}
        return weights

    def dump_state(self) -> State:
        """Return the optimiser's state in canonical form."""
        return self.state.dump()

    def prepare(self, images: np.ndarray, labels: np.ndarray, masks: Mapping[str, np.ndarray]) -> tuple[Inputs, Any]:
        """Make tensors of the arrays.

        ``fit`` would make a copy of NumPy's arrays in each call, and is called for each epoch here: what belongs to no
        step would lie in the first step of every epoch, and every other framework has its arrays made before the clock.
        """
        import keras

        with self.engine.feeding():
            made = [keras.ops.convert_to_tensor(each, str(each.dtype)) for each in (images, *masks.values(), labels)]
        return tuple(made[:-1]), made[-1]

    def on_host(self, values: Any) -> np.ndarray:
        """Copy a tensor from where it lies."""
        import keras

        array: np.ndarray = keras.ops.convert_to_numpy(values)
        return array

    def synchronise(self) -> None:
        """Wait for a GPU."""
        self.engine.synchronise(self.device)

    def train_step(self, inputs: Inputs, labels: Any) -> Any:
        """One step through ``train_on_batch``: the same traced step that ``fit`` runs."""
        self._set_precision()
        return self.model.train_on_batch(_fed(inputs), labels)

    def train(self, stretch: Stretch, clock: StepClock) -> float:
        """Hand the stretch to ``fit``, which owns the loop; the clock ticks in its callback."""
        self._set_precision()
        waiting = self.engine.asynchronous or self.device != "cpu"
        ticks = _ticks(clock, self.synchronise if waiting else None)
        self.synchronise()
        clock.tick()
        history = self.model.fit(
            _fed(stretch.inputs),
            stretch.labels,
            batch_size=stretch.batch,
            epochs=1,
            shuffle=False,  # the examples come in the stored order already
            verbose=0,
            callbacks=[ticks],
        )
        return float(history.history["loss"][0])

    def logits(self, images: Any) -> np.ndarray:
        """Forward in evaluation mode."""
        outputs: np.ndarray = self.evaluated.predict_on_batch(images)
        return outputs

    def disparities(self, left: np.ndarray, right: np.ndarray, count: int) -> np.ndarray:
        """Let a model over the same layers predict them; built once for images of one shape, once padded."""
        self._set_precision()
        pair = matching.padded(self.workload, left, right, self.dtype)
        if (pair.shape, count) not in self._matchers:
            made = matcher(self.workload, self.model, pair.shape, count)
            made.compile(jit_compile=self.compiled)
            self._matchers[pair.shape, count] = made
        found: np.ndarray = self._matchers[pair.shape, count].predict_on_batch(pair)
        return found[: left.shape[0], : left.shape[1]].astype(np.int64)

    def seen(self, inputs: Inputs) -> np.ndarray:
        """Let ``fit`` hand the images to a model of one layer that gives them back."""
        import keras

        self._set_precision()
        images = keras.Input(self.workload.input_shape)
        probe = self.engine.giving_back(images, keras.layers.Identity()(images))
        probe.compile(optimizer="sgd", loss="mse", jit_compile=self.compiled)
        history = probe.fit(inputs[0], inputs[0], batch_size=len(inputs[0]), epochs=1, shuffle=False, verbose=0)
        return self.on_host(history.history["seen"][0])

    def gradients(self, inputs: Inputs, labels: Any) -> tuple[float, Weights]:
        """Do what ``Model.train_step`` does before its update."""
        self._set_precision()
        loss, slopes = self._slopes(_fed(inputs), labels)
        return loss, dict(zip(self.learned, slopes, strict=True))

    def apply(self, gradients: Weights) -> None:
        """Let the optimiser do its part of the step."""
        self._set_precision()
        self._updates([np.asarray(gradients[name], self.dtype) for name in self.learned])

    def set_learning_rate(self, rate: float) -> None:
        """Set the optimiser's variable."""
        self.state.set_rate(rate)

    def learning_rate(self) -> float:
        """Return the optimiser's variable."""
        return self.state.rate()

    def layer_outputs(self) -> dict[str, tuple[int, ...]]:
        """Return the shapes that the layers report."""
        return {layer.name: tuple(self.model.get_layer(layer.name).output.shape[1:]) for layer in self.workload.layers}

    def settings(self) -> dict[str, Any]:
        """Read back what took effect."""
        self._set_precision()
        return read_settings(self.model, self.engine)


def _fed(inputs: Inputs) -> Any:
    """Return what Keras takes: one array, or a list of several."""
    return inputs[0] if len(inputs) == 1 else list(inputs)


def _ticks(clock: StepClock, wait: Callable[[], None] | None) -> Any:
    """Return a callback that ticks after each step, once ``wait`` has returned where that is given.

    The end of a step is noted at the beginning of the next, and the last at the end of the epoch: Keras hands its
    batch-end callbacks to another thread, or, where one of them asks for numbers, fetches the loss after every step.
    The latter is what is wanted with ``wait``, where steps run on after their call: then a step's end is that of its
    computation. (Source: ``_configure_async_dispatch`` in keras/src/callbacks/callback_list.py of Keras 3.15.1.)
    """
    import keras

    class WaitingTicks(keras.callbacks.Callback):  # type: ignore[misc]
        def on_train_batch_end(self, batch: int, logs: Any = None) -> None:  # noqa: ARG002
            if wait:
                wait()
            clock.tick()

    class Ticks(keras.callbacks.Callback):  # type: ignore[misc]
        def on_train_batch_begin(self, batch: int, logs: Any = None) -> None:  # noqa: ARG002
            if batch:
                clock.tick()

        def on_epoch_end(self, epoch: int, logs: Any = None) -> None:  # noqa: ARG002
            clock.tick()

    return WaitingTicks() if wait else Ticks()
