"""Passports before runs: every arm sits its exam in its own environment, once; then the answer is kept and used again.

A passport is kept under everything that could change it: workload, arm, the code of adapters, exam and definition, the
lock, the threads, and the kind of machine.
"""

from __future__ import annotations

import hashlib
import json
import shutil
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np

from suite import code, home, records
from suite.environments import Environment
from suite.errors import InputError
from suite.frameworks import DType
from suite.outcome import explain
from suite.parity import passport, questions
from suite.parity.answers import Answers
from suite.parity.passport import Known, Passport
from suite.parity.questions import Questions, Trajectory
from suite.process import Worker
from suite.runner import worker_environment
from suite.workload import Workload
from suite.workloads import workload

TIMEOUT_S = 600
"""How long an exam may take, for each mode of the framework."""

GUESS_S = 12.0
"""How long an exam takes where none was sat yet; compiled modes take longer."""

MACHINE_CLASS = ("architecture", "cpu_vendor", "cpu_model", "microarchitecture", "simd", "gpus")
"""Facts of a machine that decide which kernels are used."""


@dataclass(frozen=True, kw_only=True)
class Subject:
    """What sits an exam: an arm of a lane, with a workload; ``packages`` names its environment."""

    lane: str
    workload: str
    framework: str
    mode: str
    packages: str
    batches: tuple[int, ...]
    """The batch sizes that it is proved with."""

    @property
    def arm(self) -> str:
        """Framework and mode: ``pytorch-eager``."""
        return f"{self.framework}-{self.mode}"

    @property
    def name(self) -> str:
        """The name of its passport's file."""
        return f"{self.lane}__{self.workload}__{self.arm}"


