"""Probes of Keras that write files: a trace, a log, weights, a network to be run without its code."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

from suite.features.probes.found import Found, closeness, partly, require, yes
from suite.features.probes.nets import keras_images as _images
from suite.features.probes.nets import keras_layers as _plain
from suite.features.probes.processes import reloaded


def _difference(a: Any, b: Any) -> float:
    import keras

    return float(keras.ops.max(keras.ops.abs(a - b)))


def traced(network: Any) -> bytes:
    """Return the trace that the backend's profiler writes of a second ``predict``."""
    import tensorflow as tf

    network.predict(_images(), verbose=0)
    with tempfile.TemporaryDirectory() as folder:
        with tf.profiler.experimental.Profile(folder):
            network.predict(_images(), verbose=0)
        return next(Path(folder).rglob("*.xplane.pb")).read_bytes()


def profile() -> Found:
    """Let the backend write a trace while Keras predicts, and find the operations in it."""
    network = _plain()
    network.compile(jit_compile=False)
    data = traced(network)
    require(b"Conv2D" in data, "the trace has not the names of the operations")
    return yes(
        "XPlane trace, by its backend",
        f"its backend's profiler wrote an XPlane trace of {len(data) / 1e3:.0f} kB of predict, Conv2D in it",
    )


def event_log() -> Found:
    """Try to write a loss for TensorBoard, then a table and a CSV file of the losses."""
    import keras

    network, images = _plain(), _images()
    network.compile(loss="mse")
    with tempfile.TemporaryDirectory() as folder:
        log = Path(folder) / "losses.csv"
        network.fit(images, images[:, 0, :3, 0], epochs=2, verbose=0, callbacks=[keras.callbacks.CSVLogger(str(log))])
        rows = log.read_text(encoding="utf-8").splitlines()
        require(len(rows) == 3 and "loss" in rows[0], "the CSV file has not a row per epoch")
        try:
            board = [keras.callbacks.TensorBoard(folder)]
            network.fit(images, images[:, 0, :3, 0], verbose=0, callbacks=board)
        except Exception as error:
            if "tensorboard" not in str(error).lower():
                raise
            said = str(error).splitlines()[0]
            return partly(
                "CSV file; else needs TensorBoard",
                f"CSVLogger wrote a row per epoch; TensorBoard needs a package that is not installed: {said}",
            )
        sizes = [file.stat().st_size for file in Path(folder).rglob("events*")]
    require(bool(sizes), "no event file was written")
    return yes(
        "CSV file, or for TensorBoard",
        f"CSVLogger wrote a row per epoch, TensorBoard an event file of {sizes[0]} bytes",
    )


def save_and_load() -> Found:
    """Save a network, load it, compare outputs."""
    import keras

    network, images = _plain(), _images()
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "network.keras"
        network.save(file)
        other = keras.saving.load_model(file)
    off = _difference(network(images), other(images))
    require(off == 0, f"outputs differ by {off:.1e}")
    return yes(
        "the whole network",
        "the whole network saved as .keras and loaded without its code: outputs equal to the last bit",
    )


def export() -> Found:
    """Export a network, and run it in another process that does not build it."""
    network, images = _plain(), _images()
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder) / "exported"
        network.export(place, verbose=False)
        size = sum(file.stat().st_size for file in place.rglob("*") if file.is_file())
        found = reloaded("keras", place, images.tolist())
    import numpy as np

    off = _difference(np.array(found, "float32"), network(images))
    require(off < 1e-6, f"outputs differ by {off:.1e}")
    return yes(
        "SavedModel",
        f"Model.export: a SavedModel ({size / 1e3:.0f} kB), run by another process without Keras: {closeness(off)}",
    )
