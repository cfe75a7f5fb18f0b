"""Passports before runs: every arm sits its exam in its own environment, once; then the answer is kept and used again.

A passport is kept under everything that could change it: workload, arm, the code of adapters, exam and definition, the
lock, the threads, and the kind of machine.
"""

from __future__ import annotations

import errno
import hashlib
import json
import shutil
import tempfile
import time
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from suite import code, home, records
from suite.environments import Environment
from suite.errors import InputError
from suite.exams import Answered, Exams, Subject
from suite.frameworks import Device
from suite.parity import passport, questions
from suite.parity.passport import Known, Passport
from suite.parity.questions import Questions, Trajectory
from suite.progress import duration
from suite.workload import Workload
from suite.workloads import workload

GUESS_S = 12.0
GUESS_COMPILED_S = 50.0
"""How long an exam takes where none was sat yet; modes that generate code do so for every batch size."""

COMPILED = ("compile", "xla")
"""How the names of such modes end."""

NEEDED_BYTES = 2**30
"""What exams write for a while; with less than this free, a failure to write is told as a full disk."""

MACHINE_CLASS = ("architecture", "cpu_vendor", "cpu_model", "microarchitecture", "simd", "gpus")
"""Facts of a machine that decide which kernels are used."""


@dataclass(frozen=True, kw_only=True)
class Examiner:
    """Sees to it that every subject has a passport."""

    environments: Mapping[str, Environment]
    threads: int
    device: Device = "cpu"
    identity: Mapping[str, Any]
    say: Callable[[str], None]
    timeout_s: float | None = None
    again: bool = False
    """Examine anew, also where a passport is kept."""
    cache: Path = field(default_factory=home.cache)
    """Where passports are kept, and where exams are sat."""

    def passports(self, subjects: Sequence[Subject]) -> dict[Subject, Passport]:
        """Return every subject's passport; those that are not kept yet are made now, one framework after another.

        Raises:
            InputError: the disk is full, or an environment's Python cannot be started.
        """
        found = self.kept(subjects)
        missing = self.missing(subjects)
        self._refuse_what_is_in_the_way(missing)
        for name in dict.fromkeys(subject.workload for subject in missing):
            found |= self._examine(name, [subject for subject in missing if subject.workload == name])
        return {subject: found[subject] for subject in dict.fromkeys(subjects)}

    def kept(self, subjects: Sequence[Subject]) -> dict[Subject, Passport]:
        """Return the passports that need not be made; none where everything is to be examined anew."""
        return {} if self.again else {subject: kept for subject in subjects if (kept := self._kept(subject))}

    def missing(self, subjects: Sequence[Subject]) -> list[Subject]:
        """Return the subjects that have to be examined, each once."""
        kept = self.kept(subjects)
        return [subject for subject in dict.fromkeys(subjects) if subject not in kept]

    def seconds(self, subjects: Sequence[Subject]) -> float:
        """Return how long the exams of these subjects will take, estimated."""
        return sum(self._estimate(subject) for subject in subjects)

    def _refuse_what_is_in_the_way(self, missing: Sequence[Subject]) -> None:
        """Refuse a folder in a passport's place before an exam is sat, not after it."""
        for place in map(self._place, missing):
            if place.is_dir():
                raise InputError(f"{place} is a folder, where a passport is to be kept: remove it.")

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
        """Return how many seconds an exam will take: as many as it took here last, whatever has changed since.

        That is the exam itself, the judging of it, and the subject's share of what is done once for all who sit it.
        """
        earlier = sorted(self._place(subject).parent.glob(f"{subject.name}-????????????????.json"), key=_modified)
        try:
            return float(records.read_json(earlier[-1], "a passport")["seconds"])
        except (IndexError, InputError, KeyError, TypeError, ValueError):
            return GUESS_COMPILED_S if subject.mode.endswith(COMPILED) else GUESS_S

    def key(self, subject: Subject) -> str:
        """Return the digest of everything that could change a subject's passport."""
        given = {
            "subject": [subject.lane, subject.framework, subject.mode, list(subject.batches)],
            "workload": repr(workload(subject.workload)),
            **self._made_with(subject),
        }
        return hashlib.sha256(json.dumps(given, sort_keys=True).encode()).hexdigest()

    def _made_with(self, subject: Subject) -> dict[str, Any]:
        environment = self.environments[subject.packages]
        container = environment.container
        return {
            "lock_sha256": environment.lock_sha256,
            "image": container["image"]["name"] if container else None,
            "code_sha256": code.sha256(code.PROVING),
            "threads": self.threads,
            "device": self.device,
            "machine_class": {name: self.identity.get(name) for name in MACHINE_CLASS},
        }

    def _examine(self, name: str, subjects: Sequence[Subject]) -> dict[Subject, Passport]:
        """Let all subjects of one workload sit their exams over the same questions."""
        task = workload(name)
        since = time.perf_counter()
        left = self.seconds(subjects)
        self.say(f"passports of {name}: {len(subjects)} to prove, about {duration(left)}; kept afterwards")
        self.cache.mkdir(parents=True, exist_ok=True)
        folder = Path(tempfile.mkdtemp(prefix="exam-", dir=self.cache))
        try:
            asked = questions.draw(task, folder)
            Trajectory(task, asked).make(task, asked)
            share = (time.perf_counter() - since) / len(subjects)
            found: dict[Subject, Passport] = {}
            known: Known = {}
            groups = dict.fromkeys((subject.lane, subject.framework, subject.packages) for subject in subjects)
            for group in groups:
                members = [s for s in subjects if (s.lane, s.framework, s.packages) == group]
                modes = ", ".join(subject.mode for subject in members)
                self.say(f"  {group[1]} sits its exam ({modes}), about {duration(self.seconds(members))}")
                found |= self._sit(task, asked, members, known, share)
                left = self.seconds([subject for subject in subjects if subject not in found])
                if left:
                    self.say(f"  about {duration(left)} left")
        except OSError as error:
            raise InputError(_unwritable(folder, error)) from None
        finally:
            shutil.rmtree(folder, ignore_errors=True)
        self.say(f"passports of {name}: done in {duration(time.perf_counter() - since)}")
        return found

    def _sit(
        self, task: Workload, asked: Questions, members: Sequence[Subject], known: Known, share: float
    ) -> dict[Subject, Passport]:
        """Let the modes of one framework sit, in one process; if it dies, those behind the one it died of sit anew.

        ``share`` is each member's share of the seconds that the questions took.
        """
        found: dict[Subject, Passport] = {}
        exams = Exams(
            environments=self.environments, threads=self.threads, device=self.device, timeout_s=self.timeout_s
        )
        todo = list(members)
        while todo:
            sat = exams.sit(task, asked.folder, todo)
            for subject, answered in sat.answers.items():
                since = time.perf_counter()
                proved = _prove(subject, answered, task, asked, known)
                seconds = share + sat.seconds_of(subject) + time.perf_counter() - since
                found[subject] = self._finish(subject, proved, seconds, answered[1])
            todo = todo[len(sat.answers) :]
            if todo:
                subject = todo.pop(0)
                found[subject] = self._finish(subject, passport.error(sat.reason), sat.seconds, {})
        return found

    def _finish(self, subject: Subject, proved: Passport, seconds: float, facts: Mapping[str, Any]) -> Passport:
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
            "seconds": round(seconds, 1),
            "made_with": {**self._made_with(subject), "versions": facts.get("versions", {})},
        }
        if result["status"] != "error":
            self._keep(self._place(subject), result)
        self.say(f"  {subject.arm}: {in_words(result, whole=False)}")
        return result

    def _keep(self, place: Path, found: Passport) -> None:
        try:
            place.parent.mkdir(parents=True, exist_ok=True)
            records.replace_json(place, found)
        except (InputError, OSError) as error:
            raise InputError(
                f"{place.parent} cannot be written, where passports are kept: free some space and make it writable, "
                "or name another folder by EVENMATCH_HOME."
            ) from error


