"""What the command line takes: every command with its options; bad usage is one sentence like any other bad input."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, NoReturn

from rich.console import Console

from suite import __version__, lanes
from suite.errors import InputError
from suite.lanes import LANES
from suite.plan import Options
from suite.presets import PRESETS
from suite.workloads import studies

Command = Callable[[argparse.Namespace, Console], None]

LARGEST_SEED = 2**32 - 1


class Parser(argparse.ArgumentParser):
    """A parser that prints no usage where it is not asked for it."""

    def error(self, message: str) -> NoReturn:
        """Refuse the command line.

        Raises:
            InputError: always.
        """
        raise InputError(f"{message.rstrip('.')}: add --help to see what there is.")


def parser(commands: Mapping[str, Command]) -> Parser:
    """Return the parser of the whole command line; ``commands`` are what is to be done, by name."""
    made = Parser(
        prog="evenmatch", description="PyTorch, TensorFlow and Keras training compared fairly, and checkably so."
    )
    made.add_argument("--version", action="version", version=f"evenmatch {__version__}")
    added = made.add_subparsers(required=True, metavar="COMMAND")
    for name, (sentence, *options) in COMMANDS.items():
        command = added.add_parser(name, help=sentence, description=sentence)
        for add in options:
            add(command)
        command.set_defaults(command=commands[name])
    return made


def _request_options(parser: argparse.ArgumentParser) -> None:
    presets = "; ".join(f"{preset.name}: {preset.sentence}" for preset in PRESETS)
    parser.add_argument("--profile", help="platform profile; default: the one for this machine")
    parser.add_argument(
        "--lane",
        choices=tuple(lanes.CHOICES),
        default="matched",
        help="matched: the same training in all; as-published: each study's own programs; default matched",
    )
    parser.add_argument(
        "--study",
        choices=tuple(studies()),
        default=Options().study,
        help="whose networks, on whose data; default %(default)s",
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
    parser.add_argument("--examples", type=_positive, metavar="N", help="examples in each epoch of a training, at most")
    parser.add_argument("--blocks", type=_positive, metavar="N", help="how often everything is repeated")
    parser.add_argument(
        "--probe-settings",
        action="store_true",
        help="also run each setting that can be switched alone the other way, to measure what it does here",
    )
    parser.add_argument("--seed", type=_seed, default=0, metavar="N", help="base of all random numbers; default 0")
    _where_options(parser)


def _where_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--threads", type=_positive, metavar="N", help="threads of each framework; default: all cores")
    parser.add_argument(
        "--device",
        choices=("cpu",),
        help="cpu: the processor in place of the profile's accelerator; what comes of it is marked",
    )
    venue = parser.add_mutually_exclusive_group()
    venue.add_argument(
        "--container",
        action="store_true",
        default=None,
        help="run workers in containers (the default of profiles with an NVIDIA GPU)",
    )
    venue.add_argument("--native", action="store_false", dest="container", help="run workers on the machine itself")
    parser.add_argument(
        "--base", type=_image, metavar="IMAGE", help="the image that containers are built on; default: the pinned one"
    )


def _run_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--data", type=_place, metavar="DIR", help="the data set's folder or archive, as published")
    parser.add_argument(
        "--dataset", metavar="NAME", help="another data set of the same kind, e.g. mnist-twin; default: the study's own"
    )
    parser.add_argument("--download", action="store_true", help="fetch the data set from its publisher first")
    parser.add_argument(
        "--accept-licence", action="store_true", help="accept the terms that a data set is downloaded under"
    )
    parser.add_argument("--out", type=_place, metavar="DIR", help="where results go; default reports/<preset>-<time>")
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


def _doctor_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--profile", help="only this platform profile; default: all that run here")
    parser.add_argument("--device", choices=("cpu",), help="cpu: as the profile is tried on the processor")
    _identify_option(parser)


def _compare_options(parser: argparse.ArgumentParser) -> None:
    kinds = parser.add_mutually_exclusive_group(required=True)
    kinds.add_argument(
        "--native-vs-container",
        action="store_true",
        help="run every cell natively and in a container by turns: the ratio of their times, with its interval",
    )


def _images_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--prune", action="store_true", help="remove images and wheels that no lock needs any more")


def _folder_option(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("folder", type=_place, metavar="DIR", help="a run's folder: reports/<run-id>")


def _json_option(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--json", action="store_true", help="print JSON for other programs instead of text")


def _audit_option(parser: argparse.ArgumentParser) -> None:
    sentence = "audit: recompute every published mean and percentage, and list those that do not follow"
    parser.add_argument("what", choices=("audit",), help=sentence)


def _parity_options(parser: argparse.ArgumentParser) -> None:
    for name, words, default in (
        ("workload", "only this workload", "all"),
        ("framework", "only this framework", "all"),
        ("mode", "this mode, e.g. compile, or all", "each framework's own"),
    ):
        sentence = f"{words}; may be given several times; default: {default}"
        parser.add_argument(f"--{name}", action="append", default=[], metavar="NAME", help=sentence)
    parser.add_argument("--profile", help="platform profile; default: the one for this machine")
    parser.add_argument("--lane", choices=LANES, default="matched", help="default matched")
    _where_options(parser)
    parser.add_argument("--timeout", type=_positive, metavar="S", help="seconds after which one exam is given up")
    parser.add_argument("--again", action="store_true", help="examine anew, also where a passport is kept")
    _json_option(parser)


def _lock_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--profile", action="append", metavar="NAME", help="only this profile; default: all")
    parser.add_argument("--check", action="store_true", help="make nothing; say whether each lock fits its profile")


def _recipe_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("recipe", nargs="*", metavar="RECIPE", help="names or globs, e.g. 'cuda-*'; default: all")
    parser.add_argument("--platform", action="append", default=[], metavar="NAME", help="only recipes of this profile")
    parser.add_argument("--jobs", type=_positive, default=2, metavar="N", help="how many at a time; default 2")
    parser.add_argument(
        "--timeout", type=_positive, default=1800, metavar="S", help="seconds after which one is given up; default 1800"
    )
    parser.add_argument("--resume", action="store_true", help="leave out what this go has verified already")
    parser.add_argument("--no-keep", action="store_true", help="write nothing into platforms/recipes/")
    _json_option(parser)


def _feature_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--profile", help="platform profile; default: the one for this machine")
    parser.add_argument("--device", choices=("cpu",), help="cpu: hide the accelerator from the probes")
    parser.add_argument("--probe", action="store_true", help="run every probe anew here, in the locked environments")
    parser.add_argument("--keep", action="store_true", help="with --probe: write what is found to platforms/features/")
    parser.add_argument("--timeout", type=_positive, metavar="S", help="seconds after which one probe is given up")
    _json_option(parser)


COMMANDS: dict[str, tuple[Any, ...]] = {
    "run": ("measure, then print the verdicts and the report's path", _request_options, _run_options),
    "plan": ("list the cells with estimated times; nothing is run", _request_options),
    "doctor": ("what this machine is, what would run, what is missing", _doctor_options),
    "analyse": ("recompute analysis.json from raw results", _folder_option),
    "parity": ("prove which frameworks train alike, or say what differs", _parity_options),
    "notes": ("is it fair: the grade, its reasons and every note", _folder_option, _json_option),
    "published": ("the studies' own figures, held against their own runs", _audit_option, _json_option),
    "report": ("render the report again, from raw results alone", _folder_option),
    "features": ("what each framework can do, every answer with its evidence", _feature_options),
    "verify-recipes": ("run or resolve the documented installations and grade them", _recipe_options),
    "compare": (
        "measure the same in two places, and print the ratio",
        _compare_options,
        _request_options,
        _run_options,
    ),
    "images": ("pin the base image of containers to its digest in its registry", _images_options),
    "lock": ("resolve and hash every package of every environment", _lock_options),
}
"""Each command's sentence, and what adds its options."""


def _positive(text: str) -> int:
    return _whole(text, 1, None, "above 0")


def _seed(text: str) -> int:
    return _whole(text, 0, LARGEST_SEED, f"from 0 to {LARGEST_SEED}")


def _whole(text: str, least: int, most: int | None, words: str) -> int:
    try:
        number = int(text)
    except ValueError:
        number = least - 1
    if number < least or (most is not None and number > most):
        raise argparse.ArgumentTypeError(f"{text!r} is no whole number {words}")
    return number


def _image(text: str) -> str:
    if not text.strip():
        raise argparse.ArgumentTypeError("it is empty, where an image's name has to stand")
    return text


def _place(text: str) -> Path:
    if not text:  # Path would take it for the folder we are in
        raise argparse.ArgumentTypeError("'' is no path")
    return Path(text)
