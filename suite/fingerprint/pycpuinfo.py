"""py-cpuinfo, the last resort for the processor: slow, without a time limit of its own, and unsteady.

It runs in its own process, under a time limit, and only when cheaper sources left something open. Its clocks are never
taken (``hz_actual`` varies, and ``hz_advertised`` falls back to the actual clock), nor its L3 size (it is one core's
L2 on Linux).
"""

from __future__ import annotations

import sys

from suite.fingerprint import simd
from suite.fingerprint.probe import Facts, Source, UnreadableError, run_command
from suite.fingerprint.text import integer, json_object, known, size

FIELDS = ("cpu_vendor", "cpu_model", "simd", "l1d_bytes", "l1i_bytes", "l2_bytes")

# -P: a file cpuinfo.py in the working directory must not be run in its place.
COMMAND = (sys.executable, "-P", "-m", "cpuinfo", "--json")
LIMIT_S = 10.0


def parse_pycpuinfo(text: str) -> Facts:
    """Read the JSON that ``python -m cpuinfo --json`` prints."""
    answer = json_object(text)
    flags = answer.get("flags")
    return known(
        cpu_vendor=_text(answer.get("vendor_id_raw")),
        cpu_model=_text(answer.get("brand_raw")),
        simd=simd.from_flags(flag for flag in flags if isinstance(flag, str)) if isinstance(flags, list) else None,
        l1d_bytes=_bytes(answer.get("l1_data_cache_size")),
        l1i_bytes=_bytes(answer.get("l1_instruction_cache_size")),
        l2_bytes=_bytes(answer.get("l2_cache_size")),
    )


def read(command: tuple[str, ...] | None = None, limit_s: float | None = None) -> Facts:
    """Run py-cpuinfo in its own process.

    Raises:
        UnreadableError: it gave no answer in time, failed, or answered with no JSON object.
    """
    try:
        text = run_command(command or COMMAND, LIMIT_S if limit_s is None else limit_s)
    except UnreadableError as error:
        raise UnreadableError(f"py-cpuinfo could not be asked ({error})") from None
    if not json_object(text):
        raise UnreadableError("py-cpuinfo answered with no JSON object")
    return parse_pycpuinfo(text)


def source() -> Source:
    """Return py-cpuinfo as a source, to be asked last."""
    return Source(name="py-cpuinfo", fields=FIELDS, read=read)


def _text(value: object) -> str | None:
    return " ".join(value.split()) if isinstance(value, str) else None


def _bytes(value: object) -> int | None:
    found = size(value) if isinstance(value, str) else integer(value)
    return found or None
