"""What installing costs: environments over uv's own install of the same lock, and locks made and looked at."""

from __future__ import annotations

import functools
import os
import shutil
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from rich.console import Console

from benchmarks.setting import Setting
from benchmarks.table import Row
from suite import home, installer, locking, locks, profiles
from suite.environments import native
from suite.frameworks import Packages
from suite.profiles import Profile

FRAMEWORKS = ("pytorch", "tensorflow")
ROUNDS = 3
ENVIRONMENT_BOUND = 1.2
MAKE_BOUND_S = 180.0
CHECK_BOUND_S = 60.0


def environments(setting: Setting) -> list[Row]:
    """Return what building an environment takes over uv's own install of its lock, wheels in uv's cache, by turns.

    uv's own is ``uv venv`` and ``uv pip sync``, hashes required; it compiles no bytecode unless it is told to, which
    an environment needs so that no worker does it while it is measured. So both are compared: the bound is on what the
    suite adds to the same work, and what bytecode adds to that is told beside.
    """
    profile = profiles.of_this_machine()
    rows = []
    with tempfile.TemporaryDirectory(dir=home.cache()) as folder:
        for name in FRAMEWORKS:
            packages = setting.frameworks[name]
            ways: dict[str, Callable[[Path], None]] = {
                "ours": functools.partial(_ours, profile, packages),
                "same": functools.partial(_bare, profile, packages, "--compile-bytecode"),
                "plain": functools.partial(_bare, profile, packages, None),
            }
            rows += _ratios(packages.title, _by_turns(ways, Path(folder)))
    return rows


def lock_times(_setting: Setting) -> list[Row]:
    """Return how long all locks take to be made, in a folder of their own, and to be looked at."""
    quiet = Console(quiet=True)
    with tempfile.TemporaryDirectory() as folder:
        platforms = Path(folder) / "platforms"
        shutil.copytree(home.PLATFORMS, platforms)
        kept, home.PLATFORMS = home.PLATFORMS, platforms
        try:
            made = _seconds(lambda: locking.make(profiles.names(platforms), quiet))
        finally:
            home.PLATFORMS = kept
    return [
        _row("lock", "every profile", "all locks made", made, "s", MAKE_BOUND_S),
        _row("lock", "every profile", "all locks checked", _seconds(lambda: _check(quiet)), "s", CHECK_BOUND_S),
    ]


def _check(console: Console) -> None:
    locking.check([], console)


def _by_turns(ways: dict[str, Callable[[Path], None]], folder: Path) -> dict[str, list[float]]:
    """Run each way once for nothing, so that every wheel is cached, then by turns, forwards and backwards."""
    times: dict[str, list[float]] = {name: [] for name in ways}
    for number in range(ROUNDS + 1):
        names = list(ways) if number % 2 else list(reversed(ways))
        for name in names:
            place = folder / name
            shutil.rmtree(place, ignore_errors=True)
            seconds = _seconds(functools.partial(ways[name], place))
            if number:
                times[name].append(seconds)
            shutil.rmtree(place, ignore_errors=True)
    return times


def _ratios(title: str, times: dict[str, list[float]]) -> list[Row]:
    rows = []
    for other, words, bound in (
        ("same", "building over uv's own install, bytecode compiled in both", ENVIRONMENT_BOUND),
        ("plain", "building over uv's own install without bytecode", None),
    ):
        ratios = [ours / bare for ours, bare in zip(times["ours"], times[other], strict=True)]
        rows.append(_row("environments", title, words, ratios, "ratio", bound))
    return [*rows, _row("environments", title, "building", times["ours"], "s", None)]


def _ours(profile: Profile, packages: Packages, place: Path) -> None:
    """Build as a run does, in a cache of its own: the lock compared with its profile, then every file with its size."""
    kept = os.environ.get("EVENMATCH_HOME")
    os.environ["EVENMATCH_HOME"] = str(place)
    try:
        native.ensure(profile, packages, lambda _words: None)
    finally:
        if kept is None:
            del os.environ["EVENMATCH_HOME"]
        else:
            os.environ["EVENMATCH_HOME"] = kept


def _bare(profile: Profile, packages: Packages, option: str | None, place: Path) -> None:
    installer.uv(["venv", "--quiet", "--no-project", "--python", profile.python, str(place)])
    command = [
        "pip",
        "sync",
        "--quiet",
        "--require-hashes",
        *([option] if option else []),
        *locks.torch_source(profile, packages),
    ]
    installer.uv([*command, "--python", str(native.interpreter(place)), str(locks.path(profile, packages))])


def _seconds(act: Callable[[], object]) -> float:
    since = time.perf_counter()
    act()
    return time.perf_counter() - since


def _row(
    benchmark: str, subject: str, measure: str, values: float | list[float], unit: str, bound: float | None
) -> Row:
    found = values if isinstance(values, list) else [values]
    return Row(
        benchmark=benchmark,
        subject=subject,
        measure=measure,
        value=statistics.median(found),
        low=min(found),
        high=max(found),
        spread=f"smallest and largest of {len(found)}",
        unit="s" if unit == "s" else "ratio",
        bound=bound,
    )
