"""macOS: nearly everything comes from one ``sysctl`` call, the GPU from ``system_profiler``."""

from __future__ import annotations

from suite.fingerprint import simd
from suite.fingerprint.gpu import parse_system_profiler
from suite.fingerprint.probe import Facts, Once, Source, run_command, unreadable
from suite.fingerprint.text import clock_in_name, integer, known, pairs

_KEYS = ("hw", "machdep.cpu", "kern.osproductversion", "kern.hv_vmm_present", "sysctl.proc_translated")
_MAX_LEVELS = 8
"""More kinds of cores than any chip has; bounds what a damaged answer can make us do."""


def parse_sysctl(text: str) -> dict[str, str]:
    """Read ``sysctl``'s lines ``name: value`` (values may span no lines; a repeated name keeps its first value)."""
    return pairs(text)


def facts_of_sysctl(values: dict[str, str]) -> Facts:
    """Return what ``sysctl`` says of processor, memory, system and hypervisor.

    Apple Silicon states caches per kind of core (``hw.perflevelN``; ``hw.l1dcachesize`` is the smallest core's), and
    no clock. Names as in Apple's "Determining system capabilities".
    """
    model = values.get("machdep.cpu.brand_string")
    physical, logical = integer(values.get("hw.physicalcpu")), integer(values.get("hw.logicalcpu"))
    vendor = values.get("machdep.cpu.vendor") or ("Apple" if (model or "").startswith("Apple") else None)
    hypervisor = integer(values.get("kern.hv_vmm_present"))
    version = values.get("kern.osproductversion")
    return {
        **known(
            cpu_vendor=vendor,
            cpu_model=model,
            physical_cores=physical,
            logical_cores=logical,
            smt=logical > physical if physical and logical else None,
            base_mhz=_mhz(values.get("hw.cpufrequency")) or clock_in_name(model),
            max_mhz=_mhz(values.get("hw.cpufrequency_max")),
            simd=simd.from_sysctl(values) or None,
            ram_bytes=integer(values.get("hw.memsize")),
            core_kinds=_core_kinds(values),
            os_name="macOS" if version else None,
            os_version=version,
            virtual_machine={0: "none", 1: "a hypervisor that macOS does not name"}.get(
                -1 if hypervisor is None else hypervisor
            ),
            # The key is missing where there is no Rosetta to translate anything.
            translated=integer(values.get("sysctl.proc_translated")) == 1 if values else None,
        ),
        **_cache_facts(values, physical),
    }


def sources() -> list[Source]:
    """Return macOS's sources, cheapest first."""
    # Unknown names make sysctl exit with 1 and still print the others.
    sysctl = Once(lambda: facts_of_sysctl(parse_sysctl(run_command(["sysctl", *_KEYS], codes=(0, 1)))))
    return [
        Source(
            name="sysctl",
            fields=(
                *("cpu_vendor", "cpu_model", "core_kinds", "physical_cores", "logical_cores", "smt"),
                *("base_mhz", "max_mhz", "simd", "l1d_bytes", "l1i_bytes", "l2_bytes", "l3_bytes"),
                *("ram_bytes", "os_name", "os_version", "virtual_machine", "translated"),
            ),
            read=sysctl,
        ),
        Source(
            name="system_profiler",
            fields=("gpus",),
            read=lambda: parse_system_profiler(
                run_command(["system_profiler", "-json", "SPDisplaysDataType"], limit_s=15.0)
            ),
        ),
        # Docker on a Mac runs Linux in a virtual machine, so a macOS process is in no container and under no quota.
        Source(name="macOS", fields=("container", "cpu_quota", "memory_limit_bytes"), read=_no_containers),
        unreadable("macOS chooses the clock itself and has no governor", "governor"),
    ]


def _no_containers() -> Facts:
    return {"container": "none", "cpu_quota": None, "memory_limit_bytes": None}


def _core_kinds(values: dict[str, str]) -> str | None:
    kinds = []
    for level in range(_MAX_LEVELS):
        count = integer(values.get(f"hw.perflevel{level}.physicalcpu"))
        if count:
            kinds.append(f"{count} {values.get(f'hw.perflevel{level}.name') or f'of level {level}'}".lower())
    if len(kinds) > 1:
        return " and ".join(kinds)
    return "all alike" if values.get("hw.physicalcpu") else None


def _cache_facts(values: dict[str, str], physical: int | None) -> Facts:
    per_level = [_level_caches(values, level) for level in range(_MAX_LEVELS)]
    stated = [level for level in per_level if level]
    if stated:
        fields = ("l1d_bytes", "l1i_bytes", "l2_bytes", "l3_bytes")
        # Only sums over all kinds of cores: a part would look like the whole.
        return {f: sum(level[f] for level in stated) for f in fields if all(f in level for level in stated)}
    return _intel_caches(values, physical)


def _level_caches(values: dict[str, str], level: int) -> dict[str, int]:
    def value(name: str) -> int:
        return integer(values.get(f"hw.perflevel{level}.{name}")) or 0

    cores = value("physicalcpu")
    totals = {
        "l1d_bytes": value("l1dcachesize") * cores,
        "l1i_bytes": value("l1icachesize") * cores,
        "l2_bytes": value("l2cachesize") * _instances(cores, value("cpusperl2")),
        "l3_bytes": value("l3cachesize") * _instances(cores, value("cpusperl3")),
    }
    return {name: total for name, total in totals.items() if total > 0}


def _instances(cores: int, sharing: int) -> int:
    return -(-cores // sharing) if sharing > 0 else 1


def _intel_caches(values: dict[str, str], physical: int | None) -> Facts:
    """Sum an Intel Mac's caches: L1 and L2 belong to a core, L3 to a package."""
    packages = integer(values.get("hw.packages")) or 1

    def total(name: str, count: int | None) -> int | None:
        one = integer(values.get(f"hw.{name}cachesize"))
        return one * count if one and count else None

    return known(
        l1d_bytes=total("l1d", physical),
        l1i_bytes=total("l1i", physical),
        l2_bytes=total("l2", physical),
        l3_bytes=total("l3", packages),
    )


def _mhz(hertz: str | None) -> float | None:
    value = integer(hertz)
    return value / 1e6 if value else None
