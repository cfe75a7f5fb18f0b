"""Verifying recipes: those of this machine run, all others resolved, several at a time, every result kept at once."""

from __future__ import annotations

import contextlib
import os
import shutil
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, field

from suite import home, installer, profiles, records
from suite.errors import EvenmatchError, UnsupportedError
from suite.recipes import Recipe, grading, loading, pythons, surroundings, verified
from suite.recipes.causes import of_this_machine
from suite.recipes.children import Children, StoppedError, TooLongError
from suite.recipes.executing import execute
from suite.recipes.resolving import UnresolvableError, download_bytes, resolve
from suite.records import Record

ROUGHLY_S = {True: 60.0, False: 8.0}
"""How long a recipe takes that was never verified: one that is run, and one that is resolved."""

PERIOD_S = 0.5


@dataclass(kw_only=True)
class Outcome:
    """What a verification came to."""

    records: dict[str, Record] = field(default_factory=dict)
    changes: list[str] = field(default_factory=list)
    """What is other than at the last verification."""
    resumed: int = 0


@dataclass(frozen=True, kw_only=True)
class Wish:
    """What the user asked for."""

    recipes: Sequence[Recipe]
    jobs: int = 2
    timeout_s: float = 1800.0
    resume: bool = False
    keep: bool = True


Done = Callable[[Recipe, Record, int, float], None]
"""Told of each finished recipe: its record, how many are done, and the seconds that are left."""


def verify(wish: Wish, done: Done) -> Outcome:
    """Verify recipes; every result is kept as soon as it is there.

    Raises:
        KeyboardInterrupt: the user stopped us; children are gone, what was finished is kept.
        InputError: ``verified.json`` is damaged or cannot be written.
    """
    go = _Go(wish)
    go.outcome.resumed = len(go.outcome.records)
    left = [recipe for recipe in wish.recipes if recipe.name not in go.outcome.records]
    installer.uv(["--version"])  # says now if uv is missing, and not once for each recipe
    children = Children()
    pool = ThreadPoolExecutor(wish.jobs)
    waiting: dict[Future[Record], Recipe] = {}
    try:
        waiting = {pool.submit(_verify, recipe, children, wish.timeout_s): recipe for recipe in left}
        while waiting:
            finished, _ = wait(waiting, timeout=PERIOD_S, return_when=FIRST_COMPLETED)
            for future in finished:
                recipe = waiting.pop(future)
                go.add(recipe, future.result())
                seconds = sum(map(go.estimate, waiting.values())) / wish.jobs
                done(recipe, go.outcome.records[recipe.name], len(go.outcome.records), seconds)
    finally:
        children.stop()
        pool.shutdown(wait=True, cancel_futures=True)
    return go.outcome


class _Go:
    """What is known before and found out in one go."""

    def __init__(self, wish: Wish) -> None:
        self._wish = wish
        self._file = home.cache() / "recipes" / "go.json"
        self._before = verified.read()
        self._kept = self._before
        self.outcome = Outcome()
        if wish.resume and self._file.exists():
            found = records.read_json(self._file, "verification under way", "Leave --resume out to begin anew.")
            tried = found.get("recipes") or {}
            self.outcome.records = {
                recipe.name: tried[recipe.name]
                for recipe in wish.recipes
                if tried.get(recipe.name, {}).get("recipe") == grading.digest(recipe)
            }
        else:
            self._file.unlink(missing_ok=True)

    def add(self, recipe: Recipe, record: Record) -> None:
        change = verified.change(self._before, recipe, record)
        self.outcome.changes += [change] if change else []
        self.outcome.records[recipe.name] = record
        tried = {name: each for name, each in self.outcome.records.items() if each["evidence"] != grading.NONE}
        self._file.parent.mkdir(parents=True, exist_ok=True)
        records.replace_json(self._file, {"schema": verified.SCHEMA, "recipes": tried})
        if self._wish.keep:
            self._kept = verified.keep(self._kept, recipe, {k: v for k, v in record.items() if k != "transcript"})
            if record.get("transcript") and record["evidence"] != grading.NONE:
                target = verified.transcript(recipe.name)
                target.parent.mkdir(parents=True, exist_ok=True)
                records.replace(target, str(record["transcript"]).encode())
            verified.write(self._kept, loading.names())

    def estimate(self, recipe: Recipe) -> float:
        """Return how long a recipe will take, from its last verification where there was one."""
        before = verified.best(self._before, recipe) or {}
        return float(before.get("wall_s") or before.get("seconds") or ROUGHLY_S[why_not_run(recipe) == ""])


def why_not_run(recipe: Recipe) -> str:
    """Return what keeps this machine from running a recipe; "" if nothing does."""
    profile = profiles.load(recipe.platform)
    try:
        profile.require_this_machine("cpu")
    except UnsupportedError:
        return f"it needs {profile.needs}"
    if pythons.find(recipe.python) is None:
        return f"it needs Python {recipe.python}, which is not on this machine"
    return ""


_PREPARING = threading.Lock()


def _verify(recipe: Recipe, children: Children, timeout_s: float) -> Record:
    with _PREPARING:  # what is looked up once is not looked up by several at once
        why = why_not_run(recipe)
    children.refuse_if_stopping()
    try:
        return _resolved(recipe, why, timeout_s) if why else _executed(recipe, children, timeout_s)
    except TooLongError:
        return grading.of_nothing(recipe, f"it took longer than {timeout_s:g} s; give it more with --timeout")
    except UnsupportedError as error:
        return grading.of_nothing(recipe, _without_uvs_words(str(error)).rstrip("."))
    except StoppedError:
        raise
    except (OSError, EvenmatchError) as error:
        return grading.of_nothing(recipe, of_this_machine(str(error)) or str(error).rstrip("."))


def _without_uvs_words(message: str) -> str:
    """Return our own sentence alone: uv's are unlike each time, and name hosts that need not be kept."""
    return message.partition(" uv said: ")[0]


def _executed(recipe: Recipe, children: Children, timeout_s: float) -> Record:
    python = pythons.find(recipe.python)
    assert python is not None, "why_not_run found it"
    found = execute(recipe, python, children, timeout_s)
    machine = of_this_machine(found.failed) if found.failed else ""
    if machine:
        return grading.of_nothing(recipe, machine) | {"transcript": found.transcript}
    record = grading.of_execution(recipe, found, accelerator_here=_accelerator_here(recipe))
    return record | {"transcript": found.transcript}


def _accelerator_here(recipe: Recipe) -> bool:
    try:
        profiles.load(recipe.platform).require_this_machine()
    except UnsupportedError:
        return False
    return True


def _resolved(recipe: Recipe, why: str, timeout_s: float) -> Record:
    try:
        packages = resolve(recipe, time.monotonic() + timeout_s)
    except UnresolvableError as error:
        return grading.of_resolution(recipe, [], str(error), None, why)
    return grading.of_resolution(recipe, packages, "", download_bytes(packages), why)


def remove_leftovers() -> None:
    """Remove the environments that a verification which was killed left behind."""
    with contextlib.suppress(OSError):
        if not os.access(home.cache(), os.W_OK):
            return
        shutil.rmtree(surroundings.work(), ignore_errors=True)
