from __future__ import annotations

import pytest

from tests.notes.notecase import asked, said
from tests.rawfactory import raw


@pytest.mark.parametrize(
    ("governor", "said_so"),
    [
        ("powersave", True),
        ("performance and powersave", True),
        ("power scheme balanced", True),
        ("performance", False),
        ("power scheme high performance", False),
        ("unknown because the kernel shows no cpufreq here", False),
        (None, False),
    ],
)
def test_power_governor(governor: str | None, said_so: bool) -> None:
    sentence = said("power-governor", [raw(machine__identity__governor=governor)])
    assert bool(sentence) is said_so
    assert not said_so or str(governor) in sentence


def test_on_battery() -> None:
    rule = "on-battery"
    (note,) = asked(rule, [raw(machine__after__on_battery=True), raw(block=1)])
    assert note.numbers == {"runs": 1, "of": 2}
    assert not said(rule, [raw(machine__before__on_battery=False, machine__after__on_battery="unknown because")])


def test_thermal_throttling() -> None:
    rule = "thermal-throttling"
    hot = raw(machine__before__thermal_throttles=7, machine__after__thermal_throttles=8)
    assert "1 run of 2" in said(rule, [hot, raw(block=1)])
    assert not said(rule, [raw(machine__before__thermal_throttles=7, machine__after__thermal_throttles=7)])
    assert not said(rule, [raw(machine__after__thermal_throttles=8)])


def test_temperature_rise() -> None:
    rule = "temperature-rise"

    def warming(end: float) -> list[dict[str, object]]:
        first = raw(machine__before__temperatures_c={"cpu": 40.0, "disk": 30.0})
        return [first, raw(block=1, machine__after__temperatures_c={"cpu": end, "disk": 30.0})]

    (note,) = asked(rule, warming(60.1))
    assert note.numbers == {"coolest_before_c": 40.0, "hottest_after_c": 60.1}
    assert not said(rule, warming(60.0))
    assert not said(rule, [raw()])  # no sensor


def test_quota_throttling() -> None:
    rule = "quota-throttling"

    def stopped(seconds: float) -> dict[str, object]:
        return raw(machine__before__quota_throttled_s=5.0, machine__after__quota_throttled_s=5.0 + seconds)

    assert "stopped 1 run for more than 1% of the time, up to 2%" in said(rule, [stopped(0.12), stopped(0.01)])
    assert not said(rule, [stopped(0.05), raw()])
