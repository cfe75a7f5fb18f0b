"""One row of the catalogue."""

from __future__ import annotations

from dataclasses import dataclass

ENVIRONMENT = "env:"
"""How the key of an environment variable begins: ``env:OMP_NUM_THREADS``."""


@dataclass(frozen=True, kw_only=True)
class Entry:
    """A setting: what to call it, and what it does to a comparison.

    ``comparable`` False: unlike values are no unlike work (names of implementations, counts that vary by themselves);
    the sentence says so. ``known`` False: the catalogue does not list the key.
    """

    key: str
    title: str
    sentence: str
    source: str
    comparable: bool = True
    known: bool = True
