"""TensorFlow with a training step of its own: variables, operations and one ``tf.function``, no Keras.

Canonical arrays are TensorFlow's own layout, so nothing is transposed here.
"""

from __future__ import annotations

from types import MappingProxyType
from typing import Any, assert_never

import numpy as np

from suite.frameworks import Framework, Mode, Trainer, Weights
from suite.layers import Conv2d, Dense, Flatten, Layer, MaxPool2d, Relu
from suite.workload import Workload


class TensorFlow(Framework):
    """The framework's facts and its start."""

    name = "tensorflow"
    title = "TensorFlow"
    rank = 2
    modes = (
        Mode(name="function", sentence="the whole training step is traced once into a graph (tf.function)"),
        Mode(name="xla", sentence="the same graph compiled by XLA (jit_compile=True)"),
        Mode(name="eager", sentence="operations run one by one as Python reaches them"),
    )
    default_mode = "function"
    requirements = MappingProxyType({"cpu": ("tensorflow-cpu==2.21.0", "keras==3.15.1")})
    distributions = ("tensorflow-cpu", "keras")

    def start(self, threads: int) -> None:
        """Import TensorFlow and set both thread pools (it ignores OMP_NUM_THREADS)."""
        start_tensorflow(threads)

    def build(self, workload: Workload, mode: str) -> Trainer:
        """Make the variables and trace nothing yet: tracing belongs to the first step."""
        return TensorFlowTrainer(workload, mode)


def start_tensorflow(threads: int) -> None:
    """Import TensorFlow and set both of its thread pools, which is possible only before its first operation."""
    import tensorflow as tf

    tf.config.threading.set_intra_op_parallelism_threads(threads)
    tf.config.threading.set_inter_op_parallelism_threads(threads)


class TensorFlowTrainer(Trainer):
    """Variables by canonical name, momentum slots beside them, and a step over both."""

    def __init__(self, workload: Workload, mode: str) -> None:
        import tensorflow as tf

        self.workload = workload
        self.mode = mode
        self.variables: dict[str, Any] = {}
        for shape in workload.shapes():
            if shape.weight_shape is not None and shape.bias_shape is not None:
                self.variables[f"{shape.layer.name}/weight"] = tf.Variable(tf.zeros(shape.weight_shape))
                self.variables[f"{shape.layer.name}/bias"] = tf.Variable(tf.zeros(shape.bias_shape))
        self.momenta = {name: tf.Variable(tf.zeros_like(value)) for name, value in self.variables.items()}
        self.step = self._step
        self.forward = self._forward
        if mode != "eager":
            image = tf.TensorSpec((None, *workload.input_shape), tf.float32)
            label = tf.TensorSpec((None,), tf.int64)
            compiled = mode == "xla"
            self.step = tf.function(self._step, [image, label], autograph=False, jit_compile=compiled)
            self.forward = tf.function(self._forward, [image], autograph=False, jit_compile=compiled)

    def _forward(self, images: Any) -> Any:
        value = images
        for layer in self.workload.layers:
            value = self._apply(layer, value)
        return value

    def _apply(self, layer: Layer, value: Any) -> Any:
        import tensorflow as tf

        match layer:
            case Conv2d():
                weight, bias = self.variables[f"{layer.name}/weight"], self.variables[f"{layer.name}/bias"]
                return tf.nn.bias_add(tf.nn.conv2d(value, weight, layer.stride, padding="VALID"), bias)
            case MaxPool2d():
                return tf.nn.max_pool2d(value, layer.size, layer.stride, padding="VALID")
            case Dense():
                weight, bias = self.variables[f"{layer.name}/weight"], self.variables[f"{layer.name}/bias"]
                return tf.nn.bias_add(tf.matmul(value, weight), bias)
            case Flatten():
                return tf.reshape(value, (-1, int(np.prod(value.shape[1:]))))
            case Relu():
                return tf.nn.relu(value)
            case _:
                assert_never(layer)

    def _step(self, images: Any, labels: Any) -> Any:
        import tensorflow as tf

        with tf.GradientTape() as tape:
            losses = tf.nn.sparse_softmax_cross_entropy_with_logits(labels, self._forward(images))
            loss = tf.reduce_mean(losses)
        gradients = tape.gradient(loss, self.variables)
        for name, variable in self.variables.items():
            # TensorFlow's own fused kernel of v = momentum v + g; w = w - learning_rate v
            tf.raw_ops.ResourceApplyMomentum(
                var=variable.handle,
                accum=self.momenta[name].handle,
                lr=self.workload.optimizer.learning_rate,
                grad=gradients[name],
                momentum=self.workload.optimizer.momentum,
                use_locking=False,
                use_nesterov=False,
            )
        return loss

    def load(self, weights: Weights) -> None:
        """Assign canonical arrays and zero the momentum."""
        import tensorflow as tf

        for name, variable in self.variables.items():
            variable.assign(weights[name])
            self.momenta[name].assign(tf.zeros_like(variable))

    def dump(self) -> Weights:
        """Return the variables' values."""
        return {name: variable.numpy() for name, variable in self.variables.items()}

    def prepare(self, images: np.ndarray, labels: np.ndarray) -> tuple[Any, Any]:
        """Keep the arrays: TensorFlow takes them in as they are."""
        return images, labels

    def train_step(self, images: Any, labels: Any) -> Any:
        """One call of the traced (or eager) step."""
        return self.step(images, labels)

    def logits(self, images: Any) -> np.ndarray:
        """Forward only."""
        outputs: np.ndarray = self.forward(images).numpy()
        return outputs

    def layer_outputs(self) -> dict[str, tuple[int, ...]]:
        """Run one blank image through the layers and note what leaves each."""
        import tensorflow as tf

        value = tf.zeros((1, *self.workload.input_shape))
        outputs = {}
        for layer in self.workload.layers:
            value = self._apply(layer, value)
            outputs[layer.name] = tuple(value.shape[1:])
        return outputs

    def settings(self) -> dict[str, Any]:
        """Read back threads, device, precision, determinism, denormals, XLA and library flags."""
        first = next(iter(self.variables.values()))
        return tensorflow_settings(first) | {
            "optimizer": "ResourceApplyMomentum",
            "graph": self.mode != "eager",
            "xla": self.mode == "xla",
        }


def tensorflow_settings(variable: Any) -> dict[str, Any]:
    """Read back what every TensorFlow-based adapter shares; ``variable`` is one of the live network's."""
    import tensorflow as tf
    from tensorflow.python.framework import config
    from tensorflow.python.util import _pywrap_util_port

    return {
        "threads_intra": tf.config.threading.get_intra_op_parallelism_threads(),
        "threads_inter": tf.config.threading.get_inter_op_parallelism_threads(),
        "dtype": variable.dtype if isinstance(variable.dtype, str) else variable.dtype.name,
        "device": "cpu" if "CPU" in variable.device.upper() else variable.device,
        "layout": "NHWC",
        "deterministic": config.is_op_determinism_enabled(),
        "tf32": tf.config.experimental.tensor_float_32_execution_enabled(),
        "denormals_flushed": bool((tf.constant(1e-40) * 1.0).numpy() == 0.0),
        "onednn": bool(_pywrap_util_port.IsMklEnabled()),
    }


FRAMEWORK = TensorFlow()
