"""The smoke preset in containers, all three frameworks: the real images, from the real locks, on a real engine."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import docker
import pytest

from suite import home, locks, profiles
from suite.environments import engine, images
from suite.environments.container import PYTHON
from tests import engines, fixednames

pytestmark = pytest.mark.frameworks

LARGEST = 1.15
"""How large an image may be, as a multiple of what its environment and its base take."""


@pytest.fixture(scope="module")
def client() -> docker.DockerClient:
    return engines.client()


@pytest.fixture(scope="module")
def finished(client: docker.DockerClient, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("containers") / "smoke"
    command = [sys.executable, "-m", "suite", "run", "--preset", "smoke", "--container", "--base", engines.BASE]
    command += ["--blocks", "1", "--threads", "1"]  # one thread: two of them wait for each other on a busy machine
    variables = {key: value for key, value in os.environ.items() if key not in ("EVENMATCH_DATA", "EVENMATCH_COMMAND")}
    done = subprocess.run(
        [*command, "--out", str(folder)],
        cwd=home.ROOT,
        env=variables | {"NO_COLOR": "1", "COLUMNS": "200"},
        capture_output=True,
        text=True,
        timeout=900,  # the images are built, too
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, ""), done.stdout[-2000:]
    return folder


def test_all_three_frameworks_ran_in_containers(finished: Path) -> None:
    fixednames.check(finished)
    raws = list(fixednames.results(finished).values())
    assert {raw["framework"] for raw in raws} == {"pytorch", "tensorflow", "keras"}
    assert {raw["status"] for raw in raws} == {"ok"}
    for raw in raws:
        contained: dict[str, Any] = raw["container"]
        assert contained["image"]["base"]["name"] == engines.BASE
        assert contained["image"]["id"].startswith("sha256:")
        assert raw["limits"]["quota_cores"] == contained["quota_cores"] == raw["settings"]["threads_intra"]
        assert raw["limits"]["cpuset"] == contained["cpus"]
    plan = json.loads((finished / "plan.json").read_text())
    assert plan["venue"] == "container"
    assert plan["images"].keys() == plan["locks"].keys()


def test_each_was_proved_to_train_alike_in_its_container(finished: Path) -> None:
    assert {raw["passport"]["status"] for raw in fixednames.results(finished).values()} == {"matched"}


def test_nothing_of_ours_is_left(client: docker.DockerClient, finished: Path) -> None:
    engine.sweep(client)
    left = client.containers.list(all=True, filters={"label": engine.LABEL})
    assert [each.labels[engine.LABEL] for each in left if engine._gone(each.labels[engine.LABEL])] == []


@pytest.mark.parametrize("framework", ["pytorch", "tensorflow"])
def test_an_image_is_hardly_larger_than_environment_and_base(
    client: docker.DockerClient, finished: Path, framework: str
) -> None:
    profile = profiles.of_this_machine()
    packages = next(each for each in locks.available(profile) if each.name == framework)
    base = images.base(client, engines.BASE)
    image = images.named(client, profile, packages, base)
    place = Path(PYTHON).parent.parent
    out = client.containers.run(image.id, ["du", "-sb", str(place)], network_mode="none", remove=True)
    environment = int(out.split()[0])
    whole = environment + client.images.get(base.id).attrs["Size"]
    assert image.bytes <= LARGEST * whole, f"{image.bytes} bytes, {environment} of them the environment"
