"""Images: their names, the base they are built on, real builds of a toy, and what is removed."""

from __future__ import annotations

import contextlib
import io
import json
import os
import signal
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import docker
import docker.errors
import pytest

from suite import locks
from suite.environments import building, images
from suite.errors import EvenmatchError, InputError, UnsupportedError
from tests import engines
from tests.environments import toyimage

DIGEST = "0123456789abcdef" * 4
TOY, PROFILE = toyimage.TOY, toyimage.profile()


def pin(folder: Path, patch: pytest.MonkeyPatch, text: str) -> Path:
    file = folder / "images.toml"
    file.write_text(text)
    patch.setattr(images, "PINNED", file)
    return file


def test_a_pinned_base_is_named_by_its_digest(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pin(tmp_path, monkeypatch, f'[base]\nname = "here:5000/python:3.11-slim"\ndigest = "sha256:{DIGEST}"\n')
    assert images.base_name() == "here:5000/python:3.11-slim"
    assert images.pinned() == f"here:5000/python@sha256:{DIGEST}"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ('[base]\nname = "python:3.11"\ndigest = ""\n', r"no base image is pinned in .*: pin it with nox -s images"),
        ("[base]\n", r"lacks the key name in its table \[base\]"),
        ("", r"needs a table \[base\] with name and digest"),
        ("base = 1\n", r"needs a table \[base\] with name and digest"),
        ("[base\n", r"images\.toml is no TOML: .*line 1"),
        ("rubbish", r"images\.toml is no TOML: Expected"),
        ('[base]\nnmae = "python:3.11"\ndigest = ""\n', r"lacks the key name in its table \[base\]"),
        ('[base]\nname = 3\ndigest = ""\n', "'name' has to be text in quotes, not 3"),
        ('[base]\nname = "Bad Name::"\ndigest = ""\n', "'Bad Name::' is no name of an image like python:3.11"),
        ('[base]\nname = "python"\ndigest = "abc"\n', "the digest 'abc' is not sha256: .*: pin it anew with nox -s"),
    ],
)
def test_what_is_wrong_with_the_file_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: str, words: str
) -> None:
    pin(tmp_path, monkeypatch, text)
    with pytest.raises(InputError, match=words):
        images.pinned()


def test_the_file_in_the_checkout_can_be_read() -> None:
    assert images.base_name()


@pytest.fixture(scope="module")
def client() -> docker.DockerClient:
    return engines.client()


@pytest.fixture
def wheel(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, client: docker.DockerClient) -> Iterator[Path]:
    """A toy's wheel; images that are built from it are removed in the end."""
    before = {str(image.id) for image in client.images.list(filters={"label": images.LABEL})}
    yield toyimage.prepare(tmp_path, monkeypatch)
    for image in client.images.list(filters={"label": images.LABEL}):
        if str(image.id) not in before and any(tag.startswith("evenmatch/toy-cpu") for tag in image.tags):
            client.images.remove(str(image.id), force=True)


def test_a_base_that_is_not_there_is_not_fetched(client: docker.DockerClient) -> None:
    with pytest.raises(
        InputError, match="the base image nobody/nothing:1 is not on this machine, and without a digest"
    ):
        images.base(client, "nobody/nothing:1")


@pytest.mark.parametrize("name", ["Bad Name::", "python@abc", "python@sha256:abc", "", "a:b:c", "Python", "-x", "x/"])
def test_what_is_no_name_of_an_image_is_told(name: str) -> None:
    with pytest.raises(InputError) as told:
        images.base(Pulling(), name)
    assert str(told.value).startswith(f"'{name}' is no name of an image: names are like python:3.11-slim-bookworm")
    assert str(told.value).endswith("correct --base.")


class Pulling(docker.DockerClient):
    """An engine without images, which says what it is told to when it is asked to fetch one."""

    def __init__(self, *answers: dict[str, str] | Exception) -> None:
        self._answers = answers

    @property
    def api(self) -> Any:
        return self

    @property
    def images(self) -> Any:
        return self

    def get(self, name: str) -> object:
        raise docker.errors.ImageNotFound(name)

    def pull(self, name: str, **_: object) -> Iterator[dict[str, str]]:
        for answer in self._answers:
            if isinstance(answer, Exception):
                raise answer
            yield answer


NO_HOST = 'Get "https://registry.invalid/v2/": dial tcp: lookup registry.invalid on 10.0.0.1:53: no such host'


@pytest.mark.parametrize(
    ("answer", "code", "words"),
    [
        (docker.errors.APIError("500", explanation=NO_HOST), 3, "its registry cannot be reached; run where it can be"),
        ({"error": f"initializing source: {NO_HOST}"}, 3, "its registry cannot be reached; run where it can be"),
        (docker.errors.NotFound("404", explanation="manifest unknown"), 2, "pin it anew with nox -s images"),
        ({"error": "write /x: no space left on device"}, 2, "disk is full"),
        ({"error": "too many requests"}, 2, "refused, fetching the base image python@sha256:"),
    ],
)
def test_a_base_that_cannot_be_fetched_is_told(answer: dict[str, str] | Exception, code: int, words: str) -> None:
    with pytest.raises(EvenmatchError) as told:
        images.base(Pulling({"status": "pulling"}, answer), f"python@sha256:{DIGEST}")
    assert told.value.exit_code == code
    assert words in str(told.value)
    assert "registry.invalid" not in str(told.value)


