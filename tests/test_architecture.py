"""Imports point one way, no framework reaches the driver, and files stay small: read from the source itself."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

from suite import home

PACKAGE = home.ROOT / "suite"
FILES = sorted(PACKAGE.rglob("*.py"))
LEAVES = {
    f"suite.{name}" for name in ("errors", "records", "registry", "seeds", "process", "quota", "layers", "workload")
}
COMPONENTS = {
    *(
        "cells",
        "code",
        "data",
        "environments",
        "estimates",
        "fingerprint",
        "frameworks",
        "home",
        "impossible",
        "inputs",
    ),
    *("installer", "requirements", "verified", "wheels"),
    *(
        "lanes",
        "ledger",
        "locks",
        "notes",
        "outcome",
        "parity",
        "presets",
        "profiles",
        "published",
        "recipes",
        "stats",
        "stereo",
        "workloads",
    ),
}
STAGES = {
    *(
        "analysis",
        "arguments",
        "baseline",
        "bench",
        "cli",
        "compare",
        "doctor",
        "exams",
        "features",
        "images",
        "passports",
        "plan",
        "prove",
        "report",
        "request",
        "runner",
        "store",
    ),
    *("locking", "tables", "worker"),
}
HOLD_FRAMEWORKS = (
    *(PACKAGE / "frameworks", PACKAGE / "published" / "programs"),
    *(PACKAGE / "recipes" / "probes", PACKAGE / "features" / "probes"),
)
EXHIBITS = sorted((PACKAGE / "published" / "programs").glob("*/program.py"))
"""Training programs as a beginner writes them, with the framework at the top."""
FRAMEWORKS = {"torch", "torchvision", "tensorflow", "keras", "jax"}
DRIVER_ONLY = {
    "rich",
    "jinja2",
    "matplotlib",
    "filelock",
    "archspec",
    "cpuinfo",
    "uv",
    "docker",
    "requests",
    "PIL",
    "radon",
    "pygments",
}
ALLOWED_IN_WORKERS = {"suite", "numpy", "psutil", "threadpoolctl", *FRAMEWORKS, *sys.stdlib_module_names}


def module_of(path: Path) -> str:
    parts = path.relative_to(home.ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def is_module(name: str) -> bool:
    path = home.ROOT.joinpath(*name.split("."))
    return path.with_suffix(".py").exists() or (path / "__init__.py").exists()


def imports(path: Path, *, top_level: bool = False) -> set[str]:
    """Return the modules that a file imports, ``from suite import records`` as ``suite.records``."""
    tree = ast.parse(path.read_text())
    nodes = _outside_functions(tree) if top_level else ast.walk(tree)
    found: set[str] = set()
    for node in nodes:
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: relative import"
            assert node.module is not None
            deeper = {f"{node.module}.{alias.name}" for alias in node.names}
            modules = {name for name in deeper if name.startswith("suite.") and is_module(name)}
            found |= modules or {node.module}
    return found


def _outside_functions(tree: ast.AST) -> list[ast.AST]:
    nodes: list[ast.AST] = []
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            continue
        nodes.append(node)
        nodes += _outside_functions(node)
    return nodes


def part_of(module: str) -> str:
    """Return the second word: ``data`` of ``suite.data.twin``."""
    return module.split(".")[1] if module.startswith("suite.") else ""


def test_the_parts_named_here_exist() -> None:
    for name in LEAVES | {f"suite.{part}" for part in COMPONENTS | STAGES}:
        assert is_module(name), name


def test_every_part_has_its_place() -> None:
    parts = {part_of(module_of(path)) for path in FILES} - {"", "__main__", "progress"}
    assert parts == {name.split(".")[1] for name in LEAVES} | COMPONENTS | STAGES


@pytest.mark.parametrize("leaf", sorted(LEAVES))
def test_leaves_import_leaves_only(leaf: str) -> None:
    path = home.ROOT.joinpath(*leaf.split(".")).with_suffix(".py")
    own = {name for name in imports(path) if name.startswith("suite")}
    assert own <= LEAVES
    assert {name.split(".")[0] for name in imports(path)} - {"suite"} <= set(sys.stdlib_module_names)


@pytest.mark.parametrize(
    "path", [path for path in FILES if part_of(module_of(path)) in COMPONENTS], ids=lambda path: module_of(path)
)
def test_components_import_no_stage(path: Path) -> None:
    assert {part_of(name) for name in imports(path)} & STAGES == set()


@pytest.mark.parametrize("path", FILES, ids=lambda path: module_of(path))
def test_no_framework_is_imported_with_a_module(path: Path) -> None:
    if path in EXHIBITS:  # they are imported inside functions only: the next test
        return
    assert {name.split(".")[0] for name in imports(path, top_level=True)} & FRAMEWORKS == set()


@pytest.mark.parametrize("path", FILES, ids=lambda path: module_of(path))
def test_programs_as_published_are_imported_inside_functions_by_what_lies_beside_them(path: Path) -> None:
    exhibits = {module_of(exhibit) for exhibit in EXHIBITS}
    assert imports(path, top_level=True) & exhibits == set()
    assert imports(path) & exhibits <= {module_of(path.with_name("program.py"))}


@pytest.mark.parametrize("path", EXHIBITS, ids=lambda path: module_of(path))
def test_programs_as_published_know_nothing_of_this_suite(path: Path) -> None:
    roots = {name.split(".")[0] for name in imports(path)}
    assert "suite" not in roots
    assert roots <= {"numpy", "PIL", *FRAMEWORKS, *sys.stdlib_module_names}


@pytest.mark.parametrize("path", FILES, ids=lambda path: module_of(path))
def test_frameworks_are_imported_by_their_adapters_alone(path: Path) -> None:
    if any(folder in path.parents for folder in HOLD_FRAMEWORKS):
        return
    assert {name.split(".")[0] for name in imports(path)} & FRAMEWORKS == set()


@pytest.mark.parametrize("path", FILES, ids=lambda path: module_of(path))
def test_only_the_command_line_exits_and_prints(path: Path) -> None:
    calls = {ast.unparse(node.func) for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.Call)}
    assert "print" not in calls
    if module_of(path) not in ("suite.cli", "suite.__main__", "suite.worker.__main__", "suite.worker.exam"):
        assert calls.isdisjoint({"sys.exit", "exit", "quit"})


@pytest.mark.parametrize("path", FILES, ids=lambda path: module_of(path))
def test_files_stay_under_300_lines(path: Path) -> None:
    assert len(path.read_text().splitlines()) < 300


def reachable(starts: set[str]) -> set[str]:
    """Return every module of the suite that importing ``starts`` imports at the top level, packages included."""
    todo, seen = set(starts), set()
    while todo:
        name = todo.pop()
        if name in seen or not is_module(name):
            continue
        seen.add(name)
        base = home.ROOT.joinpath(*name.split("."))
        path = base / "__init__.py" if base.is_dir() else base.with_suffix(".py")
        found = imports(path, top_level=True)
        todo |= {each for each in found if each.startswith("suite")}
        todo |= {each.rsplit(".", 1)[0] for each in found | {name} if each.startswith("suite.")}
    return seen


def test_what_a_worker_imports_needs_no_package_of_the_driver() -> None:
    names = {
        module_of(path) for part in ("worker", "frameworks", "workloads") for path in (PACKAGE / part).rglob("*.py")
    }
    for name in reachable(names | {"suite.layers", "suite.workload"}):
        base = home.ROOT.joinpath(*name.split("."))
        path = base / "__init__.py" if base.is_dir() else base.with_suffix(".py")
        assert {each.split(".")[0] for each in imports(path)} <= ALLOWED_IN_WORKERS, name


def test_a_worker_really_starts_without_the_drivers_packages() -> None:
    code = (
        "import importlib.abc, sys\n"
        f"BARRED = {sorted(DRIVER_ONLY | FRAMEWORKS)!r}\n"
        "class Bar(importlib.abc.MetaPathFinder):\n"
        "    def find_spec(self, name, path=None, target=None):\n"
        "        if name.split('.')[0] in BARRED: raise ImportError('a worker has no ' + name)\n"
        "sys.meta_path.insert(0, Bar())\n"
        "import suite.worker.__main__, suite.frameworks, suite.workloads\n"
        "assert len(suite.frameworks.frameworks()) >= 3 and len(suite.workloads.workloads()) >= 2\n"
        "print('started')"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=home.ROOT, capture_output=True, text=True, check=False)
    assert (done.stdout, done.stderr) == ("started\n", "")


def test_the_driver_starts_without_any_framework() -> None:
    code = f"import sys, suite.cli; print(sorted(set({sorted(FRAMEWORKS)!r}) & sys.modules.keys()))"
    done = subprocess.run([sys.executable, "-c", code], cwd=home.ROOT, capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"


def test_no_command_waits_for_dockers_library_that_does_not_need_it() -> None:
    code = "import sys, suite.cli; print(sorted({'docker', 'requests', 'matplotlib'} & sys.modules.keys()))"
    done = subprocess.run([sys.executable, "-c", code], cwd=home.ROOT, capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"
