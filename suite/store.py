"""A run's folder: the plan, the raw results (write-once), logs; held by one process at a time."""

from __future__ import annotations

import contextlib
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import filelock

from suite import plan as plans
from suite import records
from suite.errors import InputError

_MUST_AGREE = {
    "profile": "profile",
    "preset": "preset",
    "seed": "seed",
    "threads": "thread count",
    "steps": "number of sampled steps",
    "data": "data",
    "locks": "locks",
    "device": "device",
    "venue": "place where workers run",
    "images": "images",
    "code_sha256": "version of the measuring code",
    "machine_id": "machine",
}
"""What may not differ between a run and its continuation, and how to call it."""


class RunFolder:
    """The folder of one run, see DESIGN: ``plan.json``, ``raw/``, ``logs/``, ``analysis.json``, ``report.html``."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.plan_file = path / "plan.json"
        self.raw = path / "raw"
        self.logs = path / "logs"
        self.jobs = path.absolute() / "jobs"  # workers run in there, so a relative path would not do
        self.inputs = path / "inputs"

    @contextmanager
    def held(self) -> Iterator[None]:
        """Make the folder and hold it against a second run.

        Raises:
            InputError: another process holds it, or it cannot be written.
        """
        lock = filelock.FileLock(self.path / ".lock", timeout=0)
        self._refuse_foreign()
        made = not self.path.exists()
        try:
            self.path.mkdir(parents=True, exist_ok=True)
            lock.acquire()
        except filelock.Timeout:
            raise InputError(
                f"another evenmatch is running in {self.path}: wait for it, or name another --out."
            ) from None
        except OSError as error:
            raise InputError(f"{self.path} cannot be written: {error.strerror}. Name another --out.") from None
        try:
            shutil.rmtree(self.jobs, ignore_errors=True)  # of a run that was killed, as are unfinished files
            for unfinished in self.raw.glob(".*.part"):
                unfinished.unlink()
            yield
        except OSError as error:
            if error.filename and Path(error.filename).absolute().is_relative_to(self.path.absolute()):
                raise InputError(f"{error.filename} cannot be written: {error.strerror}.") from None
            raise
        finally:
            lock.release()
            if made:
                self._remove_empty()

    def _remove_empty(self) -> None:
        """Remove the folder if nothing came of it but the lock."""
        if {path.name for path in self.path.iterdir()} <= {".lock"}:
            with contextlib.suppress(OSError):  # another process has taken it meanwhile
                (self.path / ".lock").unlink(missing_ok=True)
                self.path.rmdir()

    def _refuse_foreign(self) -> None:
        ours = {
            ".lock",
            self.plan_file.name,
            "raw",
            "logs",
            "jobs",
            "inputs",
            "passports",
            "baseline.json",
            "baseline.npz",
            "analysis.json",
            "report.html",
        }
        if self.path.is_dir() and {path.name for path in self.path.iterdir()} - ours and not self.plan_file.exists():
            raise InputError(f"{self.path} holds other files and no run: name a new or empty folder with --out.")

    def begin(self, plan: records.Record) -> None:
        """Write the plan of a new run.

        Raises:
            InputError: there is a run in this folder already.
        """
        if self.plan_file.exists():
            raise InputError(f"{self.path} holds a run already: go on with it by --resume, or name another --out.")
        records.write_json_once(self.plan_file, plan)

    def resume(self, plan: records.Record) -> None:
        """Check that the run in this folder is the one that ``plan`` describes.

        Raises:
            InputError: it is another one; what differs is named.
        """
        old = plans.read(self.plan_file)
        differences = [
            f"{words}: {_difference(key, old.get(key), plan.get(key))}"
            for key, words in _MUST_AGREE.items()
            if old.get(key) != plan.get(key)
        ]
        was, now = ({run["name"] for run in record["runs"]} for record in (old, plan))
        if was != now:
            differences.append(
                f"runs: {len(was - now)} of the old plan are not in the new one, {len(now - was)} are new"
            )
        if differences:
            raise InputError(
                f"{self.path} was made by another plan and cannot be continued ({'; '.join(differences)}): "
                "resume it as it was begun, or name another --out."
            )

    def done(self) -> dict[str, records.Record]:
        """Return every raw result by its run's name.

        Raises:
            InputError: one is damaged.
        """
        remedy = "Remove it, and its run is repeated, or restore it from a copy."
        return {path.stem: records.read_json(path, "a raw result", remedy) for path in sorted(self.raw.glob("*.json"))}

    def set_failed_aside(self) -> int:
        """Move the raw results that are not ok to ``raw/superseded/``, so that they are run again; return how many."""
        count = 0
        for name, raw in self.done().items():
            if raw.get("status") != "ok":
                aside = self.raw / "superseded"
                aside.mkdir(exist_ok=True)
                attempt = len(list(aside.glob(f"{name}.*.json")))
                (self.raw / f"{name}.json").rename(aside / f"{name}.{attempt}.json")
                for ending in ("steps.npy", "pictures.npz"):
                    beside = self.raw / f"{name}.{ending}"
                    if beside.exists():
                        beside.rename(aside / f"{name}.{attempt}.{ending}")
                count += 1
        return count

    def keep_passports(self, passports: Mapping[str, records.Record]) -> None:
        """Write the passports of the run's arms, by the names of their files, into the run's folder."""
        place = self.path / "passports"
        place.mkdir(exist_ok=True)
        for name, passport in passports.items():
            records.replace_json(place / f"{name}.json", passport)

    def keep(self, name: str, raw: records.Record, steps: Path | None, pictures: Path | None = None) -> None:
        """Write one raw result, the files it names first: the JSON file is what makes the run count as finished."""
        for made, ending in ((steps, "steps.npy"), (pictures, "pictures.npz")):
            if made is not None and made.exists():
                target = self.raw / f"{name}.{ending}"
                target.unlink(missing_ok=True)  # left by a driver that died between the files
                records.write_once(target, made.read_bytes())
        records.write_json_once(self.raw / f"{name}.json", raw)


def _difference(key: str, old: Any, new: Any) -> str:
    """Return in words what was there and what is now, no more of it than differs."""
    if key == "data":
        was, now = _images(old), _images(new)
        if was == now:
            was, now = (f"{words} ({_short(_digest(each))})" for words, each in ((was, old), (now, new)))
        return f"{was} there, {now} now"
    if isinstance(old, dict) and isinstance(new, dict):
        unlike = [name for name in {**old, **new} if old.get(name) != new.get(name)]
        was, now = (", ".join(f"{name} {_short(each.get(name, 'none'))}" for name in unlike) for each in (old, new))
        return f"{was} there, {now} now"
    return f"{_short(old)} there, {_short(new)} now"


def _images(data: Any) -> str:
    if not isinstance(data, dict):
        return "no data"
    return "synthetic images" if data.get("synthetic") else str(data.get("title") or data.get("name"))


def _digest(data: Any) -> str:
    return str(data.get("sha256")) if isinstance(data, dict) else "none"


def _short(value: Any) -> str:
    text = str(value)
    return f"{text[:12]}..." if len(text) == 64 else text
