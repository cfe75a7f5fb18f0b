"""Did the GPU keep its pace, was it free, and did the frameworks use it alike?"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from suite.notes import Evidence, Note, Rule, UnlikeSetting, at, described, known, listed, number, plural
from suite.notes.devices import PROCESSOR, device
from suite.records import Record

LARGEST_SLOWED_SHARE = 0.01
"""The share of a run's time for which heat or a limit may have slowed the GPU down."""

Gpu = dict[str, Any]


class GpuSlowedDown(Rule):
    """Heat or a power limit slowed the GPU down during runs."""

    id = "gpu-slowed-down"
    severity = "caution"
    family = "machine"

    def evaluate(self, evidence: Evidence) -> list[Note]:
        """Take the driver's counters around each run; without them, what held right after it."""
        runs = _on_gpu(evidence)
        found = [why for raw in runs if (why := _slowed(raw))]
        if not found:
            return []
        reasons = sorted({reason for why in found for reason in why})
        return self.note(
            f"During {plural(len(found), 'run')} of {len(runs)} the GPU was slowed down ({listed(reasons)}): whoever "
            "keeps it busier reaches the limit sooner, so it does not cancel out in a ratio.",
            "Cool it better, or lock its clock below that limit (nvidia-smi --lock-gpu-clocks), and run again in a new "
            "--out folder.",
            runs=len(found),
            of=len(runs),
            reasons=reasons,
        )


class GpuShared(Rule):
    """Other processes computed on the GPU."""

    id = "gpu-shared"
    severity = "caution"
    family = "machine"

    def evaluate(self, evidence: Evidence) -> list[Note]:
        """Count the processes on the GPUs right before each run, when none can be ours."""
        runs = _on_gpu(evidence)
        counts = [count for raw in runs if (count := number(at(raw, "machine.before.gpu_processes")))]
        if not counts:
            return []
        return self.note(
            f"Before {plural(len(counts), 'run')} of {len(runs)} other processes were on the GPU, up to "
            f"{max(counts):g} of them: they take its time and memory while ours run, unequally so.",
            "End them (nvidia-smi lists them) and run again in a new --out folder.",
            runs=len(counts),
            of=len(runs),
            most=max(counts),
        )


class GpuMemoryErrors(Rule):
    """The GPU's memory had errors that could not be corrected."""

    id = "gpu-memory-errors"
    severity = "caution"
    family = "machine"

    def evaluate(self, evidence: Evidence) -> list[Note]:
        """Compare the counts after each run with those before it."""
        found = [rise for raw in _on_gpu(evidence) if (rise := _rise(raw, "memory_errors")) > 0]
        if not found:
            return []
        return self.note(
            f"During {plural(len(found), 'run')} the GPU's memory had {sum(found):g} errors that could not be "
            "corrected: numbers computed there may be wrong.",
            "Take another GPU, and do not use these results.",
            runs=len(found),
            errors=sum(found),
        )


class GpuPowerLimit(Rule):
    """The GPU's power was limited below what it comes with."""

    id = "gpu-power-limit"
    severity = "info"
    family = "machine"

    def evaluate(self, evidence: Evidence) -> list[Note]:
        """Compare the limit in force with the default one."""
        limits = {
            (set_to, usual)
            for raw in _on_gpu(evidence)
            for gpu in _state(raw, "before")
            if (set_to := number(gpu.get("power_limit_w"))) is not None
            if (usual := number(gpu.get("default_power_limit_w"))) is not None
            if set_to < usual
        }
        if not limits:
            return []
        words = listed(f"{set_to:g} W instead of {usual:g} W" for set_to, usual in sorted(limits))
        return self.note(
            f"The GPU may draw {words}: these are times of a GPU that is held back.",
            "Say the limit with the numbers, or reset it (nvidia-smi --power-limit).",
            limits=[list(each) for each in sorted(limits)],
        )


