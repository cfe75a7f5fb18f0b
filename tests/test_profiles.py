"""Profiles: found by being there, and every mistake in one is named with file, line and key."""

from __future__ import annotations

import json
import platform
from dataclasses import MISSING, fields
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from suite import fingerprint, home, profiles
from suite.errors import EvenmatchError, InputError, UnsupportedError
from suite.profiles import Profile

KEYS = [field.name for field in fields(Profile) if field.name != "name" and field.default is MISSING]
OPTIONAL = ["minimum_driver", "minimum_macos", "venue"]
ALL = sorted([*KEYS, *OPTIONAL])
HERE = {"system": platform.system().lower(), "machine": platform.machine().lower()}


SYSTEM = {"linux": "Linux", "darwin": "macOS", "windows": "Windows"}[HERE["system"]]


def text_of(**changes: str) -> str:
    values = {key: f"a {key}" for key in KEYS} | HERE | {"accelerator": "cpu"} | changes
    return "".join(f"{key} = {json.dumps(value, ensure_ascii=False)}\n" for key, value in values.items())


def write(folder: Path, text: str, name: str = "mine") -> Path:
    path = folder / f"{name}.toml"
    path.write_text(text, encoding="utf-8")
    return path


def refusal(folder: Path, text: str) -> str:
    write(folder, text)
    with pytest.raises(InputError) as caught:
        profiles.load("mine", folder)
    told = str(caught.value)
    assert str(folder / "mine.toml") in told
    return told


@pytest.mark.parametrize("name", profiles.names())
def test_the_projects_own_profiles_can_be_read(name: str) -> None:
    assert profiles.load(name).name == name


def test_the_cpu_profile_of_linux_is_there() -> None:
    profile = profiles.load("linux-cpu")
    assert (profile.system, profile.machine, profile.accelerator) == ("linux", "x86_64", "cpu")


def test_a_profile_is_its_file(tmp_path: Path) -> None:
    write(tmp_path, text_of(title="Mine ö"))
    profile = profiles.load("mine", tmp_path)
    assert profile.name == "mine"
    assert profile.title == "Mine ö"
    others = [key for key in KEYS if key not in ("title", "accelerator", *HERE)]
    assert {key: getattr(profile, key) for key in others} == {key: f"a {key}" for key in others}


def test_profiles_are_named_in_order(tmp_path: Path) -> None:
    for name in ("zebra", "ant"):
        write(tmp_path, text_of(), name)
    (tmp_path / "notes.txt").write_text("")
    assert profiles.names(tmp_path) == ["ant", "zebra"]


def test_an_unknown_profile_names_the_near_one() -> None:
    with pytest.raises(InputError, match=r"^unknown profile 'linux-cpuu': did you mean linux-cpu or "):
        profiles.load("linux-cpuu")


@given(
    st.text("abcdefghijklmnopqrstuvwxyz_-0123456789", min_size=1).filter(lambda key: key not in {*ALL, "substitute"}),
    st.data(),
)
def test_an_unknown_key_is_named_with_its_line(
    tmp_path_factory: pytest.TempPathFactory, key: str, data: st.DataObject
) -> None:
    lines = text_of().splitlines()
    place = data.draw(st.integers(0, len(lines)))
    lines.insert(place, f'{key} = "x"')
    folder = tmp_path_factory.mktemp("platforms")
    told = refusal(folder, "\n".join(lines))
    assert f"mine.toml, line {place + 1}: unknown key '{key}'; the keys of a profile are " in told
    assert all(known in told for known in ALL)


@pytest.mark.parametrize("line", ["[extra]\nx = 1", "[[extra]]\nx = 1", "extra.deep = 1", "'extra' = 1", "  extra=1"])
def test_an_unknown_table_or_odd_spelling_is_named_with_its_line(tmp_path: Path, line: str) -> None:
    assert f"line {len(KEYS) + 2}: unknown key 'extra'" in refusal(tmp_path, f"{text_of()}# a remark\n{line}\n")


@pytest.mark.parametrize("key", KEYS)
def test_a_missing_key_is_named(tmp_path: Path, key: str) -> None:
    lines = [line for line in text_of().splitlines() if not line.startswith(f"{key} ")]
    assert refusal(tmp_path, "\n".join(lines)).endswith(f"lacks the key {key}.")


def test_all_missing_keys_are_named(tmp_path: Path) -> None:
    assert refusal(tmp_path, "").endswith(f"lacks the keys {', '.join(sorted(KEYS))}.")


