"""Where did the work get done: on the accelerator that the profile is for, and everything on the same one?"""

from __future__ import annotations

import functools

from suite import profiles
from suite.errors import EvenmatchError
from suite.notes import Evidence, Note, Rule, at, known, listed, name, plural
from suite.records import Record

PROCESSOR = "cpu"

ACCELERATORS = {"cuda": "NVIDIA GPU (CUDA)", "metal": "Apple GPU (Metal)"}
"""What an accelerator is called in sentences."""

SMOKE = "on the processor, no GPU result"
"""Stands beside every verdict of runs that a GPU's profile made on the processor."""


class GpuProfileOnProcessor(Rule):
    """The environments of a GPU's profile were run on the processor: a smoke run, and no GPU result."""

    id = "gpu-profile-on-processor"
    severity = "unfair"
    family = "platform"

    def evaluate(self, evidence: Evidence) -> list[Note]:
        """Compare where runs computed with the accelerator of their profile."""
        found = [raw for raw in evidence.ok if on_processor_instead(raw, evidence.plan)]
        if not found:
            return []
        names = sorted({str(raw.get("profile")) for raw in found})
        asked = all(raw.get("device") == PROCESSOR for raw in found)
        there = listed(
            sorted({ACCELERATORS.get(each, each) for raw in found if (each := accelerator(raw, evidence.plan))})
        )
        return self.note(
            f"{plural(len(found), 'run')} of profile {listed(names)}, for an {there}, computed on the "
            f"processor ({'--device cpu' if asked else 'which nobody asked for'}): that shows that its environments "
            "install and train, and is no GPU result. Builds for a GPU are not what users of a processor install, so "
            "it is no result of the processor either.",
            "Run it without --device on a machine with that GPU; for a processor take one of the profiles for it.",
            runs=len(found),
            profiles=names,
            modes=sorted({name(raw) for raw in found}),
        )


def device(raw: Record) -> str | None:
    """Return where a run computed: cpu, cuda or metal; as the live framework reports it, else as it was asked for.

    None where neither was recorded.
    """
    asked, live = raw.get("device"), str(known(at(raw, "settings.device")) or "").lower()
    if not live:
        return str(asked) if asked else None
    if "mps" in live or "metal" in live:
        return "metal"
    if "cuda" in live:
        return "cuda"
    if "gpu" not in live:
        return PROCESSOR if PROCESSOR in live else live
    versions = raw.get("versions")  # TensorFlow calls every accelerator a GPU
    plugin = isinstance(versions, dict) and "tensorflow-metal" in versions
    return "metal" if asked == "metal" or plugin else "cuda"


def accelerator(raw: Record, plan: Record | None = None) -> str | None:
    """Return the accelerator of a run's profile, from its plan or the profile's own file; None where neither says."""
    if plan and plan.get("profile") == raw.get("profile") and (stated := at(plan, "platform.accelerator")):
        return str(stated)
    return _of_profile(str(raw.get("profile")))


@functools.cache
def _of_profile(profile: str) -> str | None:
    try:
        return profiles.load(profile).accelerator
    except EvenmatchError:
        return None


def on_processor_instead(raw: Record, plan: Record | None = None) -> bool:
    """Whether a run computed on the processor although its profile is for an accelerator."""
    return device(raw) == PROCESSOR and (accelerator(raw, plan) or PROCESSOR) != PROCESSOR
