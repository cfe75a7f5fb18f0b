"""Whole images are matched as the definition matches them, in every framework and mode."""

from __future__ import annotations

import subprocess
from pathlib import Path

import numpy as np
import pytest

from suite import home, locks, profiles, runner
from suite.environments import native
from suite.frameworks import frameworks
from suite.parity import matching
from suite.workloads import workload
from tests.contract import pairs
from tests.contract.pairs import PAIRS, SHIFT, Pair

pytestmark = pytest.mark.frameworks

TASK = workload(pairs.WORKLOAD)
EVERY = [(each.name, mode, dtype) for each in frameworks().values() for mode, dtype in pairs.tried(each)]
CLOSE = {"float32": 1e-5, "float64": 1e-12}
"""Similarities that are this close may be ranked either way."""

Found = dict[str, dict[str, np.ndarray]]


@pytest.fixture(scope="module")
def every(tmp_path_factory: pytest.TempPathFactory) -> Found:
    """Let all frameworks match all pairs, side by side."""
    work = tmp_path_factory.mktemp("matching")
    profile = profiles.of_this_machine()
    probe = Path(__file__).with_name("matching_probe.py")
    env = runner.worker_environment() | {"EVENMATCH_DRIVER_PIPE": "0", "PYTHONPATH": str(home.ROOT)}
    processes = {}
    for framework in locks.available(profile):
        python = native.ensure(profile, framework, print).python
        with (work / f"{framework.name}.log").open("wb") as log:
            processes[framework.name] = subprocess.Popen([python, probe, framework.name, work], env=env, stderr=log)
    found: Found = {}
    for name, process in processes.items():
        assert process.wait() == 0, (work / f"{name}.log").read_text()[-3000:]
        with np.load(work / f"{name}.npz") as file:
            found[name] = dict(file)
    return found


@pytest.fixture(scope="module")
def defined() -> dict[str, np.ndarray]:
    given = pairs.weights(TASK, 0)
    return {pair.name: matching.similarities(TASK, given, pair.left, pair.right, pair.count) for pair in PAIRS}


@pytest.mark.parametrize("pair", PAIRS, ids=lambda pair: pair.name)
@pytest.mark.parametrize(("name", "mode", "dtype"), EVERY)
def test_disparities_are_those_of_the_definition(
    name: str, mode: str, dtype: str, pair: Pair, every: Found, defined: dict[str, np.ndarray]
) -> None:
    found, similarities = every[name][f"{mode}|{dtype}|{pair.name}"], defined[pair.name]
    assert (found.dtype, found.shape) == (np.int64, pair.left.shape)
    assert found.min() >= 0
    assert (found <= np.arange(pair.left.shape[1])).all(), "a candidate outside the image has won"
    assert found.max() < pair.count
    chosen = np.take_along_axis(similarities, found[..., None], axis=2)[..., 0]
    assert (similarities.max(axis=2) - chosen).max() <= CLOSE[dtype]
    if "without texture" in pair.name:
        assert not found.any(), "all are alike: the smallest disparity wins"
    if pair.name == "shifted":
        assert (found[:, SHIFT + 4 :] == SHIFT).mean() > 0.99


def test_the_definition_knows_no_candidates_outside_and_no_ratio_of_nothing(defined: dict[str, np.ndarray]) -> None:
    for pair in PAIRS:
        found = defined[pair.name]
        inside = np.arange(pair.count) <= np.arange(pair.left.shape[1])[:, None]
        assert np.isneginf(found[:, ~inside]).all()
        assert np.abs(found[:, inside]).max() <= 1 + 1e-12
    assert not defined["without texture"][:, 15:].any()


def test_the_definition_is_that_of_patches() -> None:
    """What the network says of two patches, cut out and put through all its layers, is their similarity."""
    from suite.parity.program import Program
    from suite.parity.reference import evaluate

    pair, given, reach = PAIRS[1], pairs.weights(TASK, 0), TASK.input_shape[0] // 2
    similarities = matching.similarities(TASK, given, pair.left, pair.right, pair.count)
    left, right = (np.pad(image, reach) for image in (pair.left, pair.right))
    for y, x, first, second in ((0, 20, 0, 15), (9, 49, 3, 4), (19, 16, 16 - 1, 0)):
        cut = [
            image[y : y + 2 * reach + 1, at : at + 2 * reach + 1]
            for image, at in ((left, x), (right, x - first), (right, x - second))
        ]
        scores = evaluate(Program.of(TASK), given, np.stack(cut, axis=-1)[None])[0]
        np.testing.assert_allclose(scores, similarities[y, x, [first, second]], rtol=1e-12)


def test_a_pair_of_two_sizes_is_no_pair() -> None:
    from suite.frameworks.matching import padded

    with pytest.raises(ValueError, match="no stereo pair"):
        padded(TASK, np.zeros((3, 4)), np.zeros((3, 5)), "float32")
