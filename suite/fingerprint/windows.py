"""Windows: one PowerShell call asks the system's management classes (CIM) for everything and answers in JSON."""

from __future__ import annotations

import re
from typing import Any

from suite.fingerprint.gpu import nvidia_gpus, parse_video_controllers, prefer_nvidia_smi
from suite.fingerprint.probe import Facts, Once, Source, run_command, unreadable
from suite.fingerprint.text import clock_in_name, integer, json_object, known, rows

QUERY = (
    "[Console]::OutputEncoding=[Text.Encoding]::UTF8;"
    "ConvertTo-Json -Compress -Depth 3 @{"
    "cpu=@(Get-CimInstance Win32_Processor|Select-Object Name,Manufacturer,NumberOfCores,NumberOfLogicalProcessors,"
    "MaxClockSpeed,L2CacheSize,L3CacheSize);"
    "cache=@(Get-CimInstance Win32_CacheMemory|Select-Object Level,CacheType,InstalledSize);"
    "computer=@(Get-CimInstance Win32_ComputerSystem|Select-Object Manufacturer,Model,TotalPhysicalMemory);"
    "os=@(Get-CimInstance Win32_OperatingSystem|Select-Object Caption,Version,BuildNumber);"
    "video=@(Get-CimInstance Win32_VideoController|Select-Object Name,AdapterRAM,DriverVersion)}"
)
"""No class here returns a user's or machine's name (``PSComputerName`` is not selected)."""

_PRIMARY, _INSTRUCTION, _DATA = 3, 3, 4
"""Win32_CacheMemory: Level 3 is the primary cache; CacheType 3 is instruction, 4 data, 5 unified."""

_GUEST_MODELS = {
    "virtualbox": "oracle",
    "vmware": "vmware",
    "kvm": "kvm",
    "standard pc": "qemu",
    "qemu": "qemu",
    "hvm domu": "xen",
    "parallels": "parallels",
    "google compute engine": "google",
    "amazon ec2": "amazon",
}

_SCHEMES = {
    "381b4222-f694-41f0-9685-ff5bb260df2e": "balanced",
    "8c5e7fda-e8bf-4a96-9a85-a6e23a8c635c": "high performance",
    "a1841308-3541-4fab-bc81-f71556f20b4a": "power saver",
    "e9a42b02-d5df-448d-aa00-03f14749eb61": "ultimate performance",
}
"""Windows' own power schemes; their names are translated, their identifiers are not."""


def parse_cim(text: str) -> dict[str, list[dict[str, Any]]]:
    """Read the JSON answer to :data:`QUERY`: class -> objects, empty where there are none."""
    answer = json_object(text)
    return {name: rows(answer.get(name)) for name in ("cpu", "cache", "computer", "os", "video")}


def facts_of_cim(answer: dict[str, list[dict[str, Any]]]) -> Facts:
    """Return what Windows says of processor, memory, system, hypervisor and graphics."""
    cpus = answer["cpu"]
    first: dict[str, Any] = cpus[0] if cpus else {}
    computer: dict[str, Any] = answer["computer"][0] if answer["computer"] else {}
    system: dict[str, Any] = answer["os"][0] if answer["os"] else {}
    physical, logical = _total(cpus, "NumberOfCores"), _total(cpus, "NumberOfLogicalProcessors")
    model = _text(first.get("Name"))
    clock = integer(first.get("MaxClockSpeed"))
    return {
        **known(
            cpu_vendor=_text(first.get("Manufacturer")),
            cpu_model=model,
            physical_cores=physical,
            logical_cores=logical,
            smt=logical > physical if physical and logical else None,
            # MaxClockSpeed is the nominal clock; boost clocks are not reported.
            base_mhz=clock_in_name(model) or (float(clock) if clock else None),
            ram_bytes=integer(computer.get("TotalPhysicalMemory")),
            os_name=_text(system.get("Caption")),
            os_version=_text(system.get("Version")),
            virtual_machine=_virtual_machine(computer),
            gpus=parse_video_controllers(answer["video"]) if answer["computer"] else None,
        ),
        **_cache_facts(answer, cpus),
    }


def parse_powercfg(text: str) -> Facts:
    """Read the active power scheme, Windows' counterpart of a governor, from ``powercfg /getactivescheme``."""
    match = re.search(r"\b([0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12})\b", text)
    if match is None:
        return {}
    scheme = match.group(1).lower()
    named = re.search(r"\(([^()]{1,80})\)\s*$", text)
    return {"governor": f"power scheme {_SCHEMES.get(scheme) or (named.group(1) if named else scheme)}"}


def sources() -> list[Source]:
    """Return Windows' sources."""
    command = ["powershell", "-NoProfile", "-NonInteractive", "-Command", QUERY]
    cim = Once(lambda: _with_nvidia_smi(facts_of_cim(parse_cim(run_command(command, limit_s=20.0)))))
    return [
        Source(
            name="CIM",
            fields=(
                *("cpu_vendor", "cpu_model", "physical_cores", "logical_cores", "smt", "base_mhz"),
                *("l1d_bytes", "l1i_bytes", "l2_bytes", "l3_bytes", "ram_bytes"),
                *("os_name", "os_version", "virtual_machine", "gpus"),
            ),
            read=cim,
        ),
        Source(
            name="powercfg",
            fields=("governor",),
            read=lambda: parse_powercfg(run_command(["powercfg", "/getactivescheme"])),
        ),
        unreadable("the limits of Windows' job objects are not read", "cpu_quota", "memory_limit_bytes"),
        unreadable("Windows does not tell a program that it runs in a container", "container"),
        unreadable("Windows does not say it in its management classes", "core_kinds", "max_mhz"),
    ]


def _with_nvidia_smi(facts: Facts) -> Facts:
    # NVIDIA's own tool knows memory above 4 GiB, which Windows' class cannot state.
    return {**facts, "gpus": prefer_nvidia_smi(facts["gpus"], nvidia_gpus())} if facts.get("gpus") else facts


def _virtual_machine(computer: dict[str, Any]) -> str | None:
    if not computer:
        return None
    model, maker = (str(computer.get(key) or "").lower() for key in ("Model", "Manufacturer"))
    if "microsoft" in maker and "virtual machine" in model:
        return "microsoft"
    for part, name in _GUEST_MODELS.items():
        if part in model or part in maker:
            return name
    # HypervisorPresent is not asked: it is also true on a bare machine with Hyper-V or WSL 2 switched on.
    return "none"


def _cache_facts(answer: dict[str, list[dict[str, Any]]], cpus: list[dict[str, Any]]) -> Facts:
    def primary(kind: int) -> int | None:
        found = [
            item
            for item in answer["cache"]
            if integer(item.get("Level")) == _PRIMARY and integer(item.get("CacheType")) == kind
        ]
        return _kib(_total(found, "InstalledSize"))

    return known(
        l1d_bytes=primary(_DATA),
        l1i_bytes=primary(_INSTRUCTION),
        l2_bytes=_kib(_total(cpus, "L2CacheSize")),
        l3_bytes=_kib(_total(cpus, "L3CacheSize")),
    )


def _total(items: list[dict[str, Any]], key: str) -> int | None:
    values = [integer(item.get(key)) for item in items]
    return sum(value for value in values if value) or None


def _kib(value: int | None) -> int | None:
    return value * 1024 if value else None


def _text(value: object) -> str | None:
    return " ".join(value.split()) if isinstance(value, str) else None
