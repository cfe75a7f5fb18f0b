"""Keras 3 on JAX, trained by ``fit`` as its users do."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any

import numpy as np

from suite.frameworks import Device, DType, Mode, arithmetic
from suite.frameworks.device import absent
from suite.frameworks.keras import KerasFramework
from suite.frameworks.keras.engine import Engine, Slopes, Updates
from suite.layers import BatchNorm
from suite.workload import Workload


class OnJax(Engine):
    """Steps are traced and compiled by XLA.

    JAX dispatches asynchronously, on processors too: a call returns before its work is done
    (docs.jax.dev/en/latest/async_dispatch.html). So the clock ticks when the loss of a step has been fetched, which is
    made by the same compiled program as the step's updates and ready with them.
    """

    name = "jax"
    asynchronous = True

    def start(self, asked: Mapping[str, Any], device: Device) -> None:
        """Import JAX, which takes threads and the handling of GPU memory from the environment, once."""
        os.environ["NPROC"] = str(asked["threads_intra"])
        if device == "cuda":
            os.environ["XLA_PYTHON_CLIENT_PREALLOCATE"] = "false"
        import jax

        jax.config.update("jax_default_matmul_precision", asked["matmul_precision"])
        jax.config.update("jax_platforms", {"cpu": "cpu", "cuda": "cuda,cpu"}.get(device, device))
        try:
            found = _ours(jax.devices()[0])
        except RuntimeError as error:
            found = " ".join(str(error).split())[:200]
        if found != device:
            raise absent("Keras on JAX", device, f"JAX {jax.__version__} finds {found}")

    def device_of(self, variable: Any) -> str:
        """Ask JAX's array."""
        return _ours(variable.value.device)

    def set_precision(self, dtype: str) -> None:
        """JAX makes float32 of float64 unless told not to."""
        import jax

        jax.config.update("jax_enable_x64", dtype == "float64")

    def slopes(self, model: Any, *, compiled: bool) -> Slopes:
        """Do what ``Model.train_step`` does before its update."""
        import jax

        step = jax.value_and_grad(model.compute_loss_and_updates, has_aux=True)
        run = jax.jit(step, static_argnames=("training",)) if compiled else step

        def slopes(inputs: Any, labels: Any) -> tuple[float, list[np.ndarray]]:
            trained, others, metrics, optimizer = (
                [variable.value for variable in variables]
                for variables in (
                    model.trainable_variables,
                    model.non_trainable_variables,
                    model.metrics_variables,
                    model.optimizer.variables,
                )
            )
            (_, (loss, *_)), found = run(
                trained, others, metrics, inputs, labels, None, training=True, optimizer_variables=optimizer
            )
            return float(loss), [np.asarray(slope) for slope in found]

        return slopes

    def updates(self, model: Any, *, compiled: bool) -> Updates:
        """Let the optimiser do its part of the step."""
        import jax

        run = jax.jit(model.optimizer.stateless_apply) if compiled else model.optimizer.stateless_apply

        def update(slopes: list[np.ndarray]) -> None:
            state, trained = model.optimizer.variables, model.trainable_variables
            moved, kept = run(
                [variable.value for variable in state],
                [jax.numpy.asarray(slope) for slope in slopes],
                [variable.value for variable in trained],
            )
            for variable, value in [*zip(trained, moved, strict=True), *zip(state, kept, strict=True)]:
                variable.assign(value)

        return update

    def giving_back(self, images: Any, outputs: Any) -> Any:
        """``train_step`` is given the state, too."""
        import keras

        class GivingBack(keras.Model):  # type: ignore[misc]
            def train_step(self, state: Any, data: Any) -> Any:
                seen, _ = self.stateless_call(state[0], state[1], data[0], training=True)
                return {"seen": seen}, state

        return GivingBack(images, outputs)

    def settings(self, model: Any) -> dict[str, Any]:
        """Read back threads, precision, device, and whether the live step is compiled."""
        import jax

        variable = model.trainable_variables[0].value
        return {
            "threads_intra": _threads(),
            **_place(variable.device),
            "dtype": str(variable.dtype),
            "amp": False,
            **_precision(),
            "graph": bool(model.jit_compile),
            "compiled": bool(model.jit_compile),
            "compiler": "XLA" if model.jit_compile else "none",
            "build_accelerator": "processor" if jax.default_backend() == "cpu" else jax.default_backend(),
        }


def _ours(live: Any) -> str:
    """Return our name of a live device, or JAX's own where we have none."""
    return {"cpu": "cpu", "gpu": "cuda", "cuda": "cuda"}.get(live.platform, str(live))