def test_a_pinned_base_of_a_registry_that_cannot_be_reached_is_told(client: docker.DockerClient) -> None:
    with pytest.raises(UnsupportedError, match=r"could not be fetched: its registry cannot be reached; .* --base "):
        images.base(client, f"127.0.0.1:9/nothing@sha256:{DIGEST}")


def test_a_local_base_has_no_digest(client: docker.DockerClient) -> None:
    found = images.base(client, engines.BASE)
    assert found.name == engines.BASE
    assert found.id.startswith("sha256:")
    assert found.digest is None


def test_it_is_built_once_even_by_two_at_a_time_and_can_be_used(client: docker.DockerClient, wheel: Path) -> None:
    base, said = images.base(client, engines.BASE), []
    found: list[images.Image] = []

    def ensure() -> None:
        found.append(images.ensure(client, PROFILE, TOY, base, said.append))

    threads = [threading.Thread(target=ensure) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert said == [f"building the image of Toy on {engines.BASE}"]
    assert len(found) == 2
    assert found[0] == found[1] == images.named(client, PROFILE, TOY, base)
    assert found[0].lock_sha256 == locks.check(PROFILE, TOY)
    code = "import evenmatch_toy as m; print(m.ANSWER, m.__cached__); print(open(m.__file__).read(), end='')"
    python = "/opt/environment/bin/python"
    out = client.containers.run(found[0].id, [python, "-c", code], network_mode="none", read_only=True, remove=True)
    answer, module = out.decode().split("\n", 1)
    assert answer.startswith("42 /opt/environment/lib/python3.11/site-packages/__pycache__/evenmatch_toy.cpython-311")
    assert module == toyimage.MODULE
    assert not client.images.list(filters={"dangling": True, "label": building.INSTALLING})


BYTECODE = """
import importlib.util, json, os, pathlib, struct, sysconfig
stale = []
places = [pathlib.Path("/opt/environment/lib"), *(pathlib.Path(sysconfig.get_path("stdlib"), each) for each in PARTS)]
for file in (file for place in places for file in place.rglob("*.py")):
    cached = pathlib.Path(importlib.util.cache_from_source(str(file)))
    status = os.stat(file)
    try:
        flags, mtime, size = struct.unpack("<3I", cached.read_bytes()[4:16])
        valid = flags or (mtime, size) == (int(status.st_mtime), status.st_size)
    except OSError:
        valid = False
    if not valid:
        stale.append(str(file))
print(json.dumps(stale))
""".replace("PARTS", '["json", "asyncio", "importlib", "multiprocessing"]')
"""Lists modules whose bytecode is absent or would not be used: each worker would compile them anew."""


def test_bytecode_is_in_the_image(client: docker.DockerClient, wheel: Path) -> None:
    image = images.ensure(client, PROFILE, TOY, images.base(client, engines.BASE), lambda _: None)
    out = client.containers.run(image.id, ["python3", "-c", BYTECODE], network_mode="none", remove=True)
    assert json.loads(out) == []


def imported(client: docker.DockerClient, name: str, python: str | None) -> images.Base:
    """Make a base image of a shell, and of what stands for Python."""
    dockerfile = f"FROM {engines.BASE}\nRUN rm -f /usr/bin/python3*\n"
    if python:
        dockerfile += f"RUN printf '%s\\n' '#!/bin/sh' '{python}' > /usr/bin/python3 && chmod +x /usr/bin/python3\n"
    client.images.build(fileobj=io.BytesIO(dockerfile.encode()), tag=name, rm=True, forcerm=True)
    return images.base(client, name)


@pytest.mark.parametrize(
    ("python", "words"),
    [
        (None, "has no python3: name one that has Python 3.11 with --base"),
        ("exit 0", "could not be built on"),  # no environment comes of it
        ('case "$*" in -c*) exit 0;; esac; echo ensurepip is not available; exit 1', "has Python without venv"),
        ("echo the base image has Python 3.9, not 3.11; exit 1", "has Python 3.9, not 3.11 "),
    ],
)
def test_a_base_that_will_not_do_is_told(
    client: docker.DockerClient, wheel: Path, python: str | None, words: str
) -> None:
    base = imported(client, "evenmatch-test-base:bad", python)
    try:
        with pytest.raises(InputError) as told:
            images.ensure(client, PROFILE, TOY, base, lambda _: None)
        assert words in str(told.value)
        assert "evenmatch-test-base:bad" in str(told.value)
        left = client.containers.list(all=True, filters={"label": building.INSTALLING, "status": "exited"})
        assert left == []
    finally:
        client.images.remove(base.name, force=True)


def test_a_python_of_another_version_is_told(
    client: docker.DockerClient, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    toyimage.prepare(tmp_path, monkeypatch, python="3.12")
    base = images.base(client, engines.BASE)
    with pytest.raises(InputError, match=r"the base image has Python 3.11, not 3.12 \(.*\): name another with --base"):
        images.ensure(client, toyimage.profile("3.12"), TOY, base, lambda _: None)


def test_images_that_no_lock_needs_are_removed_and_no_strangers(
    client: docker.DockerClient, wheel: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    stranger = client.images.build(fileobj=io.BytesIO(f"FROM {engines.BASE}\nLABEL a=stranger\n".encode()), rm=True)[0]
    base = images.base(client, engines.BASE)
    image = images.ensure(client, PROFILE, TOY, base, lambda _: None)
    (found,) = (each for each in client.images.list(filters={"label": images.LABEL}) if str(each.id) == image.id)
    assert found.labels[images.LOCK] == image.lock_sha256
    monkeypatch.setattr(images, "LABEL", f"{images.LOCK}={image.lock_sha256}")  # those of this machine stay out of it
    assert images.prune(client, {image.lock_sha256}) == 0
    with monkeypatch.context() as patch:
        patch.setattr(images, "_recipe", lambda: "another Dockerfile")
        assert images.prune(client, {image.lock_sha256}) == 1
    assert images.named(client, PROFILE, TOY, base).id == ""
    images.ensure(client, PROFILE, TOY, base, lambda _: None)
    assert images.prune(client, set()) == 1
    assert images.named(client, PROFILE, TOY, base).id == ""
    assert client.images.get(str(stranger.id))
    client.images.remove(str(stranger.id))
    assert client.images.get(engines.BASE)


def test_an_interrupted_build_leaves_nothing(
    client: docker.DockerClient, wheel: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    base = images.base(client, engines.BASE)
    pieces = building.tar

    def interrupted(files: dict[str, Path]) -> Iterator[bytes]:
        yield from list(pieces(files))[:-1]
        raise KeyboardInterrupt

    monkeypatch.setattr(building, "tar", interrupted)
    with pytest.raises(KeyboardInterrupt):
        images.ensure(client, PROFILE, TOY, base, lambda _: None)
    monkeypatch.undo()
    monkeypatch.setattr(building, "tar", pieces)
    assert not client.images.list(filters={"dangling": True, "label": building.INSTALLING})


def test_a_build_interrupted_in_the_middle_of_a_step_leaves_nothing_for_long(
    client: docker.DockerClient, wheel: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def building_now(of_all: bool = False) -> list[object]:
        found = client.containers.list(all=of_all, filters={"label": building.INSTALLING}, ignore_removed=True)
        return list(found)

    def interrupt_in_mid_build() -> None:
        deadline = time.monotonic() + 120
        while time.monotonic() < deadline and not building_now():
            time.sleep(0.02)
        os.kill(os.getpid(), signal.SIGINT)

    toyimage.lock(wheel, PROFILE, "# interrupted\n")
    killer = threading.Thread(target=interrupt_in_mid_build)
    killer.start()
    with pytest.raises(KeyboardInterrupt):
        images.ensure(client, PROFILE, TOY, images.base(client, engines.BASE), lambda _: None)
    killer.join()
    deadline = time.monotonic() + 60
    while building_now() and time.monotonic() < deadline:
        time.sleep(0.2)
    assert building_now() == [], "the engine stops what nobody waits for"
    monkeypatch.setattr(building, "SETTLED_S", -1)
    building.clear(client)
    while building_now(of_all=True) and time.monotonic() < deadline:  # the engine may be removing it by itself
        time.sleep(0.2)
    assert building_now(of_all=True) == []
    building.clear(client)
    assert client.api.images(quiet=True, filters={"dangling": True, "label": building.INSTALLING}) == []


def test_a_container_never_started_is_left_alone_until_it_has_waited_for_long(
    client: docker.DockerClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = client.containers.create(engines.BASE, ["true"], labels=dict([building.INSTALLING.split("=")]))
    try:
        building.clear(client)
        made.reload()
        monkeypatch.setattr(building, "SETTLED_S", -1)
        building.clear(client)
        with pytest.raises(docker.errors.NotFound):
            made.reload()
    finally:
        with contextlib.suppress(docker.errors.NotFound):
            made.remove()


def test_what_the_engine_removes_by_itself_meanwhile_keeps_nothing_else_from_being_removed(
    client: docker.DockerClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    label = dict([building.INSTALLING.split("=")])
    made = [client.containers.create(engines.BASE, ["true"], labels=label) for _ in range(2)]
    listed = client.api.containers

    def quicker(**asked: Any) -> Any:
        found = listed(**asked)
        with contextlib.suppress(docker.errors.NotFound):
            made[0].remove()
        return found

    monkeypatch.setattr(client.api, "containers", quicker)
    monkeypatch.setattr(building, "SETTLED_S", -1)
    building.clear(client)
    for each in made:
        with pytest.raises(docker.errors.NotFound):
            each.reload()
