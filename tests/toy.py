"""A checkout with toy frameworks, a small data set and ready environments: the real driver runs there in seconds."""

from __future__ import annotations

import json
import os
import platform
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import suite.frameworks
from suite import home, records

PROFILE = "toy-cpu"
FRAMEWORKS = ("toyone", "toytwo")


@dataclass(frozen=True)
class Toy:
    """The checkout's folder; its caches lie inside it."""

    root: Path

    @property
    def cache(self) -> Path:
        return self.root / "cache"

    @property
    def platforms(self) -> Path:
        return self.root / "platforms"

    def environment(self) -> dict[str, str]:
        clean = {key: value for key, value in os.environ.items() if not key.startswith(("EVENMATCH_", "PYTHON"))}
        return clean | {"EVENMATCH_HOME": str(self.cache), "NO_COLOR": "1", "COLUMNS": "200"}

    def command(self, *arguments: str | Path) -> list[str]:
        return [sys.executable, "-m", "suite", *map(str, arguments)]

    def run(self, *arguments: str | Path) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            self.command(*arguments), cwd=self.root, env=self.environment(), capture_output=True, text=True, timeout=300
        )

    def start(self, *arguments: str | Path) -> subprocess.Popen[str]:
        return subprocess.Popen(
            self.command(*arguments),
            cwd=self.root,
            env=self.environment(),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def write_profile(self, name: str, **changes: str) -> Path:
        values = {
            "title": "a toy",
            "needs": "any machine",
            "system": platform.system().lower(),
            "machine": platform.machine().lower(),
            "accelerator": "cpu",
            "python": f"{sys.version_info.major}.{sys.version_info.minor}",
            "wheel_platform": "any",
            "torch_backend": "cpu",
        } | changes
        path = self.platforms / f"{name}.toml"
        path.write_text("".join(f"{key} = {json.dumps(value)}\n" for key, value in values.items()))
        return path


def make(root: Path, frameworks: tuple[str, ...] = FRAMEWORKS) -> Toy:
    """Copy the checkout to ``root``, with toys for frameworks."""
    toy = Toy(root)
    shutil.copytree(home.ROOT / "suite", root / "suite", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copytree(home.ROOT / "templates", root / "templates")
    for real in suite.frameworks.frameworks():
        _remove(root / "suite" / "frameworks" / real.replace("-", "_"))
    for name in frameworks:
        shutil.copy(Path(__file__).with_name("toyframework.py"), root / "suite" / "frameworks" / f"{name}.py")
    trainer = Path(__file__).with_name("parity") / "numpytrainer.py"
    shutil.copy(trainer, root / "suite" / "frameworks" / "_numpytrainer.py")
    _replace(root / "suite" / "data" / "cifar10_twin.py", {"50_000": "2_048", "10_000": "500"})
    shorter = {"STEPS = 200": "STEPS = 4", "EXAMPLES = 400": "EXAMPLES = 40"}
    _replace(root / "suite" / "parity" / "questions.py", shorter)
    smaller = {"((375, 1242), (370, 1226), (376, 1241))": "((48, 160),)", "TRAIN: Final = 6": "TRAIN: Final = 2"}
    _replace(root / "suite" / "data" / "kitti_twin.py", {**smaller, "TEST: Final = 4": "TEST: Final = 2"})
    for family, tiny in (("cifar10_comp5511", _TINY), ("stereo_ecai2021", _TINY_STEREO)):
        with (root / "suite" / "workloads" / f"{family}.py").open("a") as file:
            file.write(tiny)
    shutil.copytree(home.PLATFORMS / "facts", toy.platforms / "facts")
    (root / "containers").mkdir()
    shutil.copy(home.ROOT / "containers" / "images.toml", root / "containers")
    toy.write_profile(PROFILE)
    _lock_and_build(toy, frameworks)
    return toy


_TINY = """
from dataclasses import replace  # noqa: E402
from suite.layers import AveragePool2d  # noqa: E402


def _tiny(workload, size, count):
    pool = AveragePool2d(name="pool1", size=size, stride=size)
    layers = (pool, Flatten(name="flatten"), Dense(name="dense1", units=10))
    return replace(workload, layers=layers, layer_parameters=(count,), parameter_count=count)


WORKLOADS = tuple(map(_tiny, WORKLOADS, (6, 8), (760, 490)))
"""
"""Networks that NumPy trains in no time, in place of those of the study."""

_TINY_STEREO = """
from dataclasses import replace  # noqa: E402

_LAYERS = (
    Views(name="views"),
    Conv2d(name="conv1", filters=4, kernel_size=9, stride=1, padding="valid"),
    Flatten(name="flatten"),
    L2Normalize(name="normalize", epsilon=1e-12),
    Similarities(name="similarities", views=3),
)
WORKLOADS = tuple(
    replace(
        w, layers=_LAYERS, layer_parameters=(328,), parameter_count=328, matching=replace(w.matching, disparities=40)
    )
    for w in WORKLOADS
)
"""
"""The same for the stereo network."""


def _replace(path: Path, changes: dict[str, str]) -> None:
    text = path.read_text()
    for old, new in changes.items():
        assert old in text, (path, old)
        text = text.replace(old, new)
    path.write_text(text)


def _remove(module: Path) -> None:
    if module.is_dir():
        shutil.rmtree(module)
    else:
        module.with_suffix(".py").unlink()


def _lock_and_build(toy: Toy, frameworks: tuple[str, ...]) -> None:
    first_line = (
        "from suite import locks, profiles; from suite.frameworks import framework; "
        f"print(locks._made_from(profiles.load({PROFILE!r}), framework({frameworks[0]!r})))"
    )
    command = [sys.executable, "-c", first_line]
    line = subprocess.run(command, cwd=toy.root, env=toy.environment(), capture_output=True, text=True, check=True)
    for name in frameworks:
        lock = toy.platforms / "locks" / PROFILE / f"{name}.txt"
        lock.parent.mkdir(parents=True, exist_ok=True)
        lock.write_text(line.stdout)
        python = toy.cache / "environments" / PROFILE / name / "bin" / "python"
        python.parent.mkdir(parents=True)
        python.write_text(f'#!/bin/sh\nexec "{sys.executable}" "$@"\n')
        python.chmod(0o755)
        marker = {"lock_sha256": records.sha256_of_file(lock), "distributions": 0}
        (python.parent.parent / "evenmatch.json").write_text(json.dumps(marker))


_MANY = """
import contextlib, io, json, os, sys
from suite import cli
told = []
for arguments, variables in json.load(sys.stdin):
    os.environ.update(variables)
    out, err = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        try:
            code = cli.main(arguments)
        except SystemExit as end:
            code = end.code
        except BaseException as error:
            code = f"{type(error).__name__}: {error}"
    for name in variables:
        del os.environ[name]
    told.append([code, out.getvalue(), err.getvalue()])
print(json.dumps(told))
"""


def many(toy: Toy, commands: list[tuple[list[str], dict[str, str]]]) -> list[tuple[int | str, str, str]]:
    """Run many command lines in one process; return code (or the exception that came out), output, errors of each."""
    done = subprocess.run(
        [sys.executable, "-c", _MANY],
        cwd=toy.root,
        env=toy.environment(),
        input=json.dumps(commands),
        capture_output=True,
        text=True,
        timeout=300,
        check=True,
    )
    return [(code, out, err) for code, out, err in json.loads(done.stdout.splitlines()[-1])]
