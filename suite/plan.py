"""The plan: which run happens when, with which seed, written to ``plan.json`` before anything is run."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from suite import lanes, locks, records, seeds
from suite.cells import IN_CONTAINER, Cell, counterbalanced, select
from suite.errors import InputError, UnsupportedError, unknown
from suite.estimates import Estimates
from suite.frameworks import Framework
from suite.presets import Preset
from suite.profiles import Profile
from suite.workload import Workload
from suite.workloads import studies, workloads


@dataclass(frozen=True, kw_only=True)
class Options:
    """What the user asked for beyond the preset; None keeps the preset's choice."""

    study: str = "comp5511"
    """A run is of one study, and so of one data set."""
    select: str | None = None
    lane: str = "matched"
    """A key of :data:`suite.lanes.CHOICES`."""
    modes: tuple[str, ...] = ()
    batch: tuple[int, ...] | None = None
    epochs: tuple[int, ...] | None = None
    examples: int | None = None
    """Examples in each epoch of a whole training, at most."""
    blocks: int | None = None
    seed: int = 0
    probe_settings: bool = False
    """Run the default modes once more for each setting that can be switched the other way, and their companions."""
    native_vs_container: bool = False
    """Run every cell in a container, too, right before or behind itself."""


@dataclass(frozen=True, kw_only=True)
class PlannedRun:
    """One run to come: its cell, block, place in the block, and the block's seed."""

    cell: Cell
    block: int
    position: int
    seed: int

    @property
    def name(self) -> str:
        """The run's name, also of its files: the cell's with ``__`` for slashes, and the block."""
        return f"{self.cell.name.replace('/', '__')}__block{self.block}"


def planned_runs(
    preset: Preset, profile: Profile, available: Sequence[Framework], options: Options
) -> list[PlannedRun]:
    """Lay out every run of ``preset``, narrowed by ``options``, in the order in which they will happen.

    Within a block, the cells that are compared with each other run next to each other, in counterbalanced order.

    Raises:
        InputError: the selection matches nothing, a mode does not exist, or no program is for any of the workloads.
        UnsupportedError: there is no framework for the profile.
    """
    if not available:
        raise UnsupportedError(
            f"profile {profile.name}: no framework is known for its accelerator '{profile.accelerator}'."
        )
    _refuse_unknown_modes(preset, profile, available, options)
    blocks: dict[int, list[Cell]] = {}
    for workload in _workloads(preset, options.study):
        for batch in dict.fromkeys(options.batch or _batches(preset, workload)):
            for epochs, count in _kinds(preset, workload, options):
                cells = _cells(preset, profile, available, options, workload, batch, epochs)
                for block in range(count):
                    blocks.setdefault(block, []).extend(cells)
    if not any(blocks.values()):
        raise InputError(
            f"no as-published program is for a workload of study {options.study} in preset {preset.name} on profile "
            f"{profile.name}: take another study or preset, or --lane matched."
        )
    if options.select is not None:
        _refuse_another_study(options.select, options.study)
        chosen = set(select([cell for cells in blocks.values() for cell in cells], options.select))
        chosen |= {replace(cell, probe=IN_CONTAINER) for cell in chosen if cell.probe is None}  # both halves of a pair
        blocks = {block: [cell for cell in cells if cell in chosen] for block, cells in blocks.items()}
    return [run for block in sorted(blocks) for run in _block(block, blocks[block], options.seed)]


def _workloads(preset: Preset, study: str) -> list[Workload]:
    """Return the study's workloads, or the one with the fewest parameters.

    Raises:
        InputError: there is no such study, or it has no workload.
    """
    if study not in studies():
        raise unknown("study", study, studies())
    found = studies()[study]
    return [min(found, key=lambda each: each.parameter_count)] if preset.smallest_workload else found


def _batches(preset: Preset, workload: Workload) -> tuple[int, ...]:
    return (max(workload.batches),) if preset.largest_batch else workload.batches


def _refuse_another_study(pattern: str, study: str) -> None:
    """Refuse a selection that names a workload of another study than the one at hand.

    Raises:
        InputError: it does; the message says which study.
    """
    own = {each.name for each in studies()[study]}
    for each in workloads().values():
        if each.name in pattern and each.name not in own:
            raise InputError(f"--select '{pattern}': {each.name} is of study {each.study}: add --study {each.study}.")


def _kinds(preset: Preset, workload: Workload, options: Options) -> list[tuple[int | None, int]]:
    """Return (epochs, blocks) for each kind of cell: sampled steps have epochs None."""
    kinds: list[tuple[int | None, int]] = []
    if preset.sampled_blocks:
        kinds.append((None, options.blocks or preset.sampled_blocks))
    for epochs, count in preset.trainings:
        grid = options.epochs or (workload.epochs if epochs is None else (epochs,))
        blocks = options.blocks if options.blocks and not preset.sampled_blocks else count
        kinds.extend((each, blocks) for each in dict.fromkeys(grid))
    return kinds


