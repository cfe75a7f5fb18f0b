"""What the user asked for, and what that comes to on this machine: nothing is installed, read or run here."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from suite import fingerprint, home, lanes, locks, profiles
from suite import plan as plans
from suite.environments.venues import Venue
from suite.errors import InputError, UnsupportedError
from suite.estimates import Estimates
from suite.frameworks import Device, Framework, Packages
from suite.plan import Options, PlannedRun
from suite.presets import Preset, preset
from suite.profiles import Profile
from suite.workloads import workloads


@dataclass(frozen=True, kw_only=True)
class Request:
    """What the user asked for; None means the default, or with ``resume`` what the run was begun with."""

    profile: str | None = None
    preset: str | None = None
    options: Options = field(default_factory=Options)
    threads: int | None = None
    device: Device | None = None
    """"cpu": the processor, whatever accelerator the profile has; None: the profile's accelerator."""
    container: bool | None = None
    """Whether workers run in containers; None: as the profile has it."""
    base: str | None = None
    """The image that containers are built on; None: the pinned one."""
    data: Path | None = None
    dataset: str | None = None
    """Name of the data set; None: the one that the workloads are about."""
    download: bool = False
    accept_licence: bool = False
    out: Path | None = None
    resume: bool = False
    retry_failed: bool = False
    timeout_s: float | None = None
    identify: bool = False
    command: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Layout:
    """A request made definite: what will run on this machine."""

    profile: Profile
    preset: Preset
    options: Options
    threads: int
    device: Device
    venue: Venue
    available: list[Framework]
    runs: list[PlannedRun]
    estimates: Estimates

    @property
    def packages(self) -> list[Packages]:
        """What the runs need to be installed, by name once each."""
        return list({needed.name: needed for run in self.runs for needed in [lanes.arm_of(run.cell).packages]}.values())

    @property
    def seconds(self) -> float:
        """Estimated time of all runs."""
        return sum(self.estimates.seconds(run.cell) for run in self.runs)


def lay_out(request: Request) -> Layout:
    """Choose the profile, and lay out every run; nothing is installed, read or run.

    Raises:
        InputError: a name is unknown or the selection is empty.
        UnsupportedError: this machine cannot run the profile.
    """
    home.require_checkout()
    profile = profiles.load(request.profile) if request.profile else profiles.of_this_machine()
    in_containers = request.container is True or request.options.native_vs_container
    profile.require_this_machine(request.device, container=in_containers)
    chosen = preset(request.preset or "quick")
    available = locks.available(profile)
    cores = fingerprint.usable_cores()
    threads = request.threads or cores
    if threads > cores:
        raise UnsupportedError(
            f"--threads {threads} is more than the {cores} cores that can be used here: ask for fewer."
        )
    device = device_of(profile, request.device)
    estimates = Estimates.load(chosen, threads)
    runs = plans.planned_runs(chosen, profile, available, request.options)
    _refuse_large_batches(runs)
    return Layout(
        profile=profile,
        preset=chosen,
        options=request.options,
        threads=threads,
        device=device,
        venue=venue(
            profile, device, request.container, request.base, threads, both=request.options.native_vs_container
        ),
        available=available,
        runs=runs,
        estimates=estimates,
    )


def device_of(profile: Profile, asked: Device | None) -> Device:
    """Return what trains on a profile: its accelerator, unless the processor was asked for."""
    if asked:
        return asked
    known: dict[str, Device] = {"cuda": "cuda", "metal": "metal"}
    return known.get(profile.accelerator, "cpu")


def venue(
    profile: Profile, device: Device, container: bool | None, base: str | None, threads: int, *, both: bool = False
) -> Venue:
    """Return where workers run: in containers if asked, or if it is the profile's way and an accelerator is used.

    Raises:
        InputError: a base image was named for what runs natively, or one place for what is to run in ``both``.
    """
    by_default = profile.venue == "container" and device != "cpu"
    if both and container is not None:
        raise InputError(f"what compares native and container runs in both: leave out {_option(container)}.")
    found = Venue(
        container=not both and (by_default if container is None else container),
        both=both,
        threads=threads,
        gpus=device == "cuda",
        base=base,
    )
    if base and not (found.container or both):
        raise InputError("--base names the image that containers are built on: add --container.")
    return found


def _option(container: bool) -> str:
    """Return the option by which one place is asked for."""
    return "--container" if container else "--native"


def _refuse_large_batches(runs: Sequence[PlannedRun]) -> None:
    """Refuse batches that cannot be filled.

    Raises:
        InputError: a batch is larger than what is trained on.
    """
    for cell in (run.cell for run in runs):
        there = cell.examples or workloads()[cell.workload].examples
        if cell.batch > there:
            raise InputError(
                f"--batch {cell.batch} is more than the {there} training examples of {cell.name}: choose a smaller one."
            )


def as_begun(request: Request) -> Request:
    """Fill what was left out of a ``--resume`` from the plan in its folder.

    Raises:
        InputError: no folder is named, nothing was begun in it, its plan is damaged, or it runs in another place.
    """
    if request.out is None:
        raise InputError("--resume needs --out: name the folder of the run that is to go on.")
    if not any((request.out / name).exists() for name in ("plan.json", "raw")):
        raise InputError(f"nothing was begun in {request.out}, so there is nothing to go on with: leave out --resume.")
    begun = plans.read(request.out / "plan.json").get("request") or {}
    stored: dict[str, Any] = begun.get("options") or {}
    values: dict[str, Any] = {key: tuple(value) if isinstance(value, list) else value for key, value in stored.items()}
    source = begun.get("data")
    options = _merged(request.options, Options(**values))
    container = None if options.native_vs_container else begun.get("container")
    _refuse_another_place(request, container, options)
    return Request(
        profile=request.profile or begun.get("profile"),
        preset=request.preset or begun.get("preset"),
        options=options,
        threads=request.threads or begun.get("threads"),
        device=request.device or begun.get("device"),
        container=container if request.container is None else request.container,
        base=request.base or begun.get("base"),
        data=request.data or (Path(source).expanduser() if source else None),
        dataset=request.dataset or begun.get("dataset"),
        download=request.download,
        accept_licence=request.accept_licence,
        out=request.out,
        resume=True,
        retry_failed=request.retry_failed,
        timeout_s=request.timeout_s,
        identify=request.identify,
        command=request.command,
    )


def _refuse_another_place(request: Request, begun: bool | None, options: Options) -> None:
    """Refuse to go on in another place than a run was begun in.

    Raises:
        InputError: the other place was asked for.
    """
    asked = request.container
    if asked is not None and begun is not None and asked != begun:
        where = "in containers" if begun else "natively"
        raise InputError(f"the run in {request.out} runs {where}: leave out {_option(asked)}.")
    if asked is not None and options.native_vs_container:
        raise InputError(f"the run in {request.out} runs both natively and in containers: leave out {_option(asked)}.")


def _merged(given: Options, begun: Options) -> Options:
    """Take each option that was given, and what the run was begun with otherwise."""
    default = asdict(Options())
    return Options(**{**asdict(begun), **{key: value for key, value in asdict(given).items() if value != default[key]}})
