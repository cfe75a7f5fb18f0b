"""Did the machine keep its pace: power, heat, throttling?"""

from __future__ import annotations

from suite.notes import Evidence, Note, Rule, at, known, listed, number, plural
from suite.notes.machine import risen
from suite.records import Record

STEADY_GOVERNORS = ("performance", "power scheme high performance", "power scheme ultimate performance")
"""Power policies that keep the clock up while there is work; others let it follow the load, unequally so."""

LARGEST_RISE_C = 20.0
"""Degrees that the hottest sensor may rise from the coolest reading before a run to the hottest after one."""

LARGEST_THROTTLED_SHARE = 0.01
"""The share of a run's time that the quota may have stopped it."""


class Governor(Rule):
    """The processor's clock was left to a power policy that follows the load."""

    id = "power-governor"
    severity = "caution"
    family = "machine"

    def evaluate(self, evidence: Evidence) -> list[Note]:
        """Read the governor, or the power scheme, from the machine's identity."""
        read = {known(at(raw, "machine.identity.governor")) for raw in evidence.ok}
        found = sorted(str(governor) for governor in read if governor is not None and governor not in STEADY_GOVERNORS)
        if not found:
            return []
        return self.note(
            f"The processor's clock follows the load (power policy {listed(found)}): a framework that keeps more cores "
            "busy, or for longer, can get another clock.",
            "Set the policy performance (cpupower frequency-set -g performance) and run again.",
            governor=found,
        )


class OnBattery(Rule):
    """Runs were made on battery."""

    id = "on-battery"
    severity = "caution"
    family = "machine"

    def evaluate(self, evidence: Evidence) -> list[Note]:
        """Look at the readings around each run."""
        count = sum(
            any(at(raw, f"machine.{when}.on_battery") is True for when in ("before", "after")) for raw in evidence.ok
        )
        if not count:
            return []
        return self.note(
            f"{plural(count, 'run')} of {len(evidence.ok)} ran on battery, where processors hold back, more so as it "
            "empties.",
            "Plug the machine in and run again in a new --out folder.",
            runs=count,
            of=len(evidence.ok),
        )


class Throttled(Rule):
    """The processor slowed itself down for heat during runs."""

    id = "thermal-throttling"
    severity = "caution"
    family = "machine"

    def evaluate(self, evidence: Evidence) -> list[Note]:
        """Count the runs during which the kernel's throttle counters rose."""
        count = sum(1 for raw in evidence.ok if (risen(raw, "thermal_throttles") or 0) > 0)
        if not count:
            return []
        return self.note(
            f"During {plural(count, 'run')} of {len(evidence.ok)} the processor throttled itself for heat: whoever ran "
            "then was measured on a slower machine.",
            "Let it cool between runs, or cap its clock so that it never throttles, and run again.",
            runs=count,
            of=len(evidence.ok),
        )


class Heated(Rule):
    """The machine grew much hotter while it measured."""

    id = "temperature-rise"
    severity = "caution"
    family = "machine"

    def evaluate(self, evidence: Evidence) -> list[Note]:
        """Compare the coolest reading before any run with the hottest after any."""
        before = [c for raw in evidence.ok if (c := _hottest(raw, "before")) is not None]
        after = [c for raw in evidence.ok if (c := _hottest(raw, "after")) is not None]
        if not before or not after or max(after) - min(before) <= LARGEST_RISE_C:
            return []
        return self.note(
            f"The hottest sensor rose from {min(before):.0f} to {max(after):.0f} °C in the course of the runs: a hot "
            "processor clocks lower, so later runs may have been slower for that.",
            "Warm the machine up before measuring, or let it cool between runs, and see that the order is balanced.",
            coolest_before_c=min(before),
            hottest_after_c=max(after),
        )


class QuotaThrottled(Rule):
    """The container's quota stopped runs for part of their time."""

    id = "quota-throttling"
    severity = "caution"
    family = "machine"

    def evaluate(self, evidence: Evidence) -> list[Note]:
        """Compare the time that the control group was stopped with each run's length."""
        shares = [
            stopped / wall
            for raw in evidence.ok
            if (stopped := risen(raw, "quota_throttled_s")) is not None and (wall := number(raw.get("wall_s")))
        ]
        high = [share for share in shares if share > LARGEST_THROTTLED_SHARE]
        if not high:
            return []
        return self.note(
            f"The container's quota stopped {plural(len(high), 'run')} for more than {LARGEST_THROTTLED_SHARE:.0%} of "
            f"the time, up to {max(high):.0%}: steps were interrupted from outside.",
            "Raise the quota or set fewer --threads, and run again in a new --out folder.",
            runs=len(high),
            of=len(shares),
            largest_share=round(max(high), 4),
        )


def _hottest(raw: Record, when: str) -> float | None:
    sensors = at(raw, f"machine.{when}.temperatures_c")
    values = [number(value) for value in sensors.values()] if isinstance(sensors, dict) else []
    return max((value for value in values if value is not None), default=None)
