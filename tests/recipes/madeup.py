"""Recipes made up for tests, and a Python that does what a test wants in place of venv, pip and probe."""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

from suite.recipes import Recipe, Source

SOURCE = Source(title="made up", address="https://github.com/x/y", date="2026-11-21")

RECIPE = Recipe(
    name="toy",
    title="A toy",
    platform="linux-cpu",
    framework="pytorch",
    python="3.11",
    kind="official",
    commands=("pip install torch==2.13.0",),
    source=SOURCE,
    expects="trains",
)

FALLING = [1.4 * 0.9**step for step in range(20)]

TEXT = """\
title = "A toy"
platform = "linux-cpu"
framework = "pytorch"
python = "3.11"
kind = "official"
commands = ["pip install torch==2.13.0"]
expects = "trains"

[source]
title = "made up"
address = "https://github.com/x/y"
date = 2026-11-21
"""


def recipe(**other: Any) -> Recipe:
    return replace(RECIPE, **other)


def python(folder: Path, *, pip: str = "", probe: str = "") -> str:
    """Write a program that makes an environment whose Python runs ``pip`` and ``probe`` instead of what is asked."""
    folder.mkdir(parents=True, exist_ok=True)
    inner = folder / "inner"
    inner.write_text(
        f"#!{sys.executable}\n"
        "import json, os, pathlib, signal, sys, time\n"
        "site = pathlib.Path(sys.argv[0]).parents[1] / 'lib' / 'site-packages'\n"
        f"if sys.argv[1:3] == ['-m', 'pip']:\n    exec({pip!r})\n"
        f"elif sys.argv[3] == '-I':\n    result = pathlib.Path(sys.argv[7])\n    exec({probe!r})\n"
        "else:\n    sys.exit('not asked for')\n"
    )
    outer = folder / "python"
    outer.write_text(
        f"#!{sys.executable}\n"
        "import pathlib, shutil, sys\n"
        "place = pathlib.Path(sys.argv[3])\n"
        "(place / 'bin').mkdir(parents=True)\n"
        "(place / 'lib' / 'site-packages').mkdir(parents=True)\n"
        f"shutil.copy({str(inner)!r}, place / 'bin' / 'python')\n"
    )
    for program in (inner, outer):
        program.chmod(0o755)
    return str(outer)


INSTALLS = """
print('Collecting torch')
print('  Downloading torch-2.13.0-cp311-none-any.whl (1.5 MB)')
print('  Downloading torch-2.13.0-cp311-none-any.whl.metadata (30 kB)')
print('  Using cached numpy-2.4.6-cp311-none-any.whl (500 kB)')
print('Installing collected packages: torch')
found = site / 'torch-2.13.0+cpu.dist-info'
found.mkdir()
(found / 'METADATA').write_text('Metadata-Version: 2.1\\nName: torch\\nVersion: 2.13.0+cpu\\n')
"""
TRAINS = (
    f"result.write_text(json.dumps({{'imports': {{'torch': '2.13.0'}}, 'accelerator': False, 'losses': {FALLING!r}}}))"
)
