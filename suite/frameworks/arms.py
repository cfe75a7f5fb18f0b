"""Names of arms, taken apart: ``keras-torch-fit`` is mode ``fit`` of ``keras-torch``, nothing of ``keras``."""

from __future__ import annotations

import functools

from suite.frameworks import frameworks


def split(arm: str) -> tuple[str, str]:
    """Return the framework and the mode (or variant) that an arm's name is made of.

    The framework is the longest one known that the name begins with; of one that is not known any more, the first word.
    """
    for name in _longest_first():
        if arm == name or arm.startswith(f"{name}-"):
            return name, arm[len(name) + 1 :]
    framework, _, mode = arm.partition("-")
    return framework, mode


@functools.cache
def _longest_first() -> tuple[str, ...]:
    return tuple(sorted(frameworks(), key=len, reverse=True))
