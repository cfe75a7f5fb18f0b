"""What the made-up runs are made up of: speeds, layers, a machine, versions, notes."""

from __future__ import annotations

from typing import Any

Record = dict[str, Any]

SPEED = {
    "pytorch-eager": (1.0, 0.00046),
    "pytorch-eager-channels-last": (0.9, 0.00043),
    "pytorch-compile": (1.6, 0.0006),
    "tensorflow-function": (1.15, 0.0002),
    "tensorflow-xla": (1.2, 0.0005),
    "keras-fit": (1.6, 0.00033),
    "keras-torch-fit": (2.9, 0.0005),
    "keras-jax-fit": (1.9, 0.0004),
    "pytorch-published": (1.4, 0.0009),
    "pytorch-inputs-0-to-1": (1.4, 0.0009),
    "keras-published": (1.7, 0.00035),
    "keras-inputs-minus1-to-1": (1.7, 0.00036),
}
"""Milliseconds per step of each framework and mode: a fixed part, and seconds for each image of a batch."""

GAIN = {"keras-published": -0.04, "pytorch-inputs-0-to-1": -0.042}
"""What inputs in [0, 1] cost in accuracy against inputs in [-1, 1]."""

KINDS = {
    "pytorch": {"conv": "Conv2d", "pool": "MaxPool2d", "flatten": "Flatten", "dense": "Linear"},
    "tensorflow": {"conv": "nn.conv2d", "pool": "nn.max_pool2d", "flatten": "reshape", "dense": "matmul"},
    "keras": {"conv": "Conv2D", "pool": "MaxPooling2D", "flatten": "Flatten", "dense": "Dense"},
}
KINDS |= dict.fromkeys(("keras-torch", "keras-jax"), KINDS["keras"])
LAYERS = {
    "cifar10-cnn3x3": [
        ("conv1", [30, 30, 32], 896),
        ("pool1", [15, 15, 32], 0),
        ("conv2", [13, 13, 64], 18496),
        ("pool2", [6, 6, 64], 0),
        ("conv3", [4, 4, 64], 36928),
        ("flatten", [1024], 0),
        ("dense1", [64], 65600),
        ("dense2", [10], 650),
    ],
    "cifar10-cnn5x5": [
        ("conv1", [28, 28, 6], 456),
        ("pool1", [14, 14, 6], 0),
        ("conv2", [10, 10, 16], 2416),
        ("pool2", [5, 5, 16], 0),
        ("flatten", [400], 0),
        ("dense1", [120], 48120),
        ("dense2", [84], 10164),
        ("dense3", [10], 850),
    ],
}
IDENTITY = {
    "cpu_vendor": "AuthenticAMD",
    "cpu_model": "AMD EPYC 9B14",
    "microarchitecture": "zen4",
    "physical_cores": 1,
    "logical_cores": 2,
    "core_kinds": "all alike",
    "smt": True,
    "usable_cores": 2,
    "base_mhz": "unknown because the kernel does not say",
    "max_mhz": 2600.0,
    "l1d_bytes": 32768,
    "l1i_bytes": 32768,
    "l2_bytes": 1048576,
    "l3_bytes": 33554432,
    "simd": ["avx2", "avx512f"],
    "ram_bytes": 25_200_000_000,
    "os_name": "Debian GNU/Linux",
    "os_version": "12 (bookworm)",
    "kernel": "6.1.0-28-amd64",
    "architecture": "x86_64",
    "translated": False,
    "virtual_machine": "kvm",
    "container": "docker",
    "wsl": False,
    "cpu_quota": 2.0,
    "memory_limit_bytes": None,
    "gpus": [],
    "governor": "unknown because /sys/devices/system/cpu/cpu0/cpufreq is not there",
    "python_implementation": "CPython",
    "python_version": "3.11.7",
    "numpy_version": "2.4.2",
    "blas": "openblas 0.3.30",
    "thread_pools": "openblas 2",
}
VERSIONS = {
    "pytorch": {"python": "3.11.7", "torch": "2.13.0+cpu", "numpy": "2.4.2"},
    "tensorflow": {"python": "3.11.7", "tensorflow": "2.21.0", "keras": "3.15.1", "numpy": "2.4.2"},
    "keras": {"python": "3.11.7", "tensorflow": "2.21.0", "keras": "3.15.1", "numpy": "2.4.2"},
    "keras-torch": {"python": "3.11.7", "torch": "2.13.0+cpu", "keras": "3.15.1", "numpy": "2.4.2"},
    "keras-jax": {"python": "3.11.7", "jax": "0.10.2", "keras": "3.15.1", "numpy": "2.4.2"},
}

NOTES: list[Record] = [
    {
        "id": "synthetic-data",
        "severity": "info",
        "sentence": "The images are synthetic (cifar10-twin): times are real, accuracies hold for these images alone.",
        "numbers": {},
        "todo": "Name a data set with --data DIR, or let it be fetched with --download.",
    },
    {
        "id": "spread-between-runs",
        "severity": "caution",
        "sentence": "In 1 cell the slowest run took much longer than the fastest of the same cell: "
        "linux-cpu/matched/cifar10-cnn3x3/keras-fit/b32 (1.43 times).",
        "numbers": {"spread": {"linux-cpu/matched/cifar10-cnn3x3/keras-fit/b32": 1.43}},
        "todo": "Close other programs and run again.",
    },
]
UNFAIR: Record = {
    "id": "unlike-threads",
    "severity": "unfair",
    "sentence": "The frameworks did not run with the same number of threads: PyTorch 2, TensorFlow 4.",
    "numbers": {"pytorch": 2, "tensorflow": 4},
    "todo": "Set --threads 2.",
}
