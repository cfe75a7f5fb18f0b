"""What recipes run in: nothing leaks in, and nothing that should not be kept leaks out."""

from __future__ import annotations

import os
import platform
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from suite import process
from suite.errors import UnsupportedError
from suite.recipes import surroundings
from suite.recipes.commands import parse
from suite.recipes.surroundings import fit_to_keep, wheels_for

HERE = ("3.11", "x86_64-manylinux_2_28")
CPU = "pip install torch==2.13.0 --index-url {pytorch-cpu}"


def test_variables_that_would_decide_what_is_installed_are_left_out(
    monkeypatch: pytest.MonkeyPatch, own_home: Path
) -> None:
    for name in ("PIP_FIND_LINKS", "PIP_CONSTRAINT", "PYTHONPATH", "VIRTUAL_ENV", "UV_INDEX", "CONDA_PREFIX"):
        monkeypatch.setenv(name, "leak")
    monkeypatch.setenv("PIPELINE", "stays")
    found = surroundings.variables()
    assert "leak" not in found.values()
    assert found["PATH"] == os.environ["PATH"]
    assert found["PIP_CONFIG_FILE"] == os.devnull
    assert Path(found["PIP_CACHE_DIR"]).is_relative_to(own_home)


def test_how_the_index_is_reached_stays(monkeypatch: pytest.MonkeyPatch) -> None:
    said = "global.index-url='file:///mirror'\n:env:.retries='7'\nglobal.find-links='/x'\nuser.cert='/c'\nno equals\n"
    monkeypatch.setattr(process, "run", lambda *_args, **_more: (0, said, ""))
    found = surroundings.variables()
    assert (found["PIP_INDEX_URL"], found["PIP_RETRIES"]) == ("file:///mirror", "7")
    assert "PIP_FIND_LINKS" not in found
    assert "/x" not in found.values()


def test_pytorchs_own_index_is_a_folder_of_wheels_that_holds_all(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "torch-2.13.0+cpu-cp311-none-any.whl").touch()
    monkeypatch.setenv("PIP_FIND_LINKS", f"{tmp_path} https://elsewhere.example/x")
    monkeypatch.delenv("UV_FIND_LINKS", raising=False)
    found = wheels_for(parse(CPU), HERE)
    assert (found.places, found.index) == ((str(tmp_path),), "")
    assert found.pins() == ["torch==2.13.0+cpu"]


def test_pytorchs_own_index_is_what_uv_knows(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PIP_FIND_LINKS", str(tmp_path))
    monkeypatch.delenv("UV_FIND_LINKS", raising=False)
    monkeypatch.setattr(surroundings, "uv", lambda *_args, **_more: "torch==2\n    # from https://index.example/cpu\n")
    assert wheels_for(parse(CPU), HERE).index == "https://index.example/cpu"


def test_pytorchs_own_index_that_cannot_be_reached(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_args: object, **_more: object) -> str:
        raise UnsupportedError("no network")

    (tmp_path / "torch-2.13.0+cpu-cp311-none-any.whl").touch()
    monkeypatch.setenv("PIP_FIND_LINKS", str(tmp_path))
    monkeypatch.delenv("UV_FIND_LINKS", raising=False)
    monkeypatch.setattr(surroundings, "uv", refuse)
    command = "pip install torch torchvision --index-url {pytorch-cpu}"
    with pytest.raises(
        UnsupportedError, match="could not be reached, and the folder of wheels here has no torchvision"
    ):
        wheels_for(parse(command), HERE)


def test_what_is_kept_names_neither_registry_nor_machine(monkeypatch: pytest.MonkeyPatch, own_home: Path) -> None:
    monkeypatch.setenv("HOME", "/home/someone")
    monkeypatch.setenv("PIP_FIND_LINKS", "/some/wheels")
    monkeypatch.setattr(platform, "node", lambda: "their-machine")
    monkeypatch.setattr(surroundings, "_user", lambda: "someone")
    registry = "files.py" + "pi.org"
    text = (
        f"Downloading https://{registry}/x/torch.whl from {registry}\nhost='{registry}', port=443\n"
        f"/home/someone/x {own_home}/recipes/go.json {surroundings.work() / 'a.py'} /some/wheels/torch.whl "
        "on their-machine by someone\n"
        "see https://github.com/pytorch/pytorch/issues/1 and file:///mirror/simple\n"
    )
    assert fit_to_keep(text) == (
        "Downloading <index> from <index>\n<index>, port=443\n"
        "~/x <cache>/recipes/go.json <work>/a.py <wheels>/torch.whl on <host> by <user>\n"
        "see https://github.com/pytorch/pytorch/issues/1 and <index>\n"
    )


@given(st.text())
def test_any_text_can_be_kept(text: str) -> None:
    assert fit_to_keep(fit_to_keep(text)) == fit_to_keep(text)
