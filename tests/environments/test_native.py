"""Native environments: really built from a lock with hashes, used again while sound, and rebuilt when not."""

from __future__ import annotations

import hashlib
import json
import subprocess
import sys
import zipfile
from pathlib import Path
from types import MappingProxyType

import pytest

from suite import home, locks, requirements
from suite.environments import native
from suite.errors import InputError
from suite.frameworks import Device, Framework, Trainer
from suite.profiles import Profile
from suite.workload import Workload

PROFILE = Profile(
    name="here",
    title="here",
    needs="any machine",
    system="any",
    machine="any",
    accelerator="cpu",
    python=f"{sys.version_info.major}.{sys.version_info.minor}",
    wheel_platform="any",
    torch_backend="cpu",
)


MODULE_TEXT = "ANSWER = 42\n"


class Toy(Framework):
    name = "toy"
    title = "Toy"
    rank = 1
    requirements = MappingProxyType({"cpu": ("evenmatch-toy==1.0",)})

    def start(self, threads: int, device: Device = "cpu") -> None:
        raise AssertionError("nothing is started here")

    def build(self, workload: Workload, mode: str) -> Trainer:
        raise AssertionError("nothing is built here")


TOY = Toy()


class Case:
    """One environment's place, its lock, and what was said while it was made."""

    def __init__(self, wheels: Path) -> None:
        self.wheels = wheels
        self.said: list[str] = []

    @property
    def place(self) -> Path:
        return native.folder(PROFILE, TOY)

    @property
    def module(self) -> Path:
        (found,) = self.place.glob("**/site-packages/evenmatch_toy.py")
        return found

    def lock(self, sha256: str | None = None, remark: str = "") -> None:
        wheel = self.wheels / "evenmatch_toy-1.0-py3-none-any.whl"
        sha256 = sha256 or hashlib.sha256(wheel.read_bytes()).hexdigest()
        path = locks.path(PROFILE, TOY)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"{locks._made_from(PROFILE, TOY)}\n{remark}evenmatch-toy==1.0 --hash=sha256:{sha256}\n")

    def ensure(self) -> str:
        """Return what was said; nothing when the environment was used as it is."""
        self.said.clear()
        environment = native.ensure(PROFILE, TOY, self.said.append)
        assert environment.lock_sha256 == hashlib.sha256(locks.path(PROFILE, TOY).read_bytes()).hexdigest()
        answer = subprocess.run(
            [environment.python, "-c", "import evenmatch_toy; print(evenmatch_toy.ANSWER)"],
            capture_output=True,
            text=True,
            check=True,
        )
        assert answer.stdout == "42\n"
        return "; ".join(self.said)


@pytest.fixture
def case(tmp_path: Path, own_home: Path, monkeypatch: pytest.MonkeyPatch) -> Case:
    wheels = tmp_path / "wheels"
    wheels.mkdir()
    info = "evenmatch_toy-1.0.dist-info"
    files = {
        "evenmatch_toy.py": MODULE_TEXT,
        f"{info}/METADATA": "Metadata-Version: 2.1\nName: evenmatch-toy\nVersion: 1.0\n",
        f"{info}/WHEEL": "Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
        f"{info}/RECORD": f"evenmatch_toy.py,,{len(MODULE_TEXT)}\n{info}/METADATA,,\n{info}/WHEEL,,\n{info}/RECORD,,\n",
    }
    with zipfile.ZipFile(wheels / "evenmatch_toy-1.0-py3-none-any.whl", "w") as archive:
        for name, text in files.items():
            archive.writestr(name, text)
    with zipfile.ZipFile(wheels / "torch-0.0-py3-none-any.whl", "w") as archive:  # so that no index is asked
        archive.writestr("torch-0.0.dist-info/METADATA", "Metadata-Version: 2.1\nName: torch\nVersion: 0.0\n")
    monkeypatch.setattr(home, "PLATFORMS", tmp_path / "platforms")
    monkeypatch.setattr(requirements, "WORKER_REQUIREMENTS", ())
    monkeypatch.setenv("PIP_FIND_LINKS", str(wheels))
    monkeypatch.delenv("UV_FIND_LINKS", raising=False)
    monkeypatch.setenv("UV_OFFLINE", "1")
    monkeypatch.setenv("UV_CACHE_DIR", str(tmp_path / "uv-cache"))
    made = Case(wheels)
    made.lock()
    return made


def test_it_is_built_once_and_used_again(case: Case) -> None:
    assert case.ensure() == "building the environment of Toy (there is none yet)"
    assert case.ensure() == ""
    assert native.why_unsound(case.place, locks.check(PROFILE, TOY)) is None


