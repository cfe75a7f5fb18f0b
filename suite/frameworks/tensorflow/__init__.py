"""TensorFlow with a training step of its own: variables, operations and one ``tf.function``, no Keras."""

from __future__ import annotations

from types import MappingProxyType

from suite.frameworks import DType, Framework, Mode, Trainer
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

    def build(self, workload: Workload, mode: str, dtype: DType = "float32") -> Trainer:
        """Make the variables and trace nothing yet: tracing belongs to the first step."""
        from suite.frameworks.tensorflow.trainer import TensorFlowTrainer

        return TensorFlowTrainer(workload, mode, dtype)


def start_tensorflow(threads: int) -> None:
    """Import TensorFlow and set both of its thread pools, which is possible only before its first operation."""
    import tensorflow as tf

    tf.config.threading.set_intra_op_parallelism_threads(threads)
    tf.config.threading.set_inter_op_parallelism_threads(threads)


FRAMEWORK = TensorFlow()
