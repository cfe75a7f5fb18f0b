"""The one small network that the probes use, in each framework, and images for it."""

from __future__ import annotations

from typing import Any

SIDE = 8
"""Height and width of an image."""
MAPS = 2 * (SIDE - 2) ** 2
"""Values that the convolution leaves: 2 maps, 3x3 'valid'."""
STEPS = 30
"""Steps or epochs that are trained."""


def pytorch(calls: list[int] | None = None) -> Any:
    """Return a network with the same weights each time; ``calls`` grows when its Python code runs."""
    import torch

    class Network(torch.nn.Module):  # type: ignore[misc]  # frameworks have no types here
        def __init__(self) -> None:
            super().__init__()
            self.convolution = torch.nn.Conv2d(1, 2, 3)
            self.dense = torch.nn.Linear(2 * (SIDE - 2) ** 2, 3)

        def forward(self, images: Any) -> Any:
            if calls is not None:
                calls.append(1)
            features = torch.relu(self.convolution(images))
            return self.dense(features.flatten(1))

    torch.manual_seed(0)
    return Network()


def pytorch_images(count: int = 4) -> Any:
    """Return the same images each time: (count, 1, side, side)."""
    import torch

    return torch.rand(count, 1, SIDE, SIDE, generator=torch.Generator().manual_seed(1))


def tensorflow(calls: list[int] | None = None) -> Any:
    """Return a network with the same weights each time; ``calls`` grows when its Python code runs."""
    import tensorflow as tf

    class Network(tf.Module):  # type: ignore[misc]  # frameworks have no types here
        def __init__(self) -> None:
            super().__init__()
            draw = tf.random.Generator.from_seed(0)
            self.kernel = tf.Variable(draw.normal((3, 3, 1, 2), stddev=0.3))
            self.dense = tf.Variable(draw.normal((MAPS, 3), stddev=0.1))

        def __call__(self, images: Any) -> Any:
            if calls is not None:
                calls.append(1)
            features = tf.nn.relu(tf.nn.conv2d(images, self.kernel, 1, "VALID"))
            return tf.reshape(features, (-1, MAPS)) @ self.dense

    return Network()


def tensorflow_images(count: int = 4) -> Any:
    """Return the same images each time: (count, side, side, 1)."""
    import tensorflow as tf

    return tf.random.Generator.from_seed(1).uniform((count, SIDE, SIDE, 1))


def two_processors() -> None:
    """Make the processor two devices, before anything is computed."""
    import tensorflow as tf

    processor = tf.config.list_physical_devices("CPU")[0]
    tf.config.set_logical_device_configuration(processor, [tf.config.LogicalDeviceConfiguration() for _ in range(2)])


def keras_model(calls: list[int] | None = None) -> Any:
    """Return a network with the same weights each time; ``calls`` grows when its Python code runs."""
    import keras

    keras.utils.set_random_seed(0)

    class Network(keras.Model):  # type: ignore[misc]  # frameworks have no types here
        def __init__(self) -> None:
            super().__init__()
            self.convolution = keras.layers.Conv2D(2, 3, activation="relu")
            self.flat = keras.layers.Flatten()
            self.dense = keras.layers.Dense(3)

        def call(self, images: Any) -> Any:
            if calls is not None:
                calls.append(1)
            features = self.convolution(images)
            return self.dense(self.flat(features))

    network = Network()
    network.build((None, SIDE, SIDE, 1))
    return network


def keras_layers() -> Any:
    """Return the same network from layers alone, which needs no class of ours."""
    import keras

    keras.utils.set_random_seed(0)
    layers = [keras.layers.Conv2D(2, 3, activation="relu"), keras.layers.Flatten(), keras.layers.Dense(3)]
    return keras.Sequential([keras.Input((SIDE, SIDE, 1)), *layers])


def keras_images(count: int = 4) -> Any:
    """Return the same images each time: (count, side, side, 1), an array."""
    import keras

    return keras.ops.convert_to_numpy(keras.random.uniform((count, SIDE, SIDE, 1), seed=1))
