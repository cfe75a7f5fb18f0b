"""What the installed distribution of a framework says of itself: licence, versions of Python, headers."""

from __future__ import annotations

import platform
import re
from importlib import metadata

from suite.features.probes.found import Found, no, require, yes

DISTRIBUTIONS = {
    "pytorch": ("torch",),
    "tensorflow": ("tensorflow", "tensorflow-cpu", "tensorflow-macos"),
    "keras": ("keras",),
}
"""Under which names a framework is installed, depending on the platform."""
BESIDE = {"keras": ("tensorflow", "tensorflow-cpu", "tensorflow-macos")}
"""What computes for it."""

OPEN = ("Apache", "BSD", "MIT", "BSL-1.0")
"""Words by which the licences met here are known; all are approved by the Open Source Initiative."""


def versions(framework: str) -> dict[str, str]:
    """Return the versions that a finding is of: Python's, the framework's, and of what it computes with."""
    found = {"python": platform.python_version()}
    for names in (DISTRIBUTIONS[framework], BESIDE.get(framework, ())):
        found |= {name: metadata.version(name) for name in names if _installed(name)}
    return found


def licence(framework: str) -> Found:
    """Say which licence the distribution names, and whether its text is installed with it."""
    found = _distribution(framework)
    told = _field(found, "License-Expression") or _field(found, "License")
    texts = [file for file in found.files or [] if re.search(r"licen[cs]e", file.name, re.IGNORECASE)]
    require(bool(told), f"{found.name} names no licence")
    copies = f"{len(texts)} licence text{'' if len(texts) == 1 else 's'}"
    words = f"{found.name} {found.version} names {told.splitlines()[0]}; {copies} installed"
    parts = [part.strip("() ") for part in re.split(r" AND | OR ", told)]
    brief = parts[0] if len(parts) == 1 else f"{len(parts)} licences, each approved"
    approved = all(any(word in part for word in OPEN) for part in parts)
    return yes(brief, words) if texts and approved else no("not seen to be approved", words)


def headers(framework: str) -> Found:
    """Say whether headers to use it from C++ are installed with it."""
    found = _distribution(framework)
    count = sum(file.name.endswith((".h", ".hpp")) for file in found.files or [])
    words = f"{found.name} {found.version} installs {count} C and C++ headers"
    return (
        yes("C++ headers", words)
        if count
        else no("Python alone", f"{found.name} {found.version} installs Python alone, no C or C++ header")
    )


def pythons(framework: str) -> Found:
    """Say which versions of Python the distribution is for."""
    found = _distribution(framework)
    stem = "Programming Language :: Python :: 3."
    named = [each.removeprefix(stem) for each in found.metadata.get_all("Classifier") or [] if each.startswith(stem)]
    needs = _field(found, "Requires-Python")
    require(bool(named or needs), f"{found.name} names no version of Python")
    listed = f", names {', '.join(f'3.{number}' for number in named)}" if named else ""
    return yes(f"Python {needs}", f"{found.name} {found.version} asks for Python {needs}{listed}")


def _distribution(framework: str) -> metadata.Distribution:
    name = next(name for name in DISTRIBUTIONS[framework] if _installed(name))
    return metadata.distribution(name)


def _field(found: metadata.Distribution, name: str) -> str:
    return str((found.metadata.get_all(name) or [""])[0])


def _installed(name: str) -> bool:
    try:
        metadata.version(name)
    except metadata.PackageNotFoundError:
        return False
    return True
