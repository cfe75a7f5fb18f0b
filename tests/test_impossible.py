"""What cannot be: every entry is whole and has its source, and what is asked for is met by the right one."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from suite import home, impossible, locks, profiles
from suite.errors import InputError, UnsupportedError
from suite.frameworks import frameworks
from suite.impossible import Impossible

REGISTRIES = re.compile("pypi|hosted|conda|registry|/whl")
GOOD = 'what = "a"\nbecause = "b"\nsource = "https://example.org/"\ndate = "2026-11-21"\nsystem = "plan9"\n'


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A file of facts of a test's own."""
    (tmp_path / "facts").mkdir()
    monkeypatch.setattr(home, "PLATFORMS", tmp_path)
    impossible.known.cache_clear()
    yield tmp_path / "facts" / "impossible.toml"
    impossible.known.cache_clear()


@pytest.mark.parametrize("entry", impossible.known(), ids=lambda entry: entry.what)
def test_every_entry_says_why_and_who_says_so(entry: Impossible) -> None:
    assert urlsplit(entry.source).scheme == "https"
    assert not REGISTRIES.search(entry.source)
    assert dt.date.fromisoformat(entry.date).year >= 2026
    assert not entry.because.endswith(".")
    assert len(entry.because) > 30
    assert entry.system in ("", "linux", "darwin", "windows")
    assert entry.accelerator in ("", "cuda", "metal")
    assert entry.venue in ("", "container")
    assert entry.framework in ("", *frameworks())


@pytest.mark.parametrize("name", profiles.names())
def test_no_profile_of_ours_is_impossible(name: str) -> None:
    profile = profiles.load(name)
    assert impossible.reason(system=profile.system, accelerator=profile.accelerator, venue=profile.venue) is None
    for framework in locks.available(profile):
        asked = {"system": profile.system, "accelerator": profile.accelerator, "framework": framework.name}
        assert impossible.reason(**asked) is None
    assert impossible.of_name(name) is None


@pytest.mark.parametrize("name", profiles.names())
def test_a_framework_that_a_profile_lacks_is_known_to_be_impossible_there(name: str) -> None:
    profile = profiles.load(name)
    for framework in set(frameworks()) - {each.name for each in locks.available(profile)}:
        assert impossible.reason(system=profile.system, accelerator=profile.accelerator, framework=framework)


@pytest.mark.parametrize(
    ("asked", "told"),
    [
        ({"system": "darwin", "accelerator": "metal", "venue": "container"}, "so there is no Metal in them"),
        ({"system": "darwin", "accelerator": "cpu", "venue": "container"}, "profile linux-arm-cpu is the one"),
        ({"system": "windows", "accelerator": "cpu", "venue": "container"}, "WSL 2"),
        ({"system": "windows", "accelerator": "cuda", "framework": "tensorflow"}, "TensorFlow 2.10 was the last"),
        ({"system": "windows", "accelerator": "cuda", "framework": "keras-jax"}, "on Linux only"),
        ({"system": "windows", "accelerator": "cuda", "framework": "pytorch"}, None),
        ({"system": "darwin", "accelerator": "cuda"}, "CUDA 10.2 was the last for macOS"),
        ({"system": "darwin", "accelerator": "metal", "framework": "keras-jax"}, "plug-in for JAX"),
        ({"accelerator": "metal", "framework": "tensorflow", "version": "2.21.0"}, "not to load in TensorFlow 2.18"),
        ({"accelerator": "metal", "framework": "keras", "version": "2.18.0"}, "not to load in TensorFlow 2.18"),
        ({"accelerator": "metal", "framework": "tensorflow", "version": "2.16.2"}, None),
        ({"accelerator": "metal", "framework": "tensorflow"}, None),
        ({"system": "linux", "accelerator": "cuda", "venue": "container"}, None),
        ({}, None),
    ],
)
def test_what_is_asked_for_is_met(asked: dict[str, str], told: str | None) -> None:
    reason = impossible.reason(**asked)
    assert (reason is None) == (told is None)
    assert (told or "") in (reason or "")
    assert reason is None or "(https://" in reason


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("windows-cuda", ("TensorFlow 2.10 was the last", "JAX has builds")),
        ("Windows_GPU", ("TensorFlow 2.10 was the last",)),
        ("windows-cuda-jax", ("JAX has builds",)),
        ("macos-arm-docker", ("containers on a Mac",)),
        ("macos-metal-container", ("no Metal in them",)),
        ("mac-cuda", ("CUDA 10.2",)),
        ("linux-metal", ("Metal is Apple's",)),
        ("linux-gpu", ()),
        ("macos-gpu", ()),
        ("windows", ()),
        ("cuda-docker", ()),
        ("", ()),
    ],
)
def test_names_of_profiles_that_cannot_be_are_told_why(name: str, told: tuple[str, ...]) -> None:
    reason = impossible.of_name(name)
    assert (reason is None) == (not told)
    assert all(words in str(reason) for words in told)
    assert "TensorFlow" not in str(reason) or "jax" not in name


