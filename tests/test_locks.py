"""Locks: refused when they no longer match, and the installer's failures in one sentence each."""

from __future__ import annotations

import dataclasses
import hashlib
import re
import zipfile
from pathlib import Path

import pytest

from suite import home, installer, locks, process, profiles
from suite.errors import EvenmatchError, InputError, UnsupportedError
from suite.frameworks import Framework, Packages, frameworks
from suite.profiles import Profile
from suite.published.programs import programs

OWN = [(profiles.load(name), packages) for name in profiles.names() for packages in locks.every(profiles.load(name))]


@pytest.fixture
def profile() -> Profile:
    return profiles.load("linux-cpu")


@pytest.fixture
def pytorch() -> Framework:
    return frameworks()["pytorch"]


@pytest.fixture
def lock(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, profile: Profile, pytorch: Framework) -> Path:
    """A copy of PyTorch's lock that a test may spoil."""
    data = locks.path(profile, pytorch).read_bytes()
    monkeypatch.setattr(home, "PLATFORMS", tmp_path)
    file = locks.path(profile, pytorch)
    file.parent.mkdir(parents=True)
    file.write_bytes(data)
    return file


@pytest.fixture
def wheel(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A wheel of a package called ``evenmatch-toy``, made here, so that nothing is fetched."""
    monkeypatch.setenv("UV_CACHE_DIR", str(tmp_path / "uv-cache"))
    path = tmp_path / "wheels" / "evenmatch_toy-1.0-py3-none-any.whl"
    path.parent.mkdir()
    files = {
        "evenmatch_toy.py": "ANSWER = 42\n",
        "evenmatch_toy-1.0.dist-info/METADATA": "Metadata-Version: 2.1\nName: evenmatch-toy\nVersion: 1.0\n",
        "evenmatch_toy-1.0.dist-info/WHEEL": "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
        "evenmatch_toy-1.0.dist-info/RECORD": "",
    }
    with zipfile.ZipFile(path, "w") as archive:
        for name, text in files.items():
            archive.writestr(name, text)
    return path


@pytest.fixture
def torchvision() -> Packages:
    return programs()["comp5511-pytorch"].packages


@pytest.mark.parametrize(("own", "packages"), OWN, ids=[f"{p.name}-{f.name}" for p, f in OWN])
def test_the_projects_own_locks_match_their_profiles(own: Profile, packages: Packages) -> None:
    file = locks.path(own, packages)
    assert locks.check(own, packages) == hashlib.sha256(file.read_bytes()).hexdigest()


@pytest.mark.parametrize(("own", "packages"), OWN, ids=[f"{p.name}-{f.name}" for p, f in OWN])
def test_every_package_in_the_projects_own_locks_is_exact_and_hashed(own: Profile, packages: Packages) -> None:
    text = locks.path(own, packages).read_text().replace("\\\n", "")
    lines = [line for line in text.splitlines() if line and not line.lstrip().startswith("#")]
    assert lines
    for line in lines:
        assert "==" in line.split()[0], line
        assert "--hash=sha256:" in line, line
    pinned = {line.split()[0] for line in lines}
    for wanted in locks.requirements(own, packages):
        name, version = re.sub(r"\[.*\]", "", wanted).split("==")
        assert any(each.startswith(f"{name}=={version}") for each in pinned), wanted


def test_every_environment_has_the_same_numpy() -> None:
    for own, packages in OWN:
        assert sum(line.startswith("numpy==") for line in locks.requirements(own, packages)) == 1


def test_programs_bring_locks_beside_those_of_the_frameworks(profile: Profile) -> None:
    names = [packages.name for packages in locks.every(profile)]
    assert names == [*(framework.name for framework in locks.available(profile)), "pytorch-torchvision"]
    assert locks.every(dataclasses.replace(profile, accelerator="abacus")) == []


def test_torchvision_stays_out_of_the_lean_lock(profile: Profile, pytorch: Framework, torchvision: Packages) -> None:
    lean, whole = (locks.path(profile, packages).read_text() for packages in (pytorch, torchvision))
    for heavy in ("torchvision==", "pillow==", "nvidia-cublas=="):
        assert f"\n{heavy}" not in lean
        assert f"\n{heavy}" in whole


def test_torchvision_is_locked_with_the_main_indexs_torch(profile: Profile, torchvision: Packages) -> None:
    first, *lines = locks.path(profile, torchvision).read_text().splitlines()
    assert '"torch": "main index"' in first
    assert [line for line in lines if line.startswith("torch==")] == ["torch==2.13.0 \\"]  # no +cpu, no +cu130


def test_a_missing_lock_is_named(lock: Path, profile: Profile, pytorch: Framework) -> None:
    lock.unlink()
    with pytest.raises(InputError) as caught:
        locks.check(profile, pytorch)
    assert str(caught.value) == f"the lock {lock} cannot be read (No such file or directory): make it with nox -s lock."


@pytest.mark.parametrize(
    "change", [{"python": "3.12"}, {"wheel_platform": "aarch64-manylinux_2_28"}, {"torch_backend": "cu130"}]
)
def test_a_profile_that_changed_does_not_match_its_lock(
    lock: Path, profile: Profile, pytorch: Framework, change: dict[str, str]
) -> None:
    changed = dataclasses.replace(profile, **change)  # type: ignore[arg-type]
    (value,) = change.values()
    with pytest.raises(InputError) as caught:
        locks.check(changed, pytorch)
    told = str(caught.value)
    assert told.startswith(f"the lock {lock} does not match profile linux-cpu: it says '{{")
    assert value in told.split("the profile wants ")[1]
    assert value not in told.split("the profile wants ")[0].split("it says")[1]
    assert told.endswith("make it anew with nox -s lock.")


def test_another_frameworks_lock_does_not_match(lock: Path, profile: Profile) -> None:
    keras = frameworks()["keras"]
    lock.rename(locks.path(profile, keras))
    with pytest.raises(InputError, match="does not match profile linux-cpu"):
        locks.check(profile, keras)


@pytest.mark.parametrize("content", [b"", b"\n", b"\xff\xfe\x00", b"torch==2.13.0\n"])
def test_a_damaged_lock_does_not_match(lock: Path, profile: Profile, pytorch: Framework, content: bytes) -> None:
    lock.write_bytes(content)
    with pytest.raises(InputError, match="does not match profile"):
        locks.check(profile, pytorch)


def test_the_digest_is_that_of_every_byte(lock: Path, profile: Profile, pytorch: Framework) -> None:
    before = locks.check(profile, pytorch)
    with lock.open("a") as file:
        file.write("# one more line\n")
    assert locks.check(profile, pytorch) != before


def test_an_accelerator_without_frameworks(profile: Profile) -> None:
    assert locks.available(dataclasses.replace(profile, accelerator="abacus")) == []


def test_wheels_are_looked_for_where_the_user_says(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("UV_FIND_LINKS", "/a, /b c,,/a")
    monkeypatch.setenv("PIP_FIND_LINKS", "/d  /a")
    assert installer.find_links() == ["/a", "/b c", "/d"]
    monkeypatch.delenv("UV_FIND_LINKS")
    monkeypatch.setenv("PIP_FIND_LINKS", "")
    assert installer.find_links() == []


def test_pytorch_comes_from_its_index_unless_a_place_holds_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, profile: Profile, pytorch: Framework
) -> None:
    monkeypatch.delenv("UV_FIND_LINKS", raising=False)
    monkeypatch.delenv("PIP_FIND_LINKS", raising=False)
    assert locks.torch_source(profile, pytorch) == ["--torch-backend=cpu"]
    monkeypatch.setenv("PIP_FIND_LINKS", str(tmp_path))
    assert locks.torch_source(profile, pytorch) == [f"--find-links={tmp_path}", "--torch-backend=cpu"]
    (tmp_path / "torch-2.13.0+cpu-cp311-cp311-manylinux_2_28_x86_64.whl").write_bytes(b"")
    assert locks.torch_source(profile, pytorch) == [f"--find-links={tmp_path}"]
    monkeypatch.setenv("PIP_FIND_LINKS", tmp_path.as_uri())
    assert locks.torch_source(profile, pytorch) == [f"--find-links={tmp_path.as_uri()}"]
    monkeypatch.setenv("PIP_FIND_LINKS", "https://example.org/wheels")
    assert locks.torch_source(profile, pytorch) == ["--find-links=https://example.org/wheels"]


def test_the_main_indexs_torch_is_never_taken_from_a_folder_or_another_index(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, profile: Profile, torchvision: Packages
) -> None:
    (tmp_path / "torch-2.13.0+cpu-cp311-cp311-manylinux_2_28_x86_64.whl").write_bytes(b"")
    monkeypatch.setenv("PIP_FIND_LINKS", str(tmp_path))
    monkeypatch.setenv("UV_FIND_LINKS", str(tmp_path))
    monkeypatch.setenv("UV_TORCH_BACKEND", "cpu")
    monkeypatch.setattr(home, "PLATFORMS", tmp_path)
    asked: list[tuple[list[str], dict[str, str]]] = []

    def run(
        command: list[str], *, input_text: str | None, env: dict[str, str], **_more: object
    ) -> tuple[int, str, str]:
        asked.append((command, env))
        return 0, "torch==2.13.0 --hash=sha256:00\n", ""

    monkeypatch.setattr(process, "run", run)
    locks.make(profile, torchvision)
    ((command, env),) = asked
    assert not any(word.startswith(("--find-links", "--torch-backend")) for word in command)
    assert env.keys() & {"UV_FIND_LINKS", "UV_TORCH_BACKEND"} == set()


def install(wheel: Path, line: str) -> str:
    requirements = wheel.parent / "lock.txt"
    requirements.write_text(line)
    command = ["pip", "install", "--quiet", "--no-index", f"--find-links={wheel.parent}", "--require-hashes"]
    return installer.uv([*command, "--target", str(wheel.parent / "installed"), "--requirement", str(requirements)])


def test_the_real_installer_takes_a_matching_hash(wheel: Path) -> None:
    install(wheel, f"evenmatch-toy==1.0 --hash=sha256:{hashlib.sha256(wheel.read_bytes()).hexdigest()}")
    assert (wheel.parent / "installed" / "evenmatch_toy.py").read_text() == "ANSWER = 42\n"


def test_the_real_installer_refuses_another_hash(wheel: Path) -> None:
    with pytest.raises(
        InputError, match=r"evenmatch-toy\S* does not match the hash in its lock .*\.txt, so nothing was installed"
    ):
        install(wheel, f"evenmatch-toy==1.0 --hash=sha256:{'0' * 64}")
    assert not (wheel.parent / "installed" / "evenmatch_toy.py").exists()


def test_the_real_installer_without_a_network_says_so(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("UV_HTTP_RETRIES", "0")
    monkeypatch.setenv("UV_CACHE_DIR", str(tmp_path / "cache"))
    for name in ("http_proxy", "https_proxy", "all_proxy"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)
    command = ["pip", "compile", "--quiet", "--no-config", "--default-index", "http://127.0.0.1:9/simple", "-"]
    with pytest.raises(UnsupportedError, match=r"a package index could not be reached; is there a network\? uv said: "):
        installer.uv(command, input_text="evenmatch-toy==1.0")


def test_the_real_resolver_says_what_cannot_be_met(wheel: Path) -> None:
    command = ["pip", "compile", "--quiet", "--no-index", f"--find-links={wheel.parent}", "-"]
    with pytest.raises(InputError, match=r"^uv pip compile failed: .*evenmatch-toy"):
        installer.uv(command, input_text="evenmatch-toy==2.0")


@pytest.mark.parametrize(
    ("printed", "kind", "told"),
    [
        ("error: Failed to write: No space left on device (os error 28)", InputError, "the disk is full"),
        ("error: Disk quota exceeded (os error 122)", InputError, "the disk is full"),
        ("error: No interpreter found for Python 3.11", UnsupportedError, "the Python of this profile is missing"),
        ("error: No download found for request: cpython-3.11", UnsupportedError, "the Python of this profile"),
        ("  Caused by: dns error: failed to lookup address", UnsupportedError, "is there a network?"),
        ("  Caused by: operation timed out", UnsupportedError, "is there a network?"),
        ("error: something\n\n  nobody foresaw", InputError, "uv pip sync failed: error: something nobody foresaw"),
        ("", InputError, "uv pip sync failed"),
    ],
)
def test_the_installers_failures_are_told_in_one_line(
    monkeypatch: pytest.MonkeyPatch, printed: str, kind: type[EvenmatchError], told: str
) -> None:
    monkeypatch.setattr(process, "run", lambda *_args, **_options: (2, "", printed))
    with pytest.raises(kind) as caught:
        installer.uv(["pip", "sync", "lock.txt"])
    assert told in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_missing_uv_says_how_to_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(installer, "_uv_program", lambda: "evenmatch-has-no-such-program")
    with pytest.raises(UnsupportedError, match=r'uv is missing: install it with python3 -m pip install "nox\[uv\]"'):
        installer.uv(["--version"])


def test_a_lock_that_was_made_fits_and_another_profile_does_not(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, profile: Profile, pytorch: Framework
) -> None:
    monkeypatch.setattr(home, "PLATFORMS", tmp_path)
    (tmp_path / "facts").symlink_to(home.ROOT / "platforms" / "facts")
    asked: list[tuple[list[str], str | None]] = []

    def uv(arguments: list[str], *, input_text: str | None = None, variables: dict[str, str] | None = None) -> str:
        assert not variables
        asked.append((arguments, input_text))
        return "torch==2.13.0 --hash=sha256:00\n"

    monkeypatch.setattr(locks, "uv", uv)
    file = locks.make(profile, pytorch)
    assert file.read_text().endswith("\ntorch==2.13.0 --hash=sha256:00\n")
    assert locks.check(profile, pytorch)
    ((arguments, wanted),) = asked
    assert {"--generate-hashes", "--only-binary=:all:", profile.python, profile.wheel_platform} <= set(arguments)
    assert wanted is not None
    assert "torch==2.13.0" in wanted.splitlines()
    with pytest.raises(InputError, match="does not match"):
        locks.check(dataclasses.replace(profile, python="3.12"), pytorch)
