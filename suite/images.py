"""``evenmatch images``: the base image of containers, pinned to its digest; and what of ours nothing needs any more."""

from __future__ import annotations

import re

import docker
import docker.errors
from rich.console import Console

from suite import home, locks, profiles, records
from suite.environments import engine, images, wheelhouse
from suite.errors import InputError, UnsupportedError


def pin(console: Console) -> None:
    """Ask the registry for the digest of the base image, and write it where it is read from.

    Raises:
        InputError: the file is damaged, or the registry has no such image.
        UnsupportedError: no engine answers, or no registry can be reached.
    """
    home.require_checkout()
    name = images.base_name()
    digest = _digest(engine.connect(), name)
    text, count = re.subn(
        r'(?m)^digest = "[^"\n]*"$', f'digest = "{digest}"', images.PINNED.read_text(encoding="utf-8")
    )
    if count != 1:
        raise InputError(f'{images.PINNED} needs one line digest = "..." in its table [base].')
    records.replace(images.PINNED, text.encode())
    console.print(f"{name} is pinned to {digest} in {images.PINNED}", soft_wrap=True, highlight=False)


def _digest(client: docker.DockerClient, name: str) -> str:
    try:
        with engine.explained(f"asking the registry for {name}"):
            try:
                return str(client.images.get_registry_data(name).id)
            except docker.errors.NotFound:
                raise InputError(f"the registry has no image {name}: correct its name in {images.PINNED}.") from None
    except InputError as error:
        said = str(error).partition(": ")[2]
        if not engine.unreached(said):
            raise
        raise UnsupportedError(
            f"no registry could be reached for {name}, so nothing was pinned: run this where one can be, or name an "
            f"image of this machine with --base (containers/make-base makes one). The engine said: {said[:300]}"
        ) from None


def prune(console: Console) -> None:
    """Remove images and wheelhouses of ours that no lock names any more; nothing of anybody else's.

    Raises:
        UnsupportedError: no engine answers.
    """
    home.require_checkout()
    kept = _locks()
    client = engine.connect()
    containers = engine.sweep(client)
    gone, wheels = images.prune(client, kept), wheelhouse.prune(kept)
    console.print(f"removed: {gone} images, {wheels} wheelhouses, {containers} containers left behind", highlight=False)


def _locks() -> set[str]:
    """Return the sha256 of every lock that fits its profile."""
    found = set()
    for name in profiles.names():
        profile = profiles.load(name)
        for packages in locks.every(profile):
            try:
                found.add(locks.check(profile, packages))
            except InputError:
                continue
    return found
