"""The container engine: Docker, or Podman by its Docker-compatible socket (``DOCKER_HOST`` names it)."""

from __future__ import annotations

import contextlib
import os
import socket
import textwrap
from collections.abc import Iterator
from typing import Any

import docker
import docker.errors
import psutil
import requests.exceptions
import urllib3.exceptions

from suite.errors import EvenmatchError, InputError, UnsupportedError

OLDEST_API = (1, 40)
"""Docker 19.03's, the first that passes GPUs through by device requests."""

LABEL = "evenmatch.driver"
"""On every container of ours: process id and start of the driver that it belongs to."""

_GONE = (requests.exceptions.RequestException, urllib3.exceptions.HTTPError)
"""What the SDK lets through where the engine does not answer, or stops in the middle of an answer."""

FAILURES = (docker.errors.DockerException, *_GONE)
"""Everything that a call of the SDK ends in when it does not end well."""


def connect() -> docker.DockerClient:
    """Return a client of the engine that answers here.

    Raises:
        UnsupportedError: none answers, or it is too old; the message says what to do.
    """
    named = os.environ.get("DOCKER_HOST", "")
    if named.startswith("ssh://"):
        raise UnsupportedError(
            f"DOCKER_HOST is {named}, and an engine is not reached by ssh here: name its socket (unix:///PATH) or port "
            "(tcp://HOST:PORT), or run natively with --native."
        )
    try:
        client = docker.from_env(timeout=600)
        api = str(client.version()["ApiVersion"])
        spoken = tuple(map(int, api.split(".")))
    except (*FAILURES, KeyError, TypeError, ValueError) as error:  # what answers need not be an engine
        raise UnsupportedError(
            f"no container engine answers ({_where(named, error)}): start Docker (or Podman's socket, named by "
            "DOCKER_HOST), or run natively with --native."
        ) from None
    if spoken < OLDEST_API:
        needed = ".".join(map(str, OLDEST_API))
        raise UnsupportedError(
            f"the container engine speaks API {api}, and {needed} is needed: update it, or run natively with --native."
        )
    return client


def facts(client: docker.DockerClient) -> dict[str, Any]:
    """Return the engine's name, version and what matters of how it runs containers."""
    version, info = client.version(), client.info()
    names = [str(part.get("Name")) for part in version.get("Components") or []]
    named = "Podman" if any("podman" in name.lower() for name in names) else "Docker"
    return {
        "engine": (version.get("Platform") or {}).get("Name") or named,
        "version": version.get("Version"),
        "api": version.get("ApiVersion"),
        "cgroup_version": info.get("CgroupVersion"),
        "storage": info.get("Driver"),
        "rootless": any("rootless" in str(option) for option in info.get("SecurityOptions") or []),
    }


@contextlib.contextmanager
def explained(doing: str) -> Iterator[None]:
    """Turn what the engine complains of into one sentence; ``doing`` says what it was asked to do.

    Raises:
        InputError: its disk is full, or it refused.
        UnsupportedError: it no longer answers.
        docker.errors.BuildError: a build failed, which is told by who asked for it.
    """
    try:
        yield
    except docker.errors.BuildError as error:
        if isinstance(error.msg, str) and error.msg != "Unknown":
            raise
        raise lost(doing, "it broke off") from None  # the stream ended, and nothing was said
    except docker.errors.DockerException as error:
        raise told(doing, str(getattr(error, "explanation", None) or error)) from None
    except _GONE as error:
        raise lost(doing, _why(error)) from None


def lost(doing: str, how: str) -> UnsupportedError:
    """Return the error for an engine that no longer answers."""
    return UnsupportedError(
        f"the container engine stopped answering while {doing} ({how}): start it again, then go on with --resume "
        "(with the same command, if nothing was measured yet); every finished run is kept."
    )


def told(doing: str, said: str) -> EvenmatchError:
    """Return the error for what an engine said."""
    line = " ".join(said.split())
    if full(line):
        return InputError(f"the container engine's disk is full, found while {doing}: free some space and run again.")
    if "could not select device driver" in line or "nvidia-container" in line:
        return UnsupportedError(
            "the container engine cannot pass GPUs through: install the NVIDIA Container Toolkit, or run natively with "
            "--native."
        )
    return InputError(f"the container engine refused, {doing}: {line[:400]}")


_UNREACHED = (
    "dial tcp",
    "no such host",
    "lookup ",
    "timeout",
    "deadline exceeded",
    "connection refused",
    "connection reset",
    "tls",
    "network is unreachable",
    "eof",
)


def unreached(said: str) -> bool:
    """Tell whether what an engine said comes of a registry that it could not reach."""
    return any(sign in said.lower() for sign in _UNREACHED)


def full(said: str) -> bool:
    """Tell whether what was said comes of a full disk."""
    return any(sign in said.lower() for sign in ("no space left", "quota exceeded", "not enough space"))


def driver() -> str:
    """Return what names this process: its id and start, since ids come round again."""
    process = psutil.Process(os.getpid())
    return f"{socket.gethostname()} {process.pid} {process.create_time():.0f}"


def sweep(client: docker.DockerClient) -> int:
    """Remove containers of ours whose driver is gone; return how many. Nothing else is touched."""
    removed = 0
    with explained("looking for what was left behind"):
        for container in client.containers.list(all=True, filters={"label": LABEL}, ignore_removed=True):
            if _gone(container.labels.get(LABEL, "")):
                with contextlib.suppress(docker.errors.DockerException):
                    container.remove(force=True, v=True)
                    removed += 1
    return removed


def _gone(label: str) -> bool:
    """Tell whether the driver of a label is of this machine and no longer there."""
    host, _, rest = label.partition(" ")
    pid, _, started = rest.partition(" ")
    if host != socket.gethostname() or not pid.isdigit():
        return False
    try:
        return f"{psutil.Process(int(pid)).create_time():.0f}" != started
    except psutil.NoSuchProcess:
        return True


def _where(named: str, error: Exception) -> str:
    """Return at which address no engine answers, and why."""
    if named and ("bind address" in str(error) or isinstance(error, ValueError)):
        return f"DOCKER_HOST is '{named}', which is no address like unix:///PATH or tcp://HOST:PORT"
    return f"at {named}, which DOCKER_HOST names: {_why(error)}" if named else _why(error)


def _why(error: BaseException) -> str:
    """Return what the system said, in its own few words, of what the libraries wrapped around it."""
    waiting: list[object] = [error]
    for each in waiting:  # grows as it is walked; a chain of exceptions may be a ring
        if isinstance(each, OSError) and each.strerror:
            return each.strerror
        if isinstance(each, BaseException):
            inner = [each.__cause__, each.__context__, getattr(each, "reason", None), *each.args]
            waiting += [one for one in inner if one is not None and not any(one is other for other in waiting)]
    return textwrap.shorten(str(error), 160, placeholder=" ...")
