"""Images: an environment built into a container image from its lock and a wheelhouse, without a network."""

from __future__ import annotations

import hashlib
import re
import tomllib
from collections.abc import Callable, Collection
from dataclasses import asdict, dataclass
from typing import Any

import docker
import docker.errors
import filelock

from suite import home, locks, records
from suite.environments import building, engine
from suite.errors import InputError, UnsupportedError
from suite.frameworks import Packages
from suite.profiles import Profile

DOCKERFILE = home.ROOT / "containers" / "Dockerfile"
PINNED = home.ROOT / "containers" / "images.toml"
REPOSITORY = "evenmatch"

LOCAL = "localhost/"
"""How Podman names what is in no registry; it has digests for that, too, which nobody else can fetch anything by."""

LABEL, LOCK, RECIPE = "evenmatch=environment", "evenmatch.lock", "evenmatch.recipe"
"""What is on every image of ours: that it is one, and the digests of the lock and the Dockerfile it was made from."""


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


_DIGEST = re.compile("sha256:[0-9a-f]{64}")
_PART = "[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*"
_NAME = re.compile(
    rf"(?:[A-Za-z0-9.-]+(?::\d+)?/|\[[0-9A-Fa-f:]+\](?::\d+)?/)?{_PART}(?:/{_PART})*"
    rf"(?::[A-Za-z0-9_][A-Za-z0-9_.-]{{0,127}})?(?:@{_DIGEST.pattern})?"
)
"""How engines write the name of an image: registry, path, tag and digest."""


def base_name() -> str:
    """Return the name of the base image in ``containers/images.toml``.

    Raises:
        InputError: the file is missing or damaged.
    """
    return _pinned()[0]


def pinned() -> str:
    """Return the name of the base image with the digest that ``containers/images.toml`` pins it to.

    Raises:
        InputError: the file is missing or damaged, or no digest is pinned yet.
    """
    name, digest = _pinned()
    if not digest:
        raise InputError(
            f"no base image is pinned in {PINNED}: pin it with nox -s images where a registry can be reached, "
            "or name an image of this machine with --base (containers/make-base makes one)."
        )
    return f"{_without_tag(name)}@{digest}"


def _pinned() -> tuple[str, str]:
    try:
        base = tomllib.loads(PINNED.read_text(encoding="utf-8")).get("base")
    except OSError as error:
        raise InputError(f"{PINNED} cannot be read: {error.strerror}.") from None
    except ValueError as error:  # TOMLDecodeError and UnicodeDecodeError both are
        raise InputError(f"{PINNED} is no TOML: {error}.") from None
    if not isinstance(base, dict):
        raise InputError(f"{PINNED} needs a table [base] with name and digest.")
    for key in ("name", "digest"):
        if key not in base:
            raise InputError(f"{PINNED} lacks the key {key} in its table [base].")
        if not isinstance(base[key], str):
            raise InputError(f"{PINNED}: '{key}' has to be text in quotes, not {base[key]!r}.")
    if not _NAME.fullmatch(base["name"]) or "@" in base["name"]:
        raise InputError(f"{PINNED}: '{base['name']}' is no name of an image like python:3.11-slim-bookworm.")
    if base["digest"] and not _DIGEST.fullmatch(base["digest"]):
        raise InputError(
            f"{PINNED}: the digest '{base['digest']}' is not sha256: with 64 digits or letters a to f after it: "
            "pin it anew with nox -s images."
        )
    return base["name"], base["digest"]


def _without_tag(name: str) -> str:
    """Return an image's name without tag and digest; a registry's port is no tag."""
    name = name.split("@")[0]
    head, _, last = name.rpartition("/")
    return f"{head}/{last.split(':')[0]}" if head else last.split(":")[0]


