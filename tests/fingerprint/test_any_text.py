"""No parser raises, and none returns what a raw result cannot hold, whatever the text."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from suite import quota
from suite.fingerprint import caches, cgroup, cpu, gpu, libraries, macos, memory, pycpuinfo, system, volatile, windows
from suite.fingerprint import virtualisation as virt
from suite.fingerprint.describe import describe
from suite.fingerprint.machine import FIELDS, machine_id
from suite.fingerprint.text import clock_in_name, integer, number, size

PARSERS: dict[str, Callable[[str], Any]] = {
    "proc_cpuinfo": cpu.parse_proc_cpuinfo,
    "core_mhz": cpu.parse_core_mhz,
    "lscpu": cpu.parse_lscpu,
    "cpu_list": cpu.cpu_count_of_list,
    "lscpu_caches": caches.parse_lscpu_caches,
    "pycpuinfo": pycpuinfo.parse_pycpuinfo,
    "meminfo": memory.parse_meminfo,
    "os_release": system.parse_os_release,
    "cpu_max": quota.parse_cpu_max,
    "cfs_quota": lambda text: quota.parse_cfs_quota(text, text),
    "memory_limit": quota.parse_memory_limit,
    "self_cgroup": quota.parse_self_cgroup,
    "cpu_stat": cgroup.parse_cpu_stat,
    "detect_virt": virt.parse_detect_virt,
    "container": virt.parse_container_cgroup,
    "firmware": virt.parse_firmware,
    "hypervisor": virt.has_hypervisor_flag,
    "wsl": virt.parse_wsl,
    "proc_stat": volatile.parse_proc_stat,
    "loadavg": volatile.parse_loadavg,
    "psi": volatile.parse_psi,
    "nvidia_smi": gpu.parse_nvidia_smi,
    "system_profiler": gpu.parse_system_profiler,
    "sysctl": lambda text: macos.facts_of_sysctl(macos.parse_sysctl(text)),
    "cim": lambda text: windows.facts_of_cim(windows.parse_cim(text)),
    "powercfg": windows.parse_powercfg,
    "number": number,
    "integer": integer,
    "size": size,
    "clock": clock_in_name,
}

_SAMPLES = sorted((Path(__file__).parent / "fixtures").iterdir())
_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)
_KEYS = ("cpu", "cache", "computer", "os", "video", "SPDisplaysDataType", "flags", "brand_raw", "l2_cache_size")
_FIELD_NAMES = (
    "Name",
    "AdapterRAM",
    "NumberOfCores",
    "Level",
    "Model",
    "sppci_model",
    "sppci_cores",
    "spdisplays_vram",
)
_OBJECTS = st.dictionaries(st.sampled_from(_FIELD_NAMES), _JSON, max_size=4)
_ANSWERS = st.dictionaries(st.sampled_from(_KEYS), _JSON | _OBJECTS | st.lists(_OBJECTS, max_size=3), max_size=5)


@st.composite
def damaged(draw: st.DrawFn) -> str:
    """A real text with a piece cut out and a piece put in."""
    text = draw(st.sampled_from(_SAMPLES)).read_text(encoding="utf-8")
    start = draw(st.integers(0, len(text)))
    end = draw(st.integers(start, min(len(text), start + 200)))
    filling = draw(st.text(max_size=12) | st.sampled_from(["9" * 400, "-1", "0", "nan", "1e999", "\0", ":", "٣"]))
    return text[:start] + filling + text[end:]


def check(parse: Callable[[str], Any], text: str) -> None:
    json.dumps(parse(text), allow_nan=False)


@pytest.mark.parametrize("parse", PARSERS.values(), ids=PARSERS.keys())
@settings(max_examples=60, deadline=None)
@given(text=st.text() | damaged() | _ANSWERS.map(json.dumps))
def test_parsers_never_raise(parse: Callable[[str], Any], text: str) -> None:
    check(parse, text)


@pytest.mark.parametrize("name", [path.name for path in _SAMPLES])
def test_parsers_never_raise_on_each_others_texts(name: str, sample: Callable[[str], str]) -> None:
    for parse in PARSERS.values():
        check(parse, sample(name))


_PATHS = st.sampled_from(
    ["/sys/devices/system/cpu/cpu0/cache/index0/" + name for name in ("level", "type", "size", "shared_cpu_list")]
    + [f"/sys/bus/pci/devices/0/{name}" for name in ("class", "vendor", "device", "mem_info_vram_total")]
    + [f"/sys/devices/system/cpu/cpu0/cpufreq/{name}" for name in ("scaling_governor", "base_frequency")]
    + ["/sys/devices/cpu_core/cpus", "/sys/devices/cpu_atom/cpus", "/sys/devices/system/cpu/cpu1/cpu_capacity"]
)


@settings(max_examples=100, deadline=None)
@given(
    files=st.dictionaries(_PATHS | st.text(), st.text(max_size=20) | st.sampled_from(["1", "Data", "32K", "0x10de"]))
)
def test_parsers_of_many_files_never_raise(files: dict[str, str]) -> None:
    for parse in (caches.parse_sysfs_caches, cpu.parse_cpufreq, cpu.parse_core_kinds, gpu.parse_pci_displays):
        json.dumps(parse(files), allow_nan=False)


@settings(max_examples=50, deadline=None)
@given(pools=st.lists(st.dictionaries(st.sampled_from(["user_api", "internal_api", "version", "filepath"]), st.text())))
def test_thread_pools_never_raise(pools: list[dict[str, Any]]) -> None:
    libraries.name_of_blas(libraries.parse_threadpools(pools))


_KNOWN = st.text(max_size=8).map(lambda reason: f"unknown because {reason}") | st.none() | st.booleans() | st.integers()


@settings(max_examples=100, deadline=None)
@given(identity=st.dictionaries(st.sampled_from(FIELDS), _KNOWN))
def test_any_identity_has_an_id_and_rows(identity: dict[str, Any]) -> None:
    assert len(machine_id(identity)) == 16
    assert all(isinstance(value, str) for _, value in describe(identity))
