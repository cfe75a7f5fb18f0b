"""Probes of TensorFlow that write files: a trace, a log, weights, a network to be run without its code."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

from suite.features.probes.found import Found, closeness, partly, require, yes
from suite.features.probes.nets import SIDE
from suite.features.probes.nets import tensorflow as _network
from suite.features.probes.nets import tensorflow_images as _images
from suite.features.probes.processes import reloaded


def _difference(a: Any, b: Any) -> float:
    import tensorflow as tf

    return float(tf.reduce_max(tf.abs(a - b)))


def profile() -> Found:
    """Write a trace file, and find the operations in it."""
    import tensorflow as tf

    network = _network()
    with tempfile.TemporaryDirectory() as folder:
        with tf.profiler.experimental.Profile(folder):
            network(_images())
        files = list(Path(folder).rglob("*.xplane.pb"))
        require(bool(files), "no trace was written")
        data = files[0].read_bytes()
    require(b"Conv2D" in data and b"MatMul" in data, "the trace has not the names of the operations")
    return yes(
        "XPlane trace", f"tf.profiler wrote an XPlane trace of {len(data) / 1e3:.0f} kB, Conv2D and MatMul in it"
    )


def event_log() -> Found:
    """Try to write a loss for TensorBoard."""
    import tensorflow as tf

    with tempfile.TemporaryDirectory() as folder:
        writer = tf.summary.create_file_writer(folder)
        try:
            with writer.as_default():
                tf.summary.scalar("loss", 1.5, step=0)
        except Exception as error:
            if "TensorBoard is not installed" not in str(error):
                raise
            return partly(
                "needs TensorBoard", f"tf.summary is there, and needs a package that is not installed with it: {error}"
            )
        writer.close()
        sizes = [file.stat().st_size for file in Path(folder).glob("events*")]
    require(bool(sizes), "no event file was written")
    return yes("for TensorBoard", f"tf.summary wrote an event file of {sizes[0]} bytes")


def save_and_load() -> Found:
    """Save weights, load them into another network, compare outputs."""
    import tensorflow as tf

    network, other = _network(), _network()
    for weights in other.variables:
        weights.assign(tf.zeros_like(weights))
    require(_difference(network(_images()), other(_images())) > 0, "the two networks were equal before")
    with tempfile.TemporaryDirectory() as folder:
        written = tf.train.Checkpoint(network).write(f"{folder}/weights")
        tf.train.Checkpoint(other).read(written).assert_consumed()
    off = _difference(network(_images()), other(_images()))
    require(off == 0, f"outputs differ by {off:.1e}")
    return yes(
        "weights", "weights written by tf.train.Checkpoint, read into another network: outputs equal to the last bit"
    )


def export() -> Found:
    """Export a network, and run it in another process that knows no class of it."""
    import tensorflow as tf

    network = _network()
    images = _images()
    exported = tf.Module()
    exported.network = network
    exported.serve = tf.function(network.__call__, input_signature=[tf.TensorSpec((None, SIDE, SIDE, 1))])
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder) / "exported"
        tf.saved_model.save(exported, str(place))
        size = sum(file.stat().st_size for file in place.rglob("*") if file.is_file())
        found = tf.constant(reloaded("tensorflow", place, images.numpy().tolist()))
    off = _difference(found, network(images))
    require(off < 1e-6, f"outputs differ by {off:.1e}")
    return yes(
        "SavedModel", f"a SavedModel of {size / 1e3:.0f} kB, run by another process without the class: {closeness(off)}"
    )
