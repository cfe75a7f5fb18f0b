"""The commands by which a reader makes again what stands in a report: on the same profile, device and place."""

from __future__ import annotations

import shlex
from collections.abc import Mapping
from typing import Any

DATA = "--data"

OWN_OPTIONS = {"--out": 1, "--resume": 0}
"""Options of one particular run, with their number of values: a command to reproduce something leaves them out."""

ANY = ("nox", "-s", "evenmatch", "--")
"""Runs any command of evenmatch in a checkout, where there is no ``evenmatch`` to be found by the shell."""


def measuring(typed: list[str], otherwise: list[str], select: str = "") -> str:
    """Return the command ``typed``, or ``otherwise``, for all cells or those that the glob ``select`` names."""
    words = _without(_private(typed), OWN_OPTIONS | ({"--select": 1} if select else {})) or otherwise
    if words[0] == "evenmatch":
        words = [*ANY, *words[1:]]
    if select:
        words += [] if "--" in words or words[0] != "nox" else ["--"]
        words += ["--select", select]
    return shlex.join(words)


def examining(workload: str, request: Mapping[str, Any], accelerator: str, *, all_modes: bool) -> str:
    """Return the command that examines a workload anew, whatever passports were kept, where ``request`` ran it."""
    words = [*ANY, "parity", "--workload", workload, "--again", *_where(request)]
    base = request.get("base")
    if request.get("container") or base:
        words += ["--container", *(["--base", str(base)] if base else [])]
    elif accelerator == "cuda" and request.get("container") is False and not request.get("device"):
        words.append("--native")  # such a profile runs in containers unless told otherwise
    return shlex.join([*words, *(["--mode", "all"] if all_modes else [])])


def looking(request: Mapping[str, Any]) -> str:
    """Return the command that says what a machine is, and what the profile of ``request`` needs on it."""
    return shlex.join([*ANY, "doctor", *_where(request)])


def _where(request: Mapping[str, Any]) -> list[str]:
    named = {"--profile": request.get("profile"), "--device": request.get("device")}
    return [word for option, value in named.items() if value for word in (option, str(value))]


def _private(words: list[str]) -> list[str]:
    """Return a command without the folder of the data, which may hold a user's name."""
    hidden = [f"{DATA}=DIR" if word.startswith(f"{DATA}=") else word for word in words]
    return ["DIR" if before == DATA else word for before, word in zip(["", *hidden], hidden, strict=False)]


def _without(words: list[str], options: dict[str, int]) -> list[str]:
    kept: list[str] = []
    skip = 0
    for word in words:
        if skip:
            skip -= 1
        elif word in options:
            skip = options[word]
        elif word.partition("=")[0] not in options:
            kept.append(word)
    return kept
