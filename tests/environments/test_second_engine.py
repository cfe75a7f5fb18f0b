"""An engine of the tests' own, on a small disk in memory: full, killed in the middle, and started again.

Needs dockerd and root; the engine that this machine runs is left alone.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import docker
import psutil
import pytest

from suite.environments import building, container, engine, images
from suite.environments.container import ContainerEnvironment, Limits
from suite.errors import InputError, UnsupportedError
from tests import engines
from tests.environments import toyimage

pytestmark = pytest.mark.skipif(
    sys.platform != "linux" or not shutil.which("dockerd") or os.getuid() != 0,
    reason="an engine of our own takes dockerd and root",
)

SIZE_MB = 700


class Engine:
    """A dockerd with its data on a file system of its own."""

    def __init__(self, place: Path) -> None:
        self.place = place
        self.disk = place / "disk"
        self.host = f"unix://{place}/s"
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        options = ["--data-root", str(self.disk / "data"), "--exec-root", str(self.place / "exec"), "-H", self.host]
        options += ["--pidfile", str(self.place / "pid"), "--bridge=none", "--iptables=false", "--ip-masq=false"]
        with (self.place / "log").open("ab") as log:
            self._process = subprocess.Popen(["unshare", "--net", "dockerd", *options], stdout=log, stderr=log)
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline:
            try:
                engine.connect()
                return
            except UnsupportedError:
                time.sleep(0.2)
        raise AssertionError((self.place / "log").read_text()[-2000:])

    def kill(self) -> None:
        """Kill it, and what it had started, which is left alone no more than after a machine's fall."""
        assert self._process is not None
        self._process.send_signal(signal.SIGKILL)
        self._process.wait()
        self._clear()

    def end(self) -> None:
        if self._process is not None and self._process.poll() is None:
            self._process.terminate()
            self._process.wait(30)
        self._clear()
        subprocess.run(["umount", "-l", str(self.disk)], check=False)

    def _clear(self) -> None:
        for process in psutil.process_iter(["cmdline"]):
            if any(str(self.place) in word for word in process.info["cmdline"] or []):
                with contextlib.suppress(psutil.NoSuchProcess):
                    process.kill()
        for part in psutil.disk_partitions(all=True):
            if part.mountpoint.startswith(f"{self.place}/exec"):
                subprocess.run(["umount", "-l", part.mountpoint], check=False)
        shutil.rmtree(self.place / "exec", ignore_errors=True)
        (self.place / "pid").unlink(missing_ok=True)

    def fill(self) -> Path:
        """Leave next to nothing free on its disk; return the file that takes it."""
        hoard = self.disk / "hoard"
        free = shutil.disk_usage(self.disk).free
        with hoard.open("wb") as file:
            os.posix_fallocate(file.fileno(), 0, max(1, free - 4096))
        return hoard


@pytest.fixture(scope="module")
def own() -> Iterator[Engine]:
    base = engines.client()
    place = Path(tempfile.mkdtemp(prefix="em-", dir="/tmp"))  # the path of a socket has to be short
    made = Engine(place)
    made.disk.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={SIZE_MB}m", "tmpfs", str(made.disk)], check=True)
    before = os.environ.get("DOCKER_HOST")
    os.environ["DOCKER_HOST"] = made.host
    try:
        made.start()
        saved = base.images.get(engines.BASE).save(named=True)
        engine.connect().images.load(b"".join(saved))
        yield made
    finally:
        made.end()
        if before is None:
            del os.environ["DOCKER_HOST"]
        else:
            os.environ["DOCKER_HOST"] = before
        shutil.rmtree(place, ignore_errors=True)


def environment(client: docker.DockerClient) -> ContainerEnvironment:
    base = images.base(client, engines.BASE)
    image = images.Image(name=base.name, id=base.id, bytes=1, lock_sha256="5a", base=base)
    limits = replace(Limits.of(1, gpus=False), memory_bytes=2**29)
    return ContainerEnvironment(name="toy", lock_sha256="5a", client=client, image=image, limits=limits, engine={})


def start(client: docker.DockerClient, folder: Path, code: str) -> Any:
    log = (folder.parent / "log").open("wb", buffering=0)
    variables = {"EVENMATCH_DRIVER_PIPE": "1"}
    return environment(client).start(["-c", code], variables=variables, folder=folder, reads=[], log=log)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(container, "PYTHON", "python3")
    place = tmp_path / "job"
    place.mkdir()
    return place


def test_an_engine_killed_in_mid_run_is_told_and_started_again_it_is_swept(own: Engine, folder: Path) -> None:
    client = engine.connect()
    running = start(client, folder, "import os; os.read(0, 1)")
    assert running.wait(1) is None
    own.kill()
    with pytest.raises(UnsupportedError, match="stopped answering while a worker ran"):
        running.wait(20)
    running.stop()  # nothing to be done, and no trace of an error
    with pytest.raises(UnsupportedError, match="stopped answering while looking for the base image"):
        start(client, folder, "pass")
    with pytest.raises(UnsupportedError, match="no container engine answers"):
        engine.connect()
    own.start()
    client = engine.connect()
    (left,) = client.containers.list(all=True, filters={"label": engine.LABEL})
    assert left.labels[engine.LABEL] == engine.driver(), "ours, and we live: it is for the next driver to remove"
    left.remove(force=True)
    running = start(client, folder, "pass")
    assert running.wait(60) == 0
    running.stop()


def test_a_full_disk_is_told_when_a_worker_starts_and_nothing_is_left(own: Engine, folder: Path) -> None:
    client = engine.connect()
    hoard = own.fill()
    try:
        with pytest.raises(InputError, match="disk is full, found while starting a worker: free some space"):
            start(client, folder, "pass")
    finally:
        hoard.unlink()
    assert client.containers.list(all=True, filters={"label": engine.LABEL}) == []
    running = start(client, folder, "pass")
    assert running.wait(60) == 0
    running.stop()


def test_a_full_disk_is_told_when_an_image_is_built(
    own: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    toyimage.prepare(tmp_path, monkeypatch)
    client = engine.connect()
    base = images.base(client, engines.BASE)
    hoard = own.fill()
    try:
        with pytest.raises(InputError, match="disk is full, found while building"):
            images.ensure(client, toyimage.profile(), toyimage.TOY, base, lambda _: None)
    finally:
        hoard.unlink()
    building.clear(client)
    assert images.ensure(client, toyimage.profile(), toyimage.TOY, base, lambda _: None).id


def test_an_engine_killed_while_it_builds_is_told(own: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    wheel = toyimage.prepare(tmp_path, monkeypatch)
    toyimage.lock(wheel, toyimage.profile(), "# another image\n")
    client = engine.connect()
    base = images.base(client, engines.BASE)

    def kill_in_mid_build() -> None:
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline and not client.containers.list(filters={"label": building.INSTALLING}):
            time.sleep(0.05)
        own.kill()

    killer = threading.Thread(target=kill_in_mid_build)
    killer.start()
    with pytest.raises(UnsupportedError, match="stopped answering while building the image of Toy"):
        images.ensure(client, toyimage.profile(), toyimage.TOY, base, lambda _: None)
    killer.join()
    own.start()
    assert images.ensure(engine.connect(), toyimage.profile(), toyimage.TOY, base, lambda _: None).id
