"""BLAS and thread pools of the driver's own NumPy; the frameworks' are read back by the worker."""

from __future__ import annotations

from typing import Any

import numpy as np
import threadpoolctl

from suite.fingerprint.probe import Facts, Source, UnreadableError

_KEPT = ("user_api", "internal_api", "version", "num_threads", "threading_layer", "architecture")
"""Not ``filepath``: it holds user names."""


def parse_threadpools(pools: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Keep the telling fields of ``threadpoolctl.threadpool_info()``'s entries; absent ones are left out."""
    return [{key: pool[key] for key in _KEPT if pool.get(key) is not None} for pool in pools]


def name_of_blas(pools: list[dict[str, Any]]) -> str | None:
    """Name the BLAS library, such as "openblas 0.3.31", among thread pools; None if there is none."""
    for pool in pools:
        if pool.get("user_api") == "blas":
            return f"{pool.get('internal_api', 'unnamed')} {pool.get('version', '')}".rstrip()
    return None


def sources() -> list[Source]:
    """Return the source of BLAS and thread pools."""
    return [Source(name="threadpoolctl", fields=("blas", "thread_pools", "numpy_version"), read=_read)]


def _read() -> Facts:
    pools = parse_threadpools(threadpoolctl.threadpool_info())
    facts: Facts = {"thread_pools": pools, "numpy_version": np.__version__}
    blas = name_of_blas(pools)
    if blas is None and not pools:
        raise UnreadableError(
            "threadpoolctl knows none of the libraries NumPy loaded (Apple's Accelerate is one it does not)"
        )
    return facts if blas is None else {**facts, "blas": blas}