class GpuPart(Rule):
    """Only a part of a GPU was used (MIG)."""

    id = "gpu-part"
    severity = "info"
    family = "machine"

    def evaluate(self, evidence: Evidence) -> list[Note]:
        """Look for GPUs that are divided."""
        runs = [raw for raw in _on_gpu(evidence) if any(g.get("mig") == "Enabled" for g in _state(raw, "before"))]
        if not runs:
            return []
        return self.note(
            f"{plural(len(runs), 'run')} had a GPU that is divided into instances (MIG): the times are those of a part "
            "of it, and its other parts may have been busy.",
            "Say so with the numbers; for those of the whole GPU run on one that is not divided.",
            runs=len(runs),
        )


class UnlikeMemoryGrowth(UnlikeSetting):
    """Some frameworks took the GPU's whole memory at their start."""

    id = "unlike-gpu-memory"
    severity = "caution"
    keys = ("memory_growth",)
    sentence = (
        "Some frameworks took memory of the GPU as they needed it and others all of it at once ({found}): allocations "
        "cost time in the former only, and the latter's peak says nothing."
    )
    todo = "Let memory grow in all frameworks, and run again in a new --out folder."

    def read(self, key: str, raw: Record) -> Any:
        """Return the setting where there is a GPU to take memory of."""
        value = super().read(key, raw)
        return value if isinstance(value, bool) and device(raw) != PROCESSOR else None


class UnlikeCuda(Rule):
    """The frameworks bring unlike versions of CUDA or cuDNN."""

    id = "unlike-cuda"
    severity = "info"
    family = "versions"

    def evaluate(self, evidence: Evidence) -> list[Note]:
        """Compare what the live frameworks were built for and the cuDNN beside them, where they computed on a GPU."""
        reads = {"CUDA": cuda, "cuDNN": cudnn}
        found = {what: unlike for what, read in reads.items() if (unlike := evidence.unlike(read))}
        if not found:
            return []
        words = listed(f"{what}, {described(unlike)}" for what, unlike in found.items())
        return self.note(
            f"Frameworks brought libraries of their own for the GPU, in unlike versions ({words}), as their users get "
            "them: a part of a difference in time may be the libraries'.",
            "Say the versions with the numbers; no setting makes them alike.",
            versions=found,
        )


def cuda(raw: Record) -> str | None:
    """Return the CUDA that a framework which computed on a GPU was built for, "13.0"."""
    built = known(at(raw, "settings.build_accelerator")) if device(raw) == "cuda" else None
    return str(built).removeprefix("CUDA ") if built else None


def cudnn(raw: Record) -> str | None:
    """Return the version of cuDNN installed beside a framework which computed on a GPU."""
    versions = raw.get("versions")
    if device(raw) != "cuda" or not isinstance(versions, dict):
        return None
    return next((str(version) for name, version in versions.items() if name.startswith("nvidia-cudnn")), None)


def _on_gpu(evidence: Evidence) -> list[Record]:
    return [raw for raw in evidence.ok if device(raw) not in (None, PROCESSOR)]


def _state(raw: Record, when: str) -> list[Gpu]:
    state = at(raw, f"machine.{when}.gpu_state")
    return [gpu for gpu in state if isinstance(gpu, dict)] if isinstance(state, list) else []


def _pairs(raw: Record) -> Iterator[tuple[Gpu, Gpu]]:
    before, after = _state(raw, "before"), _state(raw, "after")
    return zip(before, after, strict=True) if len(before) == len(after) else iter(())


def _rise(raw: Record, field: str) -> float:
    counts = [(number(before.get(field)), number(after.get(field))) for before, after in _pairs(raw)]
    return sum(max(0.0, after - before) for before, after in counts if before is not None and after is not None)


def _slowed(raw: Record) -> list[str]:
    """Return what slowed a GPU down during a run, by the counters; without them, what did right after it."""
    wall, found, counted = number(raw.get("wall_s")) or 0.0, [], False
    for before, after in _pairs(raw):
        seconds = (before.get("slowed_s") or {}, after.get("slowed_s") or {})
        counted |= all(seconds)
        found += [why for why in seconds[1] if seconds[1][why] - seconds[0].get(why, seconds[1][why]) > _most(wall)]
    if counted:
        return found
    return [why for gpu in _state(raw, "after") for why in gpu.get("slowed_by") or []]


def _most(wall: float) -> float:
    return LARGEST_SLOWED_SHARE * wall