def test_a_changed_lock_builds_it_anew(case: Case) -> None:
    case.ensure()
    case.lock(remark="# changed\n")
    assert case.ensure() == "building the environment of Toy (its lock changed)"
    assert case.ensure() == ""


@pytest.fixture
def sound(tmp_path: Path) -> Path:
    """A folder that looks like an environment with one package, sound with the lock ``1234``."""
    place = tmp_path / "environment"
    packages = place / "lib" / "python3" / "site-packages"
    (packages / "numpy-1.dist-info").mkdir(parents=True)
    (packages / "numpy").mkdir()
    (packages / "numpy" / "core.so").write_bytes(b"12345678")
    (packages / "numpy-1.dist-info" / "RECORD").write_text(
        'numpy/core.so,sha256=x,8\n"numpy/generated,by the installer.py",,\nnumpy-1.dist-info/RECORD,,\n'
    )
    (place / "evenmatch.json").write_text('{"lock_sha256": "1234", "distributions": 1}')
    native.interpreter(place).parent.mkdir()
    native.interpreter(place).write_text("")
    return place


MODULE = "lib/python3/site-packages/numpy/core.so"
LIST = "lib/python3/site-packages/numpy-1.dist-info/RECORD"
INTERPRETER = native.interpreter(Path()).as_posix()


def test_what_is_whole_is_sound(sound: Path) -> None:
    assert native.why_unsound(sound, "1234") is None
    assert native.why_unsound(sound, "5678") == "its lock changed"
    assert native.why_unsound(sound / "other", "1234") == "there is none yet"


@pytest.mark.parametrize(
    ("file", "content", "why"),
    [
        (MODULE, b"1234567", "numpy/core.so is missing or damaged"),
        (MODULE, b"", "numpy/core.so is missing or damaged"),
        (MODULE, None, "numpy/core.so is missing or damaged"),
        (LIST, b"numpy/core.so,sha", "numpy-1.dist-info/RECORD is missing or damaged"),
        (LIST, b"numpy/core.so,sha256=x,many\n", "numpy-1.dist-info/RECORD is missing or damaged"),
        (LIST, b"\xff\xfe\x00\n", "numpy-1.dist-info/RECORD is missing or damaged"),
        (LIST, None, "it has 0 packages, not 1"),
        ("evenmatch.json", None, "its building was not finished"),
        ("evenmatch.json", b"", "its building was not finished"),
        ("evenmatch.json", b"[1]", "its lock changed"),
        (INTERPRETER, None, "its interpreter is gone"),
    ],
)
def test_damage_is_found(sound: Path, file: str, content: bytes | None, why: str) -> None:
    if content is None:
        (sound / file).unlink()
    else:
        (sound / file).write_bytes(content)
    assert native.why_unsound(sound, "1234") == why


def test_damage_is_repaired_even_where_it_went_through_to_the_installers_cache(case: Case) -> None:
    case.ensure()
    case.module.write_text("")  # a hard link to the cache's file, where the file system has them
    assert case.ensure() == "building the environment of Toy (evenmatch_toy.py is missing or damaged)"
    assert case.ensure() == ""


def test_a_hash_that_does_not_match_leaves_nothing_that_is_taken_for_sound(case: Case) -> None:
    case.lock(sha256="0" * 64)
    with pytest.raises(
        InputError, match=r"evenmatch-toy\S* does not match the hash in its lock .*\.txt, so nothing was installed"
    ):
        case.ensure()
    assert native.why_unsound(case.place, locks.check(PROFILE, TOY)) == "its building was not finished"
    case.lock()
    assert "its building was not finished" in case.ensure()


def test_a_lock_of_other_requirements_is_refused_before_anything_is_built(case: Case) -> None:
    locks.path(PROFILE, TOY).write_text("# made by hand\n")
    with pytest.raises(InputError, match="does not match profile here"):
        case.ensure()
    assert not case.place.exists()


def test_a_home_that_cannot_be_written_is_named(case: Case, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("EVENMATCH_HOME", str(tmp_path / "file" / "home"))
    with pytest.raises(
        InputError, match=r"toy cannot be written: Not a directory; free some space or set EVENMATCH_HOM"
    ):
        case.ensure()


def test_the_marker_says_what_it_was_built_from(case: Case) -> None:
    case.ensure()
    marker = json.loads((case.place / "evenmatch.json").read_text())
    assert marker == {"lock_sha256": locks.check(PROFILE, TOY), "distributions": 1}
