"""What stood between the frameworks and the hardware?"""

from __future__ import annotations

import functools
from typing import Any

from suite.notes import Evidence, Note, Rule, at, described, known, listed, name
from suite.notes.devices import device
from suite.records import Record

_LAYERS = ("container", "wsl", "virtual_machine", "translated", "architecture", "os_name")
"""Fields of the machine's identity in which runs that are compared must not differ."""


class UnlikePlatforms(Rule):
    """One side ran in a container, a virtual machine, under WSL or translated, and another did not."""

    id = "unlike-platforms"
    severity = "unfair"
    family = "platform"

    def evaluate(self, evidence: Evidence) -> list[Note]:
        """Compare what stands between a process and the hardware, in everything that is compared."""
        found = {}
        for field in _LAYERS:
            if unlike := evidence.unlike(functools.partial(_between, field)):
                found[field] = unlike
        if not found:
            return []
        words = listed(f"{field.replace('_', ' ')}, {described(unlike)}" for field, unlike in found.items())
        return self.note(
            f"Runs that are compared did not stand on the same ground ({words}): what lies between costs time, too.",
            "Run all frameworks natively or all in the same container, in a new --out folder.",
            identity=found,
        )


class Metal(Rule):
    """Apple's GPU was used, through TensorFlow's plug-in or PyTorch's own backend."""

    id = "metal"
    severity = "caution"
    family = "platform"

    def evaluate(self, evidence: Evidence) -> list[Note]:
        """Look for PyTorch's device name, and for TensorFlow's plug-in among the versions."""
        found = sorted({name(raw) for raw in evidence.ok if device(raw) == "metal"})
        if not found:
            return []
        return self.note(
            f"Apple's GPU computed through Metal ({listed(found)}): TensorFlow reaches it by a plug-in whose last "
            "release is older than TensorFlow's, with reports of wrong results; parity has to be proved there.",
            "Read the passports of these modes first, and hold the same cells on the processor against them.",
            modes=found,
        )


class Wsl(Rule):
    """Linux ran inside Windows."""

    id = "windows-subsystem"
    severity = "caution"
    family = "platform"

    def evaluate(self, evidence: Evidence) -> list[Note]:
        """Read it from the machine's identity."""
        read = {str(at(raw, "machine.identity.wsl")) for raw in evidence.ok}
        found = sorted(version for version in read if version.startswith("WSL"))
        if not found:
            return []
        return self.note(
            f"Everything ran under {listed(found)}, Linux inside Windows: Windows' own programs cannot be seen from "
            "inside, and files on Windows' disks are slow to read.",
            "Keep data and environments on the Linux side, close Windows' programs, and say WSL with the numbers.",
            wsl=found,
        )


class Translated(Rule):
    """Programs were translated from another processor's instructions."""

    id = "translated-programs"
    severity = "caution"
    family = "platform"

    def evaluate(self, evidence: Evidence) -> list[Note]:
        """Read it from the machine's identity."""
        found = sorted({name(raw) for raw in evidence.ok if at(raw, "machine.identity.translated") is True})
        if not found:
            return []
        return self.note(
            f"Programs made for another processor were translated while they ran ({listed(found)}): neither framework "
            "shows what it does on this one.",
            "Install Python and the frameworks for this machine's own processor, and run again.",
            modes=found,
        )


def _between(field: str, raw: Record) -> Any:
    return known(at(raw, f"machine.identity.{field}"))
