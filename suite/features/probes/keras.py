"""Probes of Keras 3, on the backend of its environment."""

from __future__ import annotations

from typing import Any

from suite.features.probes import tensorflow as backend
from suite.features.probes.found import Breakpoint, Found, closeness, no, partly, require, statements, yes
from suite.features.probes.keras_files import traced
from suite.features.probes.nets import STEPS, two_processors
from suite.features.probes.nets import keras_images as _images
from suite.features.probes.nets import keras_layers as _plain
from suite.features.probes.nets import keras_model as _network


def _difference(a: Any, b: Any) -> float:
    import keras

    return float(keras.ops.max(keras.ops.abs(a - b)))


def cpu() -> Found:
    """Convolve ones with ones on the processor."""
    import keras

    with keras.device("cpu:0"):
        found = keras.ops.conv(keras.ops.ones((1, 4, 4, 1)), keras.ops.ones((3, 3, 1, 1)))
    require(bool(keras.ops.all(found == 9)), f"the convolution gave {found}")
    return yes(
        "a convolution, by its backend",
        f"a 3x3 convolution on the processor, by {keras.backend.backend()}, gave the nine of a hand's sum",
    )


def gpu() -> Found:
    """Say whether the backend is built for a GPU, and whether one is there."""
    found = backend.gpu()
    return Found(answer=found.answer, brief=found.brief, says=f"by its backend, TensorFlow: {found.says}")


def graph() -> Found:
    """Count how often the Python code of a network runs while batches are predicted, and with ``run_eagerly``."""
    calls: list[int] = []
    network = _network(calls)
    images = _images()
    calls.clear()
    network.compile()
    found = network.predict(images, batch_size=1, verbose=0)
    traced = len(calls)
    network.compile(run_eagerly=True)
    calls.clear()
    again = network.predict(images, batch_size=1, verbose=0)
    eager = len(calls)
    require(_difference(found, again) < 1e-6, "the graph computes something else")
    require(traced < eager, f"the code ran {traced} times as a graph, {eager} times eagerly")
    return yes(
        "traced unless run_eagerly",
        f"fit and predict trace unless run_eagerly is asked for: the Python code ran {traced} times for 4 batches, "
        f"{eager} times eagerly",
    )


def autodiff() -> Found:
    """Train one step by plain SGD, and hold the change against a central difference of the loss."""
    import keras
    import numpy as np

    dense = keras.layers.Dense(1, activation="tanh", dtype="float64")
    network = keras.Sequential([keras.Input((3,), dtype="float64"), dense])
    inputs, targets = np.linspace(-1, 1, 6).reshape(2, 3), np.array([[0.5], [-0.5]])
    before = network.get_weights()
    network.compile(optimizer=keras.optimizers.SGD(1.0), loss="mse")
    network.train_on_batch(inputs, targets)
    found = (before[0] - network.get_weights()[0]).ravel().astype("float64")

    def loss(kernel: Any) -> float:
        return float(np.mean((np.tanh(inputs @ kernel.reshape(3, 1) + before[1]) - targets) ** 2))

    kernel, h = before[0].ravel().astype("float64"), 1e-6
    numeric = [(loss(kernel + step) - loss(kernel - step)) / (2 * h) for step in np.eye(3) * h]
    off = float(np.abs(found - numeric).max())
    require(off < 1e-6, f"the gradient is off by {off:.1e}")
    return yes(
        "by its backend", f"a step of SGD moved the weights by the gradient, within {off:.0e} of central differences"
    )


def compiling() -> Found:
    """Let a network be compiled, find XLA's program in the profiler's trace, and compare it with the eager one."""
    network, images = _plain(), _images()
    network.compile(jit_compile=False)
    without = traced(network)
    network.compile(jit_compile=True)
    compiled = network.predict(images, verbose=0)
    require(b"hlo_module" in traced(network) and b"hlo_module" not in without, "nothing was compiled by XLA")
    network.compile(run_eagerly=True)
    off = _difference(network.predict(images, verbose=0), compiled)
    require(off < 1e-5, f"the compiled network is off by {off:.1e}")
    return yes(
        "XLA, by compile",
        f"compile(jit_compile=True): the profiler shows an XLA program; beside eager: {closeness(off)}",
    )


def _stops(network: Any, images: Any) -> tuple[int, bool]:
    """Return how often a breakpoint in ``call`` stops while two batches are predicted, and whether values are live."""
    point = Breakpoint(type(network).call, "return self.dense", "features")
    point.runcall(network.predict, images, batch_size=2, verbose=0)
    return len(point.seen), bool(point.seen) and hasattr(point.seen[0], "numpy")


