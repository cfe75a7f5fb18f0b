"""The command line: ``evenmatch COMMAND``. The one place that prints errors and exits."""

from __future__ import annotations

import argparse
import os
import shlex
import signal
import sys
import traceback
from collections.abc import Sequence

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from suite import arguments, bench, doctor, home, locking, prove, records, tables
from suite.arguments import Command
from suite.errors import EvenmatchError, InputError, InterruptedRunError
from suite.features import command as features
from suite.plan import Options
from suite.progress import duration
from suite.published import command as published
from suite.recipes import command as recipes
from suite.recipes import verified
from suite.request import Request, lay_out

OWN_MISTAKE = 70
"""Exit code for an error that no sentence was written for: EX_SOFTWARE of BSD's sysexits.h."""


def main(typed: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code: 0 done, 1 cells failed, 2 bad input, 3 this machine cannot."""
    console, errors = Console(), Console(stderr=True)
    stopped = STOPPED
    signal.signal(signal.SIGTERM, _as_interrupt)
    try:
        options = arguments.parser(COMMANDS).parse_args(typed)
        stopped = STOPPED_WHILE.get(options.command, STOPPED)
        command: Command = options.command
        command(options, console)
    except EvenmatchError as error:
        errors.print(f"[red]evenmatch:[/] {escape(str(error))}", highlight=False, soft_wrap=True)
        return error.exit_code
    except KeyboardInterrupt:
        errors.print(f"[red]evenmatch:[/] {stopped}", highlight=False, soft_wrap=True)
        return InterruptedRunError.exit_code
    except BrokenPipeError:  # what we print goes to a program that has read enough
        return 0
    except OSError as error:
        place = f"{error.filename}: " if error.filename else ""
        errors.print(f"[red]evenmatch:[/] {escape(place)}{error.strerror}; see that it is there, free and writable.")
        return InputError.exit_code
    except Exception:
        errors.print(f"[red]evenmatch:[/] this is a mistake of evenmatch itself; please report {escape(_note_crash())}")
        return OWN_MISTAKE
    return 0


def _note_crash() -> str:
    """Write the traceback of the exception at hand to a file and return its path."""
    text = traceback.format_exc()
    try:
        records.replace(home.cache() / "crash.log", home.without_user(text).encode())
    except InputError:
        return f"this: {text.splitlines()[-1]}"
    return str(home.cache() / "crash.log")


def _own_command() -> tuple[str, ...]:
    """Return the command by which this process was started, as the user typed it."""
    typed = os.environ.get("EVENMATCH_COMMAND")  # set by the nox session that runs us
    return tuple(shlex.split(typed)) if typed else ("evenmatch", *sys.argv[1:])


def _as_interrupt(_number: int, _frame: object) -> None:
    raise KeyboardInterrupt


def _request(options: argparse.Namespace) -> Request:
    given = vars(options)
    if given.get("retry_failed") and not given.get("resume"):
        raise InputError("--retry-failed goes together with --resume --out DIR.")
    return Request(
        profile=options.profile,
        preset=options.preset,
        options=Options(
            study=options.study,
            examples=options.examples,
            select=options.select,
            lane=options.lane,
            modes=tuple(options.mode),
            batch=tuple(options.batch) if options.batch else None,
            epochs=tuple(options.epochs) if options.epochs else None,
            blocks=options.blocks,
            seed=options.seed,
            probe_settings=options.probe_settings,
            native_vs_container=given.get("native_vs_container", False),
        ),
        threads=options.threads,
        device=options.device,
        container=options.container,
        base=options.base,
        data=given.get("data"),
        dataset=given.get("dataset"),
        download=given.get("download", False),
        accept_licence=given.get("accept_licence", False),
        out=given.get("out"),
        resume=given.get("resume", False),
        retry_failed=given.get("retry_failed", False),
        timeout_s=given.get("timeout"),
        identify=given.get("identify", False),
        command=_own_command(),
    )


def _run(options: argparse.Namespace, console: Console) -> None:
    bench.bench(_request(options), console)


def _images(options: argparse.Namespace, console: Console) -> None:
    from suite import images  # brings Docker's SDK, which nothing else here needs

    (images.prune if options.prune else images.pin)(console)


def _plan(options: argparse.Namespace, console: Console) -> None:
    layout = lay_out(_request(options))
    table = Table(title=f"preset {layout.preset.name}: {layout.preset.sentence}", title_justify="left")
    table.add_column("cell", overflow="fold")
    for column in ("runs", "each", "together"):
        table.add_column(column, justify="right", no_wrap=True)
    counts: dict[str, int] = {}
    seconds: dict[str, float] = {}
    for run in layout.runs:
        counts[run.cell.name] = counts.get(run.cell.name, 0) + 1
        seconds[run.cell.name] = layout.estimates.seconds(run.cell)
    for name, count in counts.items():
        table.add_row(name, str(count), duration(seconds[name]), duration(seconds[name] * count))
    console.print(table)
    console.print(
        f"{len(layout.runs)} runs of {len(counts)} cells, about {duration(layout.seconds)} "
        "(estimated: from earlier runs on this machine where there are any); nothing was run."
    )
    try:
        outstanding, left = prove.outstanding(layout)
    except EvenmatchError as error:  # the plan was asked for, and there it is
        console.print(f"It could not run here: {error}", highlight=False, markup=False, soft_wrap=True)
        return
    if outstanding:
        words = "passport is" if outstanding == 1 else "passports are"
        console.print(f"{outstanding} {words} not kept yet: about {duration(left)} on top, once.")


def _doctor(options: argparse.Namespace, console: Console) -> None:
    doctor.examine(console, identify=options.identify, profile=options.profile, device=options.device)


def _analyse(options: argparse.Namespace, console: Console) -> None:
    bench.analyse(options.folder)
    console.print(f"analysis: {options.folder / 'analysis.json'}", soft_wrap=True, highlight=False)


def _notes(options: argparse.Namespace, console: Console) -> None:
    result, _, _ = bench.examine(options.folder)
    if options.json:
        found = {"grade": result["grade"], "notes": result["notes"]}
        console.out(records.to_json(found).decode(), end="", highlight=False)
    else:
        tables.print_notes(console, result)


def _report(options: argparse.Namespace, console: Console) -> None:
    _, path = bench.render(options.folder)
    try:
        verified.known()
    except InputError as error:
        console.print(f"Installation recipes are not in it: {error}", highlight=False, markup=False, soft_wrap=True)
    console.print(f"report: {path}", soft_wrap=True, highlight=False)


def _parity(options: argparse.Namespace, console: Console) -> None:
    question = prove.Question(
        profile=options.profile,
        workloads=tuple(options.workload),
        frameworks=tuple(options.framework),
        modes=tuple(options.mode),
        lane=options.lane,
        threads=options.threads,
        device=options.device,
        container=options.container,
        base=options.base,
        timeout_s=options.timeout,
        again=options.again,
    )
    prove.prove(question, console, as_json=options.json)


def _published(options: argparse.Namespace, console: Console) -> None:
    published.run(console, as_json=options.json)


def _lock(options: argparse.Namespace, console: Console) -> None:
    (locking.check if options.check else locking.make)(options.profile or [], console)


def _features(options: argparse.Namespace, console: Console) -> None:
    features.run(
        console,
        profile=options.profile,
        device=options.device,
        probe=options.probe,
        keep=options.keep,
        timeout_s=options.timeout,
        as_json=options.json,
    )


def _verify_recipes(options: argparse.Namespace, console: Console) -> None:
    recipes.run(
        console,
        select=options.recipe,
        platforms=options.platform,
        jobs=options.jobs,
        timeout_s=options.timeout,
        resume=options.resume,
        keep=not options.no_keep,
        as_json=options.json,
    )


COMMANDS: dict[str, Command] = {
    "run": _run,
    "compare": _run,
    "images": _images,
    "plan": _plan,
    "doctor": _doctor,
    "analyse": _analyse,
    "parity": _parity,
    "notes": _notes,
    "published": _published,
    "features": _features,
    "report": _report,
    "verify-recipes": _verify_recipes,
    "lock": _lock,
}

STOPPED = "stopped; run the same command again."
STOPPED_WHILE: dict[Command, str] = {
    _verify_recipes: "stopped; what was verified is kept, and the same command with --resume goes on with the rest.",
    _run: "stopped before anything was measured; run the same command again.",
    _parity: "stopped before every exam was sat; passports of frameworks that were done are kept, and the same command "
    "goes on with the rest.",
}
"""What an interruption is answered with."""


if __name__ == "__main__":
    sys.exit(main())
