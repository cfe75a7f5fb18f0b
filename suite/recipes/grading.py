"""From what was found to a grade, a verdict on the expectation, and the record that is kept."""

from __future__ import annotations

import datetime as dt
import hashlib
import platform
from statistics import fmean
from typing import Any

from suite import fingerprint, locks, profiles, requirements, wheels
from suite.frameworks import frameworks
from suite.profiles import Profile
from suite.recipes import LADDER, Recipe, State, Step
from suite.recipes.causes import cause
from suite.recipes.executing import Execution
from suite.recipes.resolving import Package
from suite.records import Record

RUN, BESIDE, RESOLVED, NONE = "run", "run without its accelerator", "resolved only", "none"
"""What a grade rests on, best first."""

EXPECTED, SO_FAR, UNEXPECTED = "as expected", "as expected as far as seen", "not as expected"

FELL_TO = 0.95
"""A loss counts as falling whose last five steps are on average below this share of its first five."""


def of_execution(recipe: Recipe, found: Execution, *, accelerator_here: bool) -> Record:
    """Return the record of a recipe that was run."""
    profile = profiles.load(recipe.platform)
    steps = _climb(recipe, profile, found, accelerator_here=accelerator_here)
    failed = next((step for step in LADDER if steps[step][0] == "no"), None)
    text = found.failed or (steps[failed][1] if failed else "")
    away = profile.accelerator != "cpu" and not accelerator_here
    record = _record(recipe, BESIDE if away else RUN, steps, text)
    return record | {
        "seconds": round(found.seconds, 1),
        "download_bytes": found.download_bytes,
        "disk_bytes": found.disk_bytes,
        "packages": len(found.packages) or None,
        "versions": _own_versions(recipe, profile, found.packages),
    }


def of_resolution(recipe: Recipe, packages: list[Package], failure: str, size: int | None, why: str) -> Record:
    """Return the record of a recipe that was resolved only; ``why`` says what kept it from being run."""
    steps: dict[Step, tuple[State, str]] = dict.fromkeys(LADDER, ("not run", ""))
    steps["resolves"] = ("no", failure) if failure else ("yes", "")
    built = sorted(package.name for package in packages if not package.wheel)
    if built:
        steps["resolves"] = ("yes", f"built from source: {', '.join(built)}")
    record = _record(recipe, RESOLVED, steps, failure)
    versions = {package.name: package.version for package in packages}
    return record | {
        "why": why,
        "download_bytes": size,
        "packages": len(packages) or None,
        "versions": _own_versions(recipe, profiles.load(recipe.platform), versions),
    }


def of_nothing(recipe: Recipe, why: str) -> Record:
    """Return the record of a recipe that could not be tried on this machine."""
    return {**_head(recipe), "evidence": NONE, "why": why, "grade": "", "verdict": "not verified"}


def digest(recipe: Recipe) -> str:
    """Return what tells a recipe from what it was before its file was changed."""
    profile = profiles.load(recipe.platform)
    asked = (recipe.commands, recipe.python, recipe.imports, recipe.builds, recipe.framework)
    promised = (recipe.expects, recipe.fails, recipe.at)
    parts = (*asked, *promised, profile.wheel_platform, profile.accelerator)
    return hashlib.sha256(repr(parts).encode()).hexdigest()[:16]


def _record(recipe: Recipe, evidence: str, steps: dict[Step, tuple[State, str]], text: str) -> Record:
    failed = next((step for step in LADDER if steps[step][0] == "no"), None)
    return {
        **_head(recipe),
        "evidence": evidence,
        "grade": grade({step: state for step, (state, _) in steps.items()}),
        "verdict": verdict(recipe, {step: state for step, (state, _) in steps.items()}, text),
        "cause": cause(text) if failed and failed != "matches" else "",
        "steps": {step: {"state": state, "says": says} for step, (state, says) in steps.items()},
    }


def _head(recipe: Recipe) -> Record:
    return {
        "recipe": digest(recipe),
        "date": dt.datetime.now(dt.UTC).date().isoformat(),
        "machine": machine(),
    }


def machine() -> str:
    """Return what kind of machine this is, without a name."""
    gpus = [str(gpu.get("name")) for gpu in fingerprint.nvidia_gpus()]
    cores = f"{fingerprint.usable_cores()} processors"
    return f"{platform.system()} on {platform.machine()}, {cores}, {', '.join(gpus) if gpus else 'no NVIDIA GPU'}"


def grade(states: dict[Step, State]) -> str:
    """Return the highest step that was reached with none missing below it; "" if not even the first."""
    reached = ""
    for step in LADDER:
        if states[step] == "yes":
            reached = step
        elif states[step] != "none asked":
            break
    return reached


