"""A program's model in Keras on TensorFlow, opened up: for the clock, and for examination; shared by such programs.

A program offers ``prepare(pixels)``, which scales images; ``learner(model)``, which compiles it; ``train(model, images,
labels, batch_size, epochs, **more)``; ``evaluate(model, images, labels)``.
"""

from __future__ import annotations

import contextlib
import math
from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

from suite.frameworks import Device, Inputs, State, Stretch, Weights, device
from suite.frameworks.keras.on_tensorflow import OnTensorFlow
from suite.frameworks.keras.optimizer import LiveState
from suite.frameworks.keras.settings import read_settings
from suite.published.programs import SEEDS, Observer, ProgramTrainer
from suite.published.programs._keras.watching import watching
from suite.workload import Adam, Optimizer, Sgd, Workload


class OnKeras(ProgramTrainer):
    """The program itself, with a hand on every part of it."""

    names: tuple[str, ...]
    """The model's layers in order, each activation inside one behind it, by the names of the workload's layers; one
    that the workload does not have has a name of its own."""
    more: Mapping[str, Any] = {}
    """What is given to ``fit`` beyond the program's own arguments."""

    def __init__(self, workload: Workload, program: Any, model: Any, seed: int, on: Device, *, pytorchs: bool) -> None:
        """Seed Keras, let ``model()`` make the program's model, and take it in hand.

        Args:
            workload: What the program trains.
            program: The program's module.
            model: Makes the model.
            seed: The run's seed.
            on: Where the model is to lie.
            pytorchs: Whether initial weights are drawn again as PyTorch draws them.
        """
        import keras

        self.workload = workload
        self.device = on
        self.program = program
        self.seed = seed % SEEDS
        self.told: dict[str, float] = {}
        keras.utils.set_random_seed(self.seed)
        self.model = model()
        device.refuse_elsewhere("a weight", map(OnTensorFlow().device_of, self.model.trainable_variables), on)
        names = [shape.layer.name for shape in workload.shapes() if shape.weight_shape is not None]
        self.layers = dict(zip(names, (layer for layer in self.model.layers if layer.trainable_weights), strict=True))
        if pytorchs:
            self._initialise_as_pytorch()
        self.compile()
        self.optimizer.build(self.model.trainable_variables)
        self.learned = [f"{name}/{array}" for name in names for array in ("weight", "bias")]
        self.state = LiveState(constants(self.optimizer), self.optimizer, self.learned)
        self._forget_the_seed()

    def compile(self) -> None:
        """Let the program give its model a loss and an optimiser."""
        self.program.learner(self.model)

    @property
    def optimizer(self) -> Any:
        """The live optimiser."""
        return self.model.optimizer

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
        """Scale all images now, the program's own way."""
        return self.program.prepare(pixels), labels

    def synchronise(self) -> None:
        """Wait for a GPU."""
        OnTensorFlow().synchronise(self.device)

    def feed(self, pixels: np.ndarray, labels: np.ndarray) -> tuple[Inputs, Any]:
        """Return the same arrays: ``fit`` takes them in as they are."""
        images, labels = self.examples(pixels, labels)
        return (images,), labels

    def prepare(
        self,
        images: np.ndarray,
        labels: np.ndarray,
        masks: Mapping[str, np.ndarray],  # noqa: ARG002
    ) -> tuple[Inputs, Any]:
        """Keep the arrays: past the program's own input path.

        The program drops by masks of its own; those given are left aside.
        """
        return (images,), labels

    def prepared(self, stretch: Stretch) -> Any:
        """Return the arrays."""
        return stretch.inputs[0], stretch.labels

    def run(self, examples: Any, batch: int, epochs: int, observer: Observer) -> None:
        """Let the program call ``fit`` once for all epochs, watched by a callback."""
        wait = None if self.device == "cpu" else self.synchronise
        observer.begin()
        images, labels = examples
        callbacks = [watching(observer, wait, self.told)]
        self.program.train(self.model, images, labels, batch, epochs, callbacks=callbacks, **self.more)

    def evaluate(self, examples: Any, batch: int) -> float:  # noqa: ARG002 (the program has a batch size of its own)
        """Let the program count."""
        images, labels = examples
        accuracy: float = self.program.evaluate(self.model, images, labels)
        return accuracy

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
        """Do what ``Model.train_step`` does before its update, traced as it is there."""
        import tensorflow as tf

        @tf.function(autograph=False)  # type: ignore[untyped-decorator, unused-ignore]
        def half_a_step(images: Any, truth: Any) -> Any:
            with tf.GradientTape() as tape:
                loss = self.loss(images, truth)
            return loss, tape.gradient(loss, self.model.trainable_variables)

        loss, slopes = half_a_step(tf.convert_to_tensor(inputs[0], tf.float32), tf.convert_to_tensor(labels))
        return float(loss), {name: slope.numpy() for name, slope in zip(self.learned, slopes, strict=True)}

    def loss(self, images: Any, labels: Any) -> Any:
        """Return the loss of one batch in training."""
        outputs = self.model(images, training=True)
        return self.model.compute_loss(x=images, y=labels, y_pred=outputs, training=True)

    @contextlib.contextmanager
    def undropped(self) -> Iterator[None]:
        """Set the rate of every dropout to nothing."""
        rates = {layer: layer.rate for layer in self._dropouts().values()}
        for layer in rates:
            layer.rate = 0.0
        try:
            yield
        finally:
            for layer, rate in rates.items():
                layer.rate = rate

    def dropped(self) -> dict[str, np.ndarray]:
        """Send ones through every live dropout."""
        found = {}
        for name, layer in self._dropouts().items():
            (shape,) = (shape.input_shape for shape in self.workload.shapes() if shape.layer.name == name)
            found[name] = np.asarray(layer(np.ones((16, *shape), np.float32), training=True))
        return found

    def _dropouts(self) -> dict[str, Any]:
        """Return the model's dropouts, by the names of the workload's that they stand for."""
        layers = [layer for layer in self.model.layers if "Dropout" in type(layer).__name__]
        return dict(zip((name for name in self.names if name.startswith("dropout")), layers, strict=True))

    def apply(self, gradients: Weights) -> None:
        """Let the optimiser do its part of the step."""
        import tensorflow as tf

        slopes = [tf.constant(gradients[name], tf.float32) for name in self.learned]
        self.optimizer.apply(slopes, self.model.trainable_variables)

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
        return dict(zip(self.names, shapes, strict=True))

    def settings(self) -> dict[str, Any]:
        """Read back what took effect; the seed is the one that was set."""
        return read_settings(self.model, OnTensorFlow()) | {"seed": self.seed, "seed_covers": "initial weights"}


def constants(live: Any) -> Optimizer:
    """Return a live optimiser's constants in the workload's words."""
    rate = float(live.learning_rate.numpy())
    if hasattr(live, "momentum"):
        return Sgd(learning_rate=rate, momentum=live.momentum)
    return Adam(learning_rate=rate, beta1=live.beta_1, beta2=live.beta_2, epsilon=live.epsilon)
