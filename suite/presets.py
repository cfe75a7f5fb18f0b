"""Presets: how much of the grid is measured, and how thoroughly."""

from __future__ import annotations

from dataclasses import dataclass

from suite.errors import unknown


@dataclass(frozen=True, kw_only=True)
class Preset:
    """One amount of measuring.

    ``workloads`` and ``batches`` None mean all of them. ``sampled_blocks`` blocks sample steady steps in fresh
    processes: ``warmup`` steps that do not count, then as many steps as ``sample_images`` images fill. ``trainings``
    are the whole trainings, as (epochs, blocks); epochs None means the workload's own grid. ``train_examples`` None
    trains on every example. With the ``probe_batches``, every setting that can be switched alone is run both ways.
    """

    name: str
    sentence: str
    workloads: tuple[str, ...] | None
    batches: tuple[int, ...] | None
    sampled_blocks: int
    warmup: int
    sample_images: int
    trainings: tuple[tuple[int | None, int], ...]
    train_examples: int | None
    companions: bool
    probe_batches: tuple[int, ...] = ()


PRESETS = (
    Preset(
        name="smoke",
        sentence="does it run at all: one network, few steps, one short training; no verdicts",
        workloads=("cifar10-cnn5x5",),
        batches=(32,),
        sampled_blocks=2,
        warmup=5,
        sample_images=640,
        trainings=((1, 1),),
        train_examples=2048,
        companions=False,
    ),
    Preset(
        name="quick",
        sentence="both networks at batch 32: steps sampled in 6 blocks, one real epoch each for accuracy",
        workloads=None,
        batches=(32,),
        sampled_blocks=6,
        warmup=20,
        sample_images=3200,
        trainings=((1, 1),),
        train_examples=None,
        companions=True,
    ),
    Preset(
        name="paper",
        sentence="the study's whole grid: steps sampled in 6 blocks and scaled to whole trainings, one real epoch "
        "each; at batch 32 also what single settings do",
        workloads=None,
        batches=None,
        sampled_blocks=6,
        warmup=20,
        sample_images=6400,
        trainings=((1, 1),),
        train_examples=None,
        companions=True,
        probe_batches=(32,),
    ),
    Preset(
        name="full",
        sentence="every training of the study run whole, twice, as it did: hours",
        workloads=None,
        batches=None,
        sampled_blocks=0,
        warmup=0,
        sample_images=0,
        trainings=((None, 2),),
        train_examples=None,
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
