"""Locks against what package indexes list now: every planted fault is found. Needs a network, as building does."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from suite import home, locks, profiles, wheels
from suite.frameworks import Framework, frameworks
from suite.profiles import Profile
from suite.wheels import Pin, Wheel
from tests.test_requirements import Toy

NAME = st.from_regex(r"\A[a-z0-9]{1,8}(-[a-z0-9]{1,8}){0,2}\Z")
VERSION = st.from_regex(r"\A[0-9]{1,3}(\.[0-9]{1,3}){0,3}(rc[0-9]|\.post[0-9])?(\+cpu)?\Z")
SHA256 = st.text("0123456789abcdef", min_size=64, max_size=64)
PINS = st.lists(
    st.builds(Pin, name=NAME, version=VERSION, sha256=st.frozensets(SHA256, max_size=3)), unique_by=lambda pin: pin.name
)


@pytest.fixture
def platforms(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of locks that a test may spoil; facts and profiles are the project's."""
    (tmp_path / "facts").symlink_to(home.PLATFORMS / "facts")
    monkeypatch.setattr(home, "PLATFORMS", tmp_path)
    return tmp_path


@pytest.fixture
def windows() -> Profile:
    return profiles.load("windows-cpu")


@pytest.fixture
def pytorch() -> Framework:
    return frameworks()["pytorch"]


def plant(profile: Profile, packages: Framework | Toy, text: str) -> None:
    file = locks.path(profile, packages)  # type: ignore[arg-type]
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(f"{locks._made_from(profile, packages)}\n{text}")  # type: ignore[arg-type]


def without_package(text: str, name: str) -> str:
    start = text.index(f"\n{name}==") + 1
    rest = text[start:].split("\n")
    after = next(number for number, line in enumerate(rest[1:], 1) if line and not line.startswith((" ", "#")))
    return text[:start] + "\n".join(rest[after:])


def without_hashes(text: str, name: str) -> str:
    start = text.index(f"\n{name}==") + 1
    lines = text[start:].split("\n")
    end = next(number for number, line in enumerate(lines[1:], 1) if "--hash" not in line)
    return text[:start] + "\n".join([lines[0].removesuffix(" \\"), *lines[end:]])


def other_hashes(text: str, name: str) -> str:
    start = text.index(f"\n{name}==") + 1
    lines = text[start:].split("\n")
    end = next(number for number, line in enumerate(lines[1:], 1) if "--hash" not in line)
    changed = [line.replace("sha256:", "sha256:0000")[: len(line)] for line in lines[1:end]]
    changed = [f"{line.removesuffix(' ').rstrip(chr(92)).rstrip()} \\" for line in changed[:-1]] + [changed[-1]]
    return text[:start] + "\n".join([lines[0], *changed, *lines[end:]])


@pytest.mark.parametrize(
    ("fault", "kind", "told"),
    [
        (lambda text: text, None, ""),
        (lambda text: without_hashes(text, "sympy"), "hashed", "sympy has no hash"),
        (lambda text: other_hashes(text, "sympy"), "hashed", "it does not name the hash of sympy-"),
        (lambda text: without_package(text, "sympy"), "complete", "which others need, is missing"),
        (lambda text: without_package(text, "numpy"), "complete", "numpy 2.4.6, which is asked for, is missing"),
        (
            lambda text: text.replace("\nnumpy==2.4.6 ", "\nnumpy==2.4.5 "),
            "current",
            "numpy is 2.4.5, and 2.4.6 is asked",
        ),
        (lambda text: text.replace("\nsympy==1.14.0 ", "\nsympy==1.999 "), "installable", "sympy"),
        (lambda text: f"{text}six==1.17.0 --hash=sha256:{'0' * 64}\n", "current", "six 1.17.0 is needed by nothing"),
        (lambda _text: "", "complete", "it names no package"),
    ],
    ids=[
        *("sound", "hash-removed", "hash-wrong", "package-removed", "asked-for-removed", "older", "unreleased"),
        *("superfluous", "empty"),
    ],
)
def test_a_planted_fault_is_found(
    platforms: Path,
    windows: Profile,
    pytorch: Framework,
    fault: Callable[[str], str],
    kind: str | None,
    told: str,
) -> None:
    text = (home.ROOT / "platforms" / "locks" / "windows-cpu" / "pytorch.txt").read_text()
    spoilt = fault(text)
    assert kind is None or spoilt != text
    plant(windows, pytorch, spoilt)
    found = [*wheels.plain_faults(windows, pytorch), *wheels.index_faults(windows, pytorch)]
    if kind is None:
        assert found == []
    else:
        assert any(each.kind == kind and told in each.sentence for each in found), found
    assert wheels.problems(windows, pytorch) == [each.sentence for each in found]


