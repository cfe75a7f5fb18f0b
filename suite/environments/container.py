"""Containers: a worker in an environment's image, with no network, nothing to write to but its folder, and no rights.

Folders are mounted at the paths that they have here, so that a job reads the same in a container as natively.
"""

from __future__ import annotations

import contextlib
import os
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

import docker
import docker.models.containers
import docker.types
import psutil

from suite import home
from suite.environments import Environment, Running, engine
from suite.environments.images import Image
from suite.errors import UnsupportedError

PYTHON = "/opt/environment/bin/python"
PLAIN_USER = 65534
"""Whom a worker runs as where the driver runs as root."""

MEMORY_SHARE = 0.9
"""How much of the machine's memory a worker may take; the rest is left to the driver and the engine."""

PROCESSES = 4096

_STARTING = "starting a worker"

SCRATCH = "/tmp"  # noqa: S108  (within a container: in its memory, gone with it)


@dataclass(frozen=True, kw_only=True)
class Limits:
    """What a container may use."""

    cpus: tuple[int, ...]
    """The processors that it is pinned to; its quota is as many cores."""
    memory_bytes: int
    gpus: bool

    @classmethod
    def of(cls, threads: int, *, gpus: bool) -> Limits:
        """Return the limits for a number of threads: as many of the processors that this process may use."""
        usable = sorted(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else list(range(threads))
        memory = int(psutil.virtual_memory().total * MEMORY_SHARE)
        return cls(cpus=tuple(usable[:threads]), memory_bytes=memory, gpus=gpus)


@dataclass(frozen=True, kw_only=True)
class ContainerEnvironment(Environment):
    """An environment in an image."""

    client: docker.DockerClient
    image: Image
    limits: Limits
    engine: Mapping[str, Any]

    def start(
        self,
        arguments: Sequence[str],
        *,
        variables: Mapping[str, str],
        folder: Path,
        reads: Sequence[Path],
        log: IO[bytes],
    ) -> Running:
        """Create and start a container; see :meth:`Environment.start`."""
        user, group = _user()
        _hand_over(folder, user, group)
        mounts = [_mount(place, read_only=True) for place in dict.fromkeys([home.ROOT / "suite", *reads])]
        with engine.explained(_STARTING):
            container = self.client.containers.create(
                self.image.id,
                [PYTHON, *arguments],
                environment=_variables(variables),
                working_dir=str(folder.resolve()),
                user=f"{user}:{group}",
                mounts=[*mounts, _mount(folder, read_only=False)],
                tmpfs={SCRATCH: "rw,nosuid,nodev,size=2g"},
                network_mode="none",
                read_only=True,
                cap_drop=["ALL"],
                security_opt=["no-new-privileges"],
                init=True,
                stdin_open=True,
                mem_limit=self.limits.memory_bytes,
                memswap_limit=self.limits.memory_bytes,
                nano_cpus=len(self.limits.cpus) * 10**9,
                cpuset_cpus=",".join(map(str, self.limits.cpus)),
                pids_limit=PROCESSES,
                shm_size="1g",
                labels={engine.LABEL: engine.driver()},
                device_requests=[docker.types.DeviceRequest(count=-1, capabilities=[["gpu"]])]
                if self.limits.gpus
                else None,
            )
        return RunningContainer(self.client, container, log)

    @property
    def container(self) -> dict[str, Any]:
        """Image, base, engine and limits."""
        return {
            "image": self.image.facts(),
            "engine": dict(self.engine),
            "cpus": list(self.limits.cpus),
            "quota_cores": len(self.limits.cpus),
            "memory_bytes": self.limits.memory_bytes,
            "network": "none",
            "read_only": True,
        }


class RunningContainer:
    """A container with a worker in it, tied to this process by its standard input: when that closes, it ends itself."""

    def __init__(
        self, client: docker.DockerClient, container: docker.models.containers.Container, log: IO[bytes]
    ) -> None:
        self._container = container
        self._log = log
        self._ended = threading.Event()
        self._exit_code: int | None = None
        self._lost: UnsupportedError | None = None
        try:
            with engine.explained(_STARTING):
                self._pipe = client.api.attach_socket(str(container.id), params={"stdin": 1, "stream": 1})
                container.start()
        except BaseException:
            self._remove()
            raise
        threading.Thread(target=self._watch, daemon=True).start()

    def wait(self, timeout_s: float) -> int | None:
        """Wait for the worker; return its exit code (minus the signal that ended it), or None after ``timeout_s``.

        Raises:
            UnsupportedError: the engine is gone, and how the worker ended cannot be known.
        """
        if not self._ended.wait(timeout_s):
            return None
        if self._lost:
            raise self._lost
        return self._exit_code

    def stop(self) -> None:
        """Kill the container if it has not ended, keep its output, and remove it."""
        with contextlib.suppress(*engine.FAILURES):
            if not self._ended.is_set():
                self._container.kill()
                self._ended.wait(10)
        with contextlib.suppress(*engine.FAILURES):
            for part in self._container.logs(stream=True):
                self._log.write(part)
        self._remove()
        with contextlib.suppress(OSError):
            self._pipe.close()

    def _remove(self) -> None:
        with contextlib.suppress(*engine.FAILURES):
            self._container.remove(force=True, v=True)

    def _watch(self) -> None:
        """Wait for the end, or for the engine's."""
        try:
            code = int(self._container.wait(timeout=None)["StatusCode"])
            self._exit_code = 128 - code if code > 128 else code
        except (*engine.FAILURES, ValueError) as error:  # cut off in the middle, an answer is no JSON
            self._lost = engine.lost("a worker ran", " ".join(str(error).split())[:160] or "it broke off")
        self._ended.set()


def _user() -> tuple[int, int]:
    """Return user and group of a worker: ours, or nobody's where ours is root's."""
    if not hasattr(os, "getuid") or os.getuid() == 0:
        return PLAIN_USER, PLAIN_USER
    return os.getuid(), os.getgid()


def _hand_over(folder: Path, user: int, group: int) -> None:
    """Let the worker write to its folder."""
    if hasattr(os, "getuid") and os.getuid() == 0:
        for place in (folder, *folder.rglob("*")):
            os.chown(place, user, group)


def _mount(place: Path, *, read_only: bool) -> docker.types.Mount:
    path = str(place.resolve())
    return docker.types.Mount(target=path, source=path, type="bind", read_only=read_only)


def _variables(variables: Mapping[str, str]) -> dict[str, str]:
    """Return a worker's variables with those that name folders of this machine replaced."""
    named = {"PATH", "LD_LIBRARY_PATH", "TMPDIR", "XDG_CACHE_HOME"}
    kept = {name: value for name, value in variables.items() if name not in named}
    return kept | {"HOME": SCRATCH, "TORCHINDUCTOR_CACHE_DIR": f"{SCRATCH}/torchinductor"}
