"""The five studies by name, and the published figures of a workload."""

from __future__ import annotations

import functools
from dataclasses import replace

from suite.errors import unknown
from suite.published import comp5511
from suite.published.figures import Figure, Study, read

NAMES = ("comp5511", "ecai2021", "doshi2020", "pl2021", "cp8321")
"""The studies that this suite replaces, in the order of its documents."""


@functools.cache
def studies() -> dict[str, Study]:
    """Return every study by its name."""
    found = {name: read(name) for name in NAMES}
    first = found["comp5511"]
    return {**found, "comp5511": replace(first, figures=(*comp5511.figures(), *first.figures))}


def study(name: str) -> Study:
    """Return the study called ``name``.

    Raises:
        InputError: there is none; the nearest names are given.
    """
    if name not in studies():
        raise unknown("study", name, studies())
    return studies()[name]


def published(workload: str, *quantities: str) -> tuple[Figure, ...]:
    """Return every study's figures of a workload: of these ``quantities``, or all."""
    return tuple(figure for each in studies().values() for figure in each.of(workload, *quantities))
