"""Graphics processors: from NVIDIA's tool, from Linux's PCI list, from macOS and from Windows.

Each is ``{"name", "memory_bytes", "driver"}``. ``memory_bytes`` is None where the GPU has no memory of its own but
uses the machine's; what cannot be read is "unknown because ...".
"""

from __future__ import annotations

import csv
from collections.abc import Mapping
from typing import Any

from suite.fingerprint.probe import Facts, Source, UnreadableError, run_command, texts, unknown
from suite.fingerprint.text import integer, json_object, number, rows, size

Gpu = dict[str, Any]

NVIDIA_SMI = ("nvidia-smi", "--query-gpu=name,memory.total,driver_version", "--format=csv,noheader,nounits")

_VENDORS = {"0x10de": "NVIDIA", "0x1002": "AMD", "0x8086": "Intel"}
"""PCI vendors whose display devices can train a network; server consoles and virtual screens are left out."""

_DISPLAY_CLASS = "0x03"
_ADAPTER_RAM_LIMIT = (1 << 32) - (1 << 20)
"""Win32_VideoController.AdapterRAM has 32 bits: at this size or above the true size is unknown."""


def parse_nvidia_smi(text: str) -> list[Gpu]:
    """Read :data:`NVIDIA_SMI`'s answer, one line per GPU, memory in MiB; lines of another shape count nothing."""
    gpus = []
    for row in csv.reader(line for line in text.splitlines() if "\0" not in line):
        if len(row) != 3 or not row[0].strip():
            continue
        memory = number(row[1])
        gpus.append(
            _gpu(
                row[0].strip(),
                unknown("nvidia-smi does not state it") if memory is None else int(memory) * 1024**2,
                row[2].strip() or None,
            )
        )
    return gpus


def parse_pci_displays(files: Mapping[str, str]) -> list[Gpu]:
    """List the GPUs among PCI devices.

    Args:
        files: Path -> text of ``/sys/bus/pci/devices/*/{class,vendor,device,product_name,mem_info_vram_total}``; the
        last two
            are amdgpu's.
    """
    devices: dict[str, dict[str, str]] = {}
    for path, text in files.items():
        folder, _, name = path.rpartition("/")
        devices.setdefault(folder, {})[name] = text.strip()
    gpus = []
    for device in devices.values():
        vendor = _VENDORS.get(device.get("vendor", ""))
        if vendor is None or not device.get("class", "").startswith(_DISPLAY_CLASS):
            continue
        name = device.get("product_name") or f"{vendor} device {device.get('device', '').removeprefix('0x')}".rstrip()
        memory = integer(device.get("mem_info_vram_total"))
        gpus.append(_gpu(name, unknown("the kernel does not state it") if memory is None else memory, None))
    return gpus


def parse_system_profiler(text: str) -> Facts:
    """Read ``system_profiler -json SPDisplaysDataType``; the GPUs alone, no displays and no serial numbers."""
    answer = json_object(text)
    if "SPDisplaysDataType" not in answer:
        return {}
    gpus = []
    for item in rows(answer["SPDisplaysDataType"]):
        name = item.get("sppci_model") or item.get("_name")
        if not isinstance(name, str) or item.get("sppci_device_type", "spdisplays_gpu") != "spdisplays_gpu":
            continue
        cores = item.get("sppci_cores")
        label = f"{name} ({cores} cores)" if isinstance(cores, str) and cores.isdigit() else name
        own = item.get("spdisplays_vram")  # Intel's and Apple's share the machine's memory and have no such line
        driver = "part of macOS"
        gpus.append(_gpu(label, size(own) if isinstance(own, str) else None, driver))
    return {"gpus": gpus}


def parse_video_controllers(controllers: list[dict[str, Any]]) -> list[Gpu]:
    """Read Windows' Win32_VideoController objects."""
    gpus = []
    for item in controllers:
        name, driver = item.get("Name"), item.get("DriverVersion")
        if not isinstance(name, str) or not name:
            continue
        memory = _adapter_memory(integer(item.get("AdapterRAM")))
        gpus.append(_gpu(name, memory, driver if isinstance(driver, str) and driver else None))
    return gpus


def _adapter_memory(stated: int | None) -> int | str:
    if stated is None or stated <= 0:
        return unknown("Windows does not state it")
    return stated if stated < _ADAPTER_RAM_LIMIT else unknown("Windows states at most 4 GiB")


def prefer_nvidia_smi(listed: list[Gpu], stated: list[Gpu]) -> list[Gpu]:
    """Return the GPUs that NVIDIA's tool stated, then those of the other list that are not NVIDIA's."""
    return [*stated, *(gpu for gpu in listed if not (stated and "nvidia" in str(gpu["name"]).lower()))]


def nvidia_gpus() -> list[Gpu]:
    """Ask NVIDIA's tool; an empty list where it is not installed or not working."""
    try:
        return parse_nvidia_smi(run_command(NVIDIA_SMI, limit_s=10.0))
    except UnreadableError:
        return []


def sources_linux() -> list[Source]:
    """Return Linux's source: NVIDIA's tool where it works, the PCI list for the rest."""
    return [Source(name="PCI list", fields=("gpus",), read=_read_linux)]


def _read_linux() -> Facts:
    files: dict[str, str] = {}
    for name in ("class", "vendor", "device", "product_name", "mem_info_vram_total"):
        files.update(texts(f"/sys/bus/pci/devices/*/{name}"))
    return {"gpus": prefer_nvidia_smi(parse_pci_displays(files), nvidia_gpus())}


def _gpu(name: str, memory: int | str | None, driver: str | None) -> Gpu:
    return {"name": name, "memory_bytes": memory, "driver": driver or unknown("no tool here states it")}
