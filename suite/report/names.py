"""What frameworks and modes are called, in which order they come, and which colour and shape stands for each."""

from __future__ import annotations

import functools
import zlib
from dataclasses import dataclass

from suite.frameworks import Framework, frameworks
from suite.published.programs import programs

ORDER = ("pytorch", "tensorflow", "keras", "keras-torch", "keras-jax")
"""The study's frameworks come first; those not listed follow by name."""

COLOURS = {
    "pytorch": "#c8500a",
    "tensorflow": "#0b6cb0",
    "keras": "#00805f",
    "keras-torch": "#a2487f",
    "keras-jax": "#7a6a00",
}
"""One colour per framework everywhere. Vermilion, blue and bluish green of Okabe and Ito's colour-blind safe palette
("Color Universal Design", 2008), darkened until text in them has a contrast of 4.5 to 1 on white; for Keras on other
libraries its purple and its yellow."""

SPARE_COLOURS = ("#5b5bd6", "#6b6b6b")
"""For frameworks added later; which one is decided by the name, so that it stays the same from report to report."""

MARKERS = {"pytorch": "o", "tensorflow": "s", "keras": "D", "keras-torch": "v", "keras-jax": "p"}
"""A shape beside the colour, in matplotlib's letters."""

MATCHED, AS_PUBLISHED = "matched", "as-published"
"""The lanes: one network, proved alike, in every framework; and the programs as people publish them."""

PUBLISHED = "published"
"""The variant of an as-published program with nothing switched."""

NO_BREAK = "\u00a0"
CROSS, TICK = f"✗{NO_BREAK}", f"✓{NO_BREAK}"
"""Shapes that stand before a word or a number, and stay with it."""

UNMATCHED = f"{CROSS}UNMATCHED"
"""Stands beside every name that no passport proves to train the workload as it is defined."""


@dataclass(frozen=True, kw_only=True)
class Name:
    """A framework in one of its modes, as ``pytorch-eager`` in the records and "PyTorch (eager)" to a reader.

    An ``unmatched`` one carries its mark wherever its name is written: in tables, in charts, in sentences.
    """

    framework: str
    mode: str
    lane: str = MATCHED
    unmatched: bool = False

    @property
    def key(self) -> str:
        """The name in records and cells."""
        return f"{self.framework}-{self.mode}"

    @property
    def title(self) -> str:
        """The framework's proper name."""
        return title(self.framework)

    @property
    def plain(self) -> str:
        """The name in full, without a mark."""
        if self.lane != AS_PUBLISHED:
            return f"{self.title} ({self.mode})"
        return f"{self.title} ({_variants().get((self.framework, self.mode)) or self.mode.replace('-', ' ')})"

    @property
    def text(self) -> str:
        """The name a reader sees."""
        return self.marked(self.plain)

    def marked(self, words: str) -> str:
        """Return ``words``, which stand for this framework, with the mark of an unmatched one."""
        return f"{words} {UNMATCHED}" if self.unmatched else words


@functools.cache
def _adapters() -> dict[str, Framework]:
    return frameworks()


@functools.cache
def _variants() -> dict[tuple[str, str], str]:
    """Return what readers call the programs as published and their variants."""
    return {(each.framework, variant.name): variant.title for each in programs().values() for variant in each.variants}


def title(framework: str) -> str:
    """Return a framework's proper name; one that this suite has no adapter for is shown with a capital letter."""
    adapter = _adapters().get(framework)
    return adapter.title if adapter else framework.capitalize()


def default_mode(framework: str) -> str | None:
    """Return the name of a framework's default mode, or ``None`` for one that this suite has no adapter for."""
    adapter = _adapters().get(framework)
    return adapter.default_mode if adapter else None


def further(framework: str) -> bool:
    """Tell whether a framework runs only where it is named."""
    adapter = _adapters().get(framework)
    return adapter is not None and adapter.further


def rank(framework: str) -> tuple[int, str]:
    """Return the key to sort frameworks by."""
    return (ORDER.index(framework) if framework in ORDER else len(ORDER), framework)


def colour(framework: str) -> str:
    """Return a framework's colour as ``#rrggbb``."""
    return COLOURS.get(framework) or SPARE_COLOURS[zlib.crc32(framework.encode()) % len(SPARE_COLOURS)]


def marker(framework: str) -> str:
    """Return a framework's shape in matplotlib's letters."""
    return MARKERS.get(framework, "^")
