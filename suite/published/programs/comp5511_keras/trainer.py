"""The program's model, optimiser and input path, opened up: for the clock, and for examination."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import numpy as np

from suite.frameworks import Device, Inputs, State, Stretch, Weights, device
from suite.frameworks.keras.on_tensorflow import OnTensorFlow
from suite.frameworks.keras.optimizer import LiveState
from suite.frameworks.keras.settings import read_settings
from suite.published.programs import SEEDS, Observer, ProgramTrainer
from suite.published.programs.comp5511_keras import Switches
from suite.workload import Sgd, Workload


class KerasProgramTrainer(ProgramTrainer):
    """The program itself, with a hand on every part of it."""

    def __init__(self, workload: Workload, switches: Switches, seed: int, on: Device = "cpu") -> None:
        import keras

        from suite.published.programs.comp5511_keras import program

        self.workload = workload
        self.switches = switches
        self.device = on
        self.program = program
        self.seed = seed % SEEDS
        keras.utils.set_random_seed(self.seed)
        networks = {"cifar10-cnn3x3": program.net3x3, "cifar10-cnn5x5": program.net5x5}
        self.model = networks[workload.name]()
        device.refuse_elsewhere("a weight", map(OnTensorFlow().device_of, self.model.trainable_variables), on)
        names = [shape.layer.name for shape in workload.shapes() if shape.weight_shape is not None]
        self.layers = dict(zip(names, (layer for layer in self.model.layers if layer.weights), strict=True))
        if switches.pytorchs_init:
            self._initialise_as_pytorch()
        program.learner(self.model, program.METRICS if switches.accuracy_in_training else ())
        live = self.model.optimizer
        live.build(self.model.trainable_variables)
        self.learned = [f"{name}/{array}" for name in names for array in ("weight", "bias")]
        own = Sgd(learning_rate=float(live.learning_rate.numpy()), momentum=live.momentum)
        self.state = LiveState(own, live, self.learned)
        self._forget_the_seed()

    def _forget_the_seed(self) -> None:
        """Let ``fit`` shuffle anew in every epoch, as it does in a program that sets no seed.

        With a seed set, TensorFlow draws the same order in every epoch: the operation that shuffles starts again from
        its seed with each pass over the data. That would be another training than the published one.
        """
        import tensorflow as tf

        tf.random.set_seed(None)

    def fix_order(self, seed: int) -> None:
        """Set TensorFlow's seed, which decides how ``fit`` shuffles."""
        import tensorflow as tf

        tf.random.set_seed(seed % SEEDS)

    def _initialise_as_pytorch(self) -> None:
        import keras

        own = keras.random.SeedGenerator(self.seed)  # the common one stays as it is without this
        for layer in self.layers.values():
            weight, bias = layer.weights
            bound = 1 / math.sqrt(math.prod(weight.shape[:-1]))
            layer.set_weights([keras.random.uniform(array.shape, -bound, bound, seed=own) for array in (weight, bias)])

    def examples(self, pixels: np.ndarray, labels: np.ndarray) -> Any:
        """Divide all images now; the labels keep the shape in which Keras's own reader gives them."""
        images = pixels if self.switches.float64_inputs else pixels.astype(np.float32)
        images = self.program.prepare(images)
        if self.switches.minus_one_to_one:
            images = images * 2 - 1
        return images, labels.astype(np.uint8).reshape(-1, 1)

    def synchronise(self) -> None:
        """Wait for a GPU."""
        OnTensorFlow().synchronise(self.device)

    def feed(self, pixels: np.ndarray, labels: np.ndarray) -> tuple[Inputs, Any]:
        """Return the same arrays: ``fit`` takes them in as they are."""
        images, labels = self.examples(pixels, labels)
        return (images,), labels

    def prepare(self, images: np.ndarray, labels: np.ndarray, masks: Mapping[str, np.ndarray]) -> tuple[Inputs, Any]:
        """Keep the arrays: past the program's own input path."""
        assert not masks
        return (images,), labels

    def prepared(self, stretch: Stretch) -> Any:
        """Return the arrays."""
        return stretch.inputs[0], stretch.labels

    def run(self, examples: Any, batch: int, epochs: int, observer: Observer) -> None:
        """Let the program call ``fit`` once for all epochs, watched by a callback."""
        more: dict[str, Any] = {"callbacks": [self._watching(observer)]}
        if not self.switches.shuffled:
            more["shuffle"] = False
        if not self.switches.progress_bar:
            more["verbose"] = 0
        observer.begin()
        images, labels = examples
        self.program.train(self.model, images, labels, batch, epochs, **more)

    def evaluate(self, examples: Any, batch: int) -> float:
        """Let the program count; where it computes no accuracy, count its largest outputs."""
        images, labels = examples
        if self.switches.accuracy_in_training:
            return self.program.evaluate(self.model, images, labels)
        outputs = self.model.predict(images, batch_size=batch)
        return float((outputs.argmax(axis=1) == labels.ravel()).mean())

    def train_step(self, inputs: Inputs, labels: Any) -> Any:
        """One step through ``train_on_batch``: the same traced step that ``fit`` runs."""
        self.model.reset_metrics()  # the loss it returns is the mean over all steps since
        return self.model.train_on_batch(*inputs, labels, return_dict=True)["loss"]

    def load(self, weights: Weights, state: State | None = None) -> None:
        """Assign canonical arrays, and the optimiser's state or zeros."""
        for name, layer in self.layers.items():
            layer.set_weights([weights[f"{name}/weight"], weights[f"{name}/bias"]])
        self.state.load(state)

    def dump(self) -> Weights:
        """Return the layers' weights."""
        weights: Weights = {}
        for name, layer in self.layers.items():
            weights[f"{name}/weight"], weights[f"{name}/bias"] = layer.get_weights()
        return weights

    def dump_state(self) -> State:
        """Return the optimiser's state in canonical form."""
        return self.state.dump()

    def logits(self, images: Any) -> np.ndarray:
        """Forward in evaluation mode."""
        outputs: np.ndarray = self.model.predict_on_batch(images)
        return outputs

    def seen(self, inputs: Inputs) -> np.ndarray:
        """Send the images down the same way into a model that gives back what reaches its first layer."""
        import keras

        first = keras.Model(self.model.inputs[0], self.model.inputs[0])
        return np.asarray(first.predict(inputs[0], batch_size=len(inputs[0]), verbose=0))

    def gradients(self, inputs: Inputs, labels: Any) -> tuple[float, Weights]:
        """Do what ``Model.train_step`` does before its update."""
        import tensorflow as tf

        images = tf.convert_to_tensor(inputs[0], tf.float32)
        with tf.GradientTape() as tape:
            outputs = self.model(images, training=True)
            loss = self.model.compute_loss(x=images, y=tf.convert_to_tensor(labels), y_pred=outputs, training=True)
        slopes = tape.gradient(loss, self.model.trainable_variables)
        return float(loss), {name: slope.numpy() for name, slope in zip(self.learned, slopes, strict=True)}

    def apply(self, gradients: Weights) -> None:
        """Let the optimiser do its part of the step."""
        import tensorflow as tf

        slopes = [tf.constant(gradients[name], tf.float32) for name in self.learned]
        self.model.optimizer.apply(slopes, self.model.trainable_variables)

    def set_learning_rate(self, rate: float) -> None:
        """Set the optimiser's variable."""
        self.state.set_rate(rate)

    def learning_rate(self) -> float:
        """Return the optimiser's variable."""
        return self.state.rate()

    def layer_outputs(self) -> dict[str, tuple[int, ...]]:
        """Return the shapes that the layers report; an activation inside a layer counts as one of its own."""
        shapes = []
        for layer in self.model.layers:
            activation = getattr(layer, "activation", None)
            shapes += [tuple(layer.output.shape[1:])] * (
                1 + (activation is not None and activation.__name__ != "linear")
            )
        return {layer.name: shape for layer, shape in zip(self.workload.layers, shapes, strict=True)}

    def settings(self) -> dict[str, Any]:
        """Read back what took effect; the seed is the one that was set."""
        return read_settings(self.model, OnTensorFlow()) | {"seed": self.seed, "seed_covers": "initial weights"}

    def _watching(self, observer: Observer) -> Any:
        """Return a callback that hands the program's steps on.

        On a processor the end of a step is noted at the beginning of the next, and the last at the end of the epoch:
        Keras hands its batch-end callbacks to another thread, or, where one of them asks for numbers, fetches the loss
        after every step. On a GPU, where steps run on after their call, that is what is wanted, and it is waited for.
        """
        import keras

        on_processor, wait = self.device == "cpu", self.synchronise

        class Watching(keras.callbacks.Callback):  # type: ignore[misc]
            def on_epoch_begin(self, epoch: int, logs: Any = None) -> None:  # noqa: ARG002
                if epoch:  # the first begins before fit does
                    observer.begin()

            def on_epoch_end(self, epoch: int, logs: Any = None) -> None:  # noqa: ARG002
                if on_processor:
                    observer.step()
                observer.end(float(logs["loss"]))

        class Undisturbed(Watching):
            def on_train_batch_begin(self, batch: int, logs: Any = None) -> None:  # noqa: ARG002
                if batch:
                    observer.step()

        class Waiting(Watching):
            def on_train_batch_end(self, batch: int, logs: Any = None) -> None:  # noqa: ARG002
                wait()
                observer.step()

        return Undisturbed() if on_processor else Waiting()
