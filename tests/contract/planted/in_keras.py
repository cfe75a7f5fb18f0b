"""Mismatches planted in a Keras model and its fit, as a person's program would have them."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import keras
import numpy as np

from suite.frameworks.keras import network
from suite.frameworks.keras.optimizer import LiveState
from suite.frameworks.keras.trainer import KerasTrainer
from suite.layers import Dropout
from suite.workload import Adam, Sgd, Workload

Plant = Callable[[KerasTrainer], None]


def nothing(_: KerasTrainer) -> None:
    pass


def compiled(trainer: KerasTrainer, loss: Any = None, optimizer: Any = None) -> None:
    """Compile the model again, with another loss or optimiser."""
    model = trainer.model
    model.compile(optimizer=optimizer or model.optimizer, loss=loss or model.loss, jit_compile=trainer.compiled)
    model.optimizer.build(model.trainable_variables)
    trainer._slopes = trainer.engine.slopes(model, compiled=trainer.compiled)
    trainer._updates = trainer.engine.updates(model, compiled=trainer.compiled)
    trainer.state = LiveState(trainer.workload.optimizer, model.optimizer, trainer.learned)


def loss(**given: Any) -> Plant:
    def plant(trainer: KerasTrainer) -> None:
        compiled(trainer, loss=keras.losses.SparseCategoricalCrossentropy(**({"from_logits": True} | given)))

    return plant


def optimizer(make: Callable[..., Any], **given: Any) -> Plant:
    def plant(trainer: KerasTrainer) -> None:
        constants = trainer.workload.optimizer
        match constants:
            case Sgd():
                usual = {"momentum": constants.momentum}
            case Adam():
                usual = {"beta_1": constants.beta1, "beta_2": constants.beta2, "epsilon": constants.epsilon}
        compiled(trainer, optimizer=make(learning_rate=constants.learning_rate, **(usual | given)))

    return plant


def remade(trainer: KerasTrainer, workload: Workload, dtype: Any = None) -> None:
    """Make model and optimiser anew."""
    made = KerasTrainer(workload, {"compiled": trainer.compiled}, dtype or trainer.dtype, trainer.engine)
    vars(trainer).update(vars(made))


def layers(**given: Callable[[], Any]) -> Plant:
    """Put other layers in the place of those with these names."""

    def plant(trainer: KerasTrainer) -> None:
        with instead(given):
            remade(trainer, trainer.workload)

    return plant


@contextlib.contextmanager
def instead(given: dict[str, Callable[[], Any]]) -> Iterator[None]:
    usual = network._layer
    network._layer = lambda layer: given[layer.name]() if layer.name in given else usual(layer)
    yield
    network._layer = usual


def exchanged(first: str, second: str) -> Plant:
    def plant(trainer: KerasTrainer) -> None:
        by_name, swap = {layer.name: layer for layer in trainer.workload.layers}, {first: second, second: first}
        order = tuple(by_name[swap.get(name, name)] for name in by_name)
        remade(trainer, replace(trainer.workload, layers=order))

    return plant


def no_biases(trainer: KerasTrainer) -> None:
    made = {
        "conv1": lambda: keras.layers.Conv2D(4, 3, use_bias=False, name="conv1"),
        "dense1": lambda: keras.layers.Dense(8, use_bias=False, name="dense1"),
        "dense2": lambda: keras.layers.Dense(5, use_bias=False, name="dense2"),
    }
    loss = trainer.model.loss
    with instead(made):
        trainer.model, trainer.evaluated = network.network(trainer.workload)
    trainer.arrays = dict.fromkeys(made, ("weight",))
    trainer.learned = [f"{name}/weight" for name in made]
    compiled(trainer, loss, keras.optimizers.SGD(0.01, momentum=0.9))


def softmax() -> Any:
    return keras.layers.Dense(5, activation="softmax", name="dense2")


def softmax_twice(trainer: KerasTrainer) -> None:
    """Take TensorFlow's loss: Keras's own looks for a softmax right before it, and undoes that."""
    import tensorflow as tf

    layers(dense2=softmax)(trainer)
    compiled(trainer, loss=lambda labels, outputs: tf.nn.sparse_softmax_cross_entropy_with_logits(labels, outputs))


def prepared(change: Callable[[np.ndarray], np.ndarray]) -> Plant:
    def plant(trainer: KerasTrainer) -> None:
        usual = trainer.prepare
        trainer.prepare = lambda images, labels, masks: usual(change(images), labels, masks)

    return plant


def doubled(trainer: KerasTrainer) -> None:
    """floatx is float64."""
    remade(trainer, trainer.workload, "float64")
    prepared(lambda images: images.astype(np.float64))(trainer)


def fit(change: Callable[..., tuple[tuple[Any, ...], dict[str, Any]]]) -> Plant:
    def plant(trainer: KerasTrainer) -> None:
        usual = trainer.model.fit

        def changed(*data: Any, **named: Any) -> Any:
            data, named = change(*data, **named)
            return usual(*data, **named)

        trainer.model.fit = changed

    return plant


def shuffling(*data: Any, **named: Any) -> tuple[tuple[Any, ...], dict[str, Any]]:
    keras.utils.set_random_seed(1)
    return data, named | {"shuffle": True}


def dropping(images: Any, labels: Any, batch_size: int, **named: Any) -> tuple[tuple[Any, ...], dict[str, Any]]:
    import tensorflow as tf

    data = tf.data.Dataset.from_tensor_slices((images, labels)).batch(batch_size, drop_remainder=True)
    return (data,), named


def own_weights(trainer: KerasTrainer) -> None:
    initial, load = trainer.dump(), trainer.load
    trainer.load = lambda weights, state=None: load(initial, state)


def channels_first() -> Any:
    return keras.Sequential([keras.layers.Permute((3, 1, 2)), keras.layers.Flatten()], name="flatten")


def whole_channels(trainer: KerasTrainer) -> None:
    usual = trainer.prepare

    def prepare(images: Any, labels: Any, masks: Any) -> Any:
        whole = {name: np.broadcast_to(mask[:, :1, :1], mask.shape) for name, mask in masks.items() if mask.ndim == 4}
        return usual(images, labels, masks | whole)

    trainer.prepare = prepare


class Own(keras.layers.Layer):
    """Draws its masks by itself."""

    def __init__(self, live: Any, **named: Any) -> None:
        super().__init__(**named)
        self.live = live

    def call(self, inputs: Any, training: bool | None = None) -> Any:
        return self.live(inputs[0], training=training)

    def compute_output_shape(self, input_shape: Any) -> Any:
        return input_shape[0]


def always_dropping(trainer: KerasTrainer) -> None:
    """Drop values by an operation that knows nothing of training (a dropout layer would be told by predict)."""
    import tensorflow as tf

    value = images = keras.Input(trainer.workload.input_shape)
    for layer in trainer.workload.layers:
        if isinstance(layer, Dropout):
            value = keras.layers.Lambda(lambda here, rate=layer.rate: tf.nn.dropout(here, rate))(value)
        else:
            value = trainer.model.get_layer(layer.name)(value)
    trainer.evaluated = keras.Model(images, value)
    trainer.evaluated.compile()


def never_evaluating(trainer: KerasTrainer) -> None:
    trainer.logits = lambda images: trainer.model(images, training=True).numpy()


def late(trainer: KerasTrainer) -> None:
    """Change the rate behind the epoch's first batch."""
    change, usual, waiting = trainer.set_learning_rate, trainer.train, []

    def train(stretch: Any, clock: Any) -> float:
        found = usual(stretch, clock)
        while waiting:
            change(waiting.pop())
        return found

    trainer.set_learning_rate, trainer.train = waiting.append, train


