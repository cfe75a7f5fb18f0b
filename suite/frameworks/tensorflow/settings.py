"""What took effect in TensorFlow, read back from it."""

from __future__ import annotations

from typing import Any


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


def read_settings(variable: Any, *, kernel: str, graph: bool, xla: bool) -> dict[str, Any]:
    """Read back threads, device, precision, determinism, denormals, XLA and library flags."""
    return tensorflow_settings(variable) | {"optimizer": kernel, "graph": graph, "xla": xla}
