"""``containers/make-base``: what it refuses, and that it leaves nothing behind; engine and debootstrap are stubs."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

import psutil
import pytest

from suite import home

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="debootstrap is Linux's")

MAKE_BASE = home.ROOT / "containers" / "make-base"

ENGINE = """#!/bin/sh
echo "$@" >> "$PLACE/asked"
case "$*" in
  "image inspect --format {{.Id}} "*) cat "$PLACE/id" ;;
  "image inspect --format {{len"*) echo "$HELD" ;;
  "import - "*) cat > /dev/null; echo sha256:new > "$PLACE/id" ;;
esac
"""
DEBOOTSTRAP = """#!/bin/sh
mkdir -p "$4"
[ -z "$SLOW" ] || sleep 60 &
echo $! > "$PLACE/child"
wait
[ -z "$BROKEN" ] || { echo E: broken; exit 1; }
"""


@dataclass(frozen=True)
class Machine:
    """Stand-ins for what make-base calls, and where it works."""

    place: Path

    def start(self, *arguments: str, **variables: str) -> subprocess.Popen[str]:
        """Start make-base."""
        path = f"{self.place}/bin{os.pathsep}{os.environ['PATH']}"
        own = {"PATH": path, "PLACE": str(self.place), "TMPDIR": f"{self.place}/tmp"} | variables
        return subprocess.Popen(
            [str(MAKE_BASE), *arguments],
            env=os.environ | own,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def run(self, *arguments: str, **variables: str) -> tuple[int, str, str]:
        """Run it, see that it leaves nothing, and return its exit code and what it printed."""
        started = self.start(*arguments, **variables)
        out, errors = started.communicate(timeout=60)
        assert list((self.place / "tmp").iterdir()) == []
        return started.returncode, out, errors

    def asked(self) -> str:
        """Return what the engine was asked."""
        file = self.place / "asked"
        return file.read_text() if file.exists() else ""


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    (tmp_path / "bin").mkdir()
    (tmp_path / "tmp").mkdir()
    (tmp_path / "id").write_text("sha256:old\n")
    stubs = {"docker": ENGINE, "debootstrap": DEBOOTSTRAP, "id": "#!/bin/sh\necho 0\n", "apt-get": "#!/bin/sh\n"}
    for name, text in stubs.items():
        (tmp_path / "bin" / name).write_text(text)
        (tmp_path / "bin" / name).chmod(0o755)
    return Machine(tmp_path)


@pytest.mark.parametrize("option", ["-h", "--help"])
def test_help_is_its_comment(machine: Machine, option: str) -> None:
    code, out, errors = machine.run(option)
    assert (code, errors, machine.asked()) == (0, "", "")
    assert out.startswith("Make a base image on this machine")
    assert "containers/make-base [NAME [PACKAGE ...]]" in out
    assert "set -euo" not in out


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("Bad Name::",), "'Bad Name::' is no name for an image: names are like evenmatch-base:bookworm"),
        (("--nmae",), "'--nmae' is no name for an image"),
        (("a@sha256:" + "0" * 64,), "is no name for an image"),
        (("mine:1", "g++", "a,b"), "'a,b' is no name of a Debian package"),
    ],
)
def test_bad_arguments_are_refused_before_any_work(machine: Machine, arguments: tuple[str, ...], told: str) -> None:
    code, out, errors = machine.run(*arguments)
    assert (code, out, machine.asked()) == (2, "", "")
    assert told in errors
    assert not (machine.place / "child").exists()


def test_a_failure_is_told(machine: Machine) -> None:
    code, _, errors = machine.run(BROKEN="1")
    assert code == 3
    assert errors == "E: broken\ncontainers/make-base: debootstrap failed; its last lines stand above.\n"


@pytest.mark.parametrize(
    ("held", "removed", "told"),
    [
        ("00", True, "removed: the image that had this name before"),
        ("10", False, "something else holds it: sha256:old"),
    ],
)
def test_the_image_that_had_the_name_is_accounted_for(machine: Machine, held: str, removed: bool, told: str) -> None:
    code, out, errors = machine.run("localhost:5000/mine/base:1", "g++", HELD=held)
    assert (code, errors) == (0, "")
    assert told in out
    assert ("rmi sha256:old" in machine.asked()) == removed


def test_where_nothing_had_the_name_nothing_is_said(machine: Machine) -> None:
    (machine.place / "id").unlink()
    assert machine.run()[:2] == (
        0,
        "made: evenmatch-base:bookworm; use it with --container --base evenmatch-base:bookworm\n",
    )


@pytest.mark.parametrize(("number", "code"), [(signal.SIGTERM, 143), (signal.SIGINT, 130)])
def test_stopped_it_leaves_no_folder_and_no_process(machine: Machine, number: int, code: int) -> None:
    started = machine.start(SLOW="1")
    child, deadline = machine.place / "child", time.monotonic() + 60
    while time.monotonic() < deadline and not (child.exists() and child.read_text().strip()):
        time.sleep(0.02)
    started.send_signal(number)
    started.communicate(timeout=60)
    assert started.returncode == code
    assert list((machine.place / "tmp").iterdir()) == []
    assert not psutil.pid_exists(int(child.read_text())) or _is_gone(int(child.read_text()))
    assert "import" not in machine.asked()


def _is_gone(pid: int) -> bool:
    """Tell whether a process has ended; where nobody collects orphans, it stays as a zombie."""
    return psutil.Process(pid).status() == psutil.STATUS_ZOMBIE
