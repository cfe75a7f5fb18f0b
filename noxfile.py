# /// script
# dependencies = ["nox[uv]>=2025.5"]
# ///
"""What can be done here, one session each; what follows ``--`` goes to the command.

Measure on this machine's own profile: ``nox -s bench``; on a named one: ``nox -s bench-linux-cpu -- --preset paper``.
Render a report again: ``nox -s report -- reports/RUN``. Any command: ``nox -s evenmatch -- doctor``.
Everything that has to hold: ``nox -s tests``.
"""

from __future__ import annotations

import shlex
from pathlib import Path

import nox
from nox.command import CommandFailed

PYTHON = "3.11"
PLATFORMS = Path(__file__).parent / "platforms"
LOCKS = Path("platforms/locks")
SIDE_BY_SIDE = ("--numprocesses=logical", "--maxprocesses=4", "--dist=loadfile", "--no-loadscope-reorder")
"""How tests are shared among processes (tests/conftest.py: which belong together)."""
MEASURING = "tests/e2e"
"""The tests that measure for real, on all cores: beside other work, their threads would wait for each other."""

nox.needs_version = ">=2025.5"
nox.options.default_venv_backend = "uv"
nox.options.reuse_existing_virtualenvs = True
nox.options.sessions = ["bench"]


def evenmatch(session: nox.Session, *arguments: str) -> None:
    """Install the driver from its lock, hashes required, and run one of its commands."""
    session.install("--quiet", "--require-hashes", "--requirement", str(LOCKS / "driver.txt"))
    typed = ["nox", "-s", session.name, *(["--", *session.posargs] if session.posargs else [])]
    env = {"EVENMATCH_COMMAND": shlex.join(typed)}
    try:
        session.run("python", "-m", "suite", *arguments, env=env)
    except CommandFailed as failure:
        # nox ends with 1 whatever failed; the code says what kind of failure it was (suite/errors.py).
        raise SystemExit(getattr(failure, "return_code", None) or 1) from None


def install_development(session: nox.Session) -> None:
    """Install the driver with what its tests and checks need, from one lock, hashes required."""
    session.install("--quiet", "--require-hashes", "--requirement", str(LOCKS / "development.txt"))


@nox.session(python=PYTHON)
def bench(session: nox.Session) -> None:
    """Measure on the profile of this machine, then print the verdicts and the report's path."""
    evenmatch(session, "run", *session.posargs)


def _bench_profile(profile: str) -> None:
    @nox.session(name=f"bench-{profile}", python=PYTHON)
    def bench_profile(session: nox.Session) -> None:
        evenmatch(session, "run", "--profile", profile, *session.posargs)

    bench_profile.__doc__ = _bench_sentence(profile)


def _bench_sentence(profile: str) -> str:
    """Say in one sentence what is measured there, from the profile's own words."""
    facts = nox.project.load_toml(PLATFORMS / f"{profile}.toml")
    where = ", in a container unless --native" if facts.get("venue") == "container" else ""
    return f"Measure PyTorch, TensorFlow and Keras on {facts['title']}{where}; it needs {facts['needs']}."


for path in sorted(PLATFORMS.glob("*.toml")):
    _bench_profile(path.stem)


@nox.session(python=PYTHON)
def report(session: nox.Session) -> None:
    """Render the report of a run again, from its raw results alone: -- reports/RUN."""
    evenmatch(session, "report", *session.posargs)


@nox.session(name="evenmatch", python=PYTHON)
def any_command(session: nox.Session) -> None:
    """Run any command of evenmatch: -- doctor, -- plan --preset paper, -- --help."""
    evenmatch(session, *session.posargs)


@nox.session(python=PYTHON)
def lock(session: nox.Session) -> None:
    """Resolve and hash every package: the driver's, and each environment's on each profile (-- --check: only look)."""
    if "--check" not in session.posargs:
        for name, groups in {"driver": [], "development": ["--group", "tests"]}.items():
            command = ["uv", "pip", "compile", "--quiet", "--universal", "--generate-hashes"]
            command += ["--python-version", PYTHON, "--custom-compile-command", "nox -s lock"]
            command += ["pyproject.toml", *groups]
            session.run(*command, "--output-file", str(LOCKS / f"{name}.txt"), external=True)
    evenmatch(session, "lock", *session.posargs)


@nox.session(name="verify-recipes", python=PYTHON)
def verify_recipes(session: nox.Session) -> None:
    """Run or resolve the documented installations, all or those named, and grade them (docs/recipes.md)."""
    evenmatch(session, "verify-recipes", *session.posargs)


@nox.session(python=PYTHON)
def images(session: nox.Session) -> None:
    """Pin the base image of containers to its digest in its registry (-- --prune: remove what nothing needs)."""
    evenmatch(session, "images", *session.posargs)


@nox.session(python=PYTHON)
def tests(session: nox.Session) -> None:
    """Check style and types, then run every test, those in the framework environments included, or those named."""
    install_development(session)
    checks(session)
    if session.posargs:
        session.run("pytest", *session.posargs)
    else:
        session.run("pytest", *SIDE_BY_SIDE, f"--ignore={MEASURING}")
        session.run("pytest", MEASURING)


@nox.session(python=PYTHON)
def lint(session: nox.Session) -> None:
    """Check style and types only."""
    install_development(session)
    checks(session)


def checks(session: nox.Session) -> None:
    """Run ruff and mypy over everything."""
    session.run("ruff", "check", ".")
    session.run("ruff", "format", "--check", ".")
    session.run("mypy")


@nox.session(python=PYTHON)
def benchmarks(session: nox.Session) -> None:
    """Measure what the suite itself costs, against bare loops in the same environments (benchmarks/README.md)."""
    session.install("--quiet", "--require-hashes", "--requirement", str(LOCKS / "driver.txt"))
    session.run("python", "-m", "benchmarks", *session.posargs)
