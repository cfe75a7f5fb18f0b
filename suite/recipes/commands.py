"""The commands of recipes: pip's, as documentation writes them, made into what is really run."""

from __future__ import annotations

import re
import shlex
from dataclasses import dataclass

from suite.recipes import PYTORCH_CPU

FROM_PYTORCH = ("torch", "torchvision", "torchaudio")
"""The packages that PyTorch's own index is for."""

_STARTS = (("pip",), ("pip3",), ("python", "-m", "pip"), ("python3", "-m", "pip"))
_FLAGS = {
    "--no-deps": "no_deps",
    "--no-dependencies": "no_deps",
    "--upgrade": "upgrade",
    "-U": "upgrade",
}
_NAME = re.compile(r"[A-Za-z0-9]([A-Za-z0-9._-]*[A-Za-z0-9])?")


@dataclass(frozen=True, kw_only=True)
class Install:
    """One ``pip install``."""

    requirements: tuple[str, ...]
    pytorch_cpu: bool = False
    """Whether PyTorch's own index of builds for the processor is named."""
    no_deps: bool = False
    upgrade: bool = False

    @property
    def names(self) -> list[str]:
        """The packages it asks for, without versions and extras."""
        return [name_of(requirement) for requirement in self.requirements]

    def arguments(self) -> list[str]:
        """Return what stands behind ``pip install``, PyTorch's index left out."""
        flags = [*(["--no-deps"] if self.no_deps else []), *(["--upgrade"] if self.upgrade else [])]
        return [*flags, *self.requirements]


def name_of(requirement: str) -> str:
    """Return the package that a requirement names: ``torch`` of ``torch==2.13.0``."""
    match = _NAME.match(requirement)
    return match[0] if match else ""


def parse(command: str) -> Install:
    """Read a command as documentation writes it.

    Raises:
        ValueError: it is nothing that a recipe may hold; the message goes on after the command.
    """
    if "://" in command:
        raise ValueError(f"names an address; PyTorch's own index is written {PYTORCH_CPU}, and no other is known")
    try:
        words = shlex.split(command)
    except ValueError:
        raise ValueError("has a quote that is not closed") from None
    start = next((each for each in _STARTS if tuple(words[: len(each)]) == each), None)
    if start is None or words[len(start) : len(start) + 1] != ["install"]:
        raise ValueError("does not begin with pip install (or pip3, or python -m pip)")
    return _parse_words(words[len(start) + 1 :])


def _parse_words(words: list[str]) -> Install:
    flags: dict[str, bool] = {}
    requirements: list[str] = []
    rest = iter(words)
    for word in rest:
        if word == "--index-url":
            if next(rest, "") != PYTORCH_CPU:
                raise ValueError(f"names an index other than {PYTORCH_CPU}")
            flags["pytorch_cpu"] = True
        elif word in _FLAGS:
            flags[_FLAGS[word]] = True
        elif _NAME.match(word):
            requirements.append(word)
        else:
            raise ValueError(f"has the option {word!r}, which no recipe so far has")
    if not requirements:
        raise ValueError("installs nothing")
    return Install(requirements=tuple(requirements), **flags)
