"""The fixture is made up after nvidia-smi's documentation: no GPU was at hand to capture one."""

from __future__ import annotations

import pytest

from suite.fingerprint import is_unknown, nvidia, readings
from suite.fingerprint.probe import UnreadableError

EVERY = (*nvidia._PLAIN, *nvidia.COUNTERS)


def test_what_a_busy_and_an_idle_gpu_state(sample):
    busy, idle = nvidia.parse_state(sample("nvidia_smi_h200.txt"), EVERY)
    assert busy["sm_mhz"] == 1980
    assert busy["power_limit_w"] == busy["default_power_limit_w"] == 700
    assert busy["memory_used_bytes"] == 21374 * 1024**2
    assert busy["slowed_by"] == ["power cap"]
    assert busy["slowed_s"]["power cap"] == 1.25
    assert (busy["ecc"], busy["mig"], busy["compute_capability"]) == ("Enabled", "Disabled", "9.0")
    assert idle["slowed_by"] == [], "an idle GPU clocks down by itself"
    assert not {"power_limit_w", "memory_errors", "mig", "slowed_s"} & idle.keys()


@pytest.mark.parametrize("text", ["", "NVIDIA-SMI has failed because it couldn't communicate\n", "1, 2\n", "\0\n"])
def test_other_text_is_no_gpu(text):
    assert nvidia.parse_state(text, EVERY) == []


def test_a_driver_that_does_not_count_slowdowns_is_asked_again(programs, sample):
    plain = [line.rsplit(",", len(nvidia.COUNTERS))[0] for line in sample("nvidia_smi_h200.txt").splitlines()]
    script = f"""case "$*" in
*counters*) echo 'Field "clocks_event_reasons_counters.sw_power_cap" is not a valid field to query.'; exit 2;;
*compute-apps*) echo 4711; echo 4712;;
*) echo "{plain[0]}";;
esac"""
    programs("nvidia-smi", script=script)
    found = nvidia.read()
    assert found["gpu_processes"] == 2
    assert found["gpu_state"][0]["temperature_c"] == 67
    assert "slowed_s" not in found["gpu_state"][0]


def test_a_machine_without_the_tool_says_so(monkeypatch):
    monkeypatch.setattr(nvidia.shutil, "which", lambda name: None)
    with pytest.raises(UnreadableError, match="not installed"):
        nvidia.read()
    assert is_unknown(readings()["gpu_state"])


def test_a_broken_driver_says_so(programs):
    programs("nvidia-smi", "NVIDIA-SMI has failed\n", code=9)
    with pytest.raises(UnreadableError, match="exit code 9"):
        nvidia.read()
