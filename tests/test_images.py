"""``evenmatch images``: the digest of the base, asked of a real registry; and what nothing needs any more."""

from __future__ import annotations

import io
import shutil
import socket
import subprocess
import tarfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import docker
import pytest
from rich.console import Console

from suite import images as command
from suite.environments import engine, images, wheelhouse
from suite.errors import InputError, UnsupportedError
from tests import engines


@pytest.fixture
def pinned(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(images, "PINNED", tmp_path / "images.toml")
    return tmp_path / "images.toml"


def write(file: Path, name: str) -> None:
    file.write_text(f'# a remark\n[base]\nname = "{name}"\ndigest = ""\n')


@pytest.fixture(scope="module")
def client() -> docker.DockerClient:
    return engines.client()


@pytest.fixture(scope="module")
def registry(tmp_path_factory: pytest.TempPathFactory, client: docker.DockerClient) -> Iterator[str]:
    """The address of a registry of our own that holds a small image, ``small:1``."""
    if not shutil.which("docker-registry"):
        pytest.skip("there is no docker-registry here (apt-get install docker-registry)")
    place = tmp_path_factory.mktemp("registry")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        address = f"127.0.0.1:{free.getsockname()[1]}"
    (place / "config.yml").write_text(
        f"version: 0.1\nstorage:\n  filesystem:\n    rootdirectory: {place}/data\nhttp:\n  addr: {address}\n"
    )
    served = subprocess.Popen(["docker-registry", "serve", str(place / "config.yml")], stderr=subprocess.DEVNULL)
    try:
        archive = io.BytesIO()
        with tarfile.open(fileobj=archive, mode="w") as tar:
            tar.addfile(tarfile.TarInfo("empty"))
        client.api.import_image_from_data(archive.getvalue(), repository=f"{address}/small", tag="1")
        deadline = time.monotonic() + 20
        while "error" in (said := client.images.push(f"{address}/small", tag="1")) and time.monotonic() < deadline:
            time.sleep(0.2)
        assert "error" not in said, said
        client.images.remove(f"{address}/small:1")
        yield address
    finally:
        served.kill()
        served.wait()


def test_the_digest_is_asked_for_written_and_pulled_by(
    registry: str, client: docker.DockerClient, pinned: Path
) -> None:
    write(pinned, f"{registry}/small:1")
    command.pin(Console(quiet=True))
    text = pinned.read_text()
    assert text.startswith(f'# a remark\n[base]\nname = "{registry}/small:1"\ndigest = "sha256:')
    name = images.pinned()
    assert name.startswith(f"{registry}/small@sha256:")
    base = images.base(client, name)
    assert base.digest == name
    client.images.remove(base.id, force=True)
    command.pin(Console(quiet=True))
    assert pinned.read_text() == text, "pinned anew, to the same"


def test_an_image_that_the_registry_does_not_have_is_told(registry: str, pinned: Path) -> None:
    write(pinned, f"{registry}/other:1")
    with pytest.raises(InputError, match=r"the registry has no image .*/other:1: correct its name in"):
        command.pin(Console(quiet=True))


def test_a_registry_that_cannot_be_reached_is_told(client: docker.DockerClient, pinned: Path) -> None:
    write(pinned, "127.0.0.1:9/nothing:1")
    with pytest.raises(UnsupportedError, match=r"no registry could be reached for 127\.0\.0\.1:9/nothing:1"):
        command.pin(Console(quiet=True))
    assert 'digest = ""' in pinned.read_text()


def test_pruning_keeps_what_a_lock_names(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: dict[str, Any] = {}
    monkeypatch.setattr(engine, "connect", lambda: "client")
    monkeypatch.setattr(engine, "sweep", lambda _: 1)
    monkeypatch.setattr(images, "prune", lambda client, kept: asked.update(images=kept) or 2)
    monkeypatch.setattr(wheelhouse, "prune", lambda kept: asked.update(wheels=kept) or 3)
    screen = io.StringIO()
    command.prune(Console(file=screen))
    assert screen.getvalue() == "removed: 2 images, 3 wheelhouses, 1 containers left behind\n"
    assert asked["images"] == asked["wheels"]
    assert len(asked["images"]) > 10
    assert all(len(each) == 64 for each in asked["images"])
