"""What TensorFlow is asked for, and what took effect, read back from it."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any

from suite.frameworks import arithmetic
from suite.frameworks.tensorflow import place


def apply(asked: Mapping[str, Any]) -> None:
    """Set what is asked for of the process beyond its threads and devices, before any network is built."""
    import tensorflow as tf
    from tensorflow.python.framework import config

    assert asked["tf32_matmul"] == asked["tf32_convolutions"], "TensorFlow has one switch for both"
    tf.config.experimental.enable_tensor_float_32_execution(asked["tf32_matmul"])
    if asked.get("memory_growth"):
        place.grow_memory()
    if asked["deterministic"]:
        config.enable_op_determinism()
    else:
        config.disable_op_determinism()


def tensorflow_settings(variable: Any) -> dict[str, Any]:
    """Read back what every TensorFlow-based adapter shares; ``variable`` is one of the live network's."""
    import tensorflow as tf
    from tensorflow.python.framework import config

    options = tf.config.optimizer.get_experimental_options()
    return {
        "threads_intra": tf.config.threading.get_intra_op_parallelism_threads(),
        "threads_inter": tf.config.threading.get_inter_op_parallelism_threads(),
        **place.settings(variable.device),
        "dtype": variable.dtype if isinstance(variable.dtype, str) else variable.dtype.name,
        "amp": any(value for name, value in options.items() if name.startswith("auto_mixed_precision")),
        "layout": "NHWC",
        **_precision(),
        "deterministic": config.is_op_determinism_enabled(),
        "cudnn_autotune": os.environ.get("TF_CUDNN_USE_AUTOTUNE", "1") != "0",
        **_onednn(),
        "xla_autoclustering": bool(tf.config.optimizer.get_jit()),
        "build_accelerator": accelerator(tf.sysconfig.get_build_info()),
        "build_compiler": tf.version.COMPILER_VERSION,
        "build_blas": "Eigen",  # the only one its kernels for processors are written with
    }


def execution(function: Any) -> dict[str, Any]:
    """Say how the step runs: ``function`` is the live step, a ``tf.function`` or a plain one.

    XLA is said to have compiled it only where every traced graph is marked so: such a graph is compiled or refused.
    """
    if not hasattr(function, "experimental_get_tracing_count"):
        return {"graph": False, "compiled": False, "compiler": "none"}
    graphs = [each.function_def.attr["_XlaMustCompile"].b for each in function._list_all_concrete_functions()]
    compiled = bool(graphs) and all(graphs)
    return {"graph": bool(graphs), "compiled": compiled, "compiler": "XLA" if compiled else "none"}


def read_settings(variable: Any, step: Any, *, kernel: str) -> dict[str, Any]:
    """Read back the settings of a live network, its step and its optimiser's kernel: one call for each weight."""
    return tensorflow_settings(variable) | execution(step) | {"optimizer": kernel, "optimizer_implementation": "fused"}


def accelerator(build: Mapping[str, Any]) -> str:
    """Return what a package was built for, from ``tf.sysconfig.get_build_info()``."""
    if build.get("is_cuda_build"):
        return f"CUDA {build.get('cuda_version', '')}".rstrip()
    return "ROCm" if build.get("is_rocm_build") else "processor"


def _precision() -> dict[str, Any]:
    """Return what the flags say of float32, and what arithmetic does."""
    import tensorflow as tf

    identity = tf.constant(arithmetic.identity())
    product = tf.linalg.matmul(tf.constant(arithmetic.fine_matrix()), identity)
    convolved = tf.nn.conv2d(tf.constant(arithmetic.fine_images()), identity[None, None], 1, "VALID")
    tf32 = tf.config.experimental.tensor_float_32_execution_enabled()
    return {
        "tf32_matmul": tf32,
        "tf32_convolutions": tf32,
        "float32_kept_matmul": arithmetic.kept(product.numpy()),
        "float32_kept_convolutions": arithmetic.kept(convolved.numpy()),
        "denormals_flushed": arithmetic.flushed((tf.constant(arithmetic.denormals()) * 1.0).numpy()),
    }


def _onednn() -> dict[str, Any]:
    """Say whether oneDNN is on; what TensorFlow does not tell of it is unknown."""
    from tensorflow.python.util import _pywrap_util_port

    on = bool(_pywrap_util_port.IsMklEnabled())
    return {
        "onednn": on,
        "onednn_built": True if on else "unknown because TensorFlow tells it only while oneDNN is on",
        "onednn_precision": os.environ.get("ONEDNN_DEFAULT_FPMATH_MODE", "float32").lower(),
        "onednn_version": "unknown because TensorFlow does not tell",
    }