def test_a_value_that_is_no_text_is_named_with_its_line(tmp_path: Path) -> None:
    lines = text_of().splitlines()
    number = KEYS.index("python")
    lines[number] = "python = 3.11"
    told = refusal(tmp_path, "\n".join(lines))
    assert told.endswith(f"line {number + 1}: 'python' has to be text in quotes, not 3.11.")


@pytest.mark.parametrize(
    ("text", "where"),
    [
        ('title = "open\n', "line 1"),
        (f"{text_of()}oh no\n", f"line {len(KEYS) + 1}"),
        (f'{text_of()}title = "again"\n', "Cannot overwrite a value"),
    ],
)
def test_what_is_no_toml_is_named_with_its_place(tmp_path: Path, text: str, where: str) -> None:
    told = refusal(tmp_path, text)
    assert "is no TOML: " in told
    assert where in told


@given(st.binary(max_size=80))
def test_no_bytes_at_all_make_it_fail_otherwise(tmp_path_factory: pytest.TempPathFactory, content: bytes) -> None:
    folder = tmp_path_factory.mktemp("platforms")
    (folder / "mine.toml").write_bytes(content)
    with pytest.raises(InputError, match=r"mine\.toml"):
        profiles.load("mine", folder)


def test_a_folder_in_a_profiles_place_is_named(tmp_path: Path) -> None:
    (tmp_path / "mine.toml").mkdir()
    with pytest.raises(InputError, match=r"mine\.toml cannot be read: Is a directory"):
        profiles.load("mine", tmp_path)


def test_a_profile_for_this_machine_is_accepted(tmp_path: Path) -> None:
    write(tmp_path, text_of())
    profiles.load("mine", tmp_path).require_this_machine()


@pytest.mark.parametrize("change", [{"system": "plan9"}, {"machine": "vax"}])
def test_another_machines_profile_is_refused_with_the_reason(tmp_path: Path, change: dict[str, str]) -> None:
    write(tmp_path, text_of(**change))
    with pytest.raises(UnsupportedError) as caught:
        profiles.load("mine", tmp_path).require_this_machine()
    wanted = HERE | change
    assert caught.value.exit_code == 3
    assert str(caught.value).startswith(
        f"profile mine needs a needs; this one is {SYSTEM} on {HERE['machine']}. Run it on"
    )
    assert wanted != HERE


def test_this_machines_profile_is_the_first_that_fits(tmp_path: Path) -> None:
    write(tmp_path, text_of(system="plan9"), "a")
    write(tmp_path, text_of(), "b")
    write(tmp_path, text_of(), "c")
    assert profiles.of_this_machine(tmp_path).name == "b"


def test_where_no_profile_fits_those_there_are_are_named(tmp_path: Path) -> None:
    write(tmp_path, text_of(system="plan9"), "nine")
    with pytest.raises(UnsupportedError, match=r"no profile is for .*; there is nine\.") as caught:
        profiles.of_this_machine(tmp_path)
    assert caught.value.exit_code == 3


def test_a_damaged_profile_is_told_even_when_another_one_fits(tmp_path: Path) -> None:
    write(tmp_path, "oh no", "a")
    write(tmp_path, text_of(), "b")
    with pytest.raises(EvenmatchError, match=r"a\.toml is no TOML"):
        profiles.of_this_machine(tmp_path)


def test_the_folder_of_profiles_is_the_checkouts() -> None:
    assert (home.PLATFORMS / "linux-cpu.toml").is_file()


@pytest.mark.parametrize(
    ("mac", "refused"), [("13.6.1", True), ("14.0", False), ("14.6.1", False), ("15", False), ("", True)]
)
def test_an_old_macos_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, mac: str, refused: bool) -> None:
    write(tmp_path, text_of(minimum_macos="14.0"))
    monkeypatch.setattr(platform, "mac_ver", lambda: (mac, ("", "", ""), "arm64"))
    if not refused:
        profiles.load("mine", tmp_path).require_this_machine()
        return
    with pytest.raises(UnsupportedError, match=rf"needs a needs; this one has macOS {mac}\. Run it"):
        profiles.load("mine", tmp_path).require_this_machine()


def test_a_python_under_rosetta_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(tmp_path, text_of(system="darwin", machine="arm64"))
    monkeypatch.setattr(platform, "system", lambda: "Darwin")
    monkeypatch.setattr(platform, "machine", lambda: "x86_64")
    with pytest.raises(
        UnsupportedError, match="this Python is one for Intel Macs, which on Apple Silicon runs under Ros"
    ):
        profiles.load("mine", tmp_path).require_this_machine()


