"""The bare loops train the workloads' networks, the same way as the suite does."""

import subprocess
from pathlib import Path

import numpy as np
import pytest

from suite import inputs, locks, profiles, runner
from suite.environments import native
from suite.frameworks import frameworks
from suite.parity import matching
from suite.workloads import workload, workloads
from tests.benchmarks.bare_probe import DISPARITIES, PAIR

pytestmark = pytest.mark.frameworks


@pytest.fixture(scope="module", params=sorted(each.name for each in frameworks().values() if not each.further))
def trained(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> dict[str, np.ndarray]:
    profile = profiles.of_this_machine()
    chosen = {framework.name: framework for framework in locks.available(profile)}[request.param]
    result = tmp_path_factory.mktemp("bare") / "result.npz"
    command = [native.ensure(profile, chosen, print).python, Path(__file__).with_name("bare_probe.py")]
    env = runner.worker_environment() | {"EVENMATCH_DRIVER_PIPE": "0"}
    done = subprocess.run([*command, chosen.name, result], env=env, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-3000:]
    with np.load(result) as file:
        return {key: file[key] for key in file.files}


def arrays(trained: dict[str, np.ndarray], name: str, kind: str) -> list[np.ndarray]:
    count = sum(key.startswith(f"{name}|{kind}|") for key in trained)
    return [trained[f"{name}|{kind}|{index}"] for index in range(count)]


@pytest.mark.parametrize("name", list(workloads()))
def test_networks_have_the_published_parameters(trained: dict[str, np.ndarray], name: str) -> None:
    sizes = [array.size for array in arrays(trained, name, "bare")]
    assert tuple(weight + bias for weight, bias in zip(sizes[::2], sizes[1::2], strict=True)) == (
        workload(name).layer_parameters
    )


@pytest.mark.parametrize("name", list(workloads()))
def test_five_steps_lead_where_the_suites_lead(trained: dict[str, np.ndarray], name: str) -> None:
    before, bare, suite = (arrays(trained, name, kind) for kind in ("before", "bare", "suite"))
    for start, ours, theirs in zip(before, suite, bare, strict=True):
        moved = np.abs(ours - start).max()
        assert moved > 0
        # float32 rounds differently where sums run in another order; a wrong constant moves them by percents
        np.testing.assert_allclose(theirs, ours, rtol=0, atol=1e-3 * moved)


def test_depth_maps_are_those_of_the_definition(trained: dict[str, np.ndarray]) -> None:
    task = workload("mc-cnn-fast")
    left, right = np.random.default_rng(1).normal(size=(2, *PAIR)).astype(np.float32)
    similarities = matching.similarities(task, inputs.weights(task, 0), left, right, DISPARITIES)
    chosen = np.take_along_axis(similarities, trained["depth map"][..., None].astype(np.int64), axis=2)[..., 0]
    assert (similarities.max(axis=2) - chosen).max() < 1e-5
