"""Lanes: the matched one gives every framework the same; the as-published one runs each study's own programs.

What is compared in a lane is an arm: a framework in a mode, or a framework's program in a variant.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Literal, assert_never, get_args

from suite.cells import Cell
from suite.errors import InputError, unknown
from suite.frameworks import Framework, Packages, framework
from suite.published.programs import PUBLISHED, Program, program, programs_for

Lane = Literal["matched", "as-published"]

LANES: tuple[Lane, ...] = get_args(Lane)

CHOICES: dict[str, tuple[Lane, ...]] = {"matched": ("matched",), "as-published": ("as-published",), "both": LANES}
"""What ``--lane`` takes, and the lanes that it means."""


@dataclass(frozen=True, kw_only=True)
class Arm:
    """One thing that is compared: a framework in one of its modes, or its program in one of its variants."""

    framework: str
    mode: str
    sentence: str
    default: bool
    """It is its framework's default mode, or the program itself."""
    further: bool
    """It is of a framework that runs only when it is named."""
    companion: bool
    probes: tuple[str, ...]
    """Names of the settings that can be switched the other way, to see what they cost or save."""
    packages: Packages

    @property
    def name(self) -> str:
        """The arm's name: ``pytorch-eager``, ``pytorch-published``."""
        return f"{self.framework}-{self.mode}"


def arms(lane: Lane, workload: str, accelerator: str, available: Collection[Framework]) -> list[Arm]:
    """Return every arm that a workload can have in a lane, in the order of their frameworks' rank."""
    match lane:
        case "matched":
            return [_matched(each, mode.name, accelerator) for each in available for mode in each.modes]
        case "as-published":
            return [
                _as_published(each, variant.name)
                for each in programs_for(accelerator, available)
                if workload in each.workloads
                for variant in each.variants
            ]
        case _:
            assert_never(lane)


def chosen(known: Iterable[Arm], modes: Sequence[str], *, companions: bool) -> list[Arm]:
    """Return the arms to run: each default, its companions if asked, and those that ``modes`` names (or ``all``).

    Of a further framework only those that are named.
    """
    return [
        arm
        for arm in known
        if {arm.name, "all"} & set(modes) or (not arm.further and (arm.default or (companions and arm.companion)))
    ]


def refuse_unknown(modes: Sequence[str], lanes: Sequence[Lane], known: dict[Lane, set[str]]) -> None:
    """Refuse the name of an arm that none of ``lanes`` has; ``known`` are the names of all lanes.

    Raises:
        InputError: it exists nowhere, or in another lane; the message says which.
    """
    names = set().union(*(known[lane] for lane in lanes))
    for mode in modes:
        if mode in names or mode == "all":
            continue
        for lane, others in known.items():
            if mode in others:
                raise InputError(f"--mode {mode} is of lane {lane}: add --lane {lane}, or --lane both.")
        raise unknown("framework-mode", mode, [*names, "all"])


def arm_of(cell: Cell) -> Arm:
    """Return the arm of a cell that was planned.

    Raises:
        InputError: there is no such arm any more.
    """
    if cell.lane == "as-published":
        return _as_published(program(cell.framework, cell.workload), cell.mode)
    return _matched(framework(cell.framework), cell.mode)


def _matched(framework: Framework, name: str, device: str = "cpu") -> Arm:
    mode = framework.mode(name)
    probes = tuple(probe.name for probe in framework.probes if device in probe.devices)
    return Arm(
        framework=framework.name,
        mode=name,
        sentence=mode.sentence,
        default=name == framework.default_mode,
        further=framework.further,
        companion=mode.companion,
        probes=probes if name == framework.default_mode else (),
        packages=framework,
    )


def _as_published(program: Program, name: str) -> Arm:
    return Arm(
        framework=program.framework,
        mode=name,
        sentence=program.variant(name).sentence,
        default=name == PUBLISHED,
        further=False,
        companion=False,
        probes=(),
        packages=program.packages,
    )
