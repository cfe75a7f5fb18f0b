"""Images: an environment built into a container image from its lock and a wheelhouse, without a network."""

from __future__ import annotations

import hashlib
import os
import shutil
import tempfile
import tomllib
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import docker
import docker.errors

from suite import home, locks
from suite.environments import engine, wheelhouse
from suite.errors import InputError
from suite.frameworks import Packages
from suite.profiles import Profile

DOCKERFILE = home.ROOT / "containers" / "Dockerfile"
PINNED = home.ROOT / "containers" / "images.toml"
REPOSITORY = "evenmatch"


@dataclass(frozen=True, kw_only=True)
class Base:
    """The base image that environments are built on."""

    name: str
    id: str
    digest: str | None
    """Its digest in its registry; None: it is of this machine alone."""


@dataclass(frozen=True, kw_only=True)
class Image:
    """An environment's image."""

    name: str
    id: str
    """"" where it is not built yet."""
    bytes: int
    lock_sha256: str
    base: Base

    def facts(self) -> dict[str, Any]:
        """Return what is recorded with every result."""
        return {key: value for key, value in asdict(self).items() if key != "lock_sha256"}


def pinned() -> str:
    """Return the name of the base image with the digest that ``containers/images.toml`` pins it to.

    Raises:
        InputError: the file is missing or damaged, or no digest is pinned yet.
    """
    try:
        base = tomllib.loads(PINNED.read_text(encoding="utf-8"))["base"]
        name, digest = str(base["name"]), str(base["digest"])
    except OSError as error:
        raise InputError(f"{PINNED} cannot be read: {error.strerror}.") from None
    except (ValueError, KeyError, TypeError) as error:
        raise InputError(f"{PINNED} needs a table [base] with name and digest ({error}).") from None
    if not digest:
        raise InputError(
            f"no base image is pinned in {PINNED}: pin it with nox -s images where a registry can be reached, "
            "or name an image of this machine with --base."
        )
    return f"{name.split(':')[0]}@{digest}"


def base(client: docker.DockerClient, name: str) -> Base:
    """Return the base image called ``name``, pulling it by its digest if it is not here.

    Raises:
        InputError: it is not here, and names no digest or cannot be pulled.
    """
    with engine.explained(f"looking for the base image {name}"):
        try:
            found = client.images.get(name)
        except docker.errors.ImageNotFound:
            if "@sha256:" not in name:
                raise InputError(
                    f"the base image {name} is not on this machine, and without a digest it is not fetched: "
                    "pin it with nox -s images, or name one that is here with --base."
                ) from None
            found = client.images.pull(name)
    digests = found.attrs.get("RepoDigests") or []
    own = [digest for digest in digests if digest.split("@")[0] == name.split("@")[0].split(":")[0]]
    return Base(name=name, id=str(found.id), digest=(own or digests or [None])[0])


def ensure(
    client: docker.DockerClient, profile: Profile, packages: Packages, base: Base, say: Callable[[str], None]
) -> Image:
    """Return the image of an environment, building it first if there is none from this lock, recipe and base.

    Raises:
        InputError: the build failed, a hash does not match, or a disk is full.
        UnsupportedError: there is no network for what the wheelhouse lacks, or the engine is gone.
    """
    there = named(client, profile, packages, base)
    if there.id:
        return there
    say(f"building the image of {packages.title} on {base.name}")
    _build(client, there.name, profile, packages, base)
    return named(client, profile, packages, base)


def named(client: docker.DockerClient, profile: Profile, packages: Packages, base: Base) -> Image:
    """Return the image of an environment as it is or will be: its name comes from lock, recipe and base.

    Raises:
        InputError: the lock does not match its profile.
        UnsupportedError: the engine is gone.
    """
    sha256 = locks.check(profile, packages)
    key = hashlib.sha256(b"\0".join([sha256.encode(), base.id.encode(), DOCKERFILE.read_bytes()])).hexdigest()[:16]
    name = f"{REPOSITORY}/{profile.name}:{key}"
    with engine.explained(f"looking for the image {name}"):
        try:
            found = client.images.get(name)
        except docker.errors.ImageNotFound:
            return Image(name=name, id="", bytes=0, lock_sha256=sha256, base=base)
    return Image(name=name, id=str(found.id), bytes=found.attrs["Size"], lock_sha256=sha256, base=base)


def _build(client: docker.DockerClient, name: str, profile: Profile, packages: Packages, base: Base) -> None:
    wheels = wheelhouse.ensure(profile, packages)
    home.cache().mkdir(parents=True, exist_ok=True)
    context = Path(tempfile.mkdtemp(prefix="image-", dir=home.cache()))
    try:
        shutil.copyfile(DOCKERFILE, context / "Dockerfile")
        shutil.copyfile(locks.path(profile, packages), context / "lock.txt")
        shutil.copytree(wheels, context / "wheels", copy_function=os.link)
        with engine.explained(f"building {name}"):
            client.images.build(
                path=str(context),
                tag=name,
                buildargs={"BASE": base.id, "PYTHON": profile.python},
                network_mode="none",
                rm=True,
                forcerm=True,
            )
    except docker.errors.BuildError as error:
        raise InputError(f"the image of {packages.title} could not be built: {_cause(error)}") from None
    finally:
        shutil.rmtree(context, ignore_errors=True)
        _sweep(client)


def _cause(error: docker.errors.BuildError) -> str:
    lines = [str(line.get("stream") or line.get("error") or "").strip() for line in error.build_log]
    said = [line for line in lines if line and not line.startswith(("Step ", "--->", "Removing intermediate"))]
    return " ".join(said[-3:]) or str(error)


def _sweep(client: docker.DockerClient) -> None:
    """Remove the images of our first stage: they hold every wheel once more."""
    for image in client.images.list(filters={"dangling": True, "label": "evenmatch=install"}):
        try:
            client.images.remove(str(image.id))
        except docker.errors.DockerException:
            continue  # another build of ours uses it
