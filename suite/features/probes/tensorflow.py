"""Probes of TensorFlow, without Keras except where they say so."""

from __future__ import annotations

from typing import Any

from suite.features.probes.found import Breakpoint, Found, closeness, no, not_here, require, statements, yes
from suite.features.probes.nets import SIDE, STEPS, two_processors
from suite.features.probes.nets import tensorflow as _network
from suite.features.probes.nets import tensorflow_images as _images


def _difference(a: Any, b: Any) -> float:
    import tensorflow as tf

    return float(tf.reduce_max(tf.abs(a - b)))


def cpu() -> Found:
    """Convolve ones with ones on the processor."""
    import tensorflow as tf

    found = tf.nn.conv2d(tf.ones((1, 4, 4, 1)), tf.ones((3, 3, 1, 1)), 1, "VALID")
    require("CPU" in found.device and bool(tf.reduce_all(found == 9)), f"the convolution gave {found.numpy().tolist()}")
    return yes("a convolution", "a 3x3 convolution on the processor gave the nine of a hand's sum")


def gpu() -> Found:
    """Say for which GPUs this build was made, and whether one is there."""
    import tensorflow as tf

    facts = tf.sysconfig.get_build_info()
    built = f"CUDA {facts.get('cuda_version', '')}".strip() if facts.get("is_cuda_build") else ""
    found = tf.config.list_physical_devices("GPU")
    if not found:
        return not_here(
            "no GPU in this machine", f"this build is for {built or 'the processor'}, and it sees no GPU here"
        )
    with tf.device("/GPU:0"):
        product = tf.ones((8, 8)) @ tf.ones((8, 8))
    require(bool(tf.reduce_all(product == 8)), "the GPU gave a wrong product")
    return yes(
        "computed on it", f"built for {built or 'a plug-in'}; a product computed on {product.device.split(':', 3)[-1]}"
    )


def graph() -> Found:
    """Trace a network to a graph, and see that running the graph no longer runs its Python code."""
    import tensorflow as tf

    calls: list[int] = []
    network = _network(calls)
    eager = network(_images())
    before = len(calls)
    traced = tf.function(network.__call__).get_concrete_function(tf.TensorSpec((None, SIDE, SIDE, 1)))
    names = [operation.type for operation in traced.graph.get_operations()]
    after = len(calls)
    again = traced(_images())
    require(before == 1 and after == 2 and len(calls) == after, "the graph ran the Python code")
    require(_difference(eager, again) < 1e-6, "the graph computes something else")
    told = [name for name in names if name in ("Conv2D", "Relu", "MatMul")]
    return yes(
        "eager; traced on request",
        f"eager unless asked; tf.function traced {len(names)} operations ({', '.join(told)} …)",
    )


def autodiff() -> Found:
    """Hold a gradient against a central difference, in float64."""
    import tensorflow as tf

    def loss(values: Any) -> Any:
        return tf.reduce_sum(tf.tanh(values) * tf.exp(values))

    weights = tf.linspace(tf.constant(-1.0, tf.float64), 1.0, 5)
    with tf.GradientTape() as tape:
        tape.watch(weights)
        value = loss(weights)
    h = 1e-6
    steps = tf.eye(5, dtype=tf.float64) * h
    numeric = tf.stack([(loss(weights + step) - loss(weights - step)) / (2 * h) for step in steps])
    off = _difference(tape.gradient(value, weights), numeric)
    require(off < 1e-8, f"the gradient is off by {off:.1e}")
    return yes("GradientTape", f"GradientTape is within {off:.0e} of central differences, float64")


def compiling() -> Found:
    """Compile a network by XLA, and compare it with the eager one."""
    import tensorflow as tf

    network = _network()
    compiled = tf.function(network.__call__, jit_compile=True)
    off = _difference(compiled(_images()), network(_images()))
    program = compiled.experimental_get_compiler_ir(_images())(stage="optimized_hlo")
    require(program.startswith("HloModule"), "nothing was compiled")
    require(off < 1e-5, f"the compiled network is off by {off:.1e}")
    lines = len(program.splitlines())
    return yes(
        "XLA, by tf.function",
        f"tf.function(jit_compile=True) made an XLA program of {lines} lines; beside eager: {closeness(off)}",
    )


