"""Workloads: one file is one family, found by being there; each has ``WORKLOADS``, a tuple of :class:`Workload`."""

from __future__ import annotations

from suite.errors import unknown
from suite.registry import discover
from suite.workload import Workload


def workloads() -> dict[str, Workload]:
    """Return every workload by its name, in the order of the families and of the workloads in them."""
    families = discover("suite.workloads", "WORKLOADS", tuple)
    return {workload.name: workload for family in families for workload in family}


def studies() -> dict[str, list[Workload]]:
    """Return the workloads of each study that has any, by the study's name."""
    found: dict[str, list[Workload]] = {}
    for each in workloads().values():
        found.setdefault(each.study, []).append(each)
    return found


def workload(name: str) -> Workload:
    """Return the workload called ``name``.

    Raises:
        InputError: there is none; the nearest names are given.
    """
    known = workloads()
    if name not in known:
        raise unknown("workload", name, known)
    return known[name]