def verdict(recipe: Recipe, states: dict[Step, State], text: str) -> str:
    """Hold what was found against what the recipe's file says should happen.

    The words of an expected failure may be the error's own, or those of its cause, which are the same whether pip or uv
    said it.
    """
    if recipe.expects:
        asked = [states[step] for step in LADDER[: LADDER.index(recipe.expects) + 1]]
        if "no" in asked:
            return UNEXPECTED
        return EXPECTED if set(asked) <= {"yes", "none asked"} else SO_FAR
    failed = next((step for step in LADDER if states[step] == "no"), None)
    if failed == recipe.at and (recipe.fails in text or recipe.fails in cause(text)):
        return EXPECTED
    seen = next((step for step in LADDER if states[step] in ("not run", "not here")), None)
    unseen = seen is not None and recipe.at != "" and LADDER.index(seen) <= LADDER.index(recipe.at)
    return SO_FAR if failed is None and unseen else UNEXPECTED


def _climb(
    recipe: Recipe, profile: Profile, found: Execution, *, accelerator_here: bool
) -> dict[Step, tuple[State, str]]:
    steps: dict[Step, tuple[State, str]] = dict.fromkeys(LADDER, ("not run", ""))
    words = cause(found.failed) if found.failed else ""
    steps["resolves"] = ("yes", "") if found.resolved else ("no", words)
    if not found.resolved:
        return steps
    steps["installs"] = ("yes", "") if found.installed else ("no", words)
    if not found.installed:
        return steps
    imported = "imports" in found.probe
    steps["imports"] = ("yes", "") if imported else ("no", words)
    if not imported:
        return steps
    steps["accelerator"] = _accelerator(profile, found.probe, accelerator_here=accelerator_here)
    steps["trains"] = _trains(found.probe, words, on_processor=steps["accelerator"][0] != "yes")
    if steps["trains"][0] == "yes":
        steps["matches"] = _matches(recipe, profile, found.packages)
    return steps


def _accelerator(profile: Profile, probe: dict[str, Any], *, accelerator_here: bool) -> tuple[State, str]:
    if profile.accelerator == "cpu":
        return "none asked", ""
    if probe.get("accelerator"):
        return "yes", ""
    if not accelerator_here:
        return "not here", "this machine has none"
    return "no", "the framework does not see the accelerator that is here"


def _trains(probe: dict[str, Any], words: str, *, on_processor: bool) -> tuple[State, str]:
    losses = probe.get("losses")
    if not losses:
        return "no", words or "training ended without a loss"
    first, last = fmean(losses[:5]), fmean(losses[-5:])
    told = f"loss {losses[0]:.3f} to {losses[-1]:.3f} in {len(losses)} steps{', on the processor' * on_processor}"
    return ("yes", told) if last < FELL_TO * first else ("no", f"the loss does not fall: {told}")


def _matches(recipe: Recipe, profile: Profile, packages: dict[str, str]) -> tuple[State, str]:
    """Hold the framework's packages against the lock of its profile; other packages that differ are counted."""
    pinned = locked(recipe)
    own = [name for name in _asked(recipe, profile) if name in pinned]
    unlike = []
    for name in own:
        got = packages.get(name) or packages.get(name.removesuffix("-cpu")) or "none"
        if got.split("+")[0] != pinned[name].split("+")[0]:
            unlike.append(f"{name} {got}, locked {pinned[name]}")
    others = sum(packages[name] != pinned[name] for name in packages if name in pinned and name not in own)
    told = f"{others} other packages differ" if others else ""
    return ("no", "; ".join(unlike)) if unlike or not own else ("yes", told)


def locked(recipe: Recipe) -> dict[str, str]:
    """Return the version of every package that this suite locks where the recipe is for; nothing without a lock."""
    return {pin.name: pin.version for pin in wheels.pins(_lock(recipe, profiles.load(recipe.platform)))}


def _lock(recipe: Recipe, profile: Profile) -> str:
    try:
        return locks.path(profile, frameworks()[recipe.framework]).read_text(encoding="utf-8")
    except OSError:
        return ""


def _asked(recipe: Recipe, profile: Profile) -> list[str]:
    """Return the framework's own packages, as its adapter and the profile name them."""
    lines = requirements.requirements(profile, frameworks()[recipe.framework])
    found = (line.split("==")[0].split("[")[0] for line in lines)
    return [name for name in found if name not in requirements.WORKER_REQUIREMENTS]


def _own_versions(recipe: Recipe, profile: Profile, packages: dict[str, str]) -> dict[str, str]:
    """Return the versions of the frameworks among what was installed."""
    names = {*_asked(recipe, profile), "torch", "torchvision", "tensorflow", "tensorflow-cpu", "tensorflow-macos"}
    names |= {"tensorflow-metal", "keras", "numpy"}
    return {name: version for name, version in sorted(packages.items()) if name in names}
