"""``evenmatch lock`` and ``lock --check``: all locks made, or looked at against what package indexes list now."""

from __future__ import annotations

import re
import time
import tomllib
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar, get_args

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from suite import home, locks, profiles, wheels
from suite.errors import EvenmatchError, InputError, UnsupportedError
from suite.frameworks import Packages
from suite.profiles import Profile
from suite.wheels import Fault, Kind

T = TypeVar("T")

THREADS = 4
"""uv waits for the network more than it computes."""

DRIVER = {"driver": "", "development": "tests"}
"""Locks of the driver itself, for every platform at once, and the group of pyproject.toml that each holds besides."""

_ASKED = re.compile(r"\bevenmatch \(pyproject\.toml(?::[\w-]+)?\)")


@dataclass(frozen=True, kw_only=True)
class Finding:
    """What was found of one lock."""

    owner: str
    """The profile's name; "evenmatch" for the driver's own, which are for every platform."""
    name: str
    packages: int
    faults: tuple[Fault, ...]
    unreached: str = ""
    """Why the index could not be asked; "": it was."""

    def word(self, kind: Kind) -> str:
        """Return what stands in the table."""
        if any(fault.kind == kind for fault in self.faults):
            return "NO"
        return "not checked" if self.unreached and kind in ("complete", "installable") else "yes"


def make(names: Sequence[str], console: Console) -> None:
    """Make every lock of the profiles called ``names`` (all, if none is), and say how far it is.

    Raises:
        InputError: some could not be resolved; the others are made.
        UnsupportedError: there is no network.
    """
    since, failed = time.monotonic(), list[EvenmatchError]()
    work = {_label(profile, each): _maker(profile, each) for profile, each in _all(names)}
    for number, (label, result) in enumerate(_done(work), 1):
        if isinstance(result, EvenmatchError):
            failed.append(type(result)(f"{label}: {result}"))
            console.print(f"\\[{number}/{len(work)}] {label}: [red]failed[/]", highlight=False)
        else:
            console.print(f"\\[{number}/{len(work)}] {label}: {result} packages", highlight=False)
    _raise_all(failed, "could not be made")
    console.print(f"{len(work)} locks made in {time.monotonic() - since:.0f} s.", highlight=False)


def check(names: Sequence[str], console: Console) -> None:
    """Print of each lock whether it is current, complete, hashed and installable on its platform.

    Raises:
        InputError: some are not; the sentences are printed.
        UnsupportedError: no more than what stands in the locks could be looked at, since there is no network.
    """
    since = time.monotonic()
    work: dict[str, Callable[[], Finding]] = {
        _label(profile, each): _checker(profile, each) for profile, each in _all(names)
    }
    if not names and (home.ROOT / "pyproject.toml").exists():
        work |= {name: _driver_checker(name) for name in DRIVER}
    found: dict[str, Finding] = {}
    with console.status(f"looking at {len(work)} locks"):
        for label, result in _done(work):
            if isinstance(result, EvenmatchError):
                raise result
            found[label] = result
    _show([found[label] for label in work], console)
    wrong = [each for each in found.values() if each.faults]
    for each in (found[label] for label in work if found[label].faults):
        for fault in each.faults:
            line = f"[red]{each.owner}/{each.name}[/]: {escape(fault.sentence.rstrip('.'))}."
            console.print(line, highlight=False, soft_wrap=True)
    if wrong:
        named = ", ".join(f"{each.owner}/{each.name}" for each in wrong)
        raise InputError(f"{len(wrong)} of {len(found)} locks cannot be used as they are ({named}): see above.")
    unreached = [each for each in found.values() if each.unreached]
    if unreached:
        raise UnsupportedError(
            f"of {len(unreached)} of {len(found)} locks only that they are current and hashed was checked, not that "
            f"each wheel exists: {unreached[0].unreached}"
        )
    console.print(f"{len(found)} locks are well, looked at in {time.monotonic() - since:.0f} s.", highlight=False)


def look_at(profile: Profile, packages: Packages) -> Finding:
    """Look at one lock.

    Raises:
        UnsupportedError: uv is missing.
    """
    text = _text(locks.path(profile, packages))
    try:
        locks.check(profile, packages)
        faults = wheels.plain_faults(profile, packages)
    except InputError as error:  # a lock of something else is not looked at further
        return _finding(profile.name, packages.name, text, [Fault(kind="current", sentence=str(error))])
    try:
        asked, unreached = wheels.index_faults(profile, packages), ""
    except UnsupportedError as error:
        asked, unreached = [], str(error)
    return _finding(profile.name, packages.name, text, [*faults, *asked], unreached)


