"""Native environments: one virtual environment per profile and lock, installed from its lock with hashes required.

An environment is used again while its lock is unchanged and every installed file is there at its recorded size;
otherwise it is built anew.
"""

from __future__ import annotations

import csv
import json
import shutil
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO

import filelock

from suite import home, installer, locks, records
from suite.environments import Environment
from suite.errors import InputError
from suite.frameworks import Packages
from suite.process import Worker
from suite.profiles import Profile


@dataclass(frozen=True, kw_only=True)
class NativeEnvironment(Environment):
    """A virtual environment of this machine."""

    python: Path

    def start(
        self,
        arguments: Sequence[str],
        *,
        variables: Mapping[str, str],
        folder: Path,
        reads: Sequence[Path],  # noqa: ARG002  (a process reads what we can)
        log: IO[bytes],
    ) -> Worker:
        """Start a process; see :meth:`Environment.start`."""
        try:
            return Worker([str(self.python), *arguments], env=variables, cwd=folder, log=log)
        except OSError as error:
            raise InputError(
                f"{self.python} cannot be started ({error.strerror}): run the same command again (a run: with "
                "--resume), which repairs what is broken."
            ) from None


def folder(profile: Profile, packages: Packages) -> Path:
    """Return where the environment of ``packages`` on ``profile`` lies."""
    return home.cache() / "environments" / profile.name / packages.name


def ensure(profile: Profile, packages: Packages, say: Callable[[str], None]) -> NativeEnvironment:
    """Return a sound environment, building it first if need be; ``say`` is told what is done and why.

    Raises:
        InputError: the lock does not match its profile, a hash does not match, or the disk is full.
        UnsupportedError: no network, or no such Python.
    """
    sha256 = locks.check(profile, packages)
    place = folder(profile, packages)
    try:
        place.parent.mkdir(parents=True, exist_ok=True)
        with filelock.FileLock(_lock(place)):
            damage = why_unsound(place, sha256)
            if damage:
                say(f"building the environment of {packages.title} ({damage})")
                _build(place, profile, packages, sha256)
                if why_unsound(place, sha256):  # uv links files to its cache: what was damaged here is damaged there
                    _build(place, profile, packages, sha256, "--no-cache")
    except OSError as error:
        raise InputError(
            f"{place} cannot be written: {error.strerror}; free some space or set EVENMATCH_HOME."
        ) from None
    return NativeEnvironment(name=packages.name, python=interpreter(place), lock_sha256=sha256)


def named(profile: Profile, packages: Packages) -> NativeEnvironment:
    """Return the environment of ``packages`` as it will be, whether it is there yet or not.

    Raises:
        InputError: the lock does not match its profile.
    """
    python = interpreter(folder(profile, packages))
    return NativeEnvironment(name=packages.name, python=python, lock_sha256=locks.check(profile, packages))


def why_unsound(place: Path, sha256: str) -> str | None:
    """Say why the environment in ``place`` cannot be used with the lock ``sha256``, or return None if it can."""
    if not place.exists():
        return "there is none yet"
    try:
        marker = json.loads(_marker(place).read_text())
    except (OSError, ValueError):
        return "its building was not finished"
    if not isinstance(marker, dict) or marker.get("lock_sha256") != sha256:
        return "its lock changed"
    if not interpreter(place).exists():
        return "its interpreter is gone"
    count = 0
    for record in sorted(place.glob("**/site-packages/*.dist-info/RECORD")):
        count += 1
        try:
            damaged = _first_damaged(record)
        except (OSError, ValueError, csv.Error):  # the list itself is cut off or unreadable
            damaged = f"{record.parent.name}/RECORD"
        if damaged:
            return f"{damaged} is missing or damaged"
    if count != marker.get("distributions"):
        return f"it has {count} packages, not {marker.get('distributions')}"
    return None


def interpreter(place: Path) -> Path:
    """Return the path of an environment's Python."""
    return place / ("Scripts/python.exe" if sys.platform == "win32" else "bin/python")


def _build(place: Path, profile: Profile, packages: Packages, sha256: str, *options: str) -> None:
    shutil.rmtree(place, ignore_errors=True)
    installer.uv(["venv", "--quiet", "--no-project", "--python", profile.python, str(place)])
    command = ["pip", "sync", "--quiet", "--require-hashes", "--only-binary=:all:", "--compile-bytecode"]
    command += ["--python", str(interpreter(place)), *locks.torch_source(profile, packages), *options]
    installer.uv([*command, str(locks.path(profile, packages))])
    count = len(list(place.glob("**/site-packages/*.dist-info/RECORD")))
    records.replace_json(_marker(place), {"lock_sha256": sha256, "distributions": count})


def being_built(place: Path) -> bool:
    """Tell whether another process is building the environment in ``place`` at this moment."""
    if not _lock(place).exists():
        return False
    try:
        with filelock.FileLock(_lock(place), timeout=0):
            return False
    except filelock.Timeout:
        return True
    except OSError:  # not ours to write
        return False


def _lock(place: Path) -> Path:
    return place.with_suffix(".lock")


def _marker(place: Path) -> Path:
    return place / "evenmatch.json"


def _first_damaged(record: Path) -> str | None:
    """Return the first file of a distribution's RECORD that is missing or not of its recorded size."""
    packages = record.parent.parent
    with record.open(newline="", encoding="utf-8") as file:
        for name, _, size in csv.reader(file):
            if not size:  # generated files, RECORD itself among them, have none
                continue
            path = packages / name
            try:
                if path.stat().st_size != int(size):
                    return name
            except OSError:
                return name
    return None
