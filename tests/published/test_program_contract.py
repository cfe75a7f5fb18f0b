"""What every program as published has to do, in its own environment: be the study's, train, and be examined."""

from __future__ import annotations

import json
import math
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from suite import home, profiles, runner
from suite.environments import native
from suite.published.programs import PUBLISHED, programs
from suite.workload import Adam
from suite.workloads import workload
from tests.published.program_probe import BATCH, EPOCHS, EXAMPLES, SEED, cases, pixels_and_labels

pytestmark = pytest.mark.frameworks

EVERY = [(program.name, *case) for program in programs().values() for case in cases(program)]
THEMSELVES = [(program, name) for program, name, variant in EVERY if variant == PUBLISHED]
STEPS = math.ceil(EXAMPLES / BATCH)
EXTRA = {
    "cp8321-pytorch": {"log_softmax"},
    "cp8321-tensorflow": {"softmax"},
    "cp8321-keras": {"softmax"},
    "pl2021-pytorch": {"relu_more"},
}
"""Layers of programs that their workloads do not have."""
ALL_SWITCHED = ("all-as-keras", "all-as-pytorch")
INPUTS = ("inputs-0-to-1", "inputs-minus1-to-1", "inputs-standardised")
SAME_COURSE = (
    *("inputs-prepared-once", "inputs-float32", "no-accuracy", "no-progress-bar"),
    *("softmax-once", "without-extra-relu"),
)
"""Variants that train as the program itself does, number for number: what they switch changes no loss."""
ALMOST = ("epsilon-of-keras", "epsilon-of-pytorch", "shuffled-whole")
"""Variants that may, in so short a training, or not."""


def scaled(program: str, variant: str, pixels: np.ndarray) -> np.ndarray:
    """Return images as a variant is said to scale them."""
    whole = {"inputs-0-to-1": False, "inputs-minus1-to-1": True}.get(variant, program == "comp5511-pytorch")
    plain = variant == "inputs-0-to-1" or (program != "cp8321-pytorch" and variant not in (*INPUTS, *ALL_SWITCHED))
    if program.startswith("cp8321") and not plain:
        return np.asarray((pixels / 255 - 0.1307) / 0.3081)
    return pixels / 255 * 2 - 1 if whole else pixels / 255


def in_file_order(program: str, variant: str) -> bool:
    if program == "pl2021-pytorch":
        return variant not in ("shuffled", "all-as-keras")
    return variant == "no-shuffling" or (program, variant) == ("pl2021-keras", "all-as-pytorch")


@dataclass(frozen=True, repr=False)
class Tried:
    """Facts and arrays of all programs."""

    facts: dict[str, Any]
    arrays: dict[str, np.ndarray]

    def fact(self, program: str, name: str, variant: str = PUBLISHED) -> dict[str, Any]:
        found: dict[str, Any] = self.facts[f"{program}|{name}|{variant}"]
        return found

    def array(self, program: str, name: str, variant: str, what: str) -> np.ndarray:
        return self.arrays[f"{program}|{name}|{variant}|{what}"]

    def group(self, program: str, name: str, variant: str, what: str) -> dict[str, np.ndarray]:
        prefix = f"{program}|{name}|{variant}|{what}|"
        return {key.removeprefix(prefix): array for key, array in self.arrays.items() if key.startswith(prefix)}


@pytest.fixture(scope="session")
def tried(tmp_path_factory: pytest.TempPathFactory) -> Tried:
    """One process per program, side by side."""
    work = tmp_path_factory.mktemp("programs")
    profile = profiles.of_this_machine()
    probe = Path(__file__).with_name("program_probe.py")
    env = runner.worker_environment() | {"EVENMATCH_DRIVER_PIPE": "0", "PYTHONPATH": str(home.ROOT)}
    pythons = {each.name: native.ensure(profile, each.packages, print).python for each in programs().values()}
    processes = {}
    for name, python in pythons.items():
        with (work / f"{name}.log").open("wb") as log:
            processes[name] = subprocess.Popen([python, probe, name, work], env=env, stdout=log, stderr=log)
    facts, arrays = {}, {}
    for name, process in processes.items():
        assert process.wait() == 0, (work / f"{name}.log").read_text()[-3000:]
        facts |= {f"{name}|{key}": value for key, value in json.loads((work / f"{name}.json").read_text()).items()}
        with np.load(work / f"{name}.npz") as file:
            arrays |= {f"{name}|{key}": file[key] for key in file.files}
    return Tried(facts, arrays)


