"""What a framework is asked for, and what can be asked for otherwise, one setting at a time, to measure what it does.

An adapter states its policy under the keys of the settings ledger and applies just that: what is recorded as asked for
is what was applied, and what took effect is read back apart from it, under the same keys.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from suite.errors import unknown

if TYPE_CHECKING:
    from suite.frameworks.words import Device

_NOTHING: Mapping[str, Any] = MappingProxyType({})


@dataclass(frozen=True, kw_only=True)
class Probe:
    """One setting switched the other way: run beside the same cell without it, and compared with nothing else.

    ``key`` is the ledger's row that it measures; ``asks`` what is asked for instead of the policy; ``environment`` what
    the worker's process is started with. ``sentence`` says it for people, as the beginning of a sentence.
    """

    name: str
    key: str
    sentence: str
    asks: Mapping[str, Any] = field(default_factory=dict)
    environment: Mapping[str, str] = field(default_factory=dict)
    devices: tuple[Device, ...] = ("cpu",)
    """Where it makes a difference."""


class Policy:
    """The part of a framework that says what is asked for; an adapter applies it in its ``start`` and ``build``."""

    name: str
    probes: tuple[Probe, ...] = ()
    """Every setting that can be switched the other way."""
    changes: Mapping[str, Any] = _NOTHING
    """What the probe at hand asks for instead."""

    def process_policy(self, threads: int) -> dict[str, Any]:  # noqa: ARG002 (an adapter overrides it)
        """Return what ``start`` asks for, whatever the mode."""
        return {}

    def mode_policy(self, mode: str) -> dict[str, Any]:  # noqa: ARG002 (an adapter overrides it)
        """Return what ``build`` asks for in ``mode``."""
        return {}

    def on_device(self, policy: Mapping[str, Any], device: Device) -> dict[str, Any]:
        """Return ``policy`` as it is asked for on a device; an adapter adds what only an accelerator has."""
        return {**policy, "device": device}

    def requested(self, threads: int, mode: str, device: Device = "cpu") -> dict[str, Any]:
        """Return everything that is asked for, with the probe's change where there is one."""
        return self.changed(self.on_device({**self.process_policy(threads), **self.mode_policy(mode)}, device))

    def changed(self, policy: Mapping[str, Any]) -> dict[str, Any]:
        """Return ``policy`` as the probe at hand has it."""
        return {**policy, **self.changes}

    def probe(self, name: str) -> Probe:
        """Return the probe called ``name``.

        Raises:
            InputError: this framework has no such probe.
        """
        for probe in self.probes:
            if probe.name == name:
                return probe
        raise unknown(f"probe of {self.name}", name, [probe.name for probe in self.probes])

    def switch(self, name: str) -> None:
        """Ask for one setting the other way in this process; called before ``start``."""
        self.changes = dict(self.probe(name).asks)
