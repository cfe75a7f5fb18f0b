"""Builds: what is sent to the engine, and how what it says is told. What an engine really does: test_images.py."""

from __future__ import annotations

import io
import tarfile
from pathlib import Path

import docker.errors
import pytest

from suite.environments import building
from suite.errors import InputError


def test_the_context_is_a_tar_archive(tmp_path: Path) -> None:
    sizes = {"Dockerfile": 10, "wheels/a.whl": 512, "wheels/b.whl": 3 * 2**20 + 1, "empty": 0}
    for name, size in sizes.items():
        (tmp_path / name.replace("/", "-")).write_bytes(bytes(range(256)) * (size // 256) + b"x" * (size % 256))
    files = {name: tmp_path / name.replace("/", "-") for name in sizes}
    with tarfile.open(fileobj=io.BytesIO(b"".join(building.tar(files)))) as archive:
        found = {member.name: archive.extractfile(member).read() for member in archive}  # type: ignore[union-attr]
    assert found == {name: path.read_bytes() for name, path in files.items()}


@pytest.mark.parametrize(
    ("log", "words"),
    [
        ("/bin/sh: 1: python3: not found", "the base image slim has no python3: name one that has Python 3.11"),
        ("The virtual environment was not created because ensurepip is not available.", "Python without venv"),
        ("/usr/bin/python3: No module named venv", "Python without venv: install python3-venv in it"),
        (
            "\x1b[91mthe base image has Python 3.9, not 3.11\n\x1b[0m",
            "the base image has Python 3.9, not 3.11 (slim): name another",
        ),
        ("ERROR: THESE PACKAGES DO NOT MATCH THE HASHES", "a wheel was changed after it had been checked"),
        ("OSError: [Errno 28] No space left on device", "the container engine's disk is full, found while building"),
        ("it is broken", "the image of Toy could not be built on slim: it is broken"),
    ],
)
def test_what_a_build_ends_in_is_told(log: str, words: str) -> None:
    lines = [{"stream": "Step 1/9 : FROM base\n"}, {"stream": " ---> Running in 0f3\n"}, {"stream": f"{log}\n"}]
    error = building.told(docker.errors.BuildError("returned a non-zero code: 1", iter(lines)), "Toy", "slim", "3.11")
    assert isinstance(error, InputError)
    assert words in str(error)
    assert "\n" not in str(error)