@pytest.mark.parametrize(("program", "name", "variant"), EVERY)
def test_the_network_is_the_studys(tried: Tried, program: str, name: str, variant: str) -> None:
    layers, task = tried.fact(program, name, variant)["layers"], workload(name)
    known = {shape.layer.name: shape.output_shape for shape in task.shapes()}
    names = [layer["name"] for layer in layers]
    for layer in layers:
        assert tuple(layer["output_shape"]) == known.get(layer["name"], tuple(layer["output_shape"]))
    without = {"softmax-once", "without-extra-relu", *(ALL_SWITCHED if program != "cp8321-pytorch" else ())}
    assert set(names) - set(known) == (set() if variant in without else EXTRA.get(program, set()))
    single = variant == "dropout-as-keras" or (
        program in ("cp8321-keras", "cp8321-tensorflow") and variant not in ("dropout-as-pytorch", "all-as-pytorch")
    )
    assert set(known) - set(names) == ({"dropout2"} if single else set())
    assert [name for name in names if name in known] == [name for name in known if name in names]
    assert tuple(layer["parameters"] for layer in layers if layer["parameters"]) == task.layer_parameters


@pytest.mark.parametrize(("program", "name", "variant"), EVERY)
def test_initial_weights_follow_the_rule_of_the_framework_or_of_the_other(
    tried: Tried, program: str, name: str, variant: str
) -> None:
    """PyTorch: weights and biases within 1 / sqrt(fan in); Keras: weights Glorot-uniform, biases zero."""
    switched = ("init-of-keras", "init-of-pytorch", *ALL_SWITCHED)
    pytorchs = program.endswith("-pytorch") == (variant not in switched)
    initial = tried.group(program, name, variant, "initial")
    for layer in {array.split("/")[0] for array in initial}:
        weight, bias = initial[f"{layer}/weight"], initial[f"{layer}/bias"]
        fan_in, taps = math.prod(weight.shape[:-1]), math.prod(weight.shape[:-2])
        glorot = math.sqrt(6 / (taps * (weight.shape[-2] + weight.shape[-1])))
        bound = 1 / math.sqrt(fan_in) if pytorchs else glorot
        assert bound * (1 - 30 / weight.size) < np.abs(weight).max() <= bound * (1 + 1e-6)
        assert weight.std() == pytest.approx(bound / math.sqrt(3), rel=0.1)
        assert np.abs(bias).max() <= (bound if pytorchs else 0)
        assert bool(bias.std()) == pytorchs


@pytest.mark.parametrize(("program", "name", "variant"), EVERY)
def test_images_reach_the_first_layer_as_they_are_said_to(tried: Tried, program: str, name: str, variant: str) -> None:
    pixels, labels = pixels_and_labels(workload(name))
    wanted = scaled(program, variant, pixels)
    seen = tried.array(program, name, variant, "seen")
    assert seen.dtype == np.float32
    np.testing.assert_allclose(seen, wanted, rtol=0, atol=1e-6)
    if not program.startswith("cp8321"):
        assert (seen.min(), seen.max()) == (wanted.min(), 1)
    facts = tried.fact(program, name, variant)
    doubles = program in ("comp5511-keras", "pl2021-keras") and variant not in ("inputs-float32", "all-as-pytorch")
    assert facts["fed_dtype"] == ("float64" if doubles else "float32")
    assert facts["fed_labels"] == labels.tolist()


