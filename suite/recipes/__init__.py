"""Installation recipes: the documented ways to install a framework, executed and graded.

A recipe is one file, ``platforms/recipes/NAME.toml``, found by being there. What was found out about each is kept in
``platforms/recipes/verified.json`` (:mod:`suite.recipes.verified`).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, get_args

Step = Literal["resolves", "installs", "imports", "accelerator", "trains", "matches"]
"""The ladder, a step at a time; the highest one reached with none missing below is a recipe's grade."""

LADDER: tuple[Step, ...] = get_args(Step)

WORDS: dict[str, str] = {
    "": "does not resolve",
    "resolves": "resolves",
    "installs": "installs",
    "imports": "imports",
    "accelerator": "sees the accelerator",
    "trains": "trains",
    "matches": "matches the lock",
}
"""A grade as people read it."""

Kind = Literal["official", "study", "known broken"]
KINDS: tuple[Kind, ...] = get_args(Kind)

State = Literal["yes", "no", "none asked", "not here", "not run"]
"""How a step went: ``none asked``, the platform has no accelerator; ``not here``, this machine lacks what it takes to
see it; ``not run``, nothing was executed, or a step before it failed."""

PYTORCH_CPU = "{pytorch-cpu}"
"""What stands in a command for the address of PyTorch's own index of builds for the processor."""


PINNED = "=="
"""What stands in the command of a recipe that names its versions: it gives the same ones on any day."""


@dataclass(frozen=True, kw_only=True)
class Source:
    """Where a recipe is documented, and when that was read."""

    title: str
    address: str
    date: str


@dataclass(frozen=True, kw_only=True)
class Recipe:
    """One documented way to install a framework on a platform."""

    name: str
    title: str
    platform: str
    """The profile's name."""
    framework: str
    python: str
    kind: Kind
    commands: tuple[str, ...]
    source: Source
    expects: Step | Literal[""] = ""
    """The grade that it should reach at least; "" where it should fail."""
    fails: str = ""
    """Words of the error with which it should fail, or of its cause; "" where it should work."""
    at: Step | Literal[""] = ""
    """The step at which it should fail."""
    imports: tuple[str, ...] = ()
    """Modules that have to be importable beside the framework's own."""
    builds: tuple[str, ...] = ()
    """Packages without wheels that are known to build on any machine, pure Python or nearly so."""
    note: str = ""
    """What a reader should know who sees its grade."""