def debugging() -> Found:
    """Stop at a breakpoint inside the network: eager, and in a traced function."""
    import tensorflow as tf

    network, images = _network(), _images()
    eager = Breakpoint(type(network).__call__, "return tf.reshape", "features")
    eager.runcall(network, images)
    live = bool(eager.seen) and float(tf.reduce_sum(eager.seen[0])) > 0
    # without autograph the function that is traced is this very source, not a copy of it
    traced = tf.function(network.__call__, autograph=False)
    first = Breakpoint(type(network).__call__, "return tf.reshape", "features")
    first.runcall(traced, images)
    later = Breakpoint(type(network).__call__, "return tf.reshape", "features")
    later.runcall(traced, images)
    require(bool(eager.seen), "the breakpoint was not reached in eager mode")
    values = "with" if first.seen and hasattr(first.seen[0], "numpy") else "without"
    once = f"stops once, while it is traced, {values} values" if first.seen else "does not stop while it is traced"
    then = "again later" if later.seen else "not again"
    return (yes if live else no)(
        "in eager mode, the default" if live else "values are not live",
        "a breakpoint in the network stops in eager mode (the default) with live values; "
        f"in a tf.function it {once}, {then}",
    )


def data_loading() -> Found:
    """Load examples in parallel, shuffled, for two epochs: each once per epoch, in another order."""
    import tensorflow as tf

    data = tf.data.Dataset.range(100).shuffle(100, seed=0).map(lambda value: value * 1, num_parallel_calls=2)
    data = data.batch(8).prefetch(1)
    first, second = ([int(value) for batch in data for value in batch] for _ in range(2))
    require(sorted(first) == sorted(second) == list(range(100)), "examples are missing or doubled")
    require(first != second != sorted(second), "nothing was shuffled")
    return yes(
        "tf.data, 2 threads",
        "tf.data, mapped in 2 threads, gave 100 examples once per epoch, in another order each epoch",
    )


def _loss(network: Any, images: Any) -> Any:
    import tensorflow as tf

    return tf.reduce_mean(tf.square(network(images)))


def distribution() -> Found:
    """Compute one gradient on two logical processors, and compare it with one's."""
    import tensorflow as tf

    two_processors()
    strategy = tf.distribute.MirroredStrategy(["CPU:0", "CPU:1"])
    with strategy.scope():
        network = _network()
    images = _images()

    def gradients(half: Any) -> Any:
        with tf.GradientTape() as tape:
            loss = _loss(network, half)
        return tape.gradient(loss, network.trainable_variables)

    def share(context: Any) -> Any:
        start = 2 * context.replica_id_in_sync_group
        return images[start : start + 2]

    halves = strategy.run(gradients, args=(strategy.experimental_distribute_values_from_function(share),))
    found = [strategy.reduce(tf.distribute.ReduceOp.MEAN, half, axis=None) for half in halves]
    off = max(_difference(a, b) for a, b in zip(found, gradients(images), strict=True))
    require(strategy.num_replicas_in_sync == 2 and off < 1e-6, f"gradients differ by {off:.1e}")
    return yes(
        "MirroredStrategy", f"MirroredStrategy on 2 logical processors gave the gradient of one: {closeness(off)}"
    )


def devices() -> Found:
    """Put tensors on devices by hand, and mix them."""
    import tensorflow as tf

    two_processors()
    with tf.device("/CPU:0"):
        here = tf.ones((2,))
    with tf.device("/CPU:1"):
        there = tf.ones((2,))
    require(here.device.endswith("CPU:0") and there.device.endswith("CPU:1"), "tensors are not where they were put")
    both = (here + there).device.rsplit("device:", 1)[-1]
    return yes(
        "of itself or by hand",
        f"of itself or by hand (tf.device): tensors of two devices are added without being moved by hand, on {both}",
    )


def _train() -> list[float]:
    import tensorflow as tf

    network, images, labels = _network(), _images(), tf.constant([0, 1, 2, 0])
    losses = []
    for _ in range(STEPS):
        with tf.GradientTape() as tape:
            loss = tf.reduce_mean(tf.nn.sparse_softmax_cross_entropy_with_logits(labels, network(images)))
        gradients = tape.gradient(loss, network.trainable_variables)
        for weights, gradient in zip(network.trainable_variables, gradients, strict=True):
            weights.assign_sub(0.5 * gradient)
        losses.append(float(loss))
    return losses


def training() -> Found:
    """Train with what is there, and count the statements that it takes."""
    import tensorflow as tf

    losses = _train()
    require(losses[-1] < 0.5 * losses[0], "the loss did not fall")
    count = statements(_train)
    words = f"by hand, {count} statements trained {STEPS} steps, loss {losses[0]:.2f} to {losses[-1]:.2f}"
    try:
        ready = callable(tf.keras.Model.fit)
    except (ImportError, AttributeError):
        ready = False
    brief = f"own loop, {count} statements"
    if ready:
        return yes(f"fit of Keras; {brief}", f"{words}; ready-made with Keras, which it installs: Model.fit")
    return no(brief, f"{words}; no Keras here")