@dataclass(frozen=True, kw_only=True)
class Examiner:
    """Sees to it that every subject has a passport."""

    environments: Mapping[str, Environment]
    threads: int
    identity: Mapping[str, Any]
    say: Callable[[str], None]
    timeout_s: float | None = None
    cache: Path = field(default_factory=home.cache)
    """Where passports are kept, and where exams are sat."""

    def passports(self, subjects: Sequence[Subject]) -> dict[Subject, Passport]:
        """Return every subject's passport; those that are not kept yet are made now, one framework after another.

        Raises:
            InputError: the disk is full, or an environment's Python cannot be started.
        """
        found = {subject: kept for subject in subjects if (kept := self._kept(subject))}
        missing = [subject for subject in dict.fromkeys(subjects) if subject not in found]
        for name in dict.fromkeys(subject.workload for subject in missing):
            found |= self._examine(name, [subject for subject in missing if subject.workload == name])
        return {subject: found[subject] for subject in dict.fromkeys(subjects)}

    def _kept(self, subject: Subject) -> Passport | None:
        path = self._place(subject)
        if not path.exists():
            return None
        try:
            return records.read_json(path, "a passport")
        except InputError:
            return None  # damaged: it is made anew

    def _place(self, subject: Subject) -> Path:
        return self.cache / "passports" / f"{subject.name}-{self.key(subject)[:16]}.json"

    def _estimate(self, subject: Subject) -> float:
        """Return how many seconds an exam will take: as many as it took here last, whatever has changed since."""
        earlier = sorted(self._place(subject).parent.glob(f"{subject.name}-????????????????.json"), key=_modified)
        try:
            return float(records.read_json(earlier[-1], "a passport")["seconds"])
        except (IndexError, InputError, KeyError, TypeError, ValueError):
            return GUESS_S

    def key(self, subject: Subject) -> str:
        """Return the digest of everything that could change a subject's passport."""
        given = {
            "subject": [subject.lane, subject.framework, subject.mode, list(subject.batches)],
            "workload": repr(workload(subject.workload)),
            **self._made_with(subject),
        }
        return hashlib.sha256(json.dumps(given, sort_keys=True).encode()).hexdigest()

    def _made_with(self, subject: Subject) -> dict[str, Any]:
        return {
            "lock_sha256": self.environments[subject.packages].lock_sha256,
            "code_sha256": code.sha256(code.PROVING),
            "threads": self.threads,
            "machine_class": {name: self.identity.get(name) for name in MACHINE_CLASS},
        }

    def _examine(self, name: str, subjects: Sequence[Subject]) -> dict[Subject, Passport]:
        """Let all subjects of one workload sit their exams over the same questions."""
        task = workload(name)
        since = time.perf_counter()
        left = sum(self._estimate(subject) for subject in subjects)
        self.say(f"passports of {name}: {len(subjects)} to prove, about {left:.0f} s; kept afterwards")
        self.cache.mkdir(parents=True, exist_ok=True)
        folder = Path(tempfile.mkdtemp(prefix="exam-", dir=self.cache))
        try:
            asked = questions.draw(task, folder)
            Trajectory(task, asked).make(task, asked)
            found: dict[Subject, Passport] = {}
            known: Known = {}
            groups = dict.fromkeys((subject.lane, subject.framework, subject.packages) for subject in subjects)
            for group in groups:
                members = [s for s in subjects if (s.lane, s.framework, s.packages) == group]
                found |= self._sit(task, asked, members, known)
                left = sum(self._estimate(subject) for subject in subjects if subject not in found)
                if left:
                    self.say(f"  about {left:.0f} s left")
        except OSError as error:
            raise InputError(
                f"{folder} cannot be written ({error.strerror}): passports need about 1 GB for a while; free some."
            ) from None
        finally:
            shutil.rmtree(folder, ignore_errors=True)
        self.say(f"passports of {name}: done in {time.perf_counter() - since:.0f} s")
        return found

    def _sit(
        self, task: Workload, asked: Questions, members: Sequence[Subject], known: Known
    ) -> dict[Subject, Passport]:
        """Let the modes of one framework sit, in one process; if it dies, those behind the one it died of sit anew."""
        found: dict[Subject, Passport] = {}
        todo = list(members)
        while todo:
            since = time.perf_counter()
            exit_code = self._start(task, asked.folder, todo)
            for subject in list(todo):
                answered = self._read(asked.folder, subject)
                if answered is None:
                    break
                todo.remove(subject)
                found[subject] = self._finish(
                    subject, _prove(subject, answered, task, asked, known), since, answered[1]
                )
            if todo:
                reason = explain(exit_code, asked.folder / f"{todo[0].packages}.log", self._limit(todo))
                subject = todo.pop(0)
                found[subject] = self._finish(subject, passport.error(home.without_user(reason)), since, {})
        return found

    def _start(self, task: Workload, folder: Path, todo: Sequence[Subject]) -> int | None:
        """Start the worker and wait for it; whatever happens here, no process of it is left behind."""
        first = todo[0]
        job = {
            "schema": records.SCHEMA,
            "lane": first.lane,
            "workload": task.name,
            "framework": first.framework,
            "modes": [subject.mode for subject in todo],
            "threads": self.threads,
            "batches": list(first.batches),
            "folder": str(folder.resolve()),
        }
        path = folder / "job.json"
        records.replace_json(path, job)
        python = self.environments[first.packages].python
        command = [str(python), "-m", "suite.worker.exam", str(path.resolve())]
        with (folder / f"{first.packages}.log").open("wb") as log:
            try:
                worker = Worker(command, env=worker_environment(), cwd=folder, log=log)
            except OSError as error:
                raise InputError(
                    f"{python} cannot be started ({error.strerror}): run the same command again, which repairs it."
                ) from None
            try:
                return worker.wait(self._limit(todo))
            finally:
                worker.stop()

    def _limit(self, todo: Sequence[Subject]) -> float:
        return (self.timeout_s or TIMEOUT_S) * len(todo)

    def _read(self, folder: Path, subject: Subject) -> tuple[dict[DType, Answers], dict[str, Any]] | None:
        place = folder / subject.arm
        try:
            facts = records.read_json(place.with_name(f"{place.name}.json"), "the answers")
            with np.load(place.with_name(f"{place.name}.npz"), allow_pickle=False) as file:
                arrays = {name: file[name] for name in file.files}
        except (InputError, OSError, ValueError):
            return None
        return {dtype: Answers(dtype, facts, arrays) for dtype in facts["dtypes"]}, facts

    def _finish(self, subject: Subject, proved: Passport, since: float, facts: Mapping[str, Any]) -> Passport:
        """Complete a passport with who, when and with what, keep it (an error is not kept), and say how it ended."""
        result = {
            "schema": records.SCHEMA,
            "lane": subject.lane,
            "workload": subject.workload,
            "framework": subject.framework,
            "mode": subject.mode,
            **proved,
            "key": self.key(subject),
            "made_at": datetime.now(UTC).isoformat(timespec="seconds"),
            "seconds": round(facts.get("seconds", time.perf_counter() - since), 1),
            "made_with": {**self._made_with(subject), "versions": facts.get("versions", {})},
        }
        if result["status"] != "error":
            place = self._place(subject)
            place.parent.mkdir(parents=True, exist_ok=True)
            records.replace_json(place, result)
        self.say(f"  {subject.arm}: {in_words(result)}")
        return result


def _modified(path: Path) -> float:
    return path.stat().st_mtime


def _prove(
    subject: Subject,
    answered: tuple[dict[DType, Answers], dict[str, Any]],
    task: Workload,
    asked: Questions,
    known: Known,
) -> Passport:
    judge = passport.as_published if subject.lane == "as-published" else passport.matched
    return judge(answered[0], task, asked, known)


def in_words(found: Passport) -> str:
    """Return how an exam ended in one line."""
    match found["status"]:
        case "matched":
            stated = f", {len(found['residues'])} known residue stated" if found["residues"] else ""
            return f"matched{stated}"
        case "unmatched":
            return f"UNMATCHED ({found['failed_item']}): {found['diagnosis']}"
        case "as-published":
            return f"{len(found['findings'])} differences from the matched training"
        case _:
            return str(found["diagnosis"])


def summary(found: Passport) -> dict[str, Any]:
    """Return what every raw result of the arm carries of its passport."""
    short = {name: found[name] for name in ("status", "key", "failed_item", "diagnosis")}
    short["residues"] = [residue["sentence"] for residue in found["residues"]]
    if found["status"] == "as-published":
        short["differences"] = [finding["sentence"] for finding in found["findings"]]
    return short
