"""Made-up recipes with what was found of them, so that reports of tests do not change with the real ones."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from suite.recipes import LADDER, grading, loading, verified

TEXT = """\
title = "{title}"
platform = "{platform}"
framework = "{framework}"
python = "3.11"
kind = "{kind}"
commands = ["{command}"]
{promise}

[source]
title = "the documentation"
address = "https://www.tensorflow.org/install/pip"
date = 2026-11-20
"""
OFFICIAL = 'expects = "trains"'
NMS = 'fails = "nms does not exist"\nat = "imports"\nnote = "Take both from one index."'

Made = tuple[str, str, str, str, str, str, dict[str, Any] | None]

MADE: dict[str, Made] = {
    "linux-cpu-pytorch": (
        *("PyTorch", "linux-cpu", "pytorch", "official", "pip install torch==2.13.0 --index-url {pytorch-cpu}"),
        OFFICIAL,
        {"evidence": "run", "reached": 6, "versions": {"torch": "2.13.0+cpu"}},
    ),
    "linux-cpu-pytorch-today": (
        *("PyTorch today", "linux-cpu", "pytorch", "official", "pip3 install torch --index-url {pytorch-cpu}"),
        OFFICIAL,
        {"evidence": "none", "reached": 0, "why": "PyTorch's own CPU index could not be reached"},
    ),
    "linux-cpu-tensorflow": (
        *("TensorFlow", "linux-cpu", "tensorflow", "official", "pip install tensorflow-cpu", OFFICIAL),
        {"evidence": "run", "reached": 5, "versions": {"tensorflow-cpu": "2.99.0", "keras": "3.15.1"}},
    ),
    "linux-cpu-keras": ("Keras", "linux-cpu", "keras", "official", "pip install --upgrade keras", OFFICIAL, None),
    "cuda-pytorch": (
        *("PyTorch with CUDA", "cuda", "pytorch", "official", "pip3 install torch torchvision", OFFICIAL),
        {"evidence": "run without its accelerator", "reached": 6, "versions": {"torch": "2.15.0"}},
    ),
    "macos-arm-tensorflow": (
        *("TensorFlow with Metal", "macos-arm", "tensorflow", "official", "pip install tensorflow-metal", OFFICIAL),
        {
            "evidence": "resolved only",
            "reached": 1,
            "why": "it needs a Mac",
            "versions": {"tensorflow-macos": "2.16.2"},
        },
    ),
    "windows-cpu-pytorch": (
        *("PyTorch", "windows-cpu", "pytorch", "official", "pip3 install torch", OFFICIAL),
        {"evidence": "none", "reached": 0, "why": "a package index could not be reached"},
    ),
    "linux-cpu-mixed": (
        *("Builds of two indexes", "linux-cpu", "pytorch", "known broken", "pip install torchvision", NMS),
        {"evidence": "run", "reached": 2, "failed": "imports", "cause": "torchvision and torch are of unlike builds"},
    ),
    "linux-cpu-mended": (
        *("Broken before", "linux-cpu", "tensorflow", "known broken", "pip install tensorflow", NMS),
        {"evidence": "run", "reached": 5, "verdict": "not as expected"},
    ),
    "linux-cpu-study": ("A study", "linux-cpu", "tensorflow", "study", "pip install tensorflow==2.6.0", OFFICIAL, None),
}

LOCKED = {"cuda-pytorch": {"torch": "2.13.0"}, "linux-cpu-tensorflow": {"tensorflow-cpu": "2.21.0", "keras": "3.15.1"}}
"""Versions that are locked where the recipes are for, so that reports of tests do not change with the locks."""


def write(folder: Path) -> None:
    """Write the recipes, and what was found of those that were tried; ``loading.folder`` has to be ``folder``."""
    kept: verified.Verified = {}
    for name, (title, platform, framework, kind, command, promise, found) in MADE.items():
        text = TEXT.format(
            title=title, platform=platform, framework=framework, kind=kind, command=command, promise=promise
        )
        (folder / f"{name}.toml").write_text(text)
        if found is not None:
            recipe = loading.load(name)
            kept = verified.keep(kept, recipe, _record(grading.digest(recipe), **found))
    verified.write(kept, MADE)


def _record(digest: str, *, evidence: str, reached: int, failed: str = "", **more: Any) -> dict[str, Any]:
    states = ["yes"] * reached + ["not run"] * (len(LADDER) - reached)
    if reached > 3:
        states[3] = "not here" if "without" in evidence else "none asked"
    if failed:
        states[LADDER.index(failed)] = "no"  # type: ignore[arg-type]
    known: Any = dict(zip(LADDER, states, strict=True))
    ran = {"seconds": 83.2, "disk_bytes": 1_234_000_000} if evidence.startswith("run") else {}
    size = {"download_bytes": 567_000_000, "packages": 42} if reached else {}
    return {
        "recipe": digest,
        "date": "2026-11-20",
        "machine": "Linux on x86_64, 2 processors, no NVIDIA GPU",
        "evidence": evidence,
        "grade": grading.grade(known),
        "verdict": "as expected",
        "cause": "",
        "steps": {step: {"state": state, "says": ""} for step, state in known.items()},
        "versions": {},
        **size,
        **ran,
        **more,
    }
