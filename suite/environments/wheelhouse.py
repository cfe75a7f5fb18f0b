"""Wheelhouses: every wheel of a lock, fetched and checked against its hashes here, for builds that have no network.

A wheelhouse is checked, wheel by wheel, whenever it is about to be used; what is missing or damaged is fetched again.
"""

from __future__ import annotations

import json
import re
import shutil
import sys
from collections.abc import Collection
from pathlib import Path

import filelock

from suite import home, locks, process, records, wheels
from suite.errors import InputError, UnsupportedError
from suite.frameworks import Packages
from suite.profiles import Profile

_LISTED = "complete"
"""The file that names every wheel with its hash; it is written last."""


def folder() -> Path:
    """Return where the wheelhouses lie."""
    return home.cache() / "wheels"


def ensure(profile: Profile, packages: Packages) -> dict[str, Path]:
    """Return the wheels of a lock by the names of their files, fetching what is not there or not as it should be.

    Raises:
        InputError: a wheel does not match its hash, or the disk is full.
        UnsupportedError: there is no network.
    """
    place = folder() / name(locks.check(profile, packages))
    place.mkdir(parents=True, exist_ok=True)
    with filelock.FileLock(place.with_suffix(".lock")):
        listed = _listed(place)
        if not listed or missing(place, listed):
            listed = _fetch(place, profile, packages)
    return {file: place / file for file in listed}


def name(lock_sha256: str) -> str:
    """Return the name of a lock's wheelhouse."""
    return lock_sha256[:16]


def missing(place: Path, listed: dict[str, str]) -> list[str]:
    """Return the wheels of a wheelhouse that are not there, after removing those that are not what they should be."""
    for file, sha256 in listed.items():
        path = place / file
        if path.exists() and records.sha256_of_file(path) != sha256:
            path.unlink()
    return [file for file in listed if not (place / file).exists()]


def prune(kept: Collection[str]) -> int:
    """Remove the wheelhouses of locks whose sha256 is not among ``kept``; return how many there were."""
    names = {name(sha256) for sha256 in kept}
    removed = 0
    for place in folder().glob("*") if folder().is_dir() else ():
        if place.is_dir() and place.name not in names:
            shutil.rmtree(place)
            place.with_suffix(".lock").unlink(missing_ok=True)
            removed += 1
    return removed


def _listed(place: Path) -> dict[str, str]:
    """Return the wheels that a wheelhouse should hold, with their hashes; none where that is not known."""
    try:
        found = json.loads((place / _LISTED).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return {str(file): str(sha256) for file, sha256 in found.items()} if isinstance(found, dict) else {}


def _fetch(place: Path, profile: Profile, packages: Packages) -> dict[str, str]:
    """Fetch the wheels that are missing or damaged, then list what the wheelhouse holds, and return that."""
    faults = wheels.problems(profile, packages)
    if faults:
        raise InputError(f"{locks.path(profile, packages)} cannot be installed from: {'; '.join(faults)}.")
    chosen = {wheel.file: wheel for wheel in wheels.chosen(profile, packages)}
    listed = {file: wheel.sha256 for file, wheel in chosen.items()}
    wanted = [chosen[file] for file in missing(place, listed)]
    if wanted:
        lines = "\n".join(f"{wheel.name} @ {wheel.url} --hash=sha256:{wheel.sha256}" for wheel in wanted)
        _download(place, lines, locks.path(profile, packages))
    records.replace_json(place / _LISTED, listed)
    return listed


def _download(place: Path, lines: str, lock: Path) -> None:
    wanted = place / "wanted.txt"
    wanted.write_text(lines, encoding="utf-8")
    command = [sys.executable, "-m", "pip", "download", "--quiet", "--disable-pip-version-check", "--no-deps"]
    command += ["--no-index", "--no-cache-dir", "--require-hashes", "--dest", str(place), "--requirement", str(wanted)]
    code, _, errors = process.run(command)
    wanted.unlink()
    if code:
        raise _explain(errors, lock)


def _explain(errors: str, lock: Path) -> InputError | UnsupportedError:
    whole = " ".join(line.strip() for line in errors.splitlines() if line.strip() and "WARNING" not in line)
    said, text = whole[-600:], whole.lower()
    if "do not match the hashes" in text:
        found = re.search(r"^\s+([A-Za-z0-9][\w.-]*)\s*@", errors, re.MULTILINE)
        package = found[1] if found else "a wheel"
        return InputError(
            f"{package} does not match the hash in its lock {lock}, so no image was built: take the lock from "
            "version control, or make it anew with nox -s lock."
        )
    if "no space left" in text:
        return InputError(f"the disk is full; free some space and run the same command again. pip said: {said}")
    if any(sign in text for sign in ("connection", "temporary failure", "timed out", "could not find a version")):
        return UnsupportedError(f"a wheel could not be fetched; is there a network? pip said: {said}")
    return InputError(f"pip download failed: {said}")
