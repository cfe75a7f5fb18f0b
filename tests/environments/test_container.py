"""Containers: what the engine is asked for, and what a worker in a real one finds that it can and cannot do."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import docker
import docker.errors
import pytest
import requests.exceptions

from suite import home
from suite.environments import container, engine
from suite.environments.container import ContainerEnvironment, Limits
from suite.environments.images import Base, Image
from suite.errors import InputError, UnsupportedError
from tests import engines

LIMITS = Limits(cpus=(0,), memory_bytes=512 * 2**20, gpus=False)
IMAGE = Image(
    name="evenmatch/toy:1",
    id="sha256:1",
    bytes=10,
    lock_sha256="5a",
    base=Base(name="slim", id="sha256:0", digest=None),
)


class FakeClient:
    """An engine that notes what it is asked for, and then fails as it is told to."""

    def __init__(self, create: Exception | None = None, start: Exception | None = None) -> None:
        self.asked: dict[str, Any] = {}
        self.removed = False
        self._create, self._start = create, start
        self.containers = self
        self.api = self
        self.id = "f00"

    def create(self, image: str, command: list[str], **options: Any) -> FakeClient:
        self.asked = {"image": image, "command": command, **options}
        if self._create:
            raise self._create
        return self

    def attach_socket(self, _id: str, params: dict[str, int]) -> None:
        assert params == {"stdin": 1, "stream": 1}

    def start(self) -> None:
        if self._start:
            raise self._start

    def wait(self, timeout: None) -> dict[str, int]:
        raise requests.exceptions.ConnectionError("the engine was killed")

    def remove(self, **_: Any) -> None:
        self.removed = True


def environment(client: Any, limits: Limits = LIMITS, image: Image = IMAGE) -> ContainerEnvironment:
    return ContainerEnvironment(
        name="toy", lock_sha256="5a", client=client, image=image, limits=limits, engine={"engine": "Docker"}
    )


def started(made: ContainerEnvironment, folder: Path, *arguments: str, reads: tuple[Path, ...] = ()) -> Any:
    variables = {"PATH": "/here", "TMPDIR": "/var/mine", "OMP_NUM_THREADS": "1", "EVENMATCH_DRIVER_PIPE": "1"}
    log = (folder.parent / f"{folder.name}.log").open("wb", buffering=0)
    return made.start(list(arguments), variables=variables, folder=folder, reads=reads, log=log)


def test_what_the_engine_is_asked_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(container, "_user", lambda: (1000, 100))
    monkeypatch.setattr(container, "_hand_over", lambda *_: None)
    client = FakeClient()
    started(environment(client, replace(LIMITS, cpus=(0, 3), gpus=True)), tmp_path, "-m", "x", reads=(Path("/data"),))
    mounts = [(mount["Source"], mount["Target"], mount["ReadOnly"]) for mount in client.asked.pop("mounts")]
    places = [str(home.ROOT / "suite"), "/data"]
    assert mounts == [*((each, each, True) for each in places), (str(tmp_path), str(tmp_path), False)]
    assert client.asked == {
        "image": "sha256:1",
        "command": ["/opt/environment/bin/python", "-m", "x"],
        "environment": {
            "OMP_NUM_THREADS": "1",
            "EVENMATCH_DRIVER_PIPE": "1",
            "HOME": "/tmp",
            "TORCHINDUCTOR_CACHE_DIR": "/tmp/torchinductor",
        },
        "working_dir": str(tmp_path),
        "user": "1000:100",
        "tmpfs": {"/tmp": "rw,nosuid,nodev,size=2g"},
        "network_mode": "none",
        "read_only": True,
        "cap_drop": ["ALL"],
        "security_opt": ["no-new-privileges"],
        "init": True,
        "stdin_open": True,
        "mem_limit": 512 * 2**20,
        "memswap_limit": 512 * 2**20,
        "nano_cpus": 2 * 10**9,
        "cpuset_cpus": "0,3",
        "pids_limit": 4096,
        "shm_size": "1g",
        "labels": {engine.LABEL: engine.driver()},
        "device_requests": [
            {"Driver": "", "Count": -1, "DeviceIDs": [], "Capabilities": [["gpu"]], "Options": {}},
        ],
    }


def test_without_gpus_no_device_is_asked_for(tmp_path: Path) -> None:
    client = FakeClient()
    started(environment(client), tmp_path)
    assert client.asked["device_requests"] is None


def test_an_engine_lost_in_mid_run_is_told_and_no_result(tmp_path: Path) -> None:
    client = FakeClient()
    running = started(environment(client), tmp_path)
    with pytest.raises(UnsupportedError, match=r"stopped answering while a worker ran .* go on with --resume"):
        running.wait(5)


@pytest.mark.parametrize("when", ["create", "start"])
def test_what_could_not_be_started_leaves_nothing_behind(tmp_path: Path, when: str) -> None:
    client = FakeClient(**{when: docker.errors.APIError("x", explanation="no space left on device")})
    with pytest.raises(InputError, match="disk is full, found while starting a worker"):
        started(environment(client), tmp_path)
    assert client.removed == (when == "start")


def test_what_is_recorded_of_a_container() -> None:
    assert environment(None).container == {
        "image": {
            "name": "evenmatch/toy:1",
            "id": "sha256:1",
            "bytes": 10,
            "base": {"name": "slim", "id": "sha256:0", "digest": None},
        },
        "engine": {"engine": "Docker"},
        "cpus": [0],
        "quota_cores": 1,
        "memory_bytes": 512 * 2**20,
        "network": "none",
        "read_only": True,
    }


def test_limits_follow_what_this_process_may_use() -> None:
    usable = sorted(os.sched_getaffinity(0))
    limits = Limits.of(1, gpus=False)
    assert limits.cpus == (usable[0],)
    assert 0.8 * limits.memory_bytes < os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")


LOOK = """
import json, os, sys
sys.path.insert(0, sys.argv[3])
from suite import quota
folder, data = sys.argv[1:3]
def can_write(place):
    try:
        open(os.path.join(place, "written"), "w").close()
    except OSError as error:
        return error.strerror
    return True