@pytest.mark.parametrize(("program", "name", "variant"), EVERY)
def test_a_short_training_runs_and_is_watched_from_outside(tried: Tried, program: str, name: str, variant: str) -> None:
    facts = tried.fact(program, name, variant)
    assert facts["told"] == ["begin", *["step"] * STEPS, "end"] * EPOCHS  # the last, smaller batch is kept
    dropping = program.startswith("cp8321")  # what is dropped hides for a while that it learns
    assert dropping or facts["losses"][-1] < facts["losses"][0]
    assert facts["losses"][0] == pytest.approx(math.log(10), abs=0.4 if dropping else 0.2)
    assert facts["accuracy"] == pytest.approx(facts["counted"], abs=1e-6)
    assert facts["rate"] == pytest.approx(workload(name).optimizer.learning_rate, rel=1e-6)


@pytest.mark.parametrize(("program", "name", "variant"), EVERY)
def test_a_program_tells_what_its_study_called_accuracy(tried: Tried, program: str, name: str, variant: str) -> None:
    facts = tried.fact(program, name, variant)
    while_training = program in ("cp8321-keras", "cp8321-tensorflow")
    assert facts["reported_as"] == ("training accuracy over the epoch" if while_training else "test accuracy")
    if while_training:
        assert 0 < facts["reported"] < 1
        assert round(facts["reported"] * EXAMPLES, 3) == round(facts["reported"] * EXAMPLES)  # a count, of this epoch
    else:
        assert facts["reported"] is None


@pytest.mark.parametrize(("program", "name"), [each for each in THEMSELVES if each[0].startswith("cp8321")])
def test_dropouts_are_the_studys(tried: Tried, program: str, name: str) -> None:
    found = tried.group(program, name, PUBLISHED, "dropped")
    assert set(found) == ({"dropout1", "dropout2"} if program == "cp8321-pytorch" else {"dropout1"})
    kept = found["dropout1"] != 0
    assert found["dropout1"].shape == (16, 8, 8, 20)
    assert bool((kept == kept[:, :1, :1]).all()) == (program == "cp8321-pytorch")
    for values in found.values():
        assert set(np.unique(values)) == {0, 2}  # what is kept is doubled
        assert 0.3 < (values != 0).mean() < 0.7


@pytest.mark.parametrize(("program", "name", "variant"), EVERY)
def test_examples_are_shuffled_anew_in_every_epoch_or_never(
    tried: Tried, program: str, name: str, variant: str
) -> None:
    first, second = tried.fact(program, name, variant)["orders"]
    as_given = tried.array(program, name, variant, "seen").mean(axis=(1, 2, 3)).tolist()
    assert sorted(first) == pytest.approx(sorted(as_given), abs=1e-6)
    assert sorted(second) == pytest.approx(sorted(as_given), abs=1e-6)
    kept = [each == pytest.approx(as_given, abs=1e-6) for each in (first, second)]
    assert kept == [in_file_order(program, variant)] * 2
    assert (first == second) == in_file_order(program, variant)  # a seed would make fit repeat itself


@pytest.mark.parametrize(("program", "name", "variant"), EVERY)
def test_the_seed_that_took_effect_is_told(tried: Tried, program: str, name: str, variant: str) -> None:
    settings = tried.fact(program, name, variant)["settings"]
    assert settings["seed"] == SEED % 2**32
    assert settings["threads_intra"] == 1
    assert settings["optimizer"] == ("Adam" if program.startswith("pl2021") else "SGD")
    shuffling_too = program.endswith("-pytorch")
    assert settings["seed_covers"] == "initial weights" + " and order of examples" * shuffling_too


