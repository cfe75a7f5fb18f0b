"""Requirements: the same versions everywhere, and where a platform forces another, with the reason."""

from __future__ import annotations

import dataclasses
import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from suite import home, locks, profiles, requirements, wheels
from suite.errors import InputError
from suite.frameworks import Packages, frameworks
from suite.profiles import Profile, Substitute

OWN = [(profiles.load(name), packages) for name in profiles.names() for packages in locks.every(profiles.load(name))]
IDS = [f"{profile.name}-{packages.name}" for profile, packages in OWN]
SAME = ("torch", "torchvision", "tensorflow", "keras", "jax")
NAMES = st.from_regex(r"\A[a-z][a-z0-9-]{0,8}\Z")


@dataclasses.dataclass(frozen=True)
class Toy:
    """Packages of a test's own."""

    requirements: dict[str, tuple[str, ...]]
    name: str = "toy"
    title: str = "Toy"
    torch_build: str = "profile"


@pytest.fixture
def profile() -> Profile:
    return profiles.load("linux-cpu")


def plain(version: str) -> str:
    return version.split("+")[0]


@pytest.mark.parametrize(("own", "packages"), OWN, ids=IDS)
def test_frameworks_have_the_same_versions_everywhere_but_for_substitutes(own: Profile, packages: Packages) -> None:
    held = {pin.name: plain(pin.version) for pin in wheels.pins(locks.path(own, packages).read_text())}
    known = requirements.versions()
    substitutes = requirements.substitutes(own, packages)
    for name in SAME:
        if name in held and name not in substitutes:
            brought = any("tensorflow-macos" in each.use for each in substitutes.values())  # it brings TensorFlow's own
            assert held[name] == (held["tensorflow-macos"] if name == "tensorflow" and brought else known[name])
    for each in substitutes.values():
        name, _, version = each.use.partition("==")
        assert held[name] == (version or known[name])
        assert len(each.because) > 10


@pytest.mark.parametrize(("own", "packages"), OWN, ids=IDS)
def test_other_versions_are_told_in_sentences(own: Profile, packages: Packages) -> None:
    for sentence in requirements.other_versions(own, packages):
        assert re.fullmatch(r"[\w-]+ [\d.]+ in place of [\w-]+ [\d.]+, because [^;]+[^.]", sentence)
    assert bool(requirements.other_versions(own, packages)) == (
        own.name == "macos-arm" and packages.name in ("tensorflow", "keras")
    )


def test_metals_tensorflow_is_told_word_for_word() -> None:
    tensorflow = (
        "tensorflow-macos 2.16.2 in place of tensorflow 2.21.0, because tensorflow-metal is reported to fail from "
        "TensorFlow 2.18 on, and tensorflow-macos, made to go with it, ended with 2.16.2"
    )
    assert requirements.other_versions(profiles.load("macos-arm"), frameworks()["keras"]) == [
        tensorflow,
        "numpy 1.26.4 in place of numpy 2.4.6, because TensorFlow 2.16.2 needs NumPy below 2",
    ]


def test_a_substitute_without_a_version_is_the_same_version_of_another_name() -> None:
    arm, tensorflow = profiles.load("linux-arm-cpu"), frameworks()["tensorflow"]
    assert "tensorflow==2.21.0" in requirements.requirements(arm, tensorflow)
    assert requirements.other_versions(arm, tensorflow) == []


def test_a_substitute_beside_a_package_stays_out_of_other_environments() -> None:
    mac = profiles.load("macos-arm")
    assert "numpy==1.26.4" in requirements.requirements(mac, frameworks()["tensorflow"])
    assert "numpy==2.4.6" in requirements.requirements(mac, frameworks()["pytorch"])


def test_extras_stay_with_their_version() -> None:
    cuda = profiles.load("cuda")
    assert "tensorflow[and-cuda]==2.21.0" in requirements.requirements(cuda, frameworks()["tensorflow"])
    assert "jax[cuda13]==0.10.2" in requirements.requirements(cuda, frameworks()["keras-jax"])


@pytest.mark.parametrize("name", profiles.names())
def test_torchvision_has_an_environment_of_its_own_on_every_profile(name: str) -> None:
    own = profiles.load(name)
    holding = [each for each in locks.every(own) if any("torchvision" in r for r in each.requirements[own.accelerator])]
    assert [each.name for each in holding] == ["pytorch-torchvision"]
    held = {pin.name: pin.version for pin in wheels.pins(locks.path(own, holding[0]).read_text())}
    assert (held["torch"], held["torchvision"]) == ("2.13.0", "0.28.0")  # both of the main index: no +cpu


def test_a_package_without_a_version_is_named(profile: Profile) -> None:
    with pytest.raises(InputError, match=r"^no version of nameless is named in .*versions\.toml\.$"):
        requirements.requirements(profile, Toy({"cpu": ("nameless",)}))


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (None, "cannot be read"),
        ("oh no", "is no TOML"),
        ("# nothing", "versions.toml names no version of torch, nor of anything else: take it from version control"),
        ("torch = 2.13", "the version of torch has to be text in quotes, not 2.13"),
        ("[torch]", "the version of torch has to be text in quotes, not {}"),
    ],
)
def test_damaged_versions_are_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: str | None, told: str
) -> None:
    monkeypatch.setattr(home, "PLATFORMS", tmp_path)
    requirements.versions.cache_clear()
    (tmp_path / "facts").mkdir()
    if text:
        (tmp_path / "facts" / "versions.toml").write_text(text)
    try:
        with pytest.raises(InputError, match=told):
            requirements.versions()
    finally:
        requirements.versions.cache_clear()


@given(st.dictionaries(NAMES, st.from_regex(r"\A\d{1,2}\.\d{1,2}\Z"), min_size=1), st.data())
def test_every_line_is_exact_and_each_package_stands_once(wanted: dict[str, str], data: st.DataObject) -> None:
    lines = tuple(f"{name}=={version}" for name, version in wanted.items())
    replaced = data.draw(st.lists(st.sampled_from(sorted(lines)), unique=True))
    substitutes = tuple(Substitute(package=line, use="other==1.0", because="so") for line in replaced)
    profile = dataclasses.replace(profiles.load("linux-cpu"), substitutes=substitutes)
    found = requirements.requirements(profile, Toy({"cpu": lines}))
    assert found == sorted(set(found))
    assert all("==" in line for line in found)
    assert set(lines) - set(replaced) <= set(found)
    assert not set(replaced) & set(found)
