"""Presets: how much of the grid is measured, and how thoroughly."""

from __future__ import annotations

from dataclasses import dataclass

from suite.errors import unknown


@dataclass(frozen=True, kw_only=True)
class Preset:
    """One amount of measuring.

    Of the study at hand, every workload is taken, or its smallest alone; every batch size, or each workload's largest.
    ``sampled_blocks`` blocks sample steady steps in fresh processes: ``warmup`` steps that do not count, then as many
    steps as ``sample_images`` images fill. ``trainings`` are the whole trainings, as (epochs, blocks); epochs None
    means the workload's own grid. An epoch has ``most_examples`` at most, drawn anew for each; None: every one there
    is.
    With ``probes``, every setting that can be switched alone is run both ways at the largest batch size.
    """

    name: str
    sentence: str
    smallest_workload: bool
    largest_batch: bool
    sampled_blocks: int
    warmup: int
    sample_images: int
    trainings: tuple[tuple[int | None, int], ...]
    most_examples: int | None
    companions: bool
    probes: bool = False


PRESETS = (
    Preset(
        name="smoke",
        sentence="does it run at all: one network, few steps, one short training; no verdicts",
        smallest_workload=True,
        largest_batch=True,
        sampled_blocks=2,
        warmup=5,
        sample_images=640,
        trainings=((1, 1),),
        most_examples=2048,
        companions=False,
    ),
    Preset(
        name="quick",
        sentence="the study's networks at its largest batch size: steps sampled in 6 blocks, one real epoch each (of "
        "60 000 examples at most) for accuracy",
        smallest_workload=False,
        largest_batch=True,
        sampled_blocks=6,
        warmup=20,
        sample_images=3200,
        trainings=((1, 1),),
        most_examples=60_000,
        companions=True,
    ),
    Preset(
        name="paper",
        sentence="the study's whole grid: steps sampled in 6 blocks and scaled to whole trainings, one real epoch "
        "each; at the largest batch size also what single settings do",
        smallest_workload=False,
        largest_batch=False,
        sampled_blocks=6,
        warmup=20,
        sample_images=6400,
        trainings=((1, 1),),
        most_examples=None,
        companions=True,
        probes=True,
    ),
    Preset(
        name="full",
        sentence="every training of the study run whole, twice, as it did: hours",
        smallest_workload=False,
        largest_batch=False,
        sampled_blocks=0,
        warmup=0,
        sample_images=0,
        trainings=((None, 2),),
        most_examples=None,
        companions=False,
    ),
)


def preset(name: str) -> Preset:
    """Return the preset called ``name``.

    Raises:
        InputError: there is none; the nearest names are given.
    """
    for candidate in PRESETS:
        if candidate.name == name:
            return candidate
    raise unknown("preset", name, [candidate.name for candidate in PRESETS])