def look_at_driver(name: str) -> Finding:
    """Look at one lock of the driver's own, on the platform of every profile."""
    lock, group = home.PLATFORMS / "locks" / f"{name}.txt", DRIVER[name]
    text = _text(lock)
    held = wheels.pins(text)
    faults = [*_not_as_asked(text, group), *wheels.unhashed(held)]
    project = str(home.ROOT / "pyproject.toml")
    sources = [project, *(["--group", f"{project}:{group}"] if group else [])]
    unreached = ""
    for profile in {each.wheel_platform: each for each in map(profiles.load, profiles.names())}.values():
        try:
            faults += wheels.compared(held, wheels.resolved(profile, lock, sources))
        except UnsupportedError as error:
            unreached = str(error)
        except InputError as error:
            faults.append(Fault(kind="installable", sentence=f"on {profile.wheel_platform}: {error}"))
    return _finding("evenmatch", name, text, list(dict.fromkeys(faults)), unreached)


def _not_as_asked(text: str, group: str) -> list[Fault]:
    """Compare what pyproject.toml asks for with what a lock says that it was made for."""
    project = tomllib.loads((home.ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    lines = [*project["project"]["dependencies"], *(project["dependency-groups"][group] if group else [])]
    asked = {wheels.canonical(re.split(r"[^\w.-]", line, maxsplit=1)[0]) for line in lines}
    chunks = re.split(r"^(?=[A-Za-z0-9][\w.-]*(?:\[[^\]]*\])?==)", text, flags=re.MULTILINE)
    held = {pin.name for chunk in chunks if _ASKED.search(chunk) for pin in wheels.pins(chunk)}
    sentences = [f"{name}, which pyproject.toml asks for, is missing" for name in sorted(asked - held)]
    sentences += [f"{name} is no longer asked for by pyproject.toml" for name in sorted(held - asked)]
    return [Fault(kind="current", sentence=f"{sentence}; make it anew with nox -s lock") for sentence in sentences]


def _show(found: Sequence[Finding], console: Console) -> None:
    table = Table(title="locks", title_justify="left")
    table.add_column("lock", no_wrap=True)
    table.add_column("packages", justify="right")
    for kind in get_args(Kind):
        table.add_column(kind)
    for each in found:
        words = [each.word(kind) for kind in get_args(Kind)]
        cells = [f"[red]{word}[/]" if word == "NO" else word for word in words]
        table.add_row(f"{each.owner}/{each.name}", str(each.packages), *cells)
    console.print(table)


def _all(names: Sequence[str]) -> list[tuple[Profile, Packages]]:
    known = [profiles.load(name) for name in names or profiles.names()]
    return [(profile, packages) for profile in known for packages in locks.every(profile)]


def _done(work: Mapping[str, Callable[[], T]]) -> Iterator[tuple[str, T | EvenmatchError]]:
    """Do all of it, a few at a time, and yield each result, or how it failed, as soon as it is there."""
    pool = ThreadPoolExecutor(THREADS)
    try:
        begun = {pool.submit(each): label for label, each in work.items()}
        for future in as_completed(begun):
            try:
                result: T | EvenmatchError = future.result()
            except EvenmatchError as error:
                result = error
            yield begun[future], result
    finally:
        pool.shutdown(cancel_futures=True)


def _maker(profile: Profile, packages: Packages) -> Callable[[], int]:
    return lambda: len(wheels.pins(_text(locks.make(profile, packages))))


def _checker(profile: Profile, packages: Packages) -> Callable[[], Finding]:
    return lambda: look_at(profile, packages)


def _driver_checker(name: str) -> Callable[[], Finding]:
    return lambda: look_at_driver(name)


def _raise_all(failed: Sequence[EvenmatchError], what: str) -> None:
    if len(failed) == 1:
        raise failed[0]
    if failed:
        told = " ".join(str(error) for error in failed)
        kind = InputError if any(isinstance(error, InputError) for error in failed) else UnsupportedError
        raise kind(f"{len(failed)} locks {what}. {told}")


def _finding(owner: str, name: str, text: str, faults: Sequence[Fault], unreached: str = "") -> Finding:
    return Finding(owner=owner, name=name, packages=len(wheels.pins(text)), faults=tuple(faults), unreached=unreached)


def _text(lock: Path) -> str:
    try:
        return lock.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""  # locks.check says so


def _label(profile: Profile, packages: Packages) -> str:
    return f"{profile.name}/{packages.name}"
