"""Readings of numbers and key-value lines that several probes share; none of them raises."""

from __future__ import annotations

import json
import re
from typing import Any

_SIZE = re.compile(r"^\s*(\d{1,15}(?:\.\d{1,6})?)\s*([KMGT]?)i?B?\b", re.IGNORECASE)
_CLOCK = re.compile(r"@\s*(\d{1,3}(?:\.\d{1,4})?)\s*(GHz|MHz)", re.IGNORECASE)
_FACTORS = {"": 1, "K": 1024, "M": 1024**2, "G": 1024**3, "T": 1024**4}


def pairs(text: str, separator: str = ":") -> dict[str, str]:
    """Read ``key: value`` lines; the first of a repeated key counts, lines without the separator do not."""
    found: dict[str, str] = {}
    for line in text.splitlines():
        key, mark, value = line.partition(separator)
        if mark:
            found.setdefault(key.strip(), value.strip())
    return found


def integer(text: object) -> int | None:
    """Read a whole number (decimal, of sensible length), or return None."""
    if isinstance(text, bool):
        return None
    if isinstance(text, int):
        return text
    match = re.match(r"\s*(-?[0-9]{1,20})\s*$", text) if isinstance(text, str) else None
    return int(match.group(1)) if match else None


def number(text: str | None) -> float | None:
    """Read a decimal number, or return None; never NaN or infinity, which JSON cannot hold."""
    match = re.match(r"\s*(-?[0-9]{1,20}(?:\.[0-9]{1,12})?)\s*$", text or "")
    return float(match.group(1)) if match else None


def size(text: str | None) -> int | None:
    """Read a size such as ``32K``, ``1.5 GB`` or ``512 KiB (16 instances)`` as bytes (1024-based), or return None."""
    match = _SIZE.match(text or "")
    return int(float(match.group(1)) * _FACTORS[match.group(2).upper()]) if match else None


def clock_in_name(model: str | None) -> float | None:
    """Return the base clock in MHz that a CPU's name states ("... @ 2.30GHz"), or None."""
    match = _CLOCK.search(model or "")
    if match is None:
        return None
    return round(float(match.group(1)) * (1000.0 if match.group(2).lower() == "ghz" else 1.0), 1)


def json_object(text: str) -> dict[str, Any]:
    """Read a JSON object; anything else gives an empty one."""
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        return {}
    return value if isinstance(value, dict) else {}


def rows(value: object) -> list[dict[str, Any]]:
    """Return the objects of a JSON list; a lone object counts as a list of one (PowerShell writes it so)."""
    items = value if isinstance(value, list) else [value]
    return [item for item in items if isinstance(item, dict)]


def known(**facts: object) -> dict[str, Any]:
    """Return the facts that are stated, that is not None and not empty text."""
    return {name: value for name, value in facts.items() if value is not None and value != ""}
