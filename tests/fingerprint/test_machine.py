from __future__ import annotations

import getpass
import json
import os
import platform
import re
import sys
from types import SimpleNamespace

import pytest

from suite.fingerprint import describe, format_bytes, identity, is_unknown, machine, machine_id, usable_cores


@pytest.fixture(scope="module")
def here():
    return identity()


def test_every_documented_field_is_there_and_json(here):
    assert tuple(here) == (*machine.FIELDS, "sources")
    assert json.loads(json.dumps(here, allow_nan=False)) == here
    assert {field for field in machine.FIELDS if not is_unknown(here[field])} == set(here["sources"])


def test_what_this_machine_must_know_of_itself(here):
    assert here["logical_cores"] >= 1
    assert here["ram_bytes"] > 1024**3
    assert here["architecture"] == platform.machine()
    assert here["python_version"] == platform.python_version()
    assert 1 <= here["usable_cores"] <= here["logical_cores"]


def test_no_clock_reading_is_identity(here):
    assert not {"core_mhz", "load_1m", "available_bytes"} & set(here)


def test_names_only_when_asked_for(here):
    assert not {"user", "host"} & set(here)
    named = identity(identify=True)
    assert named["host"] == platform.node()
    assert named["user"] == getpass.getuser()
    assert machine_id(named) == machine_id(here)


def test_the_id_is_stable_and_short(here):
    assert machine_id(identity()) == machine_id(here)
    assert re.fullmatch(r"[0-9a-f]{16}", machine_id(here))


def test_the_id_ignores_settings_reasons_and_small_changes_of_memory(here):
    base = {**here, "ram_bytes": 16 * 1024**3, "core_kinds": "unknown because one"}
    same = {
        **base,
        "ram_bytes": 16 * 1024**3 - 100_000_000,
        "core_kinds": "unknown because another",
        "governor": "performance",
        "python_version": "4.0",
        "user": "somebody",
    }
    assert machine_id(same) == machine_id(base)
    for field, value in {
        "cpu_model": "Another",
        "ram_bytes": 32 * 1024**3,
        "kernel": "Linux 0.1",
        "gpus": [{}],
    }.items():
        assert machine_id({**base, field: value}) != machine_id(base), field


def test_the_id_survives_a_json_file(here):
    assert machine_id(json.loads(json.dumps(here))) == machine_id(here)


@pytest.mark.parametrize(("quota", "cores"), [(None, 4), (2.9, 2), (0.5, 1), (64.0, 4)])
def test_usable_cores_are_affinity_cut_to_the_quota_rounded_down(monkeypatch, quota, cores):
    monkeypatch.setattr(machine, "sys", SimpleNamespace(platform="linux"))
    monkeypatch.setattr(machine.cgroup, "cpu_quota", lambda: quota)
    monkeypatch.setattr(machine.psutil, "Process", lambda: SimpleNamespace(cpu_affinity=lambda: [0, 1, 2, 3]))
    assert usable_cores() == cores


def test_usable_cores_where_nothing_can_be_read(monkeypatch):
    def nothing():
        raise machine.UnreadableError("no control groups")

    monkeypatch.setattr(machine.cgroup, "cpu_quota", nothing)
    monkeypatch.setattr(machine.psutil, "Process", lambda: SimpleNamespace())
    monkeypatch.setattr(machine.psutil, "cpu_count", lambda: None)
    assert usable_cores() == 1


@pytest.mark.skipif(not hasattr(os, "sched_setaffinity"), reason="this system pins no processes")
def test_usable_cores_follow_the_real_affinity():
    before = os.sched_getaffinity(0)
    try:
        os.sched_setaffinity(0, {min(before)})
        assert usable_cores() == 1
    finally:
        os.sched_setaffinity(0, before)


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="empties Linux's own sources")
def test_a_machine_that_tells_nothing_gets_reasons_everywhere(monkeypatch):
    def closed(*args, **kwargs):
        raise OSError("closed")

    monkeypatch.setattr(machine, "_sources_of_platform", list)
    for module, name in ((machine.cpu, "_read_psutil"), (machine.cpu, "_read_archspec"), (machine.pycpuinfo, "read")):
        monkeypatch.setattr(module, name, closed)
    found = identity()
    assert found["cpu_model"] == "unknown because reading py-cpuinfo failed with OSError"
    assert found["kernel"] == f"{platform.system()} {platform.release()}"
    assert found["governor"] == "unknown because this operating system has no probe for it"
    assert found["microarchitecture"] == "unknown because reading archspec failed with OSError"
    assert len(machine_id(found)) == 16
    assert len(describe(found)) == 12


def test_rows_in_plain_words(here):
    rows = dict(describe(here))
    assert list(rows)[:3] == ["CPU", "Cores", "Clock"]
    assert all(isinstance(value, str) and value for value in rows.values())
    assert "User" not in rows
    assert dict(describe({**here, "user": "ada", "host": "engine"}))["User"] == "ada"


def test_rows_of_a_described_machine():
    rows = dict(
        describe(
            {
                "cpu_model": "AMD EPYC",
                "microarchitecture": "zen4",
                "physical_cores": 2,
                "logical_cores": 4,
                "smt": True,
                "usable_cores": 3,
                "core_kinds": "all alike",
                "base_mhz": 2600.0,
                "max_mhz": "unknown because x",
                "l1d_bytes": 65536,
                "l3_bytes": "unknown because y",
                "ram_bytes": 25276502016,
                "memory_limit_bytes": 2 * 1024**3,
                "gpus": [{"name": "NVIDIA H200", "memory_bytes": 143771 * 1024**2, "driver": "565"}],
                "virtual_machine": "kvm",
                "container": "none",
                "cpu_quota": 1.5,
                "wsl": "WSL 2",
            }
        )
    )
    assert rows["CPU"] == "AMD EPYC (zen4), 2 cores, with SMT"
    assert rows["Cores"] == "3 usable of 4 logical; all alike"
    assert rows["Clock"] == "base 2600 MHz"
    assert rows["Caches (sum over cores)"].startswith("L1d 64 KiB, L1i unknown because it was not recorded")
    assert rows["Memory"] == "23.5 GiB, of which this process may use 2 GiB"
    assert rows["GPUs"] == "NVIDIA H200 (140.4 GiB, driver 565)"
    assert rows["Virtualisation"] == "virtual machine: kvm, no container, CPU quota of 1.5 cores, WSL 2"


def test_bytes():
    assert [format_bytes(n) for n in (0, 1023, 65536, 1.5 * 1024**4)] == ["0 bytes", "1023 bytes", "64 KiB", "1.5 TiB"]
    assert format_bytes("unknown because x") == "unknown because x"
