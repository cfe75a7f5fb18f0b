"""What programs as published do otherwise, told from their answers: made up here by the definition itself."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from suite.layers import Dropout
from suite.parity import questions
from suite.parity.answers import Answers, Expected
from suite.parity.diagnosis import Case, diagnose, published
from suite.parity.items import Item
from suite.parity.operations import softmax
from suite.parity.program import Program
from suite.parity.questions import Questions
from suite.workload import Workload
from tests.parity.networks import PLAIN, network

DROPPING = (
    *PLAIN[:3],
    Dropout(name="drop1", rate=0.5, per_channel=True),
    *PLAIN[3:6],
    Dropout(name="drop2", rate=0.5, per_channel=False),
    PLAIN[6],
)
TASK = network(DROPPING, name="dropping")
LINKED = np.tile(np.random.default_rng(0).integers(0, 2, (16, 1, 1, 40)), (1, 4, 4, 1)) * 2.0
SINGLE = np.random.default_rng(0).integers(0, 2, (16, 4, 4, 40)) * 2.0
FLAT = SINGLE.reshape(16, -1)


@pytest.fixture(scope="module")
def asked(tmp_path_factory: pytest.TempPathFactory) -> Questions:
    folder: Path = tmp_path_factory.mktemp("exam")
    drawn = questions.draw(TASK, folder)
    questions.Trajectory(TASK, drawn).make(TASK, drawn)
    return drawn


Outputs = Callable[[np.ndarray], np.ndarray]


def case(
    asked: Questions, item: str, *, outputs: Outputs = softmax, twice: bool = False, **dropped: np.ndarray
) -> Case:
    """Return a failed item of a program that ends like this, applies softmax so often and drops like this."""
    expected = Expected(Program.of(TASK), TASK, asked)
    own = Expected(Program.of(TASK), TASK, asked)
    undropped = Case(
        Item(item="loss", dtype="float32", passed=False, measured=1.0, tolerance=0.0, detail=""), *_of(own)
    )
    wanted = undropped.supposing(ignore_masks=True, softmax_in_network=twice).first
    arrays = {
        "float32|forward": outputs(expected.forward),
        "float32|loss": np.asarray(wanted.loss * 1.1),
        "float32|loss_again": np.asarray(wanted.loss * 1.2),
        "float32|loss_undropped": np.asarray(wanted.loss),
        **{f"float32|gradients_undropped|{name}": array for name, array in wanted.gradients.items()},
        **{f"float32|dropout|{name}": array for name, array in dropped.items()},
    }
    failed = Item(item=item, dtype="float32", passed=False, measured=1.0, tolerance=1e-5, detail="off")
    return Case(failed, Answers("float32", {"float32": {}}, arrays), expected)


def _of(expected: Expected) -> tuple[Answers, Expected]:
    return Answers("float32", {"float32": {}}, {}), expected


def logarithms(values: np.ndarray) -> np.ndarray:
    return np.asarray(np.log(softmax(values)))


def test_a_softmax_that_the_loss_looks_through_is_applied_once(asked: Questions) -> None:
    assert diagnose(case(asked, "forward")).startswith(
        "The network ends in a softmax and its loss takes what went into it, so softmax is applied once: without "
        "dropout the loss is "
    )
    assert diagnose(case(asked, "forward", outputs=logarithms)).startswith(
        "The network ends in a log-softmax and its loss applies none, so softmax is applied once"
    )


def test_a_softmax_applied_twice_is_told_with_its_loss(asked: Questions) -> None:
    said = diagnose(case(asked, "forward", twice=True))
    assert "so softmax is applied twice: without dropout the loss is 1.5888 instead of 1.5494" in said
    assert "its gradients are 0." in said


def test_dropouts_are_told_by_what_they_make_of_ones(asked: Questions) -> None:
    said = diagnose(case(asked, "loss", drop1=SINGLE))
    assert said.startswith("Drop1 drops single values instead of whole channels; drop2 is missing. Dropout draws masks")
    assert said.endswith(", as defined.")
    rates = diagnose(case(asked, "gradients", drop1=LINKED, drop2=np.where(FLAT * np.roll(FLAT, 1) > 0, 4.0, 0.0)))
    assert "Drop2 drops 7" in rates
    assert "instead of 50%" in rates
    alike = diagnose(case(asked, "loss", drop1=LINKED, drop2=FLAT))
    assert alike.startswith("Dropout draws masks of its own; without dropout the loss is ")
    assert diagnose(case(asked, "loss", twice=True, drop1=LINKED, drop2=FLAT)).endswith(", softmax applied twice.")


@pytest.mark.parametrize("item", ["batches", "schedule", "steps", "sizes"])
def test_masks_of_its_own_make_another_training(asked: Questions, item: str) -> None:
    assert diagnose(case(asked, item)).startswith("Its own dropout masks make every training another one")


def test_nothing_is_put_down_to_dropout_where_the_loss_differs_without_it(asked: Questions) -> None:
    wrong = case(asked, "loss", drop1=LINKED, drop2=FLAT)
    arrays = {**wrong.answers.arrays, "float32|loss_undropped": wrong.array("loss_undropped") * 1.01}
    other = Case(wrong.item, Answers("float32", wrong.answers.facts, arrays), wrong.expected)
    assert published.dropouts(other) is None
    assert published.another_training(other) is None
    assert published.softmax_at_the_end(Case(other.item, other.answers, other.expected)) is None


def layer(name: str, kind: str = "Relu") -> dict[str, str]:
    return {"name": name, "kind": kind}


def test_layers_more_and_fewer_are_named() -> None:
    task: Workload = TASK
    names = [layer(each.name) for each in task.layers]
    assert published.other_layers(names, task) is None
    found = [each for each in names if each["name"] != "drop2"]
    found.insert(3, layer("more"))
    assert published.other_layers(found, task) == "The network has one Relu more, behind pool1 and lacks drop2."
