"""The digest of the code that measures."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from suite import code
from tests.toy import Toy, make


def digest(toy: Toy) -> str:
    command = [sys.executable, "-c", "from suite import code; print(code.sha256())"]
    return subprocess.run(
        command, cwd=toy.root, env=toy.environment(), capture_output=True, text=True, check=True
    ).stdout.strip()


def test_it_is_a_sha256_and_repeats() -> None:
    assert len(code.sha256()) == 64
    assert int(code.sha256(), 16)
    assert code.sha256() == code.sha256()


@pytest.mark.parametrize(
    "changed", ["suite/worker/measure.py", "suite/workloads/new_family.py", "suite/frameworks/new/step.py"]
)
def test_it_changes_with_the_measuring_code_alone(tmp_path: Path, changed: str) -> None:
    toy = make(tmp_path / "checkout")
    before = digest(toy)
    for other in ("suite/stats.py", "suite/report/html.py", "suite/cli.py", "templates/report.css"):
        with (toy.root / other).open("a") as file:
            file.write("\n")
    assert digest(toy) == before
    (toy.root / changed).parent.mkdir(exist_ok=True)
    with (toy.root / changed).open("a") as file:
        file.write("\n")
    assert digest(toy) != before
