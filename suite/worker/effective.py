"""What took effect in this process, whatever the framework: read after the run, never set here.

Keys are those of the settings ledger (:mod:`suite.ledger`). What cannot be read is "unknown because ...".
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

FAMILIES = (
    *("OMP_", "GOMP_", "KMP_", "MKL_", "OPENBLAS_", "VECLIB_", "BLIS_", "DNNL_", "ONEDNN_"),
    *("TF_", "TF2_BEHAVIOR", "XLA_", "JAX_", "TORCH", "PYTORCH", "ATEN_", "KERAS_"),
    *("MALLOC_", "MIMALLOC_", "LD_PRELOAD", "CUDA_", "NVIDIA_", "CUBLAS_", "CUDNN_"),
)
"""How the names begin of the environment variables that can change a time or an arithmetic."""

_ALLOCATORS = ("jemalloc", "tcmalloc", "mimalloc")
"""Replacements of the C library's malloc, by a word in their files' names."""

_PATH = re.compile(r"(?:\b[A-Za-z]:|~)?(?:[\\/]+([^\\/\s:;,]+))+[\\/]*")
"""An absolute path of any system, its last part caught."""


def settings() -> dict[str, Any]:
    """Return the settings of this process, flat."""
    variables = dict(os.environ)  # before threadpoolctl is there, which sets one of them when it is imported
    import threadpoolctl

    return {
        "affinity": affinity(),
        "process_threads": process_threads(),
        "allocator": allocator(_mapped_files()),
        **libraries(threadpoolctl.threadpool_info(), variables),
        "main_thread_denormals_flushed": denormals_flushed(),
        **environment(variables),
    }


def affinity() -> str:
    """Return the logical processors that this process may run on, as "0-3, 8"."""
    if not hasattr(os, "sched_getaffinity"):
        return "unknown because this system does not tell"
    return ranges(os.sched_getaffinity(0))


def ranges(numbers: Iterable[int]) -> str:
    """Return whole numbers as ranges: {0, 1, 2, 8} is "0-2, 8"."""
    runs: list[list[int]] = []
    for number in sorted(set(numbers)):
        if runs and number == runs[-1][-1] + 1:
            runs[-1].append(number)
        else:
            runs.append([number])
    return ", ".join(f"{run[0]}-{run[-1]}" if len(run) > 1 else str(run[0]) for run in runs)


def process_threads() -> int:
    """Return how many threads of the operating system this process has."""
    import psutil

    return int(psutil.Process().num_threads())


def allocator(files: Sequence[str] | None) -> str:
    """Name the malloc of a process from the ``files`` mapped into it (None: they cannot be read)."""
    if files is None:
        return "unknown because this system does not list the libraries of a process"
    names = [file.rsplit("/", 1)[-1] for file in files]
    for word in _ALLOCATORS:
        if any(name.startswith(f"lib{word}") for name in names):
            return word
    if any(name.startswith("ld-musl") for name in names):
        return "musl"
    if any(re.match(r"libc[.-]", name) for name in names):
        return "glibc"
    return "unknown because no C library is among the files of the process"


def _mapped_files() -> list[str] | None:
    try:
        lines = Path("/proc/self/maps").read_text().splitlines()
    except OSError:
        return None
    return sorted({parts[5] for line in lines if len(parts := line.split(maxsplit=5)) == 6})


def libraries(pools: Sequence[Mapping[str, Any]], variables: Mapping[str, str]) -> dict[str, Any]:
    """Return BLAS and OpenMP libraries and their threads from ``threadpoolctl.threadpool_info()``'s entries."""
    blas = [pool for pool in pools if pool.get("user_api") == "blas"]
    openmp = [pool for pool in pools if pool.get("user_api") == "openmp"]
    found: dict[str, Any] = {"blas": ", ".join(sorted(map(_described, blas))) or "none that tells"}
    if blas:
        found["blas_threads"] = max(int(pool["num_threads"]) for pool in blas)
    found["openmp"] = ", ".join(sorted({str(pool.get("prefix")) for pool in openmp})) or "none"
    if openmp:
        found["openmp_threads"] = max(int(pool["num_threads"]) for pool in openmp)
        found["openmp_wait_policy"] = variables.get("OMP_WAIT_POLICY", "not set").lower()
    else:
        found["openmp_wait_policy"] = "no OpenMP"
    return found


def _described(pool: Mapping[str, Any]) -> str:
    details = ", ".join(str(pool[key]) for key in ("threading_layer", "architecture") if pool.get(key))
    name = f"{pool.get('internal_api', 'unnamed')} {pool.get('version') or ''}".rstrip()
    return f"{name} ({details})" if details else name


def denormals_flushed() -> bool:
    """Tell by arithmetic whether numbers below float32's smallest normal one become zero on this thread."""
    tiny = np.full(1, 1e-40, dtype=np.float32)
    return bool((tiny * np.float32(1))[0] == 0)


def environment(variables: Mapping[str, str]) -> dict[str, str]:
    """Return the variables that matter and are set, by ``env:NAME``, without paths of this machine; or that none is."""
    found = {f"env:{name}": _without_paths(variables[name]) for name in sorted(variables) if name.startswith(FAMILIES)}
    return found or {"env": "none set"}


def _without_paths(value: str) -> str:
    """Keep of every path the name of a file, which may name a library; folders name users and places."""
    return _PATH.sub(lambda path: f"…/{path[1]}" if "." in path[1] else "a folder", value)
