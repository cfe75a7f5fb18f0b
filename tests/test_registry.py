"""Components are found by being there."""

from __future__ import annotations

from pathlib import Path

import pytest

from suite import registry


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    name = f"found_{tmp_path.name}".replace("-", "_")
    folder = tmp_path / name
    folder.mkdir()
    (folder / "__init__.py").write_text("")
    (folder / "zebra.py").write_text("THING = 'zebra'\n")
    (folder / "ant.py").write_text("THING = 'ant'\n")
    (folder / "plain.py").write_text("OTHER = 1\n")
    (folder / "_private.py").write_text("raise RuntimeError('a private module is not a component')\n")
    monkeypatch.syspath_prepend(str(tmp_path))
    return name


def test_one_file_is_one_component_in_the_order_of_names(package: str) -> None:
    assert registry.discover(package, "THING", str) == ["ant", "zebra"]


def test_private_modules_are_left_alone(package: str) -> None:
    assert [module.__name__.split(".")[1] for module in registry.modules(package)] == ["ant", "plain", "zebra"]


def test_a_component_of_another_type_names_its_file(package: str) -> None:
    with pytest.raises(TypeError, match=rf"{package}\.ant\.THING has to be a int, not str"):
        registry.discover(package, "THING", int)
