"""The command line: ``evenmatch COMMAND``. The one place that prints errors and exits."""

from __future__ import annotations

import argparse
import os
import shlex
import signal
import sys
import traceback
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from suite import __version__, bench, doctor, home, lanes, locks, profiles, prove, records, tables
from suite.errors import EvenmatchError, InputError, InterruptedRunError
from suite.lanes import LANES
from suite.plan import Options
from suite.presets import PRESETS
from suite.progress import duration
from suite.request import Request, lay_out

OWN_MISTAKE = 70
"""Exit code for an error that no sentence was written for: EX_SOFTWARE of BSD's sysexits.h."""

Command = Callable[[argparse.Namespace, Console], None]


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code: 0 done, 1 cells failed, 2 bad input, 3 this machine cannot."""
    console, errors = Console(), Console(stderr=True)
    options = _parser().parse_args(arguments)
    signal.signal(signal.SIGTERM, _as_interrupt)
    command: Command = options.command
    try:
        command(options, console)
    except EvenmatchError as error:
        errors.print(f"[red]evenmatch:[/] {escape(str(error))}", highlight=False, soft_wrap=True)
        return error.exit_code
    except KeyboardInterrupt:
        errors.print("[red]evenmatch:[/] stopped before anything was measured; run the same command again.")
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


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="evenmatch", description="PyTorch, TensorFlow and Keras training compared fairly, and checkably so."
    )
    parser.add_argument("--version", action="version", version=f"evenmatch {__version__}")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    _add(
        commands, "run", _run, "measure, then print the verdicts and the report's path", _request_options, _run_options
    )
    _add(commands, "plan", _plan, "list the cells with estimated times; nothing is run", _request_options)
    _add(commands, "doctor", _doctor, "what this machine is, what would run, what is missing", _identify_option)
    _add(commands, "analyse", _analyse, "recompute analysis.json from raw results", _folder_option)
    _add(commands, "parity", _parity, "prove which frameworks train alike, or say what differs", _parity_options)
    _add(commands, "notes", _notes, "is it fair: the grade, its reasons and every note", _folder_option, _json_option)
    _add(commands, "report", _report, "render the report again, from raw results alone", _folder_option)
    _add(commands, "lock", _lock, "resolve and hash every package of every environment", _lock_options)
    return parser


def _add(commands: Any, name: str, command: Command, sentence: str, *options: Callable[[Any], None]) -> None:
    parser = commands.add_parser(name, help=sentence, description=sentence)
    for add in options:
        add(parser)
    parser.set_defaults(command=command)


def _request_options(parser: argparse.ArgumentParser) -> None:
    presets = "; ".join(f"{preset.name}: {preset.sentence}" for preset in PRESETS)
    parser.add_argument("--profile", help="platform profile; default: the one for this machine")
    parser.add_argument(
        "--lane",
        choices=tuple(lanes.CHOICES),
        default="matched",
        help="matched: the same training in all; as-published: each study's own programs; default matched",
    )
    parser.add_argument("--preset", help=f"how much is measured; default quick. {presets}")
    parser.add_argument("--select", metavar="GLOB", help="only cells whose name matches, e.g. '*/cifar10-cnn3x3/*'")
    parser.add_argument(
        "--mode",
        action="append",
        default=[],
        metavar="FRAMEWORK-MODE",
        help="one more mode, e.g. pytorch-compile (of a program as published: pytorch-inputs-0-to-1), or all",
    )
    parser.add_argument("--batch", type=_positive, nargs="+", metavar="N", help="batch sizes instead of the preset's")
    parser.add_argument("--epochs", type=_positive, nargs="+", metavar="N", help="epochs of whole trainings")
    parser.add_argument("--blocks", type=_positive, metavar="N", help="how often everything is repeated")
    parser.add_argument(
        "--probe-settings",
        action="store_true",
        help="also run each setting that can be switched alone the other way, to measure what it does here",
    )
    parser.add_argument("--seed", type=int, default=0, metavar="N", help="base of all random numbers; default 0")
    parser.add_argument("--threads", type=_positive, metavar="N", help="threads of each framework; default: all cores")


def _run_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--data", type=Path, metavar="DIR", help="the data set's folder or archive, as published")
    parser.add_argument("--download", action="store_true", help="fetch the data set from its publisher first")
    parser.add_argument("--out", type=Path, metavar="DIR", help="where results go; default reports/<preset>-<time>")
    parser.add_argument(
        "--resume", action="store_true", help="go on with the run in --out: only what is missing is run"
    )
    parser.add_argument(
        "--retry-failed", action="store_true", help="with --resume: also run again what did not end well"
    )
    parser.add_argument("--timeout", type=_positive, metavar="S", help="seconds after which one run is given up")
    _identify_option(parser)


def _identify_option(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--identify", action="store_true", help="record the names of user and host, too")


def _folder_option(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("folder", type=Path, metavar="DIR", help="a run's folder: reports/<run-id>")


def _json_option(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--json", action="store_true", help="print JSON for other programs instead of text")


def _parity_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--profile", help="platform profile; default: the one for this machine")
    parser.add_argument("--workload", metavar="NAME", help="only this workload; default: all")
    parser.add_argument("--framework", metavar="NAME", help="only this framework; default: all")
    parser.add_argument("--mode", metavar="NAME", help="this mode, e.g. compile, or all; default: each framework's own")
    parser.add_argument("--lane", choices=LANES, default="matched", help="default matched")
    parser.add_argument("--threads", type=_positive, metavar="N", help="threads of each framework; default: all cores")
    parser.add_argument("--timeout", type=_positive, metavar="S", help="seconds after which one exam is given up")
    _json_option(parser)


def _lock_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--profile", action="append", metavar="NAME", help="only this profile; default: all")
    parser.add_argument("--check", action="store_true", help="make nothing; say whether each lock fits its profile")


def _positive(text: str) -> int:
    try:
        number = int(text)
    except ValueError:
        number = 0
    if number < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is no whole number above 0")
    return number


def _request(options: argparse.Namespace) -> Request:
    given = vars(options)
    if given.get("retry_failed") and not given.get("resume"):
        raise InputError("--retry-failed goes together with --resume --out DIR.")
    return Request(
        profile=options.profile,
        preset=options.preset,
        options=Options(
            select=options.select,
            lane=options.lane,
            modes=tuple(options.mode),
            batch=tuple(options.batch) if options.batch else None,
            epochs=tuple(options.epochs) if options.epochs else None,
            blocks=options.blocks,
            seed=options.seed,
            probe_settings=options.probe_settings,
        ),
        threads=options.threads,
        data=given.get("data"),
        download=given.get("download", False),
        out=given.get("out"),
        resume=given.get("resume", False),
        retry_failed=given.get("retry_failed", False),
        timeout_s=given.get("timeout"),
        identify=given.get("identify", False),
        command=_own_command(),
    )


def _run(options: argparse.Namespace, console: Console) -> None:
    bench.bench(_request(options), console)


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


def _doctor(options: argparse.Namespace, console: Console) -> None:
    doctor.examine(console, identify=options.identify)


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
    console.print(f"report: {path}", soft_wrap=True, highlight=False)


def _parity(options: argparse.Namespace, console: Console) -> None:
    question = prove.Question(
        profile=options.profile,
        workload=options.workload,
        framework=options.framework,
        mode=options.mode,
        lane=options.lane,
        threads=options.threads,
        timeout_s=options.timeout,
    )
    prove.prove(question, console, as_json=options.json)


def _lock(options: argparse.Namespace, console: Console) -> None:
    for name in options.profile or profiles.names():
        profile = profiles.load(name)
        for packages in locks.every(profile):
            if options.check:
                locks.check(profile, packages)
            else:
                locks.make(profile, packages)
            state = "fits its profile" if options.check else "made"
            console.print(f"{locks.path(profile, packages).name} of {name}: {state}", highlight=False)


if __name__ == "__main__":
    sys.exit(main())
