"""PyTorch: eager execution as its users get it, eager with channels-last memory, and torch.compile."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from suite.frameworks import Device, DType, Framework, Mode, Trainer
from suite.frameworks.policy import Probe
from suite.workload import Workload


class PyTorch(Framework):
    """The framework's facts and its start."""

    name = "pytorch"
    title = "PyTorch"
    rank = 1
    modes = (
        Mode(name="eager", sentence="operations run one by one as Python reaches them, contiguous (NCHW) memory"),
        Mode(
            name="eager-channels-last",
            sentence="eager, with images and weights in channels-last (NHWC) memory",
            companion=True,
            switches="layout",
        ),
        Mode(name="compile", sentence="torch.compile turns forward and backward into generated code"),
    )
    default_mode = "eager"
    requirements = MappingProxyType(dict.fromkeys(("cpu", "cuda", "metal"), ("torch",)))
    distributions = ("torch",)
    probes = (
        Probe(
            name="denormals-kept",
            key="denormals_flushed",
            sentence="denormals kept",
            asks={"denormals_flushed": False},
        ),
        Probe(name="onednn-off", key="onednn", sentence="oneDNN off", asks={"onednn": False}),
        Probe(
            name="optimizer-fused",
            key="optimizer_implementation",
            sentence="fused optimiser",
            asks={"optimizer_implementation": "fused"},
            devices=("cpu", "cuda"),
        ),
        Probe(
            name="openmp-passive",
            key="openmp_wait_policy",
            sentence="OpenMP threads sleeping while they wait",
            asks={"openmp_wait_policy": "passive"},
            environment={"OMP_WAIT_POLICY": "PASSIVE"},
        ),
    )

    def process_policy(self, threads: int) -> dict[str, Any]:
        """Both thread counts, denormals flushed as TensorFlow always does, float32 kept everywhere."""
        return {
            "threads_intra": threads,
            "threads_inter": threads,
            "denormals_flushed": True,
            "deterministic": False,
            "matmul_precision": "highest",
            "tf32_matmul": False,
            "tf32_convolutions": False,
            "cudnn_autotune": True,
        }

    def mode_policy(self, mode: str) -> dict[str, Any]:
        """The memory layout, and whether the step is compiled."""
        compiled = mode == "compile"
        return {
            "layout": "NHWC" if mode == "eager-channels-last" else "NCHW",
            "graph": compiled,
            "compiled": compiled,
        }

    def on_device(self, policy: Mapping[str, Any], device: Device) -> dict[str, Any]:
        """On a GPU nothing is asked of denormals: ``torch.set_flush_denormal`` is about processors."""
        asked = super().on_device(policy, device)
        return asked if device == "cpu" else {key: value for key, value in asked.items() if key != "denormals_flushed"}

    def start(self, threads: int, device: Device = "cpu") -> None:
        """Import torch and set what is asked for."""
        import torch._dynamo  # noqa: F401 (torch.optim imports it on first use, in 0.9 s: that is no building)

        from suite.frameworks.pytorch import place, settings

        place.require(self.title, device)
        self.device = device
        settings.apply(self.changed(self.process_policy(threads)))

    def build(self, workload: Workload, mode: str, dtype: DType = "float32") -> Trainer:
        """Build the network as an ``nn.Sequential`` with its optimiser from ``torch.optim``."""
        from suite.frameworks.pytorch.trainer import PyTorchTrainer

        return PyTorchTrainer(workload, self.changed(self.mode_policy(mode)), dtype, self.device)


FRAMEWORK = PyTorch()