status = dict(line.split(":", 1) for line in open("/proc/self/status"))
print(json.dumps({
    "network": sorted(os.listdir("/sys/class/net")),
    "root": can_write("/"), "home": can_write("/opt/environment"), "scratch": can_write("/tmp"),
    "folder": can_write(folder), "data": can_write(data), "suite": can_write(sys.argv[3] + "/suite"),
    "read": open(os.path.join(data, "given")).read(),
    "user": os.getuid(), "here": os.getcwd(),
    "capabilities": {key: int(status[key], 16) for key in ("CapEff", "CapPrm", "CapBnd", "CapAmb")},
    "no_new_privileges": int(status["NoNewPrivs"]), "seccomp": int(status["Seccomp"]),
    "limits": quota.seen(),
}))
"""


@pytest.fixture(scope="module")
def client() -> docker.DockerClient:
    return engines.client()


@pytest.fixture
def real(client: docker.DockerClient, monkeypatch: pytest.MonkeyPatch) -> ContainerEnvironment:
    """The base image itself as an environment: its own Python is enough here."""
    monkeypatch.setattr(container, "PYTHON", "python3")
    base = client.images.get(engines.BASE)
    return environment(client, replace(LIMITS, cpus=LIMITS.of(1, gpus=False).cpus), replace(IMAGE, id=str(base.id)))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    os.chmod(tmp_path, 0o755)  # noqa: PTH101
    for parent in tmp_path.parents:
        if parent.owner() == tmp_path.owner() and parent != Path(parent.anchor) and parent.name.startswith("pytest"):
            parent.chmod(0o755)
    place = tmp_path / "job"
    place.mkdir()
    return place


def ours(client: docker.DockerClient) -> list[Any]:
    found = client.containers.list(all=True, filters={"label": f"{engine.LABEL}={engine.driver()}"})
    return list(found)


def test_a_worker_can_do_nothing_but_its_work(real: ContainerEnvironment, folder: Path) -> None:
    data = folder.parent / "data"
    data.mkdir()
    (data / "given").write_text("what was given")
    running = started(real, folder, "-c", LOOK, str(folder), str(data), str(home.ROOT), reads=(data,))
    assert running.wait(60) == 0
    running.stop()
    found = json.loads((folder.parent / "job.log").read_text())
    refused = "Read-only file system"
    assert {key: found[key] for key in ("root", "home", "data", "suite")} == {
        "root": refused,
        "home": found["home"],  # the base has none
        "data": refused,
        "suite": refused,
    }
    assert found["home"] is not True
    assert (found["scratch"], found["folder"]) == (True, True)
    assert found["network"] == ["lo"]
    assert found["read"] == "what was given"
    assert found["user"] != 0
    assert found["here"] == str(folder)
    assert set(found["capabilities"].values()) == {0}
    assert found["no_new_privileges"] == 1
    assert found["seccomp"] == 2
    assert found["limits"]["quota_cores"] == 1
    assert found["limits"]["cpuset"] == list(real.limits.cpus)
    assert real.limits.memory_bytes - 2**16 < found["limits"]["memory_bytes"] <= real.limits.memory_bytes
    assert (folder / "written").exists()
    assert ours(real.client) == []


def test_how_a_worker_ends_is_told(real: ContainerEnvironment, folder: Path) -> None:
    for code, expected in {"raise SystemExit(4)": 4, "import os; os.kill(os.getpid(), 9)": -9}.items():
        running = started(real, folder, "-c", f"print('said', flush=True); {code}")
        assert running.wait(60) == expected
        running.stop()
        assert (folder.parent / "job.log").read_text() == "said\n"


def test_one_that_takes_more_memory_than_it_may_is_killed(real: ContainerEnvironment, folder: Path) -> None:
    running = started(real, folder, "-c", "hoard = bytearray(2**30); print(len(hoard))")
    assert running.wait(60) == -9
    running.stop()


def test_one_that_is_stopped_is_gone(real: ContainerEnvironment, folder: Path) -> None:
    running = started(real, folder, "-c", "import time; time.sleep(600)")
    assert running.wait(0.5) is None
    assert len(ours(real.client)) == 1
    running.stop()
    assert ours(real.client) == []


DRIVER = """
import sys, time
from pathlib import Path
from suite.environments import container, engine
from suite.environments.container import ContainerEnvironment, Limits
from suite.environments.images import Base, Image
container.PYTHON = "python3"
image = Image(name="x", id=sys.argv[1], bytes=1, lock_sha256="5a", base=Base(name="x", id="x", digest=None))
limits = Limits(cpus=(0,), memory_bytes=2**29, gpus=False)
made = ContainerEnvironment(name="x", lock_sha256="5a", client=engine.connect(), image=image, limits=limits, engine={})
code = "import os\\nos.read(0, 1)\\nopen('ended', 'w').close()"
made.start(["-c", code], variables={}, folder=Path(sys.argv[2]), reads=[], log=open(sys.argv[3], "wb"))
print(engine.driver(), flush=True)
time.sleep(600)
"""


def test_a_driver_that_is_killed_takes_its_worker_along_and_the_next_one_sweeps(
    real: ContainerEnvironment, folder: Path
) -> None:
    client = real.client
    stranger = client.containers.create(engines.BASE, ["sleep", "600"], labels={"somebody": "else"})
    try:
        stranger.start()
        command = [sys.executable, "-c", DRIVER, real.image.id, str(folder), str(folder.parent / "log")]
        driver = subprocess.Popen(command, cwd=home.ROOT, stdout=subprocess.PIPE, text=True)
        assert driver.stdout is not None
        label = f"{engine.LABEL}={driver.stdout.readline().strip()}"
        (left,) = client.containers.list(filters={"label": label})
        assert engine.sweep(client) == 0, "its driver lives"
        driver.send_signal(signal.SIGKILL)
        driver.wait()
        deadline = time.monotonic() + 30
        while left.status == "running" and time.monotonic() < deadline:
            time.sleep(0.1)
            left.reload()
        assert left.status in ("exited", "stopped")  # as Podman calls it
        assert (folder / "ended").exists()
        assert engine.sweep(client) == 1
        assert client.containers.list(all=True, filters={"label": label}) == []
        stranger.reload()
        assert stranger.status == "running"
    finally:
        stranger.remove(force=True)
