"""Recipes of this machine: run in an environment of their own that is removed afterwards."""

from __future__ import annotations

import json
import re
import shutil
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from importlib import metadata
from pathlib import Path
from typing import Any

from suite import profiles
from suite.environments import native
from suite.errors import EvenmatchError
from suite.installer import uv
from suite.recipes import Recipe, surroundings
from suite.recipes.children import Children
from suite.recipes.commands import Install, parse

PROBE = Path(__file__).with_name("probes") / "probe.py"

_UNITS = {"bytes": 1, "kB": 1e3, "KB": 1e3, "MB": 1e6, "GB": 1e9}
_FETCHED = re.compile(
    r"^\s*(?:Downloading|Using cached) (?P<file>\S+?) \((?P<size>[\d.]+) ?(?P<unit>bytes|kB|KB|MB|GB)\)", re.MULTILINE
)
_LOCAL = re.compile(r"^\s*Processing (?P<file>/\S+\.whl)$", re.MULTILINE)


@dataclass(kw_only=True)
class Execution:
    """What running a recipe came to; whatever was not reached keeps its default."""

    resolved: bool = False
    installed: bool = False
    probe: dict[str, Any] = field(default_factory=dict)
    """What the probe wrote before it ended."""
    transcript: str = ""
    failed: str = ""
    """The output of the command that failed; "" if none did."""
    seconds: float = 0.0
    """How long the commands took."""
    download_bytes: int | None = None
    disk_bytes: int | None = None
    packages: dict[str, str] = field(default_factory=dict)
    """Versions of all that was installed, by name."""


def execute(recipe: Recipe, python: str, children: Children, timeout_s: float) -> Execution:
    """Run a recipe's commands in a new environment, then the probe in it; the environment is removed in any case.

    Raises:
        UnsupportedError: PyTorch's own index is asked for and cannot be reached.
        TooLongError, StoppedError: it was not finished.
        OSError: a folder cannot be written, as on a full disk.
    """
    folder = surroundings.work() / recipe.name
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    try:
        return _Run(recipe, folder, children, time.monotonic() + timeout_s).run(python)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


class _Run:
    def __init__(self, recipe: Recipe, folder: Path, children: Children, until: float) -> None:
        self._recipe = recipe
        self._folder = folder
        self._children = children
        self._until = until
        self._log = folder / "transcript.txt"
        self._environment = folder / "environment"
        self._variables = surroundings.variables()
        self._found = Execution()

    def run(self, python: str) -> Execution:
        installs = [parse(command) for command in self._recipe.commands]
        extra = [self._wheels(install) for install in installs]
        before: dict[str, str] = {}
        if self._command([python, "-m", "venv", str(self._environment)], "python -m venv environment"):
            before = self._packages()
            empty = self._disk()
            if self._install(installs, extra):
                self._found.packages = {n: v for n, v in self._packages().items() if before.get(n) != v}
                self._found.disk_bytes = self._disk() - empty
                self._probe()
                self._tree()
        self._found.transcript = surroundings.fit_to_keep(self._log.read_text(errors="replace"))
        return self._found

    def _wheels(self, install: Install) -> tuple[list[str], dict[str, str]]:
        """Return what options and variables stand for PyTorch's own index here."""
        if not install.pytorch_cpu:
            return [], {}
        profile = profiles.load(self._recipe.platform)
        wheels = surroundings.wheels_for(install, (self._recipe.python, profile.wheel_platform))
        if wheels.index:
            return ["--index-url", wheels.index], {}
        pins = self._folder / "wheels.txt"
        pins.write_text("\n".join(wheels.pins()) + "\n")
        return ["--constraint", str(pins)], {"PIP_FIND_LINKS": " ".join(wheels.places)}

    def _install(self, installs: Sequence[Install], extra: Sequence[tuple[list[str], dict[str, str]]]) -> bool:
        start = time.monotonic()
        python = str(native.interpreter(self._environment))
        for written, install, (options, more) in zip(self._recipe.commands, installs, extra, strict=True):
            command = [python, "-m", "pip", "install", *options, *install.arguments()]
            done = self._command(command, written, more)
            text = self._log.read_text(errors="replace")
            self._found.download_bytes = _downloaded(text)
            self._found.seconds = time.monotonic() - start
            self._found.resolved = "Installing collected packages" in text or done
            if not done:
                return False
        self._found.installed = True
        return True

    def _probe(self) -> None:
        accelerator = profiles.load(self._recipe.platform).accelerator
        result = self._folder / "probe.json"
        probe = self._folder / "probe.py"
        shutil.copyfile(PROBE, probe)
        command = [str(native.interpreter(self._environment)), "-X", "faulthandler", "-I", str(probe)]
        command += [self._recipe.framework, accelerator, str(result), *self._recipe.imports]
        self._command(command, f"python -I probe.py {self._recipe.framework}")
        try:
            self._found.probe = json.loads(result.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            self._found.probe = {}

    def _command(self, command: Sequence[str], shown: str, more: dict[str, str] | None = None) -> bool:
        """Run a command, its transcript kept; tell whether it succeeded."""
        with self._log.open("ab") as log:
            log.write(f"$ {shown}\n".encode())
        before = self._log.stat().st_size
        code = self._children.run(
            command, log=self._log, folder=self._folder, env=self._variables | (more or {}), until=self._until
        )
        if code:
            with self._log.open("ab") as log:
                log.write(f"(exit code {code})\n".encode())
            self._found.failed = self._log.read_bytes()[before:].decode(errors="replace")
        return code == 0

    def _packages(self) -> dict[str, str]:
        found = metadata.distributions(path=[str(each) for each in self._environment.glob("**/site-packages")])
        return {str(each.metadata["Name"]).lower().replace("_", "-"): each.version for each in found}

    def _disk(self) -> int:
        files = (path.lstat() for path in self._environment.rglob("*"))
        return sum(found.st_size for found in files)

    def _tree(self) -> None:
        try:
            tree = uv(["pip", "tree", "--python", str(native.interpreter(self._environment))])
        except EvenmatchError as error:
            tree = f"{error}\n"
        with self._log.open("ab") as log:
            log.write(f"$ uv pip tree\n{tree}".encode())


def _downloaded(text: str) -> int:
    """Return how much pip says it fetched, from the index, its cache or a folder of wheels."""
    sizes = {
        match["file"]: float(match["size"]) * _UNITS[match["unit"]]
        for match in _FETCHED.finditer(text)
        if not match["file"].endswith(".metadata")
    }
    for match in _LOCAL.finditer(text):
        path = Path(match["file"])
        sizes[path.name] = path.stat().st_size if path.exists() else 0
    return round(sum(sizes.values()))