L2 = keras.regularizers.L2(2.5e-4)

PLANTS: dict[str, Plant] = {
    "nothing": nothing,
    "nothing with Adam, norms and dropout": nothing,
    "nothing with a schedule": nothing,
    "nothing in a Siamese network": nothing,
    "pooling before ReLU": exchanged("relu1", "pool1"),
    "average pooling before ReLU": exchanged("relu2", "pool2"),
    "Adam epsilon": optimizer(keras.optimizers.Adam, epsilon=1e-7),
    "Nesterov": optimizer(keras.optimizers.SGD, nesterov=True),
    "decoupled decay": optimizer(keras.optimizers.SGD, weight_decay=5e-4),
    "AdamW": optimizer(keras.optimizers.AdamW, weight_decay=0.01),
    "penalty on weights": layers(
        conv1=lambda: keras.layers.Conv2D(4, 3, kernel_regularizer=L2, name="conv1"),
        dense1=lambda: keras.layers.Dense(8, kernel_regularizer=L2, name="dense1"),
        dense2=lambda: keras.layers.Dense(5, kernel_regularizer=L2, name="dense2"),
    ),
    "logits taken for probabilities": loss(from_logits=False),
    "float64 arrays that fit casts": prepared(lambda images: images.astype(np.float64)),
    "loss summed": loss(reduction="sum"),
    "softmax twice": softmax_twice,
    "softmax that the loss undoes": layers(dense2=softmax),
    "input scaling": prepared(lambda images: (images + 1) / 2),
    "float64 inputs": doubled,
    "shuffled": fit(shuffling),
    "last batch dropped": fit(dropping),
    "padding same": layers(conv1=lambda: keras.layers.Conv2D(4, 3, padding="same", name="conv1")),
    "Keras's own weights": own_weights,
    "biases missing": no_biases,
    "flatten order": layers(flatten=channels_first),
    "dropout per channel": whole_channels,
    "dropout of its own": layers(drop1=lambda: Own(keras.layers.SpatialDropout2D(0.25), name="drop1")),
    "batch-norm momentum as Keras has it": layers(
        bn1=lambda: keras.layers.BatchNormalization(epsilon=1e-5, name="bn1")
    ),
    "batch-norm epsilon as Keras has it": layers(bn1=lambda: keras.layers.BatchNormalization(momentum=0.9, name="bn1")),
    "schedule one step late": late,
    "batch norms in training mode": never_evaluating,
    "dropout in evaluation": always_dropping,
}
