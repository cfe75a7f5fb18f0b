"""Catalogue: how the libraries were built, where they tell."""

from __future__ import annotations

from suite.ledger.entry import Entry

BUILDING = (
    Entry(
        key="build_accelerator",
        title="Built for",
        sentence="The accelerator that the package was built for: a CPU build on one side cannot use the GPU.",
        source="torch.version and tf.sysconfig.get_build_info",
    ),
    Entry(
        key="build_compiler",
        title="Built with",
        sentence="The compiler of the package: part of each framework as its users get it, nothing to be matched.",
        source="torch.__config__ and tf.version.COMPILER_VERSION",
        comparable=False,
    ),
    Entry(
        key="build_blas",
        title="Linear algebra built in",
        sentence="The library behind matrix products that oneDNN does not take: part of each framework as its users "
        "get it, nothing to be matched.",
        source="torch.__config__; TensorFlow's CPU kernels are Eigen's",
        comparable=False,
    ),
    Entry(
        key="onednn_built",
        title="oneDNN compiled in",
        sentence="Whether the package has oneDNN at all; whether it is used says the row “oneDNN switched on”.",
        source="torch.backends.mkldnn.is_available; TensorFlow tells only while it is on",
    ),
    Entry(
        key="onednn_version",
        title="oneDNN's version",
        sentence="Each framework brings a copy of its own; a newer one can be faster on a newer processor.",
        source="torch.__config__; TensorFlow does not tell",
        comparable=False,
    ),
    Entry(
        key="cpu_capability",
        title="Processor instructions used",
        sentence="The widest vector instructions that PyTorch's own kernels chose; TensorFlow and oneDNN choose for "
        "themselves and do not tell.",
        source="torch.backends.cpu.get_cpu_capability",
    ),
)
