"""The main job, one stage after another: profile, plan, data, environments, runs, analysis, report."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from rich.console import Console

from suite import analysis, baseline, code, compare, data, fingerprint, home, prove, records, tables
from suite import plan as plans
from suite.environments import Environment, venues
from suite.errors import CellsFailedError, InputError
from suite.exams import Subject
from suite.parity.passport import Passport
from suite.passports import Examiner, count, in_words, summary
from suite.plan import PlannedRun
from suite.presets import Preset
from suite.progress import Progress, duration
from suite.request import Layout, Request, as_begun, lay_out
from suite.requirements import other_versions
from suite.runner import Runner, Setting
from suite.store import RunFolder
from suite.worker.pairs import test_pairs
from suite.workloads import workloads


def bench(request: Request, console: Console) -> Path:
    """Do the whole main job and return the report's path.

    Raises:
        InputError, UnsupportedError: see the stages.
        InterruptedRunError: Ctrl-C; what has finished is kept.
        CellsFailedError: everything ran, but some runs did not end well.
    """
    if request.resume:
        request = as_begun(request)
    layout = lay_out(request)
    folder = RunFolder(request.out or _new_folder(layout.preset))
    prepared = _prepare_data(request, layout, console)
    with folder.held():
        if not request.resume and folder.plan_file.exists():
            raise InputError(f"{folder.path} holds a run already: go on with it by --resume, or name another --out.")
        environments = venues.ensure(layout.profile, layout.packages, layout.venue, console.print)
        identity = fingerprint.identity(identify=request.identify)
        proved = _prove(request, layout, environments, identity, console)
        setting = _setting(request, layout, folder, prepared, environments, identity, proved)
        plan = _plan_record(request, layout, setting)
        missing = _begin(folder, plan, layout, request)
        _match_blocks(folder.path, prepared, layout, console)
        folder.keep_passports({subject.name: passport for subject, passport in proved.items()})
        _announce(console, layout, missing, folder)
        Runner(folder, setting, layout.estimates, Progress(console)).run_all(missing)
        return conclude(folder.path, console)


def conclude(folder: Path, console: Console) -> Path:
    """Analyse a run's folder, render its report, print the verdicts, and return the report's path.

    Raises:
        InputError: there is no run in ``folder``, or a file of it is damaged.
        CellsFailedError: some runs did not end well; the report is made all the same.
    """
    result, path = render(folder)
    tables.print_comparisons(console, result)
    compare.print_venues(console, result["venues"])
    console.print(f"report: {path}", soft_wrap=True, highlight=False)
    failed = sorted({failure["cell"] for failure in result["failures"]})
    if failed:
        count = len(result["failures"])
        raise CellsFailedError(
            f"{count} run{'s' * (count > 1)} did not end well, in {', '.join(failed)}: the report says why; "
            f"run them again with: nox -s bench -- --resume --retry-failed --out {folder}"
        )
    return path


def render(folder: Path) -> tuple[records.Record, Path]:
    """Analyse a run's folder from its raw results alone, write ``analysis.json`` and the report; return both.

    Raises:
        InputError: there is no run in ``folder``, or a file of it is damaged.
    """
    from suite import report  # brings matplotlib, half a second and 50 MB that nothing before the report needs

    result, plan, raws = analyse(folder)
    return result, report.render(folder, result, raws, plan)


def analyse(folder: Path) -> tuple[records.Record, records.Record | None, list[records.Record]]:
    """Analyse a run's folder and write ``analysis.json``; return analysis, plan and raw results."""
    result, plan, raws = examine(folder)
    records.replace_json(folder / "analysis.json", result)
    return result, plan, raws


def examine(folder: Path) -> tuple[records.Record, records.Record | None, list[records.Record]]:
    """Analyse a run's folder and write nothing; return analysis, plan and raw results.

    Raises:
        InputError: there is no run in ``folder``, or a file of it is damaged.
    """
    plan, raws = analysis.load_run(folder)
    return analysis.analyse(raws, plan, analysis.load_passports(folder), baseline.load(folder)), plan, raws


def _new_folder(chosen: Preset) -> Path:
    return home.REPORTS / f"{chosen.name}-{datetime.now(UTC):%Y%m%d-%H%M%S}"


def _prepare_data(request: Request, layout: Layout, console: Console) -> data.Prepared:
    tasks = [workloads()[name] for name in sorted({run.cell.workload for run in layout.runs})]
    names = [request.dataset] if request.dataset else sorted({task.dataset for task in tasks})
    if len(names) > 1:
        raise InputError(
            f"one run uses one data set, not {' and '.join(names)}: choose workloads of one with --select."
        )
    (name,) = names
    dataset = data.by_name(name)
    for task in tasks:
        dataset.refuse_unlike(task)
    if request.download:
        if dataset.licence and request.accept_licence:
            console.print(f"{dataset.licence.sentence} ({dataset.licence.url}).", soft_wrap=True, highlight=False)
        progress = tables.DownloadProgress(console)
        folder, accepted = data.downloads(home.cache()), request.accept_licence
        data.download(dataset, folder, progress=progress.update, accept_licence=accepted)
        progress.done()
    return data.prepare(name, source=request.data, cache=home.cache(), say=console.print)


