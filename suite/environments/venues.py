"""Where workers run: on this machine itself, or in containers on it. The one place where environments are got ready."""

from __future__ import annotations

import compileall
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from suite import home
from suite.environments import Environment, contained, native
from suite.frameworks import Packages
from suite.profiles import Profile

if TYPE_CHECKING:
    from docker import DockerClient

    from suite.environments.container import ContainerEnvironment
    from suite.environments.images import Base


@dataclass(frozen=True, kw_only=True)
class Venue:
    """Where the workers of a run run."""

    container: bool
    threads: int
    gpus: bool = False
    """Whether containers get the GPUs of this machine."""
    base: str | None = None
    """The image that containers are built on; None is the pinned one."""
    both: bool = False
    """Whether there are to be containers beside what is native; their environments' names say so."""

    @property
    def name(self) -> str:
        """``native`` or ``container``."""
        return "container" if self.container else "native"


def ensure(
    profile: Profile, packages: Sequence[Packages], venue: Venue, say: Callable[[str], None]
) -> dict[str, Environment]:
    """Return a sound environment of each of ``packages`` by its name, building what is not there yet.

    Raises:
        InputError: a lock, a wheel or the base image is not what it has to be, or a disk is full.
        UnsupportedError: no network, no such Python, or no container engine.
    """
    ready = _ready(venue)  # first, as what is native takes minutes to build, for nothing if no container can be had
    found: dict[str, Environment] = {}
    if not venue.container:
        found = {each.name: native.ensure(profile, each, say) for each in packages}
    return found | _beside(venue, _in_containers(*ready, profile, packages, venue, say) if ready else {})


def named(profile: Profile, packages: Sequence[Packages], venue: Venue) -> dict[str, Environment]:
    """Return the environments as they will be, whether they are there yet or not.

    Raises:
        InputError: a lock does not match its profile, or there is no base image.
        UnsupportedError: there is no container engine.
    """
    ready = _ready(venue)
    found: dict[str, Environment] = {}
    if not venue.container:
        found = {each.name: native.named(profile, each) for each in packages}
    return found | _beside(venue, _in_containers(*ready, profile, packages, venue) if ready else {})


def _beside(venue: Venue, containers: Mapping[str, ContainerEnvironment]) -> dict[str, Environment]:
    """Return the containers' environments by the names that they go by."""
    return {contained(name) if venue.both else name: found for name, found in containers.items()}


def _ready(venue: Venue) -> tuple[DockerClient, Base] | None:
    """Return the engine and the base image, where there are to be containers."""
    if not (venue.both or venue.container):
        return None
    from suite.environments import building, engine, images  # Docker's SDK is only read where containers are asked for

    client = engine.connect()
    engine.sweep(client)
    building.clear(client)
    return client, images.base(client, venue.base or images.pinned())


def _in_containers(
    client: DockerClient,
    base: Base,
    profile: Profile,
    packages: Sequence[Packages],
    venue: Venue,
    say: Callable[[str], None] | None = None,
) -> dict[str, ContainerEnvironment]:
    """Return containers' environments; with nobody to ``say`` it to, no image is built."""
    from suite.environments import engine, images
    from suite.environments.container import ContainerEnvironment, Limits

    compileall.compile_dir(home.ROOT / "suite", quiet=2)  # it is mounted read-only: no worker could keep its bytecode
    limits = Limits.of(venue.threads, gpus=venue.gpus)
    facts = engine.facts(client)
    found = {}
    for each in packages:
        image = images.ensure(client, profile, each, base, say) if say else images.named(client, profile, each, base)
        found[each.name] = ContainerEnvironment(
            name=each.name,
            lock_sha256=image.lock_sha256,
            client=client,
            image=image,
            limits=limits,
            engine=facts,
        )
    return found
