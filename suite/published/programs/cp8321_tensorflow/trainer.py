"""The program's model, optimiser and input path, opened up: for the clock, and for examination."""

from __future__ import annotations

from types import MappingProxyType
from typing import Any

import numpy as np

from suite.frameworks import Device, Inputs
from suite.frameworks.tensorflow.settings import execution, tensorflow_settings
from suite.published.programs import TRAINING_ACCURACY, Observer
from suite.published.programs._keras.softmax import twice, without_softmax
from suite.published.programs._keras.trainer import OnKeras
from suite.published.programs._loaders import Watched
from suite.published.programs.cp8321_tensorflow import Switches
from suite.workload import InputScaling, Workload

OPERATIONS = ("Conv2D", "MatMul", "MaxPool", "Relu", "SelectV2", "Softmax")
"""What layers are in TensorFlow's graphs; a dropout selects, a flatten is a reshape to rows."""


class Cp8321TensorFlowTrainer(OnKeras):
    """The program itself, with a hand on every part of it."""

    extra = MappingProxyType({"softmax": "Softmax"})
    reported_as = TRAINING_ACCURACY

    def __init__(self, workload: Workload, switches: Switches, seed: int, on: Device = "cpu") -> None:
        from suite.published.programs.cp8321_tensorflow import program

        self.switches = switches
        left_out = set() if switches.dropout_as_pytorch else {"dropout2"}
        names = [layer.name for layer in workload.layers if layer.name not in left_out]
        self.names = (*names, *(() if switches.softmax == "once" else ("softmax",)))
        super().__init__(workload, program, self._model, seed, on, pytorchs=switches.pytorchs_init)

    def _model(self) -> Any:
        """Let the program make its network, and give it an image, so that it has weights."""
        import tensorflow as tf

        from suite.published.programs.cp8321_tensorflow import program

        net = _dropping_as_pytorch(program) if self.switches.dropout_as_pytorch else program.Net()
        if self.switches.softmax == "once":
            without_softmax(net.fc2)
        net(tf.zeros((1, *self.workload.input_shape)))
        return net

    def compile(self) -> None:
        """Let the program make its loss, its optimiser and its step; another loss where softmax is to act twice."""
        loss, self._live = self.program.learner()
        self.training = self.program.Training(
            self.model, twice if self.switches.softmax == "twice" else loss, self._live
        )

    @property
    def optimizer(self) -> Any:
        """The live optimiser."""
        return self._live

    def examples(self, pixels: np.ndarray, labels: np.ndarray) -> Any:
        """Scale all images now, the program's own way, and standardise them where that is switched."""
        images, scaling = self.program.scale(pixels), self.workload.input_scaling
        if self.switches.standardised:
            assert isinstance(scaling, InputScaling)
            images = (images - np.float32(scaling.mean)) / np.float32(scaling.std)
        return images, labels

    def run(self, examples: Any, batch: int, epochs: int, observer: Observer) -> None:
        """Let the program loop over its data set, which is watched."""
        wait = None if self.device == "cpu" else self.synchronise
        images, labels = examples
        buffer = {"shuffle": len(labels)} if self.switches.shuffled_whole else {}
        dataset = Watched(self.program.batches(images, labels, batch, **buffer), observer, wait)
        for _ in range(epochs):
            loss, self.told["accuracy"] = self.training.epoch(dataset)
            observer.end(loss)

    def reported(self) -> float | None:
        """Return the accuracy over the last epoch that the program's own metric counted."""
        return self.told.get("accuracy")

    def evaluate(self, examples: Any, batch: int) -> float:
        """Let the program count."""
        images, labels = examples
        accuracy: float = self.program.evaluate(self.model, self.program.batches(images, labels, batch, shuffle=0))
        return accuracy

    def train_step(self, inputs: Inputs, labels: Any) -> Any:
        """Let the program loop over a single batch."""
        import tensorflow as tf

        return self.training.epoch([(tf.constant(inputs[0]), tf.constant(labels))])[0]

    def loss(self, images: Any, labels: Any) -> Any:
        """Return the loss of one batch in training."""
        return self.training.loss_object(labels, self.model(images, training=True))

    def logits(self, images: Any) -> np.ndarray:
        """Forward in evaluation mode."""
        outputs: np.ndarray = self.model(images, training=False).numpy()
        return outputs

    def seen(self, inputs: Inputs) -> np.ndarray:
        """Send the images through the program's data set, in order."""
        images = inputs[0]
        (came,) = self.program.batches(images, np.zeros(len(images)), len(images), shuffle=0)
        return np.asarray(came[0])

    def layer_outputs(self) -> dict[str, tuple[int, ...]]:
        """Follow one blank image through the network, and note what leaves each operation of its graph."""
        import tensorflow as tf

        call = tf.function(lambda images: self.model(images, training=True), autograph=False)
        graph = call.get_concrete_function(tf.TensorSpec((1, *self.workload.input_shape), tf.float32)).graph
        shapes = [
            tuple(made.shape[1:])
            for operation in graph.get_operations()
            for made in operation.outputs
            if operation.type in OPERATIONS or (operation.type == "Reshape" and made.shape.rank == 2)
        ]
        return dict(zip(self.names, shapes, strict=True))

    def settings(self) -> dict[str, Any]:
        """Read back what took effect; the seed is the one that was set."""
        return {
            **tensorflow_settings(self.model.trainable_variables[0].value),
            **execution(self.training.step),
            "optimizer": type(self.optimizer).__name__,
            "optimizer_implementation": "for-loop",  # Keras assigns each variable by operations of its own
            "seed": self.seed,
            "seed_covers": "initial weights",
        }


def _dropping_as_pytorch(program: Any) -> Any:
    """Return the program's network, which drops whole channels, and single values once more before its last layer."""
    import tensorflow as tf

    class Dropping(program.Net):  # type: ignore[misc]
        def __init__(self) -> None:
            super().__init__()
            self.conv2_drop.noise_shape = (None, 1, 1, None)
            self.fc1_drop = tf.keras.layers.Dropout(0.5)

        def call(self, x: Any, training: bool = False) -> Any:
            x = tf.nn.relu(self.pool(self.conv1(x)))
            x = self.conv2_drop(self.conv2(x), training=training)
            x = tf.nn.relu(self.pool(x))
            x = self.fc1(self.flatten(x))
            return self.fc2(self.fc1_drop(x, training=training))

    return Dropping()