def debugging() -> Found:
    """Stop at a breakpoint inside ``call`` while ``predict`` runs: as it is, and with ``run_eagerly``."""
    network, images = _network(), _images()
    network.compile()
    network.predict(images, batch_size=2, verbose=0)
    default, _ = _stops(network, images)
    network.compile(run_eagerly=True)
    eager, live = _stops(network, images)
    require(eager > 0, "the breakpoint was not reached with run_eagerly")
    words = f"in the default, traced mode a breakpoint in call stops {default} times in 2 batches"
    words += f"; with run_eagerly=True {eager} times, with{'' if live else 'out'} live values"
    if default and live:
        return yes("in every mode", words)
    return partly("with run_eagerly only", words) if live else no("values are not live", words)


def data_loading() -> Found:
    """Load batches in two workers through ``predict``: each example once, in order."""
    import keras
    import numpy as np

    class Data(keras.utils.PyDataset):  # type: ignore[misc]  # frameworks have no types here
        def __len__(self) -> int:
            return 13

        def __getitem__(self, index: int) -> Any:
            return np.arange(8 * index, min(8 * index + 8, 100), dtype="float32")[:, None]

    seen: list[Any] = []

    class Notes(keras.Model):  # type: ignore[misc]  # frameworks have no types here
        def train_step(self, data: Any) -> Any:
            seen.append(keras.ops.convert_to_numpy(data[0] if isinstance(data, tuple) else data))
            return {"loss": 0.0}

    notes = Notes()
    notes.compile(run_eagerly=True)
    notes.fit(Data(workers=2), epochs=2, verbose=0, shuffle=True)
    found = [int(value) for batch in seen for value in batch.ravel()]
    first, second = found[: len(found) // 2], found[len(found) // 2 :]
    require(sorted(first) == sorted(second) == list(range(100)), "examples are missing or doubled")
    ordered = "the batches in another order each epoch" if first != second else "the batches in one and the same order"
    return yes(
        "PyDataset, 2 workers", f"fit took 100 examples from a PyDataset with 2 workers once per epoch, {ordered}"
    )


def distribution() -> Found:
    """Train one step on two logical processors, and compare the weights with one's."""
    import keras
    import tensorflow as tf

    two_processors()
    images = _images()
    targets = images[:, 0, :3, 0]

    def trained() -> Any:
        network = _plain()
        network.compile(optimizer=keras.optimizers.SGD(0.1), loss="mse")
        network.fit(images, targets, batch_size=4, shuffle=False, verbose=0)
        return network.get_weights()

    alone = trained()
    strategy = tf.distribute.MirroredStrategy(["CPU:0", "CPU:1"])
    with strategy.scope():
        both = trained()
    off = max(_difference(a, b) for a, b in zip(alone, both, strict=True))
    require(strategy.num_replicas_in_sync == 2 and off < 1e-6, f"weights differ by {off:.1e}")
    return yes(
        "MirroredStrategy of TensorFlow",
        f"fit under TensorFlow's MirroredStrategy on 2 logical processors: weights beside one's: {closeness(off)}",
    )


def devices() -> Found:
    """Choose a device for a computation."""
    import keras

    two_processors()
    with keras.device("cpu:1"):
        there = keras.ops.ones((2,))
    require(there.device.endswith("CPU:1"), f"the tensor is on {there.device}")
    here = keras.ops.ones((2,))
    both = (here + there).device.rsplit("device:", 1)[-1]
    return yes(
        "of itself or by hand",
        f"of itself or by hand (keras.device): a tensor is where it was put, and tensors of two are added on {both}",
    )


def _train() -> list[float]:
    import keras
    import numpy as np

    network = _plain()
    network.compile(keras.optimizers.SGD(0.5), keras.losses.SparseCategoricalCrossentropy(from_logits=True))
    history = network.fit(_images(), np.array([0, 1, 2, 0]), epochs=STEPS, verbose=0)
    return [float(loss) for loss in history.history["loss"]]


def training() -> Found:
    """Train with what is there, and count the statements that it takes."""
    losses = _train()
    require(losses[-1] < 0.5 * losses[0], "the loss did not fall")
    count = statements(_train)
    return yes(
        f"fit, {count} statements",
        f"ready-made, Model.fit: {count} statements trained {STEPS} steps, loss {losses[0]:.2f} to {losses[-1]:.2f}",
    )
