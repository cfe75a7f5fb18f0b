"""What adapters say of devices, in one set of words: a device that is not there is an error, never another device."""

from __future__ import annotations

from collections.abc import Iterable

from suite.errors import UnsupportedError
from suite.frameworks import Device

_NEEDS = {
    "cuda": "an NVIDIA GPU with its driver, and a build of it for CUDA",
    "metal": "the GPU of a Mac with Apple Silicon, and a build of it for Metal",
    "cpu": "a processor",
}


def absent(title: str, device: Device, found: str) -> UnsupportedError:
    """Return the error for a device that a framework does not find; ``found`` says what it finds instead."""
    return UnsupportedError(
        f"{title} does not find device {device}, which needs {_NEEDS[device]}: {found}; see evenmatch doctor, or train "
        "on the processor with --device cpu."
    )


def refuse_elsewhere(what: str, lie: Iterable[str], device: Device) -> None:
    """Refuse weights or a loss (``what``) that ``lie`` on other devices than the one asked for.

    Raises:
        UnsupportedError: some do; the message says where.
    """
    elsewhere = sorted(set(lie) - {device})
    if elsewhere:
        raise UnsupportedError(
            f"{what} lies on {' and '.join(elsewhere)}, not on {device} as asked: the framework chose otherwise, and "
            "times of that are not what was to be measured."
        )
