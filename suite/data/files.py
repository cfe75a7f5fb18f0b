"""A publisher's folder of files, unpacked or still inside its zip archive."""

from __future__ import annotations

import struct
import zipfile
import zlib
from abc import ABC, abstractmethod
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from suite.errors import InputError

LARGEST = 64_000_000
"""Most bytes of one file that are ever read; the publisher's images have less than 2 MB."""


FAULTS = (zipfile.BadZipFile, zlib.error, struct.error, EOFError, NotImplementedError, RuntimeError, ValueError)
"""What the standard library raises for damaged archives."""


class Files(ABC):
    """Files by their names below a folder, parts separated by ``/``."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def where(self, name: str) -> str:
        """Return how errors call the file ``name``."""
        return str(self.path / name)

    @abstractmethod
    def names(self, folder: str) -> list[str]:
        """Return the sorted names of the files right in ``folder``, without it; empty if there is no such folder."""

    @abstractmethod
    def read(self, name: str) -> bytes:
        """Return a file's bytes.

        Raises:
            InputError: it is missing, damaged, too large or cannot be read.
        """


class Folder(Files):
    """Files in a folder."""

    def names(self, folder: str) -> list[str]:
        """Return the names of the files in ``folder``."""
        try:
            return sorted(path.name for path in (self.path / folder).iterdir())
        except FileNotFoundError:
            return []
        except OSError as error:
            raise InputError(f"{self.path / folder} cannot be read: {error.strerror}.") from None

    def read(self, name: str) -> bytes:
        """Return a file's bytes."""
        try:
            with (self.path / name).open("rb") as file:
                data = file.read(LARGEST + 1)
        except FileNotFoundError:
            raise InputError(f"{self.path / name} is missing: unpack or get the data set again.") from None
        except OSError as error:
            raise InputError(f"{self.path / name} cannot be read: {error.strerror}.") from None
        return _not_huge(data, self.where(name))


class Zip(Files):
    """Files in a zip archive; nothing is unpacked to disk, so that paths and links in it can do no harm."""

    def __init__(self, path: Path) -> None:
        super().__init__(path)
        with _refused(path):
            self._archive = zipfile.ZipFile(path)
        self._names = self._archive.namelist()

    def names(self, folder: str) -> list[str]:
        """Return the names of the files in ``folder``."""
        inside = [name.removeprefix(f"{folder}/") for name in self._names if name.startswith(f"{folder}/")]
        return sorted(name for name in inside if name and "/" not in name)

    def read(self, name: str) -> bytes:
        """Return a file's bytes; the checksum in the archive is checked."""
        if name not in self._names:
            raise InputError(f"{self.where(name)} is missing: get {self.path.name} again.")
        with _refused(self.path), self._archive.open(name) as file:
            data = file.read(LARGEST + 1)
        return _not_huge(data, self.where(name))


@contextmanager
def _refused(path: Path) -> Iterator[None]:
    """Turn what goes wrong with an archive into one sentence."""
    try:
        yield
    except FAULTS as error:
        raise InputError(f"{path} is no whole zip archive ({str(error).rstrip('.')}): get it again.") from None
    except OSError as error:
        raise InputError(f"{path} cannot be read: {error.strerror or error}.") from None


def _not_huge(data: bytes, where: str) -> bytes:
    if len(data) > LARGEST:
        raise InputError(f"{where} has over {LARGEST} bytes: it is not the publisher's.")
    return data