def _match_blocks(folder: Path, prepared: data.Prepared, layout: Layout, console: Console) -> None:
    """Work out the baseline of a run that trains stereo networks whole."""
    tasks = [workloads()[run.cell.workload] for run in layout.runs if run.cell.epochs is not None]
    counts = [task.matching.disparities for task in tasks if task.matching is not None]
    if counts and baseline.load(folder) is None:
        pairs = test_pairs(prepared.folder)
        console.print(f"Block matching of {len(pairs)} test pairs, the baseline: about {duration(1.5 * len(pairs))}.")
        baseline.ensure(folder, pairs, max(counts))


def _prove(
    request: Request,
    layout: Layout,
    environments: dict[str, Environment],
    identity: dict[str, Any],
    console: Console,
) -> dict[Subject, Passport]:
    """Return the passports of every arm that is to run; what was proved before costs nothing."""
    examiner = Examiner(
        environments=environments,
        threads=layout.threads,
        device=layout.device,
        identity=identity,
        say=lambda words: console.print(words, highlight=False, markup=False, soft_wrap=True),
        timeout_s=request.timeout_s,
    )
    found = examiner.passports(prove.of_cells(run.cell for run in layout.runs))
    unlike = [subject for subject, proved in found.items() if proved["status"] in ("unmatched", "error")]
    examiner.say(f"passports: {count(found.values())}")
    for subject in unlike:
        examiner.say(f"  {subject.workload} {subject.arm}: {in_words(found[subject])}")
    return found


def _setting(
    request: Request,
    layout: Layout,
    folder: RunFolder,
    prepared: data.Prepared,
    environments: dict[str, Environment],
    identity: dict[str, Any],
    proved: dict[Subject, Passport],
) -> Setting:
    return Setting(
        run_id=folder.path.resolve().name,
        preset=layout.preset,
        threads=layout.threads,
        device=layout.device,
        data_folder=prepared.folder,
        data=_facts(prepared),
        code_sha256=code.sha256(),
        environments=environments,
        machine_id=fingerprint.machine_id(identity),
        identity=identity,
        timeout_s=request.timeout_s,
        other_versions={each.name: other_versions(layout.profile, each) for each in layout.packages},
        passports={(s.lane, s.workload, s.arm): summary(passport) for s, passport in proved.items()},
    )


def _facts(prepared: data.Prepared) -> dict[str, Any]:
    """Return what plan and raw results say of the data; with the terms that pictures of them are under, if any."""
    words = {"title": prepared.title, "citation": prepared.citation, "origin": prepared.origin}
    terms = prepared.licence
    licence = {"licence": {"name": terms.name, "sentence": terms.sentence}} if terms else {}
    return {**prepared.facts(), **words, **licence}


def _plan_record(request: Request, layout: Layout, setting: Setting) -> records.Record:
    facts = {
        "run": setting.run_id,
        "created_at": datetime.now(UTC).isoformat(timespec="seconds"),
        "command": [home.without_user(word) for word in request.command],
        "threads": layout.threads,
        "device": layout.device,
        "venue": layout.venue.name,
        "platform": {"title": layout.profile.title, "accelerator": layout.profile.accelerator},
        "data": setting.data,
        "machine_id": setting.machine_id,
        "code_sha256": setting.code_sha256,
        "images": {
            name: contained["image"]["name"]
            for name, environment in setting.environments.items()
            if (contained := environment.container)
        },
        "locks": {name: environment.lock_sha256 for name, environment in setting.environments.items()},
        "request": {
            "profile": layout.profile.name,
            "preset": layout.preset.name,
            "options": asdict(layout.options),
            "threads": layout.threads,
            "device": request.device,
            "container": layout.venue.container,
            "base": layout.venue.base,
            "data": home.without_user(str(request.data)) if request.data else None,
            "dataset": request.dataset,
        },
    }
    return plans.to_record(
        layout.runs,
        preset=layout.preset,
        profile=layout.profile,
        options=layout.options,
        estimates=layout.estimates,
        facts=facts,
    )


def _begin(folder: RunFolder, plan: records.Record, layout: Layout, request: Request) -> list[PlannedRun]:
    """Write or check the plan, and return the runs that are still missing."""
    if not request.resume:
        folder.begin(plan)
        return layout.runs
    folder.resume(plan)
    if request.retry_failed:
        folder.set_failed_aside()
    done = folder.done()
    return [run for run in layout.runs if run.name not in done]


def _announce(console: Console, layout: Layout, missing: Sequence[PlannedRun], folder: RunFolder) -> None:
    seconds = sum(layout.estimates.seconds(run.cell) for run in missing)
    done = len(layout.runs) - len(missing)
    kept = f" ({done} finished before)" if done else ""
    console.print(
        f"{len(missing)} runs{kept} of preset {layout.preset.name} on {layout.profile.name}, "
        f"{layout.threads} threads, about {duration(seconds)}; results in {folder.path}",
        soft_wrap=True,
        highlight=False,
    )