def test_an_unknown_profile_that_cannot_be_is_told_why_and_what_there_is() -> None:
    with pytest.raises(InputError) as caught:
        profiles.load("windows-cuda")
    told = str(caught.value)
    assert told.startswith("there is no profile 'windows-cuda', nor can there be: TensorFlow 2.10 was the last")
    assert told.endswith(f"There is {', '.join(profiles.names())}.")


@pytest.mark.parametrize("arm", ["keras-jax", "keras-jax-fit"])
def test_a_framework_that_cannot_be_on_a_profile_is_refused_with_the_reason(arm: str) -> None:
    with pytest.raises(UnsupportedError) as caught:
        locks.refuse_absent(profiles.load("macos-arm"), ["pytorch-eager", arm])
    assert str(caught.value).startswith("Keras on JAX is not on profile macos-arm: Apple's Metal plug-in for JAX")
    locks.refuse_absent(profiles.load("macos-arm-cpu"), [arm])
    locks.refuse_absent(profiles.load("macos-arm"), ["keras-fit", "keras-torch-fit", "all", "nothing-known", ""])


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("oh no", "is no TOML"),
        ("impossible = 5", "'impossible' is out of place; every entry is a table headed [[impossible]]."),
        (f"[[imposible]]\n{GOOD}", "'imposible' is out of place; every entry is a table headed [[impossible]]."),
        ("impossible = [1]", "entry 1: an entry is a table"),
        (f"[[impossible]]\n{GOOD}[[impossible]]\n{GOOD}wat = ''", "entry 2: 'wat' is no key of an entry"),
        (f"[[impossible]]\n{GOOD}venue = 1", "entry 1: 'venue' is no key of an entry, or is not text in quotes."),
        ("[[impossible]]\nwhat = 'a'\nsystem = 'b'", "entry 1 lacks because, date, source."),
        (f"[[impossible]]\n{GOOD.replace('system', 'since')}", "names no system, accelerator, venue or framework."),
    ],
)
def test_a_mistake_in_the_file_is_named(file: Path, text: str, told: str) -> None:
    file.write_text(text)
    with pytest.raises(InputError) as caught:
        impossible.reason(system="plan9")
    assert str(file) in str(caught.value)
    assert told in str(caught.value)


def test_the_entry_that_names_the_most_is_the_one_that_is_told(file: Path) -> None:
    assert impossible.reason(system="plan9") is None  # no file, nothing known
    impossible.known.cache_clear()
    second = GOOD.replace('"b"', '"more"')
    file.write_text(f"[[impossible]]\n{GOOD}[[impossible]]\n{second}venue = 'container'\n")
    assert impossible.reason(system="plan9", venue="container") == "more (https://example.org/)"
    assert impossible.reason(system="plan9", venue="native") == "b (https://example.org/)"