@pytest.mark.parametrize(("program", "name", "variant"), EVERY)
def test_a_variant_changes_nothing_else(tried: Tried, program: str, name: str, variant: str) -> None:
    """Initial weights, what is seen, and the course of training: alike wherever the switch does not reach."""
    if variant == PUBLISHED:
        return
    weights, other = (tried.group(program, name, each, "initial") for each in (PUBLISHED, variant))
    alike = all(np.array_equal(weights[key], other[key]) for key in weights)
    assert alike != (variant.startswith("init-of-") or variant in ALL_SWITCHED)
    seen, other_seen = (tried.array(program, name, each, "seen") for each in (PUBLISHED, variant))
    rescaled = variant in INPUTS or (variant == "all-as-pytorch" and program.startswith("cp8321"))
    assert np.allclose(seen, other_seen, atol=1e-7) != rescaled
    losses, other_losses = (tried.fact(program, name, each)["losses"] for each in (PUBLISHED, variant))
    if variant not in ALMOST:
        assert (losses == pytest.approx(other_losses, rel=1e-6)) == (variant in SAME_COURSE)


@pytest.mark.parametrize(("program", "name"), THEMSELVES)
def test_its_parts_can_be_examined_one_by_one(tried: Tried, program: str, name: str) -> None:
    facts = tried.fact(program, name)
    assert facts["loaded_unchanged"]
    assert facts["state_before_a_step"] == 0
    assert facts["step_losses"][0] == pytest.approx(facts["loss"], rel=1e-6)
    assert facts["stretch_steps"] == 3
    assert facts["stretch_loss"] == pytest.approx(facts["loss"], abs=0.1)
    assert facts["halved"] == pytest.approx(0.5, rel=1e-6)


@pytest.mark.parametrize(("program", "name"), THEMSELVES)
def test_a_steps_pieces_are_the_steps(tried: Tried, program: str, name: str) -> None:
    gradients = tried.group(program, name, PUBLISHED, "gradient")
    state = tried.group(program, name, PUBLISHED, "state")
    optimizer = workload(name).optimizer
    slots = ("first_moment", "second_moment") if isinstance(optimizer, Adam) else ("velocity",)
    assert set(state) - {"step"} == {f"{key}/{slot}" for key in gradients for slot in slots}
    share = 1 - optimizer.beta1 if isinstance(optimizer, Adam) else 1
    for key, gradient in gradients.items():
        assert gradient.any()
        np.testing.assert_allclose(state[f"{key}/{slots[0]}"], share * gradient, rtol=1e-5, atol=1e-7)


@pytest.mark.parametrize(("program", "name"), THEMSELVES)
def test_it_goes_on_from_weights_and_state_as_if_it_had_come_there_itself(
    tried: Tried, program: str, name: str
) -> None:
    resumed, applied = (tried.group(program, name, PUBLISHED, what) for what in ("resumed", "applied"))
    for key, array in tried.group(program, name, PUBLISHED, "twice").items():
        np.testing.assert_allclose(resumed[key], array, rtol=1e-6, atol=1e-8)
        assert not np.array_equal(applied[key], array)


@pytest.mark.parametrize("name", list(dict.fromkeys(name for _, name in THEMSELVES)))
def test_a_studys_programs_compute_the_same_from_the_same(tried: Tried, name: str) -> None:
    """What differs between them are their defaults: from the same weights and images, gradients and updates agree.

    Dropouts drop nothing here; a softmax in a Keras model whose loss is told that it gets logits is applied once.
    """
    first, *others = [program for program, task in THEMSELVES if task == name]
    assert others
    for program in others:
        for what in ("gradient", "applied"):
            found = tried.group(program, name, PUBLISHED, what)
            for key, array in tried.group(first, name, PUBLISHED, what).items():
                if what == "applied" and isinstance(workload(name).optimizer, Adam):
                    continue  # their epsilons differ, which shows where gradients are small
                np.testing.assert_allclose(found[key], array, rtol=1e-3, atol=2e-6, err_msg=f"{program} {what} {key}")


@pytest.mark.parametrize(("program", "name"), THEMSELVES)
def test_a_seed_repeats_itself_looked_at_or_not_and_another_does_not(tried: Tried, program: str, name: str) -> None:
    (initial, trained), again, (other_initial, other_trained) = tried.fact(program, name)["digests"]
    assert [initial, trained] == again
    assert initial != other_initial
    assert trained != other_trained
