"""PyTorch: eager execution as its users get it, eager with channels-last memory, and torch.compile."""

from __future__ import annotations

from types import MappingProxyType

from suite.frameworks import DType, Framework, Mode, Trainer
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
    requirements = MappingProxyType({"cpu": ("torch==2.13.0",)})
    distributions = ("torch",)

    def start(self, threads: int) -> None:
        """Import torch, set both thread counts, and flush denormals as TensorFlow always does."""
        import torch
        import torch._dynamo  # torch.optim imports it on first use, in 0.9 s: that is importing, not building

        torch.set_num_threads(threads)
        torch.set_num_interop_threads(threads)
        torch.set_flush_denormal(True)

    def build(self, workload: Workload, mode: str, dtype: DType = "float32") -> Trainer:
        """Build the network as an ``nn.Sequential`` with its optimiser from ``torch.optim``."""
        from suite.frameworks.pytorch.trainer import PyTorchTrainer

        return PyTorchTrainer(workload, mode, dtype)


FRAMEWORK = PyTorch()