def test_a_version_without_a_wheel_for_the_platform_is_found(platforms: Path) -> None:
    arm = dataclasses.replace(profiles.load("linux-arm-cpu"), substitutes=())
    tensorflow = frameworks()["tensorflow"]
    plant(arm, tensorflow, (home.ROOT / "platforms" / "locks" / "linux-cpu" / "tensorflow.txt").read_text())
    (found,) = wheels.index_faults(arm, tensorflow)
    assert found.kind == "installable"
    assert "tensorflow-cpu" in found.sentence
    assert "aarch64" in found.sentence


def test_a_package_that_is_source_alone_is_found(platforms: Path, windows: Profile) -> None:
    toy = Toy({"cpu": ("termcolor==1.1.0",)})
    numpy, psutil, threadpoolctl = (f"{name}==" for name in ("numpy", "psutil", "threadpoolctl"))
    text = (home.ROOT / "platforms" / "locks" / "windows-cpu" / "pytorch.txt").read_text()
    kept = [chunk for chunk in text.split("\n\n") if chunk.startswith((numpy, psutil, threadpoolctl))]
    plant(windows, toy, "\n".join([*kept, f"termcolor==1.1.0 --hash=sha256:{'0' * 64}\n"]))
    (found,) = wheels.index_faults(windows, toy)  # type: ignore[arg-type]
    assert found.kind == "installable"
    assert "termcolor" in found.sentence


@given(PINS, st.booleans())
def test_pins_are_read_as_they_are_written(pins: list[Pin], remarks: bool) -> None:
    lines = ["# made by: nox -s lock, from: {}"]
    for pin in pins:
        lines.append(
            " \\\n    ".join([f"{pin.name}=={pin.version}", *(f"--hash=sha256:{each}" for each in pin.sha256)])
        )
        if remarks:
            lines.append("    # via\n    #   other==9.9")
    assert wheels.pins("\n".join(lines)) == pins


@given(st.text())
def test_any_text_at_all_is_read(text: str) -> None:
    for pin in wheels.pins(text):
        assert pin.name
        assert pin.version
        assert all(len(each) == 64 for each in pin.sha256)


@given(PINS, st.data())
def test_wheels_that_are_those_of_a_lock_show_no_fault(pins: list[Pin], data: st.DataObject) -> None:
    held = [pin for pin in pins if pin.sha256]
    made = [Wheel(name=p.name, version=p.version, file="x.whl", sha256=min(p.sha256), url="") for p in held]
    assert wheels.compared(held, made) == []
    if held:
        number = data.draw(st.integers(0, len(held) - 1))
        wrong = {"file": "", "sha256": "f" * 63 + "z", "version": "0.0.0.0.1"}
        key = data.draw(st.sampled_from(sorted(wrong)))
        made[number] = dataclasses.replace(made[number], **{key: wrong[key]})
        (fault,) = wheels.compared(held, made)
        assert fault.kind == {"file": "installable", "sha256": "hashed", "version": "complete"}[key]


@pytest.mark.parametrize("name", ["Typing_Extensions", "typing.extensions", "typing--extensions"])
def test_names_are_compared_as_indexes_write_them(name: str) -> None:
    (pin,) = wheels.pins(f"{name}==1\n")
    assert pin.name == "typing-extensions"
