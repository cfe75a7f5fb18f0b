"""A toy environment for containers: one wheel, a lock, a profile, a wheelhouse from a folder, no network."""

from __future__ import annotations

import hashlib
import zipfile
from pathlib import Path
from types import MappingProxyType

import pytest

from suite import home, locks
from suite.frameworks import Packages
from suite.profiles import Profile

MODULE = "ANSWER = 42\n"


class ToyPackages:
    name = "toy"
    title = "Toy"
    requirements = MappingProxyType({"cpu": ("evenmatch-toy==1.0",)})
    torch_build = "profile"


TOY: Packages = ToyPackages()  # type: ignore[assignment]


def profile(python: str = "3.11") -> Profile:
    return Profile(
        name="toy-cpu",
        title="toy",
        needs="any machine",
        system="any",
        machine="any",
        accelerator="cpu",
        python=python,
        wheel_platform="x86_64-manylinux_2_28",
        torch_backend="cpu",
    )


def prepare(folder: Path, patch: pytest.MonkeyPatch, python: str = "3.11") -> Path:
    """Make wheel and lock in ``folder`` and point the suite at them; return the wheel."""
    wheels = folder / "wheels"
    wheels.mkdir()
    info = "evenmatch_toy-1.0.dist-info"
    files = {
        "evenmatch_toy.py": MODULE,
        f"{info}/METADATA": "Metadata-Version: 2.1\nName: evenmatch-toy\nVersion: 1.0\n",
        f"{info}/WHEEL": "Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
        f"{info}/RECORD": f"evenmatch_toy.py,,{len(MODULE)}\n{info}/METADATA,,\n{info}/WHEEL,,\n{info}/RECORD,,\n",
    }
    wheel = wheels / "evenmatch_toy-1.0-py3-none-any.whl"
    with zipfile.ZipFile(wheel, "w") as archive:
        for name, text in files.items():
            archive.writestr(name, text)
    with zipfile.ZipFile(wheels / "torch-0.0-py3-none-any.whl", "w") as archive:  # so that no index is asked
        archive.writestr("torch-0.0.dist-info/METADATA", "Metadata-Version: 2.1\nName: torch\nVersion: 0.0\n")
    patch.setattr(home, "PLATFORMS", folder / "platforms")
    for module in ("suite.requirements.WORKER_REQUIREMENTS",):
        patch.setattr(module, ())
    patch.setenv("EVENMATCH_HOME", str(folder / "home"))
    patch.setenv("PIP_FIND_LINKS", str(wheels))
    patch.delenv("UV_FIND_LINKS", raising=False)
    patch.setenv("UV_OFFLINE", "1")
    patch.setenv("UV_CACHE_DIR", str(folder / "uv-cache"))
    lock(wheel, profile(python))
    return wheel


def lock(wheel: Path, of: Profile, remark: str = "") -> None:
    sha256 = hashlib.sha256(wheel.read_bytes()).hexdigest()
    path = locks.path(of, TOY)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"{locks._made_from(of, TOY)}\n{remark}evenmatch-toy==1.0 --hash=sha256:{sha256}\n")
