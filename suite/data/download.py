"""Fetch a publisher's archives: from where the last attempt stopped, from the next mirror if need be, checked."""

from __future__ import annotations

import errno
import hashlib
import http.client
import os
import urllib.error
import urllib.parse
import urllib.request
import zipfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Final

from filelock import FileLock, Timeout

from suite import __version__
from suite.data.contract import Archive, DataSet
from suite.data.files import FAULTS
from suite.errors import InputError

MIRROR_VARIABLE: Final = "EVENMATCH_MIRROR"
"""Environment variable with the address of another copy: of the archive, or of the folder (ending in /) it is in."""
TIMEOUT_S: Final = 20.0
"""Longest silence of a server before it is given up."""
ATTEMPTS: Final = 5
"""Connections to one mirror before the next is tried; each goes on where the last was cut."""
BLOCK: Final = 1 << 18

Progress = Callable[[int, int], object]
"""Is called with the bytes that are here and the bytes there will be."""


class _MirrorError(Exception):
    """This mirror cannot give the file; the message says why in a few words."""


class _CutError(Exception):
    """The connection ended early; what came is kept and the same mirror is worth another attempt."""


@dataclass
class _Wanted:
    """The file that is being fetched; its size is the server's word where none is published."""

    archive: Archive
    size: int | None

    def is_whole(self, length: int) -> bool:
        return self.size is not None and length == self.size


def download(
    dataset: DataSet,
    folder: Path,
    *,
    progress: Progress = lambda _here, _total: None,
    mirrors: Sequence[str] = (),
    accept_licence: bool = False,
) -> list[Path]:
    """Return the archives of ``dataset`` in ``folder``, fetching what is not there yet.

    An unfinished file is kept as ``<name>.part`` and continued next time.

    Args:
        dataset: what to fetch.
        folder: where to keep it; made if it is missing.
        progress: is told how far each file is.
        mirrors: addresses to try before the built-in ones (as is the one in ``EVENMATCH_MIRROR``).
        accept_licence: whether the user has accepted the set's licence.

    Raises:
        InputError: the set cannot be downloaded, its licence is not accepted, no mirror gave the right file, or the
            folder cannot be written.
    """
    if not dataset.archives:
        remedy = "it is made" if dataset.synthetic else "get it from its publisher and name its folder with --data"
        raise InputError(f"{dataset.title} cannot be downloaded: {remedy}.")
    if dataset.licence and not accept_licence:
        raise InputError(
            f"{dataset.licence.sentence} ({dataset.licence.url}): add --accept-licence to --download if you agree."
        )
    named = [mirror for mirror in [*mirrors, os.environ.get(MIRROR_VARIABLE, "")] if mirror]
    one = next((mirror for mirror in named if not mirror.endswith("/")), None)
    if one and len(dataset.archives) > 1:
        raise InputError(
            f"the mirror '{one}' is one file, and {dataset.title} has several: name their folder, ending in /."
        )
    return [_one(archive, folder, progress, named) for archive in dataset.archives]


def _one(archive: Archive, folder: Path, progress: Progress, mirrors: Sequence[str]) -> Path:
    addresses = [_address(mirror, archive) for mirror in mirrors]
    wanted = _Wanted(archive, archive.size)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with FileLock(folder / f"{archive.name}.lock", timeout=0):
            return _first_good([*addresses, *archive.urls], wanted, folder, progress)
    except Timeout:
        raise InputError(
            f"{folder / archive.name} is being downloaded by another process: wait for that one."
        ) from None
    except OSError as error:
        full = error.errno in (errno.ENOSPC, errno.EDQUOT)
        space = "some space" if wanted.size is None else f"{wanted.size >> 20} MB"
        remedy = f"free {space} there and run it again" if full else "name data that is on this machine with --data"
        raise InputError(f"{folder / archive.name} cannot be written: {error.strerror or error}; {remedy}.") from None


def _address(mirror: str, archive: Archive) -> str:
    if urllib.parse.urlsplit(mirror).scheme not in ("http", "https"):
        raise InputError(f"the mirror '{mirror}' is no http or https address: name one, or a local copy with --data.")
    return mirror + archive.name if mirror.endswith("/") else mirror


def _first_good(addresses: Sequence[str], wanted: _Wanted, folder: Path, progress: Progress) -> Path:
    archive = wanted.archive
    target, part = folder / archive.name, folder / f"{archive.name}.part"
    if target.exists() and _fault(target, archive) is None:
        return target
    failures = []
    for url in addresses:
        try:
            _fetch(url, part, wanted, progress)
        except _MirrorError as error:
            failures.append(f"{urllib.parse.urlsplit(url).netloc}: {error}")
            continue
        fault = _fault(part, archive)
        if fault is None:
            part.replace(target)
            return target
        part.unlink()
        failures.append(f"{urllib.parse.urlsplit(url).netloc}: {fault}, so what came was removed")
    kept = f" {part.stat().st_size} bytes are kept and continued next time." if part.exists() else ""
    raise InputError(
        f"{archive.name} could not be downloaded ({'; '.join(failures)}): check the network and run it again, name a "
        f"copy with --data or a mirror with {MIRROR_VARIABLE}, or leave --download out to use the synthetic stand-in."
        f"{kept}"
    )


