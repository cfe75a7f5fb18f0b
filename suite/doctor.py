"""``evenmatch doctor``: what this machine is, what would run here, what is missing and how to get it."""

from __future__ import annotations

import os
import platform
import shutil
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from rich.console import Console

from suite import data, fingerprint, home, impossible, locks, profiles, requirements, tables, verified
from suite.environments import native
from suite.errors import EvenmatchError, UnsupportedError
from suite.frameworks import Packages
from suite.profiles import Profile

FREE_BYTES_NEEDED = 4 * 2**30
"""Environments (2.5 GB measured for linux-cpu, without the as-published lane), prepared data (185 MB) and one run's
results; the as-published lane adds 4.7 GB."""


def examine(console: Console, *, identify: bool, profile: str | None = None, device: str | None = None) -> None:
    """Print everything, of one profile or of all; what is missing comes with what to do about it.

    Raises:
        InputError: there is no such profile.
    """
    home.require_checkout()
    if profile:
        profiles.load(profile)  # says now if there is none
    identity = fingerprint.identity(identify=identify)
    rows = [("machine id", fingerprint.machine_id(identity)), *fingerprint.describe(identity)]
    tables.print_pairs(console, "This machine", rows)
    if damaged := _damaged():
        tables.print_pairs(console, "\nFiles of this checkout that cannot be used", damaged)
    here, refused = _sorted([profile] if profile else profiles.names(), device)
    runs_here = [(each.name, f"runs here: {each.title}") for each in here]
    tables.print_pairs(console, "\nProfiles", [*runs_here, *refused])
    for each in here:
        tables.print_pairs(console, f"\nProfile {each.name}: {each.title}", _frameworks(each))
    tables.print_pairs(console, "\nData", _data())
    tables.print_pairs(console, "\nTools", [*_tools(), *around(identity)])


def _damaged() -> list[tuple[str, str]]:
    """Return a row for each file of facts that cannot be read, beside the profiles, which are told where they stand."""
    from suite.environments import images  # brings Docker's SDK, which no other command should wait for

    facts: dict[str, Callable[[], object]] = {
        "platforms/facts/versions.toml": requirements.versions,
        "platforms/facts/verified.toml": verified.load,
        "platforms/facts/impossible.toml": impossible.known,
        "containers/images.toml": images.base_name,
    }
    rows = []
    for file, read in facts.items():
        try:
            read()
        except EvenmatchError as error:
            rows.append((file, str(error)))
    return rows


def _sorted(chosen: Sequence[str], device: str | None) -> tuple[list[Profile], list[tuple[str, str]]]:
    """Return the profiles that run here, and of each other one its name and why it does not."""
    here, refused = [], []
    for name in chosen:
        try:
            profile = profiles.load(name)
            profile.require_this_machine(device)
            here.append(profile)
        except UnsupportedError as error:
            why = str(error).removeprefix(f"profile {name} ").partition(". Run it on such a machine")[0]
            refused.append((name, f"does not run here: {why}"))
        except EvenmatchError as error:
            refused.append((name, f"cannot be read: {error}"))
    return here, refused


def around(identity: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Return a row for each thing outside this suite that some profiles need: container engine, driver, Rosetta."""
    rows = [("container engine", _engine()), ("NVIDIA driver", _nvidia())]
    if identity.get("translated") is True:
        rosetta = "this Python is translated: profiles of Apple Silicon need one for arm64"
        rows.append(("Rosetta", rosetta))
    elif platform.system() == "Darwin":
        rows.append(("Rosetta", "not in the way"))
    return rows


def _engine() -> str:
    try:
        from suite.environments import engine  # brings Docker's SDK, which no other command should wait for

        client = engine.connect()
        facts = engine.facts(client)
        runtimes = client.info().get("Runtimes") or {}
    except EvenmatchError as error:
        return f"missing, which only --container needs: {error}"
    except Exception as error:  # whatever the engine's library makes of an answer that is none
        return f"answers in a way that is not understood ({type(error).__name__}: {error}): see that it runs"
    told = f"{facts['engine']} {facts['version']}, API {facts['api']}{', rootless' if facts['rootless'] else ''}"
    if fingerprint.nvidia_gpus() and "nvidia" not in runtimes:
        told += "; it names no NVIDIA runtime: to use the GPU in containers, install NVIDIA's container toolkit"
    return told


def _nvidia() -> str:
    gpus = fingerprint.nvidia_gpus()
    if not gpus:
        return "none found (nvidia-smi names no GPU): only profile cuda needs one"
    named = ", ".join(str(gpu["name"]) for gpu in gpus)
    return f"{gpus[0].get('driver') or 'of unknown version'}, for {named}"


def _frameworks(profile: Profile) -> list[tuple[str, str]]:
    """Return a row for each framework, then for each environment that only programs as published need."""
    known = locks.available(profile)
    rows = []
    for framework in known:
        usual = "when named" if framework.further else "default"
        modes = (f"{m.name} ({usual})" if m.name == framework.default_mode else m.name for m in framework.modes)
        rows.append((framework.title, _state(profile, framework, ", ".join(modes))))
    beyond = locks.every(profile)[len(known) :]
    return rows + [(each.title, _state(profile, each, "for lane as-published alone")) for each in beyond]


def _state(profile: Profile, packages: Packages, words: str) -> str:
    try:
        why = native.why_unsound(native.folder(profile, packages), locks.check(profile, packages))
    except EvenmatchError as error:
        state = str(error)
    else:
        place = native.folder(profile, packages)
        state = f"environment will be built ({why})" if why else "environment ready"
        if why and native.being_built(place):
            state = "environment is being built now, by another process"
    return f"{' '.join(packages.requirements[profile.accelerator])}; {words}; {state}"


def _data() -> list[tuple[str, str]]:
    rows = []
    for name, dataset in data.datasets().items():
        if dataset.synthetic:
            rows.append((dataset.title, "made when needed"))
            continue
        named = os.environ.get(data.VARIABLE)
        place = dataset.find(Path(named) if named else data.downloads(home.cache()))
        where = f" in {home.without_user(named)}, which {data.VARIABLE} names" if named else ""
        remedy = f"set {data.VARIABLE} to its folder, or start a run with --data DIR{_fetched(dataset)}"
        state = "found" if place else f"not found{where}: {remedy}"
        rows.append((f"{dataset.title} ({name})", state))
    return rows


def _fetched(dataset: data.DataSet) -> str:
    """Return how else a data set can be had, where it can be downloaded."""
    return f" or --download{' --accept-licence' if dataset.licence else ''}" if dataset.archives else ""


def _tools() -> list[tuple[str, str]]:
    compiler = shutil.which("g++") or shutil.which("clang++")
    place = home.cache()
    existing = next(folder for folder in (place, *place.parents) if folder.exists())
    free = shutil.disk_usage(existing).free
    enough = "" if free >= FREE_BYTES_NEEDED else f"; {FREE_BYTES_NEEDED / 2**30:.0f} GiB are needed: free some space"
    return [
        (
            "C++ compiler",
            "found" if compiler else "missing: mode pytorch-compile needs one (Debian: apt-get install g++)",
        ),
        ("cores to use", str(fingerprint.usable_cores())),
        ("free disk", f"{free / 2**30:.1f} GiB{enough}"),
    ]
