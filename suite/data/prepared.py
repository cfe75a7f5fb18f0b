"""Find or make a data set once, and keep it as plain arrays that a worker maps into memory with NumPy alone."""

from __future__ import annotations

import errno
import hashlib
import os
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
from filelock import FileLock, Timeout
from numpy.typing import NDArray

from suite import records
from suite.data.contract import PARTS, SPLITS, STEREO_PARTS, DataSet, Images, Kind, Licence, Pairs
from suite.errors import InputError, unknown
from suite.registry import discover

VARIABLE: Final = "EVENMATCH_DATA"
"""Environment variable that names the data where no option does."""
PATIENCE_S: Final = 600.0
"""How long to wait for another process that is preparing the same data; making them takes seconds."""


@dataclass(frozen=True, kw_only=True)
class Prepared:
    """A data set as files in ``folder``: one .npy per array of :class:`Images` or :class:`Pairs`, and data.json.

    Attributes:
        folder: where the files are.
        source: what was read, None for a synthetic set; it may be personal, so it is in no file that is shown.
        name: the data set's name.
        title: its name in reports.
        synthetic: whether the images are made up.
        kind: labelled images, or stereo pairs.
        sha256: digest of the images, see :meth:`Images.sha256`.
        train_examples: number of training images, or of the places in stereo pairs that patches can be cut at.
        test_examples: likewise.
        classes: the name of each label.
        citation: whom to cite.
        origin: what the images were made from, in words and without any path.
        licence: terms that pictures of the set are under, where there are any to be told.
    """

    folder: Path
    source: Path | None
    name: str
    title: str
    synthetic: bool
    kind: Kind
    sha256: str
    train_examples: int
    test_examples: int
    classes: tuple[str, ...]
    citation: str
    origin: str
    licence: Licence | None

    def facts(self) -> dict[str, Any]:
        """Return what every raw result says about its data."""
        names = ("name", "synthetic", "sha256", "train_examples", "test_examples")
        return {name: getattr(self, name) for name in names}

    def images(self) -> Images:
        """Return the arrays of labelled images, mapped into memory and not to be written to.

        Raises:
            TypeError: these are stereo pairs.
        """
        loaded = _load(self.folder)
        if not isinstance(loaded, Images):
            raise TypeError(f"{self.name} has no labelled images")
        return loaded

    def pairs(self) -> Pairs:
        """Return the arrays of stereo pairs, likewise.

        Raises:
            TypeError: these are labelled images.
        """
        loaded = _load(self.folder)
        if not isinstance(loaded, Pairs):
            raise TypeError(f"{self.name} has no stereo pairs")
        return loaded


def datasets() -> dict[str, DataSet]:
    """Return every data set by its name."""
    return {dataset.name: dataset for dataset in discover("suite.data", "DATASET", DataSet)}


def by_name(name: str) -> DataSet:
    """Return the data set called ``name``.

    Raises:
        InputError: there is none; the near ones are named.
    """
    known = datasets()
    if name not in known:
        raise unknown("data set", name, known)
    return known[name]


def downloads(cache: Path) -> Path:
    """Return the folder where downloaded archives are kept and looked for."""
    return cache / "downloads"


def prepare(
    name: str = "cifar10", *, source: Path | None, cache: Path, say: Callable[[str], object] = lambda _line: None
) -> Prepared:
    """Return the data for a workload that asks for ``name``: the real set if there is one, else its synthetic twin.

    Args:
        name: the data set that the workload is about.
        source: folder or archive that the user named; it is then this one or an error, never a stand-in.
        cache: folder of everything that can be made again; prepared files go to ``cache/prepared``.
        say: is told in one line when something takes seconds.

    Raises:
        InputError: the source has no such data or damaged data, or the cache cannot be written.
    """
    dataset, found = _resolve(by_name(name), source, cache)
    identity = dataset.identify(found)
    key = f"{dataset.name}-{hashlib.sha256(identity.encode()).hexdigest()[:16]}"
    home = cache / "prepared"
    try:
        home.mkdir(parents=True, exist_ok=True)
        with FileLock(home / f"{key}.lock", timeout=PATIENCE_S):
            record = _reuse(home / key, identity, say) or _make(dataset, found, identity, home / key, say)
    except Timeout:
        raise InputError(
            f"{home / key}.lock is held by another process that is preparing the data: end that one first."
        ) from None
    except OSError as error:
        raise _unwritable(home, error) from None
    facts = {name: record[name] for name in ("sha256", "train_examples", "test_examples")}
    return Prepared(
        folder=home / key,
        source=found,
        name=dataset.name,
        title=dataset.title,
        synthetic=dataset.synthetic,
        kind=dataset.kind,
        classes=dataset.classes,
        citation=dataset.citation,
        origin=dataset.describe(found),
        licence=dataset.licence,
        **facts,
    )


