"""``doctor``: what is here, what would run, what is missing and how to get it."""

from __future__ import annotations

import sys

import filelock
import pytest

from tests import toy

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="the toys' interpreters are shell scripts")


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> str:
    """What the doctor says of a checkout with one good profile, and others that are not."""
    checkout = toy.make(tmp_path_factory.mktemp("doctor") / "checkout")
    checkout.write_profile("z-plan9", system="plan9", needs="plan9 on any machine")
    checkout.write_profile("z-no-lock")
    (checkout.platforms / "z-malformed.toml").write_text("oh no")
    (checkout.cache / "environments" / toy.PROFILE / "toytwo" / "evenmatch.json").unlink()
    done = checkout.run("doctor")
    assert (done.returncode, done.stderr) == (0, "")
    with filelock.FileLock(checkout.cache / "environments" / toy.PROFILE / "toytwo.lock"):
        while_building = checkout.run("doctor").stdout
    while_building = while_building[while_building.index("Profile toy-cpu: a toy") :]
    while_building = while_building[: while_building.index("Profile z-no-lock")]
    assert "environment is being built now, by another process" in row(while_building, "Toytwo")
    assert "environment ready" in row(while_building, "Toyone")
    return done.stdout


def row(told: str, label: str) -> str:
    (line,) = (line.strip() for line in told.splitlines() if line.strip().startswith(label))
    return line


def test_it_says_what_machine_this_is(told: str) -> None:
    assert len(row(told, "machine id").split()[-1]) == 16
    assert "This machine" in told


def test_it_says_which_environments_are_ready(told: str) -> None:
    good = told[told.index("Profile toy-cpu: a toy") :]
    assert "environment ready" in row(good[: good.index("Profile z-no-lock")], "Toyone")
    broken = row(good[: good.index("Profile z-no-lock")], "Toytwo")
    assert "environment will be built (its building was not finished)" in broken
    assert "plain (default)" in broken


def test_one_bad_profile_does_not_hide_the_others(told: str) -> None:
    flat = " ".join(told.split())
    assert "Profile z-plan9 does not run here: profile z-plan9 needs plan9 on" in flat
    assert "Profile z-malformed does not run here:" in flat
    assert "z-malformed.toml is no TOML" in flat
    assert "make it with nox -s lock" in flat


def test_it_says_how_to_get_data(told: str) -> None:
    flat = " ".join(told.split())
    assert "not found: set EVENMATCH_DATA to its folder, or start a run with --data DIR or --download" in flat
    assert "synthetic stand-in for CIFAR-10 made when needed" in flat


def test_it_says_what_there_is_to_run_with(told: str) -> None:
    assert int(row(told, "cores to use").split()[-1]) >= 1
    assert " GiB" in row(told, "free disk")
    assert row(told, "C++ compiler").split()[2] in ("found", "missing:")