def _place(live: Any) -> dict[str, Any]:
    """Read back where a device is, its name, how many GPUs this process sees, and how their memory is taken."""
    import jax

    gpus = [each for each in jax.devices() if each.platform != "cpu"]
    found: dict[str, Any] = {"device": _ours(live), "gpus_visible": len(gpus), "memory_growth": "no GPU"}
    if gpus:
        found["device_name"] = live.device_kind
        found["memory_growth"] = os.environ.get("XLA_PYTHON_CLIENT_PREALLOCATE") == "false"
    return found


POOL = "tf_XLAEigen"
"""What XLA calls the threads of its pool for work within operations, on Linux."""


def _threads(tasks: Path = Path("/proc/self/task")) -> int | str:
    """Count the threads of XLA's pool for work within operations.

    JAX has no setting for them and does not tell how many there are (jax-ml/jax issues 743 and 1539); NPROC, which XLA
    reads when it starts, is undocumented. So what took effect is counted: measured with jaxlib 0.10.2, NPROC at 1, 2
    and 3 makes 1, 2 and 3 of them. XLA's other threads run Python callbacks, compile and wait.
    """
    if not tasks.is_dir():
        return "unknown because JAX does not tell, and only Linux names the threads of a process"
    names = [_name_of(task / "comm") for task in tasks.iterdir()]
    return names.count(POOL) or f"unknown because no thread of this process is called {POOL}, as XLA's were"


def _name_of(file: Path) -> str:
    """Return a thread's name; that of one that has just ended is empty."""
    try:
        return file.read_text().strip()
    except OSError:
        return ""


def _precision() -> dict[str, Any]:
    import jax

    identity = jax.numpy.asarray(arithmetic.identity())
    product = jax.numpy.asarray(arithmetic.fine_matrix()) @ identity
    convolved = jax.lax.conv_general_dilated(
        jax.numpy.asarray(arithmetic.fine_images()),
        identity[None, None],
        (1, 1),
        "VALID",
        dimension_numbers=("NHWC", "HWIO", "NHWC"),
    )
    tiny = jax.jit(lambda values: values * 1.0)(jax.numpy.asarray(arithmetic.denormals()))
    return {
        "matmul_precision": str(jax.config.jax_default_matmul_precision),
        "float32_kept_matmul": arithmetic.kept(np.asarray(product)),
        "float32_kept_convolutions": arithmetic.kept(np.asarray(convolved)),
        "denormals_flushed": arithmetic.flushed(np.asarray(tiny)),
    }


class KerasJax(KerasFramework):
    """The framework's facts."""

    name = "keras-jax"
    title = "Keras on JAX"
    rank = 5
    further = True
    modes = (Mode(name="fit", sentence="Model.fit runs the loop and feeds the arrays; XLA compiles each step for JAX"),)
    default_mode = "fit"
    requirements = MappingProxyType({"cpu": ("keras", "jax"), "cuda": ("keras", "jax[cuda13]")})
    distributions = ("keras", "jax", "jaxlib")

    def process_policy(self, threads: int) -> dict[str, Any]:
        """The threads within an operation, float32 kept everywhere, and Keras's layout."""
        return {"threads_intra": threads, "matmul_precision": "highest", "layout": "NHWC"}

    def on_device(self, policy: Mapping[str, Any], device: Device) -> dict[str, Any]:
        """On an NVIDIA GPU memory is taken as it is needed."""
        asked = super().on_device(policy, device)
        return {**asked, "memory_growth": True} if device == "cuda" else asked

    def mode_policy(self, mode: str) -> dict[str, Any]:  # noqa: ARG002 (there is one)
        """A compiled graph."""
        return {"graph": True, "compiled": True}

    def dtypes_on(self, device: Device, workload: Workload | None = None) -> tuple[DType, ...]:
        """Networks with batch norms in float32 only.

        Off TensorFlow, Keras takes the common type of float64 and float32 for float32 (``result_type`` in
        keras/src/backend/common/dtypes.py of 3.15.1), and computes batch norms in that: measured, outputs of a float64
        model with them are 1e-7 off.
        """
        found = super().dtypes_on(device, workload)
        norms = workload is not None and any(isinstance(layer, BatchNorm) for layer in workload.layers)
        return tuple(dtype for dtype in found if dtype == "float32" or not norms)

    def engine(self) -> Engine:
        """JAX."""
        return OnJax()


FRAMEWORK = KerasJax()
