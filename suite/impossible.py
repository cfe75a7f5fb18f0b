"""Combinations that cannot be, whatever the machine, and why: read from ``platforms/facts/impossible.toml``."""

from __future__ import annotations

import functools
import re
import tomllib
from dataclasses import MISSING, dataclass, fields
from typing import Any

from suite import home
from suite.errors import InputError

_WORDS = {
    "windows": ("system", "windows"),
    "win": ("system", "windows"),
    "macos": ("system", "darwin"),
    "mac": ("system", "darwin"),
    "darwin": ("system", "darwin"),
    "apple": ("system", "darwin"),
    "linux": ("system", "linux"),
    "cuda": ("accelerator", "cuda"),
    "gpu": ("accelerator", "cuda"),
    "nvidia": ("accelerator", "cuda"),
    "metal": ("accelerator", "metal"),
    "mps": ("accelerator", "metal"),
    "docker": ("venue", "container"),
    "podman": ("venue", "container"),
    "container": ("venue", "container"),
    "tensorflow": ("framework", "tensorflow"),
    "keras": ("framework", "keras"),
    "jax": ("framework", "keras-jax"),
}
"""What the words of a profile's name, typed by somebody who expects it to be there, ask for."""


@dataclass(frozen=True, kw_only=True)
class Impossible:
    """One combination that cannot be. It is met where everything that it names is asked for."""

    what: str
    because: str
    """The reason, to stand after "because" or alone: begins in lower case unless with a name, ends without a point."""
    source: str
    """Address of a public document that says so."""
    date: str
    """When the document was last looked at, as 2026-11-21."""
    system: str = ""
    accelerator: str = ""
    venue: str = ""
    framework: str = ""
    since: str = ""
    """The framework's version from which on it cannot be; "": every version that this suite knows."""


def reason(
    *, system: str = "", accelerator: str = "", venue: str = "", framework: str = "", version: str = ""
) -> str | None:
    """Return in a sentence why a combination cannot be, with its source; None: nothing is known against it.

    Args:
        system: as in profiles: linux, windows, darwin.
        accelerator: as in profiles: cpu, cuda, metal.
        venue: native or container.
        framework: an adapter's name.
        version: the framework's version, where it matters.
    """
    asked = {"system": system, "accelerator": accelerator, "venue": venue, "framework": framework}
    met = [each for each in known() if _is_met(each, asked, version)]
    return _sentence(met[:1]) if met else None


def of_name(name: str) -> str | None:
    """Return why there can be no profile of a name such as ``windows-cuda``; None: nothing is known against it.

    A profile is there to compare frameworks, so it counts if one of them cannot be had.
    """
    asked: dict[str, str] = {}
    for word in re.split(r"[^a-z]+", name.lower()):
        if word in _WORDS:
            key, value = _WORDS[word]
            asked.setdefault(key, value)
    if asked.get("system") == "darwin" and "gpu" in name.lower() and "cuda" not in name.lower():
        asked["accelerator"] = "metal"  # a Mac's GPU is Apple's own
    known_for_all = [each for each in known() if not each.framework or each.system or "framework" in asked]
    met = [each for each in known_for_all if _is_met(each, {"framework": each.framework} | asked, "")]
    return _sentence(met) if met else None


@functools.cache
def known() -> tuple[Impossible, ...]:
    """Return every combination that is known to be impossible, those that name the most first.

    Raises:
        InputError: the file is missing or damaged.
    """
    file = home.PLATFORMS / "facts" / "impossible.toml"
    try:
        values = tomllib.loads(file.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return ()  # a checkout may do without
    except OSError as error:
        raise InputError(f"{file} cannot be read: {error.strerror}.") from None
    except ValueError as error:
        raise InputError(f"{file} is no TOML: {error}.") from None
    tables = values.pop("impossible", [])
    if values or not isinstance(tables, list):
        wrong = next(iter(values), "impossible")
        raise InputError(f"{file}: '{wrong}' is out of place; every entry is a table headed [[impossible]].")
    found = [_read(number, table) for number, table in enumerate(tables, 1)]
    return tuple(sorted(found, key=lambda each: -len(_named(each))))


def _read(number: int, table: Any) -> Impossible:
    where = f"{home.PLATFORMS / 'facts' / 'impossible.toml'}, entry {number}"
    if not isinstance(table, dict):
        raise InputError(f"{where}: an entry is a table, headed [[impossible]].")
    keys = {field.name: field.default is MISSING for field in fields(Impossible)}
    wrong = sorted(key for key, value in table.items() if key not in keys or not isinstance(value, str))
    if wrong:
        raise InputError(f"{where}: '{wrong[0]}' is no key of an entry, or is not text in quotes.")
    missing = sorted(key for key, needed in keys.items() if needed and key not in table)
    if missing:
        raise InputError(f"{where} lacks {', '.join(missing)}.")
    entry = Impossible(**table)
    if not _named(entry):
        raise InputError(f"{where} names no system, accelerator, venue or framework.")
    return entry


def _named(entry: Impossible) -> dict[str, str]:
    found = {key: getattr(entry, key) for key in ("system", "accelerator", "venue", "framework")}
    return {key: value for key, value in found.items() if value}


def _is_met(entry: Impossible, asked: dict[str, str], version: str) -> bool:
    if any(asked.get(key) != value for key, value in _named(entry).items()):
        return False
    return not entry.since or (bool(version) and _numbers(version) >= _numbers(entry.since))


def _sentence(met: list[Impossible]) -> str:
    reasons = list(dict.fromkeys(each.because for each in met))
    sources = list(dict.fromkeys(each.source for each in met))
    return f"{'; '.join(reasons)} ({', '.join(sources)})"


def _numbers(version: str) -> list[int]:
    return [int(part) for part in re.findall(r"\d+", version)]
