"""The identity in plain words, in reading order, for ``evenmatch doctor`` and the report."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from suite.fingerprint.probe import is_unknown, unknown

_UNITS = ((1024**4, "TiB"), (1024**3, "GiB"), (1024**2, "MiB"), (1024, "KiB"))


def describe(identity: dict[str, Any]) -> list[tuple[str, str]]:
    """Return label and value of each row; a field that is absent (an older version wrote it) is unknown."""

    def get(field: str) -> Any:
        return identity.get(field, unknown("it was not recorded"))

    rows: list[tuple[str, Callable[[Callable[[str], Any]], str]]] = [
        ("CPU", _cpu),
        ("Cores", _cores),
        ("Clock", _clock),
        ("Governor", lambda get: str(get("governor"))),
        ("Caches (sum over cores)", _caches),
        ("Vector instructions", lambda get: _names(get("simd"))),
        ("Memory", _memory),
        ("GPUs", lambda get: _gpus(get("gpus"))),
        ("Operating system", _system),
        ("Virtualisation", _virtualisation),
        ("Python", _python),
        ("NumPy's BLAS", _blas),
    ]
    described = [(label, words(get)) for label, words in rows]
    for label, field in (("User", "user"), ("Host", "host")):
        if field in identity:
            described.append((label, str(identity[field])))
    return described


def format_bytes(count: Any) -> str:
    """Return a number of bytes in the largest binary unit that fits ("23.5 GiB"); words are passed through."""
    if not _is_number(count):
        return str(count)
    for factor, name in _UNITS:
        if count >= factor:
            return f"{round(count / factor, 1):g} {name}"
    return f"{count:g} bytes"


def _cpu(get: Callable[[str], Any]) -> str:
    model, architecture, vendor = get("cpu_model"), get("microarchitecture"), get("cpu_vendor")
    if is_unknown(model) and not is_unknown(vendor):
        model = f"model {model}, by {vendor}"
    cores = get("physical_cores")
    words = [str(model) if is_unknown(architecture) else f"{model} ({architecture})"]
    words.append(f"cores {cores}" if is_unknown(cores) else _plural(cores, "core"))
    smt = get("smt")
    words.append(f"SMT {smt}" if is_unknown(smt) else ("with SMT" if smt else "no SMT"))
    if get("translated") is True:
        words.append("this program is translated by Rosetta 2")
    return ", ".join(words)


def _cores(get: Callable[[str], Any]) -> str:
    kinds = get("core_kinds")
    label = "kinds " if is_unknown(kinds) else ""
    return f"{get('usable_cores')} usable of {get('logical_cores')} logical; {label}{kinds}"


def _clock(get: Callable[[str], Any]) -> str:
    clocks = {"base": get("base_mhz"), "largest": get("max_mhz")}
    stated = [f"{label} {value:g} MHz" for label, value in clocks.items() if _is_number(value)]
    return ", ".join(stated) or str(clocks["base"])


def _caches(get: Callable[[str], Any]) -> str:
    kinds = (("L1d", "l1d_bytes"), ("L1i", "l1i_bytes"), ("L2", "l2_bytes"), ("L3", "l3_bytes"))
    return ", ".join(f"{label} {format_bytes(get(field))}" for label, field in kinds)


def _names(values: Any) -> str:
    if not isinstance(values, list):
        return str(values)
    return ", ".join(str(value) for value in values) or "none"


def _memory(get: Callable[[str], Any]) -> str:
    words, limit = format_bytes(get("ram_bytes")), get("memory_limit_bytes")
    return (
        words if limit is None or is_unknown(limit) else f"{words}, of which this process may use {format_bytes(limit)}"
    )


def _gpus(gpus: Any) -> str:
    if not isinstance(gpus, list):
        return str(gpus)
    words = []
    for gpu in gpus:
        size, driver = gpu.get("memory_bytes"), gpu.get("driver")
        memory = (
            "shares the machine's memory"
            if size is None
            else f"{'memory ' if is_unknown(size) else ''}{format_bytes(size)}"
        )
        words.append(f"{gpu.get('name')} ({memory}, driver {driver})")
    return "; ".join(words) or "none found"


def _system(get: Callable[[str], Any]) -> str:
    name, version = get("os_name"), get("os_version")
    title = str(name) if is_unknown(version) else f"{name} {version}"
    return f"{title}, {get('kernel')}, {get('architecture')}"


def _virtualisation(get: Callable[[str], Any]) -> str:
    machine, container, quota, wsl = (get(field) for field in ("virtual_machine", "container", "cpu_quota", "wsl"))
    words = ["no virtual machine" if machine == "none" else f"virtual machine: {machine}"]
    words.append("no container" if container == "none" else f"container: {container}")
    if quota is None:
        words.append("no CPU quota")
    else:
        words.append(f"CPU quota of {quota:g} cores" if _is_number(quota) else f"CPU quota {quota}")
    if isinstance(wsl, str) and wsl.startswith("WSL"):
        words.append(wsl)
    return ", ".join(words)


def _python(get: Callable[[str], Any]) -> str:
    return f"{get('python_implementation')} {get('python_version')}, NumPy {get('numpy_version')}"


def _blas(get: Callable[[str], Any]) -> str:
    pools = get("thread_pools")
    words = [str(get("blas"))]
    for pool in pools if isinstance(pools, list) else []:
        threads = pool.get("num_threads")
        details = [f"{pool.get('internal_api')}: {_plural(threads, 'thread')}"]
        details += [str(pool[key]) for key in ("threading_layer", "architecture") if pool.get(key)]
        words.append(" ".join(details))
    return "; ".join(words)


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _plural(count: Any, noun: str) -> str:
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"
