from __future__ import annotations

import json
import time
from datetime import UTC, datetime
from types import SimpleNamespace as Box

import pytest

from suite.fingerprint import is_unknown, readings, volatile
from suite.fingerprint.machine import FIELDS as IDENTITY_FIELDS
from suite.fingerprint.probe import UnreadableError


def test_proc_stat_counts_seconds_and_guest_time_once(sample):
    assert volatile.parse_proc_stat(sample("proc_stat.txt"), 100.0) == {
        "cpu_busy_s": round((3256 + 100 + 3093 + 5 + 81) / 100, 3),
        "cpu_idle_s": round((147673 + 312) / 100, 3),
        "cpu_steal_s": 0.15,
    }
    assert volatile.parse_proc_stat("cpu 1 2 3\n") == {}
    assert volatile.parse_proc_stat("") == {}


def test_pressure_and_load():
    text = "some avg10=12.50 avg60=0.64 avg300=0.81 total=7321357\nfull avg10=99.00 avg60=0 avg300=0 total=0\n"
    assert volatile.parse_psi(text) == {"psi_cpu_some_avg10": 12.5}
    assert volatile.parse_psi("") == {}
    assert volatile.parse_loadavg("1.77 1.87 0.97 2/107 4711\n") == {"load_1m": 1.77, "load_5m": 1.87, "load_15m": 0.97}


def test_readings_name_every_field_and_are_json():
    found = readings()
    assert tuple(found) == volatile.FIELDS
    assert json.loads(json.dumps(found, allow_nan=False)) == found
    taken = datetime.fromisoformat(found["taken_at"])
    assert abs((datetime.now(UTC) - taken).total_seconds()) < 60
    assert found["available_bytes"] > 0
    assert found["cpu_idle_s"] > 0


def test_readings_share_no_field_with_the_identity():
    assert not set(volatile.FIELDS) & set(IDENTITY_FIELDS)


def test_readings_move_with_work_and_time():
    before = readings()
    end = time.process_time() + 0.3
    while time.process_time() < end:
        sum(range(1000))
    after = readings()
    assert after["monotonic_s"] - before["monotonic_s"] >= 0.29
    assert after["taken_at"] > before["taken_at"]
    assert after["cpu_busy_s"] - before["cpu_busy_s"] >= 0.2


def test_readings_are_cheap():
    readings()  # the first call imports and fills caches
    spent = []
    for _ in range(7):
        started = time.process_time()
        readings()
        spent.append(time.process_time() - started)
    assert min(spent) < 0.02


def test_sensors_that_are_not_there_are_unknown(monkeypatch):
    monkeypatch.delattr(volatile.psutil, "sensors_temperatures", raising=False)
    monkeypatch.delattr(volatile.psutil, "sensors_battery", raising=False)
    found = readings()
    assert is_unknown(found["temperatures_c"])
    assert found["on_battery"] == "unknown because psutil reads no battery on this operating system"


def test_hottest_sensor_of_each_chip_and_battery(monkeypatch):
    chips = {
        "coretemp": [Box(current=None), Box(current=61.04), Box(current=70.06)],
        "nvme": [Box(current=None)],
        "empty": [],
    }
    monkeypatch.setattr(volatile.psutil, "sensors_temperatures", lambda: chips, raising=False)
    monkeypatch.setattr(volatile.psutil, "sensors_battery", lambda: Box(power_plugged=False), raising=False)
    found = readings()
    assert found["temperatures_c"] == {"coretemp": 70.1}
    assert found["on_battery"] is True


def test_elsewhere_than_linux_psutil_reads():
    facts, _ = volatile.collect(volatile._sources_elsewhere(), volatile.FIELDS)
    assert facts["available_bytes"] > 0
    assert facts["cpu_busy_s"] > 0
    assert is_unknown(facts["psi_cpu_some_avg10"])


def test_throttle_counters_are_summed(monkeypatch):
    monkeypatch.setattr(volatile, "texts", lambda pattern: {"a": "3\n", "b": "4\n", "c": "?"})
    assert volatile._read_throttles() == {"thermal_throttles": 7}
    monkeypatch.setattr(volatile, "texts", lambda pattern: {})
    with pytest.raises(UnreadableError, match="counts no thermal throttling"):
        volatile._read_throttles()