@pytest.mark.parametrize(
    ("gpus", "told"),
    [
        ([], "nvidia-smi names no GPU here (or is missing: it comes with the driver)"),
        ([{"name": "H200", "driver": "550.54.14"}], "this one's driver is 550.54.14: update it"),
        ([{"name": "H200", "driver": "580.65.06"}], None),
        ([{"name": "H200", "driver": None}], None),
    ],
)
def test_cuda_needs_a_gpu_and_a_driver_unless_the_processor_is_asked_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, gpus: list[dict[str, str]], told: str | None
) -> None:
    write(tmp_path, text_of(accelerator="cuda", minimum_driver="580"))
    monkeypatch.setattr(fingerprint, "nvidia_gpus", lambda: gpus)
    profile = profiles.load("mine", tmp_path)
    profile.require_this_machine("cpu")
    if told is None:
        profile.require_this_machine()
        return
    with pytest.raises(UnsupportedError) as caught:
        profile.require_this_machine()
    assert told in str(caught.value)
    assert "add --device cpu" in str(caught.value)


def test_the_accelerators_profile_comes_before_the_processors(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(tmp_path, text_of(accelerator="cpu"), "a")
    write(tmp_path, text_of(accelerator="cuda"), "b")
    monkeypatch.setattr(fingerprint, "nvidia_gpus", lambda: [{"name": "H200", "driver": "580.65.06"}])
    assert profiles.of_this_machine(tmp_path).name == "b"
    monkeypatch.setattr(fingerprint, "nvidia_gpus", list)
    assert profiles.of_this_machine(tmp_path).name == "a"


def test_a_venue_is_native_or_container(tmp_path: Path) -> None:
    write(tmp_path, text_of(venue="container"))
    assert profiles.load("mine", tmp_path).venue == "container"
    told = refusal(tmp_path, text_of(venue="docker"))
    assert told.endswith(f"line {len(KEYS) + 1}: 'venue' is native or container, not 'docker'.")


SUBSTITUTE = '[[substitute]]\npackage = "a"\nuse = "b==1"\nbecause = "c"\n'


def test_substitutes_are_read_in_their_order(tmp_path: Path) -> None:
    write(tmp_path, text_of() + SUBSTITUTE + SUBSTITUTE.replace('"a"', '"d"') + 'beside = "e"\n')
    found = profiles.load("mine", tmp_path).substitutes
    assert [(each.package, each.use, each.because, each.beside) for each in found] == [
        ("a", "b==1", "c", ""),
        ("d", "b==1", "c", "e"),
    ]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (SUBSTITUTE.replace("because", "becuase"), "unknown key 'becuase'; the keys of a profile are because, "),
        (SUBSTITUTE.replace('because = "c"\n', ""), "lacks the key because."),
        (SUBSTITUTE.replace('"c"', "3"), "'because' has to be text in quotes, not 3."),
        ('substitute = "x"\n', "substitutes are tables, each headed [[substitute]]."),
        ("substitute = [1]\n", "substitutes are tables, each headed [[substitute]]."),
    ],
)
def test_a_mistake_in_a_substitute_is_named(tmp_path: Path, text: str, told: str) -> None:
    assert told in refusal(tmp_path, text_of() + text)


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"accelerator": "tpu"}, "'accelerator' is cpu, cuda or metal, not 'tpu'."),
        ({"accelerator": ""}, "'accelerator' is cpu, cuda or metal, not ''."),
        ({"minimum_driver": "abc"}, "'minimum_driver' has to be a version like 580 or 14.0, not 'abc'."),
        ({"minimum_driver": "580.x"}, "'minimum_driver' has to be a version like 580 or 14.0, not '580.x'."),
        ({"minimum_macos": "Sonoma"}, "'minimum_macos' has to be a version like 580 or 14.0, not 'Sonoma'."),
    ],
)
def test_a_value_that_makes_no_sense_is_named_with_its_line(tmp_path: Path, changes: dict[str, str], told: str) -> None:
    text = text_of(**changes)
    number = next(n for n, line in enumerate(text.splitlines(), 1) if line.startswith(next(iter(changes))))
    assert refusal(tmp_path, text).endswith(f"mine.toml, line {number}: {told}")


FREE_TEXT = [key for key in KEYS if key != "accelerator"]


@given(st.dictionaries(st.sampled_from(FREE_TEXT), st.text(st.characters(exclude_categories=("Cs", "Cc"))), min_size=1))
def test_any_text_at_all_is_read_as_it_stands(tmp_path_factory: pytest.TempPathFactory, values: dict[str, str]) -> None:
    folder = tmp_path_factory.mktemp("platforms")
    write(folder, text_of(**values))
    profile = profiles.load("mine", folder)
    assert {key: getattr(profile, key) for key in values} == values
