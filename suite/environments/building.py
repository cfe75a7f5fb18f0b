"""Building an environment's image: the context is streamed to the engine, and what is left of a build is removed."""

from __future__ import annotations

import contextlib
import re
import tarfile
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import docker
import docker.errors

from suite import locks
from suite.environments import engine, wheelhouse
from suite.errors import EvenmatchError, InputError
from suite.frameworks import Packages
from suite.profiles import Profile

INSTALLING = "evenmatch=install"
"""The label of the first stage, and so of the containers and images that a build leaves behind."""

SETTLED_S = 60
"""For how long a build's container must have done nothing to be taken for left behind."""

_PIECE = 2**20

_COLOUR = re.compile(r"\x1b\[[0-9;]*m")

_NO_VENV = "the base image {base} has Python without venv: install python3-venv in it, or name another with --base"
_SAID = {
    "python3: not found": "the base image {base} has no python3: name one that has Python {python} with --base",
    "ensurepip": _NO_VENV,
    "no module named venv": _NO_VENV,
    "do not match the hashes": "a wheel was changed after it had been checked, so no image was built: run the same "
    "command again, which fetches it anew",
}
"""What a build's output holds, in lower case, and how it is told."""


def build(
    client: docker.DockerClient,
    name: str,
    dockerfile: Path,
    profile: Profile,
    packages: Packages,
    base: tuple[str, str],
    labels: Mapping[str, str],
) -> None:
    """Build the image ``name`` on ``base``, (its name, its id), from the wheels of a lock.

    Raises:
        InputError: the base image will not do, a hash does not match, or a disk is full.
        UnsupportedError: there is no network for what the wheelhouse lacks, or the engine is gone.
    """
    files = {"Dockerfile": dockerfile, "lock.txt": locks.path(profile, packages)}
    wheels = wheelhouse.ensure(profile, packages)
    context = tar(files | {f"wheels/{file}": path for file, path in wheels.items()})
    try:
        with engine.explained(f"building the image of {packages.title}"):
            _send(client, name, context, {"BASE": base[1], "PYTHON": profile.python}, labels)
    except docker.errors.BuildError as error:
        raise told(error, packages.title, base[0], profile.python) from None
    finally:
        context.close()
        clear(client)


def _send(
    client: docker.DockerClient,
    name: str,
    context: Iterator[bytes],
    arguments: Mapping[str, str],
    labels: Mapping[str, str],
) -> None:
    client.images.build(
        fileobj=context,  # type: ignore[arg-type]  # passed on to requests, which streams it
        custom_context=True,
        tag=name,
        buildargs=dict(arguments),
        labels=dict(labels),
        network_mode="none",
        rm=True,
        forcerm=True,
    )


def tar(files: Mapping[str, Path]) -> Any:
    """Yield a tar archive of ``files``, by their names in it, without keeping a copy: wheels are large."""
    for name, path in files.items():
        entry = tarfile.TarInfo(name)
        entry.size = path.stat().st_size
        yield entry.tobuf()
        with path.open("rb") as file:
            while piece := file.read(_PIECE):
                yield piece
        yield bytes(-entry.size % tarfile.BLOCKSIZE)
    yield bytes(2 * tarfile.BLOCKSIZE)


def told(error: docker.errors.BuildError, title: str, base: str, python: str) -> EvenmatchError:
    """Return the error, a sentence, for what a build ended in."""
    lines = [_COLOUR.sub("", str(line.get("stream") or line.get("error") or "")).strip() for line in error.build_log]
    said = [line for line in lines if line and not line.startswith(("Step ", "--->", "Removing intermediate"))]
    text = " ".join([*said, str(error.msg)])
    if engine.full(text):
        return engine.told(f"building the image of {title}", text)
    for sign, sentence in _SAID.items():
        if sign in text.lower():
            return InputError(f"{sentence.format(base=base, python=python)}.")
    own = next((line for line in said if line.startswith("the base image has Python")), None)
    if own:
        return InputError(f"{own} ({base}): name another with --base.")
    return InputError(f"the image of {title} could not be built on {base}: {' '.join(said[-3:])[-400:] or error.msg}")


def clear(client: docker.DockerClient) -> None:
    """Remove what builds of ours have left: containers that do nothing for a while, and images of the first stage.

    Those hold every wheel once more. What another build is using at this moment, the engine does not let go, but for
    containers that are about to be started or made an image of. The engine removes such things too, while they are
    listed here: what it was quicker at is passed over.
    """
    left: dict[str, Any] = {"label": INSTALLING}
    with contextlib.suppress(*engine.FAILURES):
        for status, since in (("created", "Created"), ("exited", "FinishedAt"), ("dead", "FinishedAt")):
            for container in client.containers.list(all=True, filters=left | {"status": status}, ignore_removed=True):
                with contextlib.suppress(docker.errors.DockerException):
                    if _settled((container.attrs | container.attrs["State"])[since]):
                        container.remove()
        for image in client.api.images(quiet=True, filters=left | {"dangling": True}):
            with contextlib.suppress(docker.errors.DockerException):
                client.images.remove(image)


def _settled(since: str) -> bool:
    """Tell whether a time as engines write it, ``2026-11-21T16:00:00.123456789Z``, is longer ago than SETTLED_S."""
    began = datetime.fromisoformat(since[:19]).replace(tzinfo=UTC)
    return (datetime.now(UTC) - began).total_seconds() > SETTLED_S
