"""Seeds by hashing names, so that adding a workload or a block never shifts another one's random numbers."""

from __future__ import annotations

import hashlib


def derive(base: int, *names: str | int) -> int:
    """Return a 63-bit seed for the component that ``names`` describe, under the run's base seed.

    The same base and names give the same seed on every machine and Python version; another name gives an unrelated one.
    """
    text = "/".join([str(base), *map(str, names)])
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:8], "big") >> 1