def base(client: docker.DockerClient, name: str) -> Base:
    """Return the base image called ``name``, pulling it by its digest if it is not here.

    Raises:
        InputError: that is no name, or it is not here, and names no digest or is not in its registry.
        UnsupportedError: it is not here, and its registry cannot be reached.
    """
    if not _NAME.fullmatch(name):
        raise InputError(
            f"'{name}' is no name of an image: names are like python:3.11-slim-bookworm, in lower case, with a tag or "
            "with @sha256: and 64 digits or letters a to f; correct --base."
        )
    with engine.explained(f"looking for the base image {name}"):
        try:
            found = client.images.get(name)
        except docker.errors.ImageNotFound:
            if "@sha256:" not in name:
                raise InputError(
                    f"the base image {name} is not on this machine, and without a digest it is not fetched: "
                    "pin it with nox -s images, or name one that is here with --base (containers/make-base makes one)."
                ) from None
            found = _pulled(client, name)
    digests = [each for each in found.attrs.get("RepoDigests") or [] if not each.startswith(LOCAL)]
    own = [digest for digest in digests if digest.split("@")[0] == _without_tag(name)]
    return Base(name=name, id=str(found.id), digest=(own or digests or [None])[0])


def _pulled(client: docker.DockerClient, name: str) -> Any:
    """Return an image, fetched by its digest. Engines tell of a failure at once, or in the middle of the answer."""
    other = "or name an image of this machine with --base (containers/make-base makes one)"
    try:
        lines = [line for line in client.api.pull(name, stream=True, decode=True) if line.get("error")]
        said = str(lines[0]["error"]) if lines else ""
    except docker.errors.APIError as error:
        said = str(error.explanation or error)
    if engine.unreached(said):
        raise UnsupportedError(
            f"the base image {name} could not be fetched: its registry cannot be reached; run where it can be, {other}."
        )
    if any(sign in said.lower() for sign in ("not found", "manifest unknown", "access denied", "does not exist")):
        raise InputError(
            f"the base image {name} could not be fetched: its registry has none of this digest that anybody may fetch; "
            f"pin it anew with nox -s images, {other}."
        )
    if said:
        raise engine.told(f"fetching the base image {name}", said)
    return client.images.get(name)


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
    place = home.cache() / "images"
    place.mkdir(parents=True, exist_ok=True)
    with filelock.FileLock(place / f"{there.name.rpartition(':')[2]}.lock"):
        there = named(client, profile, packages, base)  # another run may have built it while we waited
        if not there.id:
            say(f"building the image of {packages.title} on {base.name}")
            labels = {LOCK: there.lock_sha256, RECIPE: _recipe()}
            building.build(client, there.name, DOCKERFILE, profile, packages, (base.name, base.id), labels)
            there = named(client, profile, packages, base)
    return there


def named(client: docker.DockerClient, profile: Profile, packages: Packages, base: Base) -> Image:
    """Return the image of an environment as it is or will be: its name comes from lock, recipe and base.

    Raises:
        InputError: the lock does not match its profile.
        UnsupportedError: the engine is gone.
    """
    sha256 = locks.check(profile, packages)
    key = hashlib.sha256("\0".join([sha256, base.id, _recipe()]).encode()).hexdigest()[:16]
    name = f"{REPOSITORY}/{profile.name}:{key}"
    with engine.explained(f"looking for the image {name}"):
        try:
            found = client.images.get(name)
        except docker.errors.ImageNotFound:
            return Image(name=name, id="", bytes=0, lock_sha256=sha256, base=base)
    return Image(name=name, id=str(found.id), bytes=found.attrs["Size"], lock_sha256=sha256, base=base)


def prune(client: docker.DockerClient, kept: Collection[str]) -> int:
    """Remove images of ours that no lock whose sha256 is in ``kept`` names with today's recipe; return how many.

    Raises:
        UnsupportedError: the engine is gone.
    """
    removed = 0
    with engine.explained("removing images that nothing needs any more"):
        for image in client.api.images(filters={"label": LABEL}):
            if image["Labels"].get(LOCK) in kept and image["Labels"].get(RECIPE) == _recipe():
                continue
            try:
                client.images.remove(image["Id"], force=True)
                removed += 1
            except docker.errors.APIError:
                continue  # a container uses it at this moment, or another command was quicker
    building.clear(client)
    return removed


def _recipe() -> str:
    """Return the digest of the Dockerfile."""
    return records.sha256_of_file(DOCKERFILE)
