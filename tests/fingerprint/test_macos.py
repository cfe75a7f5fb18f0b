from __future__ import annotations

from types import SimpleNamespace

from suite.fingerprint import describe, identity, machine, macos
from suite.fingerprint.gpu import parse_system_profiler

KIB, MIB = 1024, 1024**2


def test_an_m1_pro_has_two_kinds_of_cores_and_sums_of_both(sample):
    facts = macos.facts_of_sysctl(macos.parse_sysctl(sample("sysctl_m1_pro.txt")))
    assert facts == {
        "cpu_vendor": "Apple",
        "cpu_model": "Apple M1 Pro",
        "physical_cores": 8,
        "logical_cores": 8,
        "smt": False,
        "simd": ["dotprod", "fp16", "neon"],
        "ram_bytes": 16 * 1024**3,
        "core_kinds": "6 performance and 2 efficiency",
        "os_name": "macOS",
        "os_version": "12.0.1",
        "virtual_machine": "none",
        "translated": False,
        "l1d_bytes": (6 * 128 + 2 * 64) * KIB,
        "l1i_bytes": (6 * 192 + 2 * 128) * KIB,
        "l2_bytes": (2 * 12 + 4) * MIB,
    }


def test_a_sum_that_lacks_one_kind_of_core_is_not_stated(sample):
    text = sample("sysctl_m1_pro.txt").replace("hw.perflevel1.l2cachesize: 4194304\n", "")
    facts = macos.facts_of_sysctl(macos.parse_sysctl(text))
    assert "l2_bytes" not in facts
    assert "l1d_bytes" in facts


def test_an_intel_mac_states_clocks_and_an_l3(sample):
    facts = macos.facts_of_sysctl(macos.parse_sysctl(sample("sysctl_i5_7267u.txt")))
    assert facts["base_mhz"] == facts["max_mhz"] == 3100.0
    assert facts["smt"] is True
    assert facts["core_kinds"] == "all alike"
    assert [facts[f"{name}_bytes"] for name in ("l1d", "l2", "l3")] == [64 * KIB, 512 * KIB, 4 * MIB]
    assert facts["simd"] == ["avx", "avx2", "f16c", "fma", "sse4.2"]


def test_rosetta_and_hypervisors_are_told():
    facts = macos.facts_of_sysctl({"sysctl.proc_translated": "1", "kern.hv_vmm_present": "1"})
    assert facts["translated"] is True
    assert facts["virtual_machine"] != "none"
    assert macos.facts_of_sysctl({}) == {}


def test_apple_gpus_share_the_machines_memory_and_others_have_their_own(sample):
    assert parse_system_profiler(sample("system_profiler_m1_pro.json")) == {
        "gpus": [{"name": "Apple M1 Pro (14 cores)", "memory_bytes": None, "driver": "part of macOS"}]
    }
    both = parse_system_profiler(sample("system_profiler_intel.json"))["gpus"]
    assert [(gpu["name"], gpu["memory_bytes"]) for gpu in both] == [
        ("Intel UHD Graphics 630", None),
        ("AMD Radeon Pro 5300M", 4 * 1024**3),
    ]
    assert parse_system_profiler("{}") == {}


def test_the_whole_identity_of_a_mac(sample, programs, monkeypatch):
    programs("sysctl", sample("sysctl_m1_pro.txt"), code=1)
    programs("system_profiler", sample("system_profiler_m1_pro.json"))
    monkeypatch.setattr(machine, "sys", SimpleNamespace(platform="darwin"))
    found = identity()
    assert found["sources"]["cpu_model"] == found["sources"]["l2_bytes"] == "sysctl"
    assert (found["container"], found["cpu_quota"], found["wsl"]) == ("none", None, "none")
    assert found["governor"] == "unknown because macOS chooses the clock itself and has no governor"
    assert found["l3_bytes"] == "unknown because sysctl does not state it"
    rows = dict(describe(found))
    assert rows["CPU"].startswith("Apple M1 Pro")
    assert rows["GPUs"] == "Apple M1 Pro (14 cores) (shares the machine's memory, driver part of macOS)"
    assert rows["Operating system"].startswith("macOS 12.0.1")


def test_a_mac_without_its_programs_is_unknown_not_broken(programs, monkeypatch):
    programs("sysctl", script="exit 7")
    programs("system_profiler", text="Killed")
    monkeypatch.setattr(machine, "sys", SimpleNamespace(platform="darwin"))
    found = identity()
    assert found["core_kinds"] == "unknown because sysctl failed with exit code 7"
    assert found["gpus"] == "unknown because system_profiler does not state it"
