"""Mismatches planted in a training step written in TensorFlow, as a person's own would have them."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import numpy as np
import tensorflow as tf

from suite import layers
from suite.frameworks.tensorflow.trainer import TensorFlowTrainer
from suite.workload import Adam

Plant = Callable[[TensorFlowTrainer], contextlib.AbstractContextManager[None] | None]


def nothing(_: TensorFlowTrainer) -> None:
    pass


def exchanged(first: str, second: str) -> Plant:
    def plant(trainer: TensorFlowTrainer) -> None:
        by_name, swap = {layer.name: layer for layer in trainer.network.layers}, {first: second, second: first}
        trainer.network.layers = tuple(by_name[swap.get(name, name)] for name in by_name)

    return plant


def norm(**changes: float) -> Plant:
    def plant(trainer: TensorFlowTrainer) -> None:
        trainer.network.layers = tuple(
            replace(layer, **changes) if isinstance(layer, layers.BatchNorm) else layer
            for layer in trainer.network.layers
        )

    return plant


def layer(kind: type, call: Callable[[TensorFlowTrainer, Any, Any, Any, Any], Any], name: str | None = None) -> Plant:
    """Compute layers of a kind (or one of them) otherwise: ``call(trainer, usual, layer, value, masks)``."""

    def plant(trainer: TensorFlowTrainer) -> None:
        usual = trainer.network.call

        def changed(each: Any, value: Any, masks: Any = None) -> Any:
            if isinstance(each, kind) and name in (None, each.name):
                return call(trainer, usual, each, value, masks)
            return usual(each, value, masks)

        trainer.network.call = changed

    return plant


def adam_epsilon(trainer: TensorFlowTrainer) -> None:
    trainer.updates.constants = replace(trainer.updates.constants, epsilon=1e-7)


def epsilon_hat(trainer: TensorFlowTrainer) -> None:
    """Give the kernel the powers of beta, as every example does."""
    updates = trainer.updates

    def adam(constants: Adam, gradients: Any) -> None:
        steps = tf.cast(updates.step.assign_add(1, read_value=True), updates.rate.dtype)
        beta1, beta2 = (tf.constant(beta, steps.dtype) for beta in (constants.beta1, constants.beta2))
        for name, variable in updates.learned.items():
            tf.raw_ops.ResourceApplyAdam(
                var=variable.handle,
                m=updates.slots[f"{name}/first_moment"].handle,
                v=updates.slots[f"{name}/second_moment"].handle,
                beta1_power=tf.pow(beta1, steps),
                beta2_power=tf.pow(beta2, steps),
                lr=updates.rate.read_value(),
                beta1=constants.beta1,
                beta2=constants.beta2,
                epsilon=constants.epsilon,
                grad=gradients[name],
            )

    updates._adam = adam


def momentum(share: float = 1.0, *, nesterov: bool = False) -> Plant:
    def plant(trainer: TensorFlowTrainer) -> None:
        updates = trainer.updates

        def sgd(constants: Any, gradients: Any) -> None:
            for name, variable in updates.learned.items():
                tf.raw_ops.ResourceApplyMomentum(
                    var=variable.handle,
                    accum=updates.slots[f"{name}/velocity"].handle,
                    lr=updates.rate.read_value(),
                    grad=gradients[name] * share,
                    momentum=constants.momentum,
                    use_nesterov=nesterov,
                )

        updates._sgd = sgd

    return plant


def decay(rule: str, *, coupled: float = 0.0, decoupled: float = 0.0) -> Plant:
    def plant(trainer: TensorFlowTrainer) -> None:
        updates = trainer.updates
        usual = getattr(updates, rule)

        def decaying(constants: Any, gradients: Any) -> None:
            given = {name: gradients[name] + coupled * variable for name, variable in updates.learned.items()}
            for variable in updates.learned.values():
                variable.assign_sub(decoupled * updates.rate * variable)
            usual(constants, given)

        setattr(updates, rule, decaying)

    return plant


@contextlib.contextmanager
def loss_summed(_: TensorFlowTrainer) -> Iterator[None]:
    usual, tf.reduce_mean = tf.reduce_mean, tf.reduce_sum
    yield
    tf.reduce_mean = usual


def softmax(_: Any, usual: Any, dense: Any, value: Any, masks: Any) -> Any:
    return tf.nn.softmax(usual(dense, value, masks))


def scaled(trainer: TensorFlowTrainer) -> None:
    usual = trainer.prepare
    trainer.prepare = lambda images, labels, masks: usual((images + 1) / 2, labels, masks)


def doubled(trainer: TensorFlowTrainer) -> None:
    """Images become float64 (NumPy's own), so the network was made float64 as well."""
    made = TensorFlowTrainer(trainer.workload, trainer.asked, "float64")
    usual = made.prepare
    vars(trainer).update(vars(made))
    trainer.prepare = lambda images, labels, masks: usual(images.astype(np.float64), labels, masks)


def loaded(*, shuffle: bool = False, drop_remainder: bool = False) -> Plant:
    """Train from a tf.data.Dataset."""

    def plant(trainer: TensorFlowTrainer) -> None:
        def train(stretch: Any, clock: Any) -> float:
            data = tf.data.Dataset.from_tensor_slices((stretch.inputs, stretch.labels))
            data = data.shuffle(stretch.examples, seed=4) if shuffle else data
            losses = []
            clock.tick()
            for inputs, labels in data.batch(stretch.batch, drop_remainder=drop_remainder):
                losses.append(float(trainer.train_step(inputs, labels)))
                clock.tick()
            return float(np.mean(losses))

        trainer.train = train

    return plant


def padding_same(trainer: TensorFlowTrainer) -> None:
    def conv(_trainer: Any, usual: Any, each: Any, value: Any, masks: Any) -> Any:
        return usual(replace(each, padding="same"), value, masks)

    learned = trainer.network.learned
    learned["dense1/weight"] = tf.Variable(tf.zeros((100, 8), learned["dense1/weight"].dtype))
    layer(layers.Conv2d, conv)(trainer)


def no_biases(trainer: TensorFlowTrainer) -> None:
    learned = trainer.network.learned
    zeros = {name: tf.zeros_like(learned.pop(name)) for name in list(learned) if name.endswith("/bias")}

    def without(_trainer: Any, usual: Any, each: Any, value: Any, masks: Any) -> Any:
        trainer.network.learned = learned | zeros
        found = usual(each, value, masks)
        trainer.network.learned = learned
        return found

    layer(layers.Conv2d | layers.Dense, without)(trainer)


def channels_first(_: Any, usual: Any, each: Any, value: Any, masks: Any) -> Any:
    return usual(each, tf.transpose(value, (0, 3, 1, 2)), masks)


def whole_channels(_: Any, usual: Any, each: Any, value: Any, masks: Any) -> Any:
    return usual(each, value, masks if masks is None else iter([next(masks)[:, :1, :1]]))


def own_dropout(_: Any, usual: Any, each: Any, value: Any, masks: Any) -> Any:
    if masks is not None:
        next(masks)
    return value if masks is None else tf.nn.dropout(value, each.rate)


def always_dropping(_: Any, usual: Any, each: Any, value: Any, masks: Any) -> Any:
    return tf.nn.dropout(value, each.rate) if masks is None else usual(each, value, masks)


def norm_in_training(trainer: TensorFlowTrainer, usual: Any, each: Any, value: Any, masks: Any) -> Any:
    return trainer.network._normalise(each, value, training=True)


def late(trainer: TensorFlowTrainer) -> None:
    change, step, waiting = trainer.set_learning_rate, trainer.train_step, []

    def train_step(inputs: Any, labels: Any) -> Any:
        loss = step(inputs, labels)
        while waiting:
            change(waiting.pop())
        return loss

    trainer.set_learning_rate, trainer.train_step = waiting.append, train_step


PLANTS: dict[str, Plant] = {
    "nothing": nothing,
    "nothing with Adam, norms and dropout": nothing,
    "nothing with a schedule": nothing,
    "nothing in a Siamese network": nothing,
    "pooling before ReLU": exchanged("relu1", "pool1"),
    "average pooling before ReLU": exchanged("relu2", "pool2"),
    "Adam epsilon": adam_epsilon,
    "epsilon hat": epsilon_hat,
    "Nesterov": momentum(nesterov=True),
    "dampening": momentum(0.1),
    "coupled decay": decay("_sgd", coupled=5e-4),
    "decoupled decay": decay("_sgd", decoupled=5e-4),
    "coupled decay in Adam": decay("_adam", coupled=0.01),
    "AdamW": decay("_adam", decoupled=0.01),
    "loss summed": loss_summed,
    "softmax twice": layer(layers.Dense, softmax, "dense2"),
    "input scaling": scaled,
    "float64 inputs": doubled,
    "shuffled": loaded(shuffle=True),
    "last batch dropped": loaded(drop_remainder=True),
    "padding same": padding_same,
    "biases missing": no_biases,
    "flatten order": layer(layers.Flatten, channels_first),
    "dropout per channel": layer(layers.Dropout, whole_channels, "drop1"),
    "dropout of its own": layer(layers.Dropout, own_dropout),
    "batch-norm momentum as Keras has it": norm(momentum=0.99),
    "batch-norm epsilon as Keras has it": norm(epsilon=1e-3),
    "schedule one step late": late,
    "batch norms in training mode": layer(layers.BatchNorm, norm_in_training),
    "dropout in evaluation": layer(layers.Dropout, always_dropping),
}
