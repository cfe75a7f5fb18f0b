"""Cells: the one name of what is measured, everywhere: log, raw file, table row, ``--select`` glob."""

from __future__ import annotations

import difflib
import fnmatch
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from suite.errors import InputError

IN_CONTAINER = "in-container"
"""Stands in the place of a probe where not a setting is switched but the venue: the same cell, run in a container."""


@dataclass(frozen=True, kw_only=True)
class Cell:
    """profile / lane / workload / framework-mode / parameters.

    ``epochs`` None: steps are sampled. ``examples`` None: trained on every example there is. ``probe``: the one setting
    that is switched the other way, to be compared with the same cell without it and with nothing else.
    """

    profile: str
    lane: str
    workload: str
    framework: str
    mode: str
    batch: int
    epochs: int | None
    examples: int | None
    probe: str | None = None

    @property
    def arm(self) -> str:
        """Framework and mode, the thing that is compared: ``pytorch-eager``."""
        return f"{self.framework}-{self.mode}"

    @property
    def switched(self) -> str | None:
        """The setting that the worker is to switch; None: none, or what is switched is not the worker's to switch."""
        return None if self.probe == IN_CONTAINER else self.probe

    @property
    def parameters(self) -> str:
        """``b32``; ``b32-e10`` a whole training; ``b32-e1-n2048`` one on part of the examples; ``b32+onednn-off``."""
        parts = [f"b{self.batch}"]
        if self.epochs is not None:
            parts.append(f"e{self.epochs}")
            if self.examples is not None:
                parts.append(f"n{self.examples}")
        return "-".join(parts) + (f"+{self.probe}" if self.probe else "")

    @property
    def name(self) -> str:
        """The cell's name."""
        return "/".join((self.profile, self.lane, self.workload, self.arm, self.parameters))

    @property
    def group(self) -> tuple[str, ...]:
        """What cells have in common that are compared with each other; a probe is alone in its group."""
        group = (self.profile, self.lane, self.workload, self.parameters)
        return (*group, self.arm) if self.probe else group

    def params(self) -> dict[str, Any]:
        """Return the parameters as recorded in raw results."""
        params: dict[str, Any] = {"batch": self.batch, "epochs": self.epochs}
        return params if self.examples is None else {**params, "examples": self.examples}


def select(cells: Sequence[Cell], pattern: str) -> list[Cell]:
    """Return the cells whose name matches the glob ``pattern`` (``*`` crosses slashes).

    Raises:
        InputError: none matches; the nearest names are given.
    """
    chosen = [cell for cell in cells if fnmatch.fnmatchcase(cell.name, pattern)]
    if not chosen:
        names = sorted({cell.name for cell in cells})
        told = f"--select '{pattern}' matches none of the {len(names)} cells"
        if "/" not in pattern:  # no part of it can be told to be near to anything
            raise InputError(
                f"{told}: it has to match a whole name like {names[0]}, with * for any text, e.g. "
                f"'*/{cells[0].workload}/*' or '*/{cells[0].arm}/*'."
            )
        near = difflib.get_close_matches(pattern, names, n=3, cutoff=0.0)
        raise InputError(f"{told}; the nearest are {', '.join(near)}.")
    return chosen


def counterbalanced(arms: Sequence[Cell], block: int) -> list[Cell]:
    """Return ``arms`` in the order for ``block``: a Williams design, by which order effects cancel.

    Over a full cycle of blocks (as many as arms, twice as many for an odd number of arms) each arm stands in each place
    equally often and follows each other arm equally often.
    Source: Williams, "Experimental designs balanced for the estimation of residual effects of treatments" (1949).
    """
    count = len(arms)
    first = [(step + 1) // 2 if step % 2 else (count - step // 2) % count for step in range(count)]
    row = [(place + block // (1 + count % 2)) % count for place in first]
    if count % 2 and block % 2:
        row.reverse()
    return [arms[place] for place in row]