def _fault(path: Path, archive: Archive) -> str | None:
    """Return what is wrong with a whole file, or None."""
    if archive.md5 is None:
        return _zip_fault(path)
    with path.open("rb") as file:
        found = hashlib.file_digest(file, lambda: hashlib.md5(usedforsecurity=False)).hexdigest()
    return None if found == archive.md5 else f"md5 {found} instead of {archive.md5}"


def _zip_fault(path: Path) -> str | None:
    try:
        with zipfile.ZipFile(path) as archive:
            broken = archive.testzip()
    except FAULTS:
        return "no whole zip archive"
    return None if broken is None else f"{broken} in it has another checksum than it should"


def _fetch(url: str, part: Path, wanted: _Wanted, progress: Progress) -> None:
    """Fill ``part`` to its full size from ``url``, in as many connections as it takes while each brings something."""
    reason = ""
    for _ in range(ATTEMPTS):
        before = part.stat().st_size if part.exists() else 0
        if wanted.is_whole(before):
            return
        if wanted.size is not None and before > wanted.size:
            part.unlink()
            before = 0
        try:
            _receive(url, before, part, wanted, progress)
        except _CutError as error:
            reason = str(error)
        if part.exists() and part.stat().st_size == before:
            break
    if not part.exists() or not wanted.is_whole(part.stat().st_size):
        raise _MirrorError(reason or "the file ends too early")


def _receive(url: str, start: int, part: Path, wanted: _Wanted, progress: Progress) -> None:
    """Make one connection and append what it brings to ``part``."""
    headers = {"User-Agent": f"evenmatch/{__version__}", "Accept-Encoding": "identity"}
    if start:
        headers["Range"] = f"bytes={start}-"
    request = urllib.request.Request(url, headers=headers)  # noqa: S310 (only http and https come here)
    try:
        response = urllib.request.urlopen(request, timeout=TIMEOUT_S)  # noqa: S310 (as above)
    except urllib.error.HTTPError as error:
        error.close()
        if error.code == http.HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE:
            if wanted.size is None and error.headers.get("Content-Range") == f"bytes */{start}":
                wanted.size = start  # all of it is here already
                return
            part.unlink()  # what is here is no beginning of what is there: start over
            raise _CutError("it does not continue the unfinished file") from None
        raise _MirrorError(f"HTTP {error.code} {error.reason}") from None
    except urllib.error.URLError as error:
        raise _MirrorError(_words(error.reason)) from None
    except (OSError, http.client.HTTPException) as error:
        raise _MirrorError(_words(error)) from None
    with response:
        resumed = _agrees(response, start, wanted)
        with part.open("ab" if resumed else "wb") as file:
            _copy(response, file, start if resumed else 0, wanted, progress)


def _agrees(response: http.client.HTTPResponse, start: int, wanted: _Wanted) -> bool:
    """Return whether the answer continues at ``start`` (else it begins anew); refuse one that is about another file."""
    length = response.headers.get("Content-Length", "")
    if response.status == http.HTTPStatus.PARTIAL_CONTENT:
        given = response.headers.get("Content-Range", "")
        total = given.rpartition("/")[2]
        if wanted.size is None and total.isdigit():
            wanted.size = int(total)
        if given.startswith(f"bytes {start}-") and total in (str(wanted.size), "*"):
            return True
        raise _MirrorError(f"it answered with the wrong range '{given}'")
    if wanted.size is None and length.isdigit():
        wanted.size = int(length)
    if length and length != str(wanted.size):
        raise _MirrorError(f"it has {length} bytes instead of {wanted.size}")
    return False


def _copy(response: http.client.HTTPResponse, file: IO[bytes], here: int, wanted: _Wanted, progress: Progress) -> None:
    """Copy until the connection ends, and never more than the file is long."""
    total = wanted.size
    if total is None:
        raise _MirrorError("it does not say how long the file is")
    progress(here, total)
    while here < total:
        try:
            block = response.read(min(BLOCK, total - here))
        except (OSError, http.client.HTTPException) as error:
            raise _CutError(_words(error)) from None
        if not block:
            raise _CutError(f"the connection ended after {here} of {total} bytes")
        file.write(block)
        here += len(block)
        progress(here, total)


def _words(reason: object) -> str:
    """Say what a network error was, without its number or class."""
    if isinstance(reason, TimeoutError):
        return f"no answer within {TIMEOUT_S:.0f} s"
    if isinstance(reason, OSError) and reason.strerror:
        return reason.strerror
    return str(reason) or type(reason).__name__
