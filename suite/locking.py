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
from suite.installer import UnreachedError
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
    another: bool = False
    """It is missing or a lock of something else, so that nothing more was looked at."""

    @property
    def label(self) -> str:
        """Its name for people."""
        return f"{self.owner}/{self.name}"

    def word(self, kind: Kind) -> str:
        """Return what stands in the table."""
        if any(fault.kind == kind for fault in self.faults):
            return "NO"
        if self.another and kind != "current":
            return "?"
        return "?" if self.unreached and kind in ("complete", "installable") else "yes"


class Index:
    """Asks package indexes, and asks no more once there was no answer: each try takes seconds."""

    def __init__(self) -> None:
        self._silent = ""

    def ask(self, question: Callable[[], list[Fault]]) -> tuple[list[Fault], str]:
        """Return what a question comes to, and why it could not be asked if it could not."""
        if self._silent:
            return [], self._silent
        try:
            return question(), ""
        except UnsupportedError as error:
            if not (isinstance(error, UnreachedError) and error.only_pytorchs):
                self._silent = str(error)
            return [], str(error)


def make(names: Sequence[str], console: Console) -> None:
    """Make every lock of the profiles called ``names`` (all, if none is), and say how far it is.

    Raises:
        InputError: some could not be resolved; the others are made.
        UnsupportedError: there is no network.
    """
    since, failed = time.monotonic(), list[EvenmatchError]()
    work = {_label(profile, each): _maker(profile, each) for profile, each in _all(names)}
    for number, (label, result) in enumerate(_done(work), 1):
        if isinstance(result, UnreachedError) and not result.only_pytorchs:
            raise UnsupportedError(f"no further lock was made: {result}")  # none of the others would fare better
        if isinstance(result, EvenmatchError):
            failed.append(result)
        told = f"[red]failed[/]: {escape(str(result))}" if isinstance(result, Exception) else f"{result} packages"
        console.print(f"\\[{number}/{len(work)}] {label}: {told}", highlight=False, soft_wrap=True)
    if failed:
        kind = InputError if any(isinstance(error, InputError) for error in failed) else UnsupportedError
        raise kind(f"{len(failed)} of {len(work)} locks could not be made, for the reason that stands above with each.")
    console.print(f"{len(work)} locks made in {time.monotonic() - since:.0f} s.", highlight=False)


def check(names: Sequence[str], console: Console) -> None:
    """Print of each lock whether it is current, complete, hashed and installable on its platform.

    Raises:
        InputError: some are not; the sentences are printed.
        UnsupportedError: no more than what stands in the locks could be looked at, since there is no network.
    """
    since, index = time.monotonic(), Index()
    work: dict[str, Callable[[], Finding]] = {
        _label(profile, each): _checker(profile, each, index) for profile, each in _all(names)
    }
    if not names and (home.ROOT / "pyproject.toml").exists():
        work |= {name: _driver_checker(name, index) for name in DRIVER}
    found: dict[str, Finding] = {}
    with console.status(f"looking at {len(work)} locks"):
        for label, result in _done(work):
            if isinstance(result, EvenmatchError):
                raise result
            found[label] = result
    ordered = [found[label] for label in work]
    _show(ordered, console)
    _refuse_faults(ordered, console)
    unreached = [each for each in ordered if each.unreached]
    if unreached:
        named = ", ".join(each.label for each in unreached) if len(unreached) < len(found) else "any lock"
        raise UnsupportedError(
            f"whether each wheel exists could not be checked of {named}, only what stands in the lock itself: "
            f"{unreached[0].unreached}"
        )
    count, seconds = sum(each.packages for each in ordered), time.monotonic() - since
    console.print(f"{len(found)} locks of {count} packages are well, looked at in {seconds:.0f} s.", highlight=False)


def look_at(profile: Profile, packages: Packages, index: Index) -> Finding:
    """Look at one lock."""
    text = _text(locks.path(profile, packages))
    try:
        locks.check(profile, packages)
        faults = wheels.plain_faults(profile, packages)
    except InputError as error:  # a lock of something else is not looked at further
        fault = Fault(kind="current", sentence=str(error))
        return Finding(
            owner=profile.name, name=packages.name, packages=len(wheels.pins(text)), faults=(fault,), another=True
        )
    asked, unreached = index.ask(lambda: wheels.index_faults(profile, packages))
    return _finding(profile.name, packages.name, text, [*faults, *asked], unreached)


def look_at_driver(name: str, index: Index) -> Finding:
    """Look at one lock of the driver's own, on the platform of every profile."""
    lock, group = home.PLATFORMS / "locks" / f"{name}.txt", DRIVER[name]
    text = _text(lock)
    held = wheels.pins(text)
    faults = [*_not_as_asked(text, group), *wheels.unhashed(held)]
    project = str(home.ROOT / "pyproject.toml")
    sources = [project, *(["--group", f"{project}:{group}"] if group else [])]
    unreached = ""
    for profile in {each.wheel_platform: each for each in map(profiles.load, profiles.names())}.values():
        asked, unreached = index.ask(_of_driver(profile, lock, sources))
        faults += asked
    return _finding("evenmatch", name, text, list(dict.fromkeys(faults)), unreached)


def _of_driver(profile: Profile, lock: Path, sources: Sequence[str]) -> Callable[[], list[Fault]]:
    def ask() -> list[Fault]:
        try:
            return wheels.compared(wheels.pins(_text(lock)), wheels.resolved(profile, lock, sources))
        except InputError as error:
            return [Fault(kind="installable", sentence=f"on {profile.wheel_platform}: {error}")]

    return ask


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


def _refuse_faults(found: Sequence[Finding], console: Console) -> None:
    wrong = [each for each in found if each.faults]
    for each in wrong:
        for fault in each.faults:
            line = f"[red]{each.label}[/]: {escape(fault.sentence.rstrip('.'))}."
            console.print(line, highlight=False, soft_wrap=True)
    if wrong:
        named = ", ".join(each.label for each in wrong)
        as_is = "it is" if len(wrong) == 1 else "they are"
        raise InputError(
            f"{len(wrong)} of {len(found)} locks cannot be used as {as_is} ({named}): the reasons stand above."
        )


def _show(found: Sequence[Finding], console: Console) -> None:
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0))
    for column in ("lock", *get_args(Kind)):
        table.add_column(column, no_wrap=True)
    for each in found:
        words = [each.word(kind) for kind in get_args(Kind)]
        table.add_row(each.label, *(f"[red]{word}[/]" if word == "NO" else word for word in words))
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


def _checker(profile: Profile, packages: Packages, index: Index) -> Callable[[], Finding]:
    return lambda: look_at(profile, packages, index)


def _driver_checker(name: str, index: Index) -> Callable[[], Finding]:
    return lambda: look_at_driver(name, index)


def _finding(owner: str, name: str, text: str, faults: Sequence[Fault], unreached: str = "") -> Finding:
    return Finding(owner=owner, name=name, packages=len(wheels.pins(text)), faults=tuple(faults), unreached=unreached)


def _text(lock: Path) -> str:
    try:
        return lock.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""  # locks.check says so


def _label(profile: Profile, packages: Packages) -> str:
    return f"{profile.name}/{packages.name}"
