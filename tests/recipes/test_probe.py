"""The probe in the real frameworks: it climbs the ladder, and says so after each step."""

from __future__ import annotations

import ast
import json
import subprocess
from pathlib import Path

import pytest

from suite import profiles
from suite.environments import native
from suite.frameworks import framework
from suite.recipes.executing import PROBE


def probe(name: str, accelerator: str, folder: Path, *modules: str) -> tuple[int, dict[str, object]]:
    python = native.ensure(profiles.of_this_machine(), framework(name), print).python
    result = folder / "probe.json"
    command = [str(python), "-I", str(PROBE), name, accelerator, str(result), *modules]
    done = subprocess.run(command, capture_output=True, check=False)
    return done.returncode, json.loads(result.read_text())


@pytest.mark.frameworks
@pytest.mark.parametrize("name", ["pytorch", "tensorflow", "keras"])
def test_a_framework_is_imported_and_trained(name: str, tmp_path: Path) -> None:
    code, found = probe(name, profiles.of_this_machine().accelerator, tmp_path)
    assert code == 0
    losses = found["losses"]
    assert isinstance(losses, list)
    assert len(losses) == 20
    assert losses[-1] < 0.9 * losses[0]
    assert found["accelerator"] is (profiles.of_this_machine().accelerator != "cpu")
    assert found["imports"]


@pytest.mark.frameworks
def test_a_module_that_is_missing_is_told_before_anything_is_trained(tmp_path: Path) -> None:
    code, found = probe("pytorch", "cpu", tmp_path, "no_such_module")
    assert code == 1
    assert list(found) == ["importing"]


def test_the_probe_uses_nothing_that_python_38_lacks() -> None:
    ast.parse(PROBE.read_text(), feature_version=(3, 8))