def _cells(
    preset: Preset,
    profile: Profile,
    available: Sequence[Framework],
    options: Options,
    workload: Workload,
    batch: int,
    epochs: int | None,
) -> list[Cell]:
    """Return the cells of one workload and one set of parameters, lane by lane, each with its probes behind it."""
    probed = epochs is None and (options.probe_settings or (preset.probes and batch == max(workload.batches)))
    cells = []
    for lane in lanes.CHOICES[options.lane]:
        known = lanes.arms(lane, workload.name, profile.accelerator, available)
        companions = probed or (preset.companions and epochs is None)
        for arm in lanes.chosen(known, options.modes, companions=companions):
            cell = Cell(
                profile=profile.name,
                lane=lane,
                workload=workload.name,
                framework=arm.framework,
                mode=arm.mode,
                batch=batch,
                epochs=epochs,
                examples=_examples(preset, workload, options) if epochs else None,
            )
            cells += [cell, *(replace(cell, probe=name) for name in arm.probes if probed)]
            cells += [replace(cell, probe=IN_CONTAINER)] * options.native_vs_container
    return cells


def _examples(preset: Preset, workload: Workload, options: Options) -> int | None:
    """Return how many examples an epoch has; None: all that there are."""
    most = options.examples or preset.most_examples
    return most if most and most < workload.examples else None


def _refuse_unknown_modes(preset: Preset, profile: Profile, available: Sequence[Framework], options: Options) -> None:
    locks.refuse_absent(profile, options.modes)
    known = {
        lane: {
            arm.name
            for workload in _workloads(preset, options.study)
            for arm in lanes.arms(lane, workload.name, profile.accelerator, available)
        }
        for lane in lanes.LANES
    }
    lanes.refuse_unknown(options.modes, lanes.CHOICES[options.lane], known)


def _block(block: int, cells: Sequence[Cell], seed: int) -> list[PlannedRun]:
    groups: dict[tuple[str, ...], list[Cell]] = {}
    for cell in cells:
        groups.setdefault(replace(cell, probe=None).group, []).append(cell)
    ordered = [cell for group in groups.values() for cell in _ordered(group, block)]
    return [
        PlannedRun(cell=cell, block=block, position=position, seed=seeds.derive(seed, "block", block))
        for position, cell in enumerate(ordered)
    ]


def _ordered(group: Sequence[Cell], block: int) -> list[Cell]:
    """Return the compared cells in counterbalanced order, companions and probes before and behind them by turns.

    Those stay out of the design, which would need more blocks to come full circle with them in it.
    """
    contained = {replace(cell, probe=None): cell for cell in group if cell.probe == IN_CONTAINER}
    group = [cell for cell in group if cell.probe != IN_CONTAINER]
    probes = [cell for cell in group if cell.probe]
    companions = [cell for cell in group if not cell.probe and lanes.arm_of(cell).companion]
    compared = counterbalanced([cell for cell in group if cell not in (*probes, *companions)], block)
    ordered = [*probes, *companions, *compared] if block % 2 else [*compared, *companions, *probes]
    paired = [cell for each in ordered for cell in _by_turns(each, contained.pop(each, None), block)]
    return [*paired, *contained.values()]  # the rest was selected alone


def _by_turns(cell: Cell, contained: Cell | None, block: int) -> list[Cell]:
    """Return a cell and the same in a container next to each other, each the first of the two in every other block."""
    if contained is None:
        return [cell]
    return [contained, cell] if block % 2 else [cell, contained]


def steady_steps(preset: Preset, batch: int) -> int:
    """Return how many steady steps are sampled: those that fill ``sample_images`` images, at least 20."""
    return max(20, preset.sample_images // batch)


def to_record(
    runs: Sequence[PlannedRun],
    *,
    preset: Preset,
    profile: Profile,
    options: Options,
    estimates: Estimates,
    facts: dict[str, Any],
) -> records.Record:
    """Return the plan as written; ``facts`` are those of the machine: run, threads, data, locks, code, command."""
    scale = sorted({epochs for workload in _workloads(preset, options.study) for epochs in workload.epochs})
    return {
        "schema": records.SCHEMA,
        "preset": preset.name,
        "profile": profile.name,
        "seed": options.seed,
        "blocks": 1 + max(run.block for run in runs),
        "steps": {"warmup": preset.warmup, "sample_images": preset.sample_images},
        "scale_epochs": scale,
        **facts,
        "runs": [
            {
                "name": run.name,
                "cell": run.cell.name,
                "workload": run.cell.workload,
                "lane": run.cell.lane,
                "framework": run.cell.framework,
                "mode": run.cell.mode,
                "params": run.cell.params(),
                "probe": run.cell.probe,
                "block": run.block,
                "position": run.position,
                "seed": run.seed,
                "estimate_s": round(estimates.seconds(run.cell), 1),
            }
            for run in runs
        ],
    }


def read(path: Path) -> records.Record:
    """Read a ``plan.json``.

    Raises:
        InputError: it is missing or damaged.
    """
    plan = records.read_json(path, "the plan")
    if not isinstance(plan.get("runs"), list):
        raise InputError(f"{path} (the plan) is damaged: it lists no runs.")
    return plan
