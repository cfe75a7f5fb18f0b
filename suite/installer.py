"""uv, which resolves and installs: run to its end, its usual failures turned into a sentence each."""

from __future__ import annotations

import functools
import os
import re
import threading
from collections.abc import Mapping, Sequence

from suite import process
from suite.errors import InputError, UnsupportedError

_NOT_FOR_UV = ("UV_FIND_LINKS", "UV_TORCH_BACKEND", "VIRTUAL_ENV")
"""Variables by which uv would take packages from, or put them in, places that we did not tell it."""


class UnreachedError(UnsupportedError):
    """A package index could not be reached."""

    def __init__(self, message: str, *, only_pytorchs: bool = False) -> None:
        super().__init__(message)
        self.only_pytorchs = only_pytorchs
        """Whether it is PyTorch's own index: others may well be there."""


def uv(
    arguments: Sequence[str],
    *,
    input_text: str | None = None,
    variables: Mapping[str, str] | None = None,
    timeout_s: float | None = None,
) -> str:
    """Run uv and return its standard output; turn its usual failures into a sentence each.

    Raises:
        TimeoutError: it took longer than ``timeout_s``.
        UnsupportedError: no network, no Python of the version asked for, or no uv.
        InputError: a hash that does not match, a full disk, or requirements that cannot be met.
    """
    environment = {key: value for key, value in os.environ.items() if key not in _NOT_FOR_UV} | dict(variables or {})
    try:
        code, output, errors = process.run(
            [_uv_program(), *arguments], input_text=input_text, env=environment, timeout_s=timeout_s
        )
    except FileNotFoundError:
        raise UnsupportedError('uv is missing: install it with python3 -m pip install "nox[uv]".') from None
    if code:
        raise _explain(arguments, errors)
    return output


_finding = threading.Lock()


def _uv_program() -> str:
    """Return the path of uv; one thread at a time, since ``sysconfig``, which it asks, is not made for more."""
    with _finding:
        return _find_uv()


@functools.cache
def _find_uv() -> str:
    try:
        import uv as uv_package
    except ImportError:
        return "uv"
    return uv_package.find_uv_bin()


_UNREACHED = ("dns error", "failed to fetch", "connect", "network", "timed out", "status server error")


def _explain(arguments: Sequence[str], errors: str) -> InputError | UnsupportedError:
    """Return one sentence for what uv printed, with its own first and last lines."""
    said = _short(errors)
    text = said.lower()
    if "hash mismatch" in text:
        return _other_hash(arguments, errors)
    if any(sign in text for sign in ("no space left", "not enough space", "quota exceeded")):
        return InputError(f"the disk is full; free some space and run the same command again. uv said: {said}")
    if "no interpreter found" in text or "no download found" in text:
        return UnsupportedError(f"the Python of this profile is missing and could not be fetched: {said}")
    if any(sign in text for sign in _UNREACHED):
        if any(argument.startswith("--torch-backend") for argument in arguments) and "/whl/" in text:
            return UnreachedError(
                "PyTorch's own index, where its build for this profile is, could not be reached; is there a network? "
                f"Or name a folder that holds that wheel: PIP_FIND_LINKS=DIR. uv said: {said}",
                only_pytorchs=True,
            )
        return UnreachedError(f"a package index could not be reached; is there a network? uv said: {said}")
    return InputError(f"uv {' '.join(arguments[:2])} failed: {said}")


def _other_hash(arguments: Sequence[str], errors: str) -> InputError:
    """Return the error for a hash that does not match; uv says the hash of every build there is, which helps nobody."""
    found = re.search(r"hash mismatch for `([^`]+)`", errors, re.IGNORECASE)
    package = found[1].split(" @ ")[0] if found else "a package"
    lock = next((f" {word}" for word in reversed(arguments) if word.endswith(".txt")), "")
    return InputError(
        f"{package} does not match the hash in its lock{lock}, so nothing was installed: take the lock from version "
        "control, or make it anew with nox -s lock."
    )


def _short(errors: str) -> str:
    """Return what uv printed on one line; of a chain of causes, the last, since it is the one that all others wrap."""
    lines = [line.strip() for line in errors.strip().splitlines() if line.strip()]
    causes = [number for number, line in enumerate(lines) if line.lower().startswith(("cause:", "caused by:"))]
    fetched = [number for number in causes if "fetch" in lines[number].lower()][:1]  # it says from where
    dropped = set(causes[:-1]) - set(fetched)
    return " ".join(line for number, line in enumerate(lines) if number not in dropped)


def find_links() -> list[str]:
    """Return the places that ``UV_FIND_LINKS`` (comma-separated) and ``PIP_FIND_LINKS`` (space-separated) name."""
    places = os.environ.get("UV_FIND_LINKS", "").split(",") + os.environ.get("PIP_FIND_LINKS", "").split()
    return list(dict.fromkeys(place.strip() for place in places if place.strip()))