def _modified(path: Path) -> float:
    return path.stat().st_mtime


def _unwritable(folder: Path, error: OSError) -> str:
    """Return why no exam can be sat; NumPy's own errors have no number where a disk is full."""
    full = error.errno in (errno.ENOSPC, errno.EDQUOT) or shutil.disk_usage(folder.parent).free < NEEDED_BYTES
    why = "the disk is full" if full else error.strerror or str(error)
    return (
        f"{folder} cannot be written, {why}: passports need about 1 GB there for a while; free some space, or name "
        "another folder by EVENMATCH_HOME."
    )


def _prove(
    subject: Subject,
    answered: Answered,
    task: Workload,
    asked: Questions,
    known: Known,
) -> Passport:
    judge = passport.as_published if subject.lane == "as-published" else passport.matched
    return judge(answered[0], task, asked, known)


def in_words(found: Passport, *, whole: bool = True) -> str:
    """Return how an exam ended in one line, with the diagnosis where the ``whole`` is told, or nothing else is."""
    match found["status"]:
        case "matched":
            known = len(found["residues"])
            return f"matched, {known} known residue{'s' * (known != 1)} stated" if known else "matched"
        case "unmatched":
            return f"UNMATCHED ({found['failed_item']})" + (f": {found['diagnosis']}" if whole else "")
        case "as-published":
            count = len(found["findings"])
            return f"{count or 'no'} difference{'s' * (count != 1)} from the matched training"
        case _:
            return str(found["diagnosis"])


def count(found: Collection[Passport]) -> str:
    """Return how many passports read matched, and how many are of programs that claim nothing, in words."""
    statuses = [passport["status"] for passport in found]
    published = statuses.count("as-published")
    examined = len(statuses) - published
    told = [f"{statuses.count('matched')} of {examined} matched"] if examined else []
    told += [f"{published} as published, which claim nothing"] if published else []
    return ", ".join(told)


def summary(found: Passport) -> dict[str, Any]:
    """Return what every raw result of the arm carries of its passport."""
    short = {name: found[name] for name in ("status", "key", "failed_item", "diagnosis")}
    short["residues"] = [residue["sentence"] for residue in found["residues"]]
    if found["status"] == "as-published":
        short["differences"] = [finding["sentence"] for finding in found["findings"]]
    return short
