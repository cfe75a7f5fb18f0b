"""What the user asked for, and what a run that goes on was begun with."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from suite import profiles, request
from suite.errors import InputError
from suite.frameworks import Device
from suite.plan import Options
from suite.profiles import Profile
from suite.request import Request


def test_resume_needs_to_know_where() -> None:
    with pytest.raises(InputError, match="--resume needs --out: name the folder of the run that is to go on"):
        request.as_begun(Request(resume=True))


def test_resume_takes_what_the_run_was_begun_with(tmp_path: Path) -> None:
    begun: dict[str, Any] = {"profile": "p", "preset": "paper", "threads": 3, "data": "/data", "dataset": "mnist-twin"}
    begun["options"] = {"batch": [4], "seed": 9}
    (tmp_path / "plan.json").write_text(json.dumps({"schema": 1, "runs": [], "request": begun}))
    plain = request.as_begun(Request(resume=True, out=tmp_path))
    assert (plain.profile, plain.preset, plain.threads, plain.data) == ("p", "paper", 3, Path("/data"))
    assert plain.dataset == "mnist-twin"
    assert plain.options == Options(batch=(4,), seed=9)
    assert not plain.options.probe_settings
    given = request.as_begun(Request(resume=True, out=tmp_path, threads=1, options=Options(batch=(8,))))
    assert (given.threads, given.options) == (1, Options(batch=(8,), seed=9))


@pytest.mark.parametrize(("begun", "given", "merged"), [(True, False, True), (True, True, True), (False, True, True)])
def test_resume_goes_on_switching_settings(tmp_path: Path, begun: bool, given: bool, merged: bool) -> None:
    options = {"probe_settings": begun}
    (tmp_path / "plan.json").write_text(json.dumps({"schema": 1, "runs": [], "request": {"options": options}}))
    found = request.as_begun(Request(resume=True, out=tmp_path, options=Options(probe_settings=given)))
    assert found.options.probe_settings is merged


LINUX, CUDA = profiles.load("linux-cpu"), profiles.load("cuda")


def test_workers_run_where_the_profile_has_it_unless_it_is_said() -> None:
    def container(profile: Profile, device: Device, asked: bool | None) -> bool:
        return request.venue(profile, device, asked, None, 2).container

    assert [container(CUDA, "cuda", asked) for asked in (None, True, False)] == [True, True, False]
    assert [container(LINUX, "cpu", asked) for asked in (None, True, False)] == [False, True, False]
    assert not container(CUDA, "cpu", None)
    assert request.venue(CUDA, "cuda", None, None, 2).gpus


def test_a_base_is_for_containers() -> None:
    assert request.venue(LINUX, "cpu", True, "slim", 2).base == "slim"
    with pytest.raises(InputError, match="--base names the image that containers are built on: add --container"):
        request.venue(LINUX, "cpu", None, "slim", 2)


def test_a_comparison_of_both_runs_in_both() -> None:
    found = request.venue(CUDA, "cuda", None, "slim", 2, both=True)
    assert (found.container, found.both, found.gpus, found.base, found.name) == (False, True, True, "slim", "native")
    with pytest.raises(InputError, match="runs in both: leave out --container"):
        request.venue(LINUX, "cpu", True, None, 2, both=True)
    with pytest.raises(InputError, match="runs in both: leave out --native"):
        request.venue(LINUX, "cpu", False, None, 2, both=True)


@pytest.mark.parametrize(
    ("begun", "asked", "told"),
    [
        ({"container": True, "base": "slim"}, False, "runs in containers: leave out --native"),
        ({"container": False}, True, "runs natively: leave out --container"),
        ({"container": False, "options": {"native_vs_container": True}}, False, "in containers: leave out --native"),
        ({"container": False, "options": {"native_vs_container": True}}, True, "containers: leave out --container"),
    ],
)
def test_a_run_goes_on_where_it_was_begun(tmp_path: Path, begun: dict[str, Any], asked: bool, told: str) -> None:
    (tmp_path / "plan.json").write_text(json.dumps({"schema": 1, "runs": [], "request": begun}))
    with pytest.raises(InputError, match=told):
        request.as_begun(Request(resume=True, out=tmp_path, container=asked))
    left_out = request.as_begun(Request(resume=True, out=tmp_path))
    assert left_out.container is (None if "options" in begun else begun["container"])
    request.venue(LINUX, "cpu", left_out.container, left_out.base, 2, both=left_out.options.native_vs_container)


def test_nothing_goes_on_where_nothing_was_begun(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"nothing was begun in .*, so there is nothing to .*: leave out --resume"):
        request.as_begun(Request(resume=True, out=tmp_path))
    (tmp_path / "raw").mkdir()
    with pytest.raises(InputError, match=r"plan\.json is missing"):
        request.as_begun(Request(resume=True, out=tmp_path))