def _resolve(dataset: DataSet, source: Path | None, cache: Path) -> tuple[DataSet, Path | None]:
    """Return which set to use and where it is: what the user names, else a download, else the twin."""
    named = source or (Path(value) if (value := os.environ.get(VARIABLE)) else None)
    if dataset.synthetic:
        return dataset, None
    if named is not None:
        found = dataset.find(named)
        if found is None:
            raise _not_found(dataset, named, "--data" if source else VARIABLE)
        return dataset, found
    found = dataset.find(downloads(cache))
    if found is not None:
        return dataset, found
    twins = [other for other in datasets().values() if other.twin_of == dataset.name]
    if not twins:
        remedy = ", or add --download" if dataset.archives else ""
        raise InputError(f"{dataset.title} is needed and was not found: name its folder with --data{remedy}.")
    return twins[0], None


def _not_found(dataset: DataSet, named: Path, by: str) -> InputError:
    if not named.exists():
        return InputError(
            f"{named} (named by {by}) does not exist: name the folder or archive that holds {dataset.title}."
        )
    pickled = any(named.glob("cifar-10-batches-py")) or (named / "batches.meta").is_file()
    if pickled and dataset.name == "cifar10":
        return InputError(
            f"{named} (named by {by}) holds the Python version of {dataset.title}, which is pickled and therefore not "
            "read: get the binary version, or add --download."
        )
    return InputError(f"{named} (named by {by}) holds no {dataset.title}: {dataset.needs} is needed.")


def _load(folder: Path) -> Images | Pairs:
    """Map the arrays in ``folder``.

    Raises:
        InputError, OSError, ValueError: they are not there or are no arrays of the right kind.
    """
    record = records.read_json(folder / "data.json", "the description of prepared data")
    stereo = record.get("kind") == "stereo"  # what earlier versions prepared has no kind: it is labelled images
    parts = STEREO_PARTS if stereo else PARTS
    arrays = {part: np.load(folder / f"{part}.npy", mmap_mode="r", allow_pickle=False) for part in parts}
    if stereo:
        train, test = (tuple(record.get(f"{split}_pairs", ())) for split in SPLITS)
        return Pairs(**arrays, train_pairs=train, test_pairs=test)
    return Images(**arrays)


def _reuse(folder: Path, identity: str, say: Callable[[str], object]) -> records.Record | None:
    """Return the record of prepared files that are still exactly what was written, or None."""
    if not folder.exists():
        return None
    try:
        record = records.read_json(folder / "data.json", "the description of prepared data")
        if record.get("identity") == identity and _load(folder).sha256() == record.get("sha256"):
            return record
    except (InputError, OSError, ValueError, EOFError):
        pass  # whatever is wrong with a cache, the answer is the same
    say(f"{folder} is damaged and is made again.")
    return None


def _make(
    dataset: DataSet, source: Path | None, identity: str, folder: Path, say: Callable[[str], object]
) -> records.Record:
    """Write the files beside their place, then rename the whole folder; the caller holds the lock."""
    say(f"{'Making' if dataset.synthetic else 'Reading'} {dataset.title}.")
    images = dataset.read(source)
    record: records.Record = {
        "schema": records.SCHEMA,
        "name": dataset.name,
        "title": dataset.title,
        "synthetic": dataset.synthetic,
        "kind": dataset.kind,
        "sha256": images.sha256(),
        **images.examples,
        **images.names,
        "classes": list(dataset.classes),
        "citation": dataset.citation,
        "origin": dataset.describe(source),
        "identity": identity,
    }
    part = folder.with_name(f".{folder.name}.part")
    shutil.rmtree(part, ignore_errors=True)  # of a process that was killed
    try:
        part.mkdir()
        for name, array in images.arrays.items():
            _save(part / f"{name}.npy", array)
        records.replace_json(part / "data.json", record)
        if folder.exists():
            shutil.rmtree(folder)
        part.replace(folder)
    except OSError as error:
        raise _unwritable(folder.parent, error, sum(array.nbytes for array in images.arrays.values())) from None
    finally:
        shutil.rmtree(part, ignore_errors=True)
    return record


def _save(path: Path, array: NDArray[np.generic]) -> None:
    """Write an .npy file without a second copy in memory, and with the system's own errors (np.save hides them)."""
    array = np.ascontiguousarray(array)
    with path.open("wb") as file:
        np.lib.format.write_array_header_1_0(file, np.lib.format.header_data_from_array_1_0(array))
        file.write(array.data)
        file.flush()
        os.fsync(file.fileno())


def _unwritable(home: Path, error: OSError, needed: int = 0) -> InputError:
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        space = f"{needed // 1_000_000 + 1} MB" if needed else "some space"
        return InputError(
            f"{home} cannot hold the prepared data, the disk is full: free {space} there and run it again."
        )
    return InputError(f"{home} cannot be written: {error.strerror or error}; the data have to be prepared there.")
