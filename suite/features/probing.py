"""Runs the probes of a framework in its environment, one process each, so that one that dies costs no other."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from suite import home
from suite.environments import Environment
from suite.errors import EvenmatchError
from suite.features import builds
from suite.features.evidence import NO_ANSWER, Evidence, Found, needed
from suite.features.probes.found import ANSWERS
from suite.features.proofs import Metadata, Probe
from suite.frameworks import Device
from suite.outcome import explain
from suite.runner import worker_environment

TIMEOUT_S = 300.0
"""How long one probe may take: most take as long as the framework takes to be imported."""

OF_LOCKS = {"platforms": builds.platforms, "gpus": builds.gpus}
"""What is read from the committed locks, here."""

Say = Callable[[str], None]


def probe(framework: str, environment: Environment, say: Say, *, device: Device, timeout_s: float = TIMEOUT_S) -> Found:
    """Run and read all that the cells of a framework rest on.

    Args:
        framework: ``pytorch``, ``tensorflow`` or ``keras``.
        environment: its installed environment.
        say: is told of each proof what it came to.
        device: ``cpu`` hides the GPUs.
        timeout_s: how long each may take.

    Raises:
        InputError: the environment's Python cannot be started.
    """
    proofs = {}
    for proof in needed(framework):
        found = examine(framework, proof, environment, device=device, timeout_s=timeout_s)
        proofs[proof.key] = found
        say(f"{framework}, {proof.key}: {found.answer}: {found.says}")
    return Found(lock_sha256=environment.lock_sha256, proofs=proofs)


def examine(
    framework: str, proof: Probe | Metadata, environment: Environment, *, device: Device, timeout_s: float
) -> Evidence:
    """Run one probe, or read one fact; what does not end with an answer is none, and says why."""
    if isinstance(proof, Metadata) and proof.name in OF_LOCKS:
        return _of_locks(framework, proof.name)
    with TemporaryDirectory(prefix="evenmatch-features-") as name:
        folder = Path(name)
        result = folder / "result.json"
        exit_code = _run(framework, proof.name, environment, folder, device, timeout_s)
        found = _read(result)
        if exit_code == 0 and found:
            says = home.without_user(str(found["says"]))
            return _evidence(str(found["answer"]), says, str(found["brief"]), found["versions"])
        return _evidence(NO_ANSWER, home.without_user(explain(exit_code, folder / "log.txt", timeout_s)))


def _of_locks(framework: str, name: str) -> Evidence:
    try:
        found = OF_LOCKS[name](framework)
    except EvenmatchError as error:
        return _evidence(NO_ANSWER, home.in_checkout(str(error)))
    return _evidence(found.answer, found.says, found.brief)


def _run(
    framework: str, name: str, environment: Environment, folder: Path, device: Device, timeout_s: float
) -> int | None:
    """Start one probe and wait for it; whatever happens here, no process of it is left behind."""
    with (folder / "log.txt").open("wb") as log:
        worker = environment.start(
            ["-m", "suite.features.probes", framework, name, str(folder / "result.json")],
            variables=worker_environment(device, {"TMPDIR": str(folder)}),
            folder=folder,
            reads=[],
            log=log,
        )
        try:
            return worker.wait(timeout_s)
        finally:
            worker.stop()


def _read(result: Path) -> dict[str, Any] | None:
    try:
        found = json.loads(result.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    sound = isinstance(found, dict) and found.get("answer") in ANSWERS and isinstance(found.get("versions"), dict)
    return found if sound and all(isinstance(found.get(key), str) for key in ("says", "brief")) else None


def _evidence(answer: str, says: str, brief: str = "", versions: Mapping[str, str] | None = None) -> Evidence:
    today = datetime.now(UTC).date().isoformat()
    return Evidence(answer=answer, says=says, brief=brief, date=today, versions=dict(versions or {}))
