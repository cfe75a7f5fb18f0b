"""What every adapter has to do, in every mode, on every workload: the same training.

The reference is PyTorch in its default mode; tolerances are a few float32 roundings, as measured for networks of this
size: the loss differs by about 1e-7 of itself until trajectories part, which takes tens of steps.
"""

import math

import numpy as np
import pytest

from suite.frameworks import framework
from suite.workloads import workload
from tests.contract.conftest import EXAMPLES, Probed

pytestmark = pytest.mark.frameworks

REFERENCE = "pytorch-eager"


def compared(probed: Probed, workload_name: str, arm: str, what: str) -> dict[str, tuple[np.ndarray, np.ndarray]]:
    """Return (reference, this arm) for every parameter array after ``what``."""
    prefix = f"{workload_name}|{arm}|{what}|"
    names = [key.removeprefix(prefix) for key in probed.arrays if key.startswith(prefix)]
    assert names
    return {n: (probed.arrays[f"{workload_name}|{REFERENCE}|{what}|{n}"], probed.arrays[prefix + n]) for n in names}


def test_weights_come_back_as_they_were_loaded(probed: Probed, workload_name: str, arm: str) -> None:
    facts = probed.facts[f"{workload_name}|{arm}"]
    assert facts["loaded_unchanged"]
    assert facts["dtypes"] == ["float32"]


def test_live_network_has_the_published_layers(probed: Probed, workload_name: str, arm: str) -> None:
    task = workload(workload_name)
    layers = probed.facts[f"{workload_name}|{arm}"]["layers"]
    assert [tuple(layer["output_shape"]) for layer in layers] == [shape.output_shape for shape in task.shapes()]
    assert tuple(layer["parameters"] for layer in layers if layer["parameters"]) == task.layer_parameters
    assert sum(layer["parameters"] for layer in layers) == task.parameter_count


def test_forward_agrees(probed: Probed, workload_name: str, arm: str) -> None:
    mine = probed.arrays[f"{workload_name}|{arm}|logits"]
    assert mine.dtype == np.float32
    np.testing.assert_allclose(mine, probed.arrays[f"{workload_name}|{REFERENCE}|logits"], rtol=1e-4, atol=2e-6)


def test_initial_loss_is_that_of_guessing(probed: Probed, workload_name: str, arm: str) -> None:
    # Glorot weights and softmax applied once: near ln(classes); a second softmax would pin it there exactly
    loss = probed.facts[f"{workload_name}|{arm}"]["step_loss"]
    assert loss == pytest.approx(math.log(workload(workload_name).classes), abs=0.3)
    assert loss == pytest.approx(probed.facts[f"{workload_name}|{REFERENCE}"]["step_loss"], rel=2e-6)


def test_one_step_moves_every_parameter_alike(probed: Probed, workload_name: str, arm: str) -> None:
    start = probed.given[workload_name]
    for name, (reference, mine) in compared(probed, workload_name, arm, "step").items():
        moved = np.abs(reference - start[name]).max()
        assert moved > 0, f"{name} did not move"
        assert np.abs(mine - reference).max() < 1e-3 * moved, name


def test_training_agrees_over_several_steps_and_a_partial_batch(probed: Probed, workload_name: str, arm: str) -> None:
    facts, reference = probed.facts[f"{workload_name}|{arm}"], probed.facts[f"{workload_name}|{REFERENCE}"]
    assert facts["loss"] == pytest.approx(reference["loss"], rel=2e-6)
    start = probed.given[workload_name]
    for name, (expected, mine) in compared(probed, workload_name, arm, "train").items():
        # momentum, its first step and the mean over a smaller last batch all show here
        assert np.abs(mine - expected).max() < 2e-3 * np.abs(expected - start[name]).max(), name


def test_loading_starts_anew(probed: Probed, workload_name: str, arm: str) -> None:
    # momentum left over from before would change the second training's loss by far more
    facts = probed.facts[f"{workload_name}|{arm}"]
    assert facts["loss_again"] == pytest.approx(facts["loss"], rel=2e-6)


def test_every_step_is_timed(probed: Probed, workload_name: str, arm: str) -> None:
    facts = probed.facts[f"{workload_name}|{arm}"]
    assert facts["steps"] == math.ceil(EXAMPLES / 32)
    assert facts["fastest_s"] > 0


def test_settings_are_read_back(probed: Probed, workload_name: str, arm: str) -> None:
    settings = probed.facts[f"{workload_name}|{arm}"]["settings"]
    assert settings["threads_intra"] == settings["threads_inter"] == 1
    assert settings["dtype"] == "float32"
    assert settings["device"] == "cpu"
    assert settings["denormals_flushed"] is True
    assert settings["layout"].startswith(("NCHW", "NHWC"))
    name, mode = arm.split("-", 1)
    assert framework(name).mode(mode).name == mode
    if arm == "pytorch-compile":
        assert settings["compiled"]
        assert settings["compile_graphs"] >= 1
        assert settings["compile_graph_breaks"] == 0
    if arm in ("tensorflow-xla", "keras-fit-xla"):
        assert settings["xla"] is True
    if arm == "pytorch-eager-channels-last":
        assert settings["layout"].startswith("NHWC")
