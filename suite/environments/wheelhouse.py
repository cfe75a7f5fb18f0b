"""Wheelhouses: every wheel of a lock, fetched and checked against its hashes here, for builds that have no network."""

from __future__ import annotations

import sys
from pathlib import Path

from suite import home, locks, process, wheels
from suite.errors import InputError, UnsupportedError
from suite.frameworks import Packages
from suite.profiles import Profile


def ensure(profile: Profile, packages: Packages) -> Path:
    """Return the folder with the wheels of a lock, fetching what is not there yet.

    Raises:
        InputError: a wheel does not match its hash, or the disk is full.
        UnsupportedError: there is no network.
    """
    sha256 = locks.check(profile, packages)
    place = home.cache() / "wheels" / sha256[:16]
    done = place / "complete"
    if done.exists():
        return place
    place.mkdir(parents=True, exist_ok=True)
    wanted = place / "wanted.txt"
    wanted.write_text("\n".join(_lines(profile, packages)), encoding="utf-8")
    command = [sys.executable, "-m", "pip", "download", "--quiet", "--disable-pip-version-check", "--no-deps"]
    command += ["--no-index", "--require-hashes", "--dest", str(place), "--requirement", str(wanted)]
    code, _, errors = process.run(command)
    if code:
        raise _explain(errors)
    wanted.unlink()
    done.touch()
    return place


def _lines(profile: Profile, packages: Packages) -> list[str]:
    """Return a requirement line for each wheel, with where it is now and the hash that the lock names."""
    found = wheels.problems(profile, packages)
    if found:
        raise InputError(f"{locks.path(profile, packages)} cannot be installed from: {'; '.join(found)}.")
    return [f"{wheel.name} @ {wheel.url} --hash=sha256:{wheel.sha256}" for wheel in wheels.chosen(profile, packages)]


def _explain(errors: str) -> InputError | UnsupportedError:
    said = " ".join(line.strip() for line in errors.splitlines() if line.strip() and "WARNING" not in line)[-600:]
    text = said.lower()
    if "do not match the hashes" in text:
        return InputError(f"a wheel does not match the hash in its lock, so no image was built: {said}")
    if "no space left" in text:
        return InputError(f"the disk is full; free some space and run the same command again. pip said: {said}")
    if any(sign in text for sign in ("connection", "temporary failure", "timed out", "could not find a version")):
        return UnsupportedError(f"a wheel could not be fetched; is there a network? pip said: {said}")
    return InputError(f"pip download failed: {said}")
