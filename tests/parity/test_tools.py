"""What the exam is built of: rounding, deviations, ties, questions."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from suite.parity import deviation, questions
from suite.parity.questions import BATCH, STEPS, Packing, Trajectory
from suite.parity.rounding import MANTISSA_BITS, rounded
from suite.parity.ties import MOST, PLAUSIBLE, turned
from suite.workloads import workloads
from tests.parity.networks import NETWORKS

NUMBERS = arrays(np.float64, st.integers(1, 20), elements=st.floats(-100, 100, allow_subnormal=False, width=32))


@given(NUMBERS, st.sampled_from(["bfloat16", "tf32"]))
def test_rounding_is_to_the_nearest_and_only_once(values: np.ndarray, to: str) -> None:
    near = rounded(values, to)
    assert np.all(np.abs(near - values) <= 2.0 ** -(MANTISSA_BITS[to] + 1) * np.abs(values))
    np.testing.assert_array_equal(rounded(near, to), near)
    np.testing.assert_array_equal(rounded(values, "none"), values)


def test_rounding_to_bfloat16_cuts_float32_in_the_middle() -> None:
    assert rounded(np.asarray([1 + 2.0**-7, 1 + 2.0**-9]), "bfloat16").tolist() == [1 + 2.0**-7, 1.0]


@given(NUMBERS)
def test_nothing_deviates_from_itself(values: np.ndarray) -> None:
    assert deviation.of_array(values, values) == 0
    assert deviation.of_each({"a": values}, {"a": values}) == 0


@given(NUMBERS, st.floats(1e-6, 1))
def test_a_share_more_everywhere_deviates_by_that_share(values: np.ndarray, share: float) -> None:
    if np.abs(values).max() > 1e-3:
        assert deviation.of_array(values * (1 + share), values) == pytest.approx(share, rel=1e-6)


@pytest.mark.parametrize("bad", [{}, {"a": np.zeros(2)}, {"a": np.full(3, np.nan)}, {"b": np.ones(3)}])
def test_what_cannot_be_compared_deviates_without_end(bad: dict[str, np.ndarray]) -> None:
    good = {"a": np.ones(3)}
    assert math.isinf(deviation.of_arrays(bad, good))
    assert math.isinf(deviation.of_move(bad, good, {"a": np.zeros(3)}, "float32"))
    assert math.isinf(deviation.of_each(bad, good))


def test_rounding_of_a_weight_is_no_deviation_of_its_move() -> None:
    before = {"a": np.asarray([1.0])}
    expected = {"a": np.asarray([1.0 + 1e-6])}
    stored = {"a": expected["a"].astype(np.float32)}
    assert deviation.of_move(stored, expected, before, "float32") == 0
    assert deviation.of_move(stored, expected, before, "float64") > 1e-3


TIES = [(0, "relu1", place) for place in range(6)]


def test_turns_those_decisions_that_explain_and_no_others() -> None:
    wanted = {TIES[1], TIES[4]}
    best, chosen = turned(lambda flips: 0.01 * len(wanted ^ flips), TIES, 1e-6)
    assert (best, chosen) == (0, wanted)


def test_turns_nothing_where_it_explains_nothing() -> None:
    assert turned(lambda _flips: 0.01, TIES, 1e-6) == (0.01, frozenset())


def test_large_deviations_and_too_many_ties_are_not_tried() -> None:
    def never(flips: frozenset[questions.Packing]) -> float:
        assert not flips
        return 2 * PLAUSIBLE

    assert turned(never, TIES, 1e-6)[1] == frozenset()
    many = [(0, "relu1", place) for place in range(MOST + 1)]
    assert turned(lambda flips: 0.01 - 0.001 * len(flips), many, 1e-6)[1] == frozenset()


@pytest.mark.parametrize("workload", [*workloads().values(), *NETWORKS.values()], ids=lambda workload: workload.name)
def test_questions_are_the_same_each_time_and_tie_nowhere(workload, tmp_path: Path) -> None:
    first, second = (questions.draw(workload, tmp_path) for _ in range(2))
    np.testing.assert_array_equal(first.pixels, second.pixels)
    np.testing.assert_array_equal(first.visits, second.visits)
    assert first.pixels.min() >= 0
    assert first.pixels.max() < 255  # nothing is clipped: clipped pixels tie in pooling windows
    assert len(first.visits) == STEPS * BATCH
    assert len(first.several()) % BATCH  # the last batch is a partial one
    assert set(first.labels) == set(range(workload.classes))
    for name, gradient in first.update_gradients.items():
        assert gradient.dtype == np.float32, name
        assert np.all(gradient != 0)


def test_packing_gives_back_what_was_packed() -> None:
    values = {"b": np.arange(6.0).reshape(2, 3), "a": np.asarray(7.0), "c": np.zeros((0, 4))}
    packing = Packing.of(values)
    back = packing.unpack(packing.pack(values))
    assert {name: array.tolist() for name, array in back.items()} == {n: a.tolist() for n, a in values.items()}


@pytest.mark.parametrize("name", NETWORKS)
def test_each_step_of_the_trajectory_starts_where_the_one_before_ended(name: str, tmp_path: Path) -> None:
    from suite.parity.program import Program
    from suite.parity.update import advance

    workload = NETWORKS[name]
    drawn = questions.draw(workload, tmp_path)
    trajectory = Trajectory(workload, drawn)
    trajectory.make(workload, drawn)
    program = Program.of(workload)
    ended = None
    losses = []
    for step in trajectory.steps():
        losses.append(step.batch.loss)
        if ended is not None:
            for key, array in {**step.weights, **step.state}.items():
                np.testing.assert_array_equal(array, np.asarray(ended[key], array.dtype), err_msg=key)
        weights, state = advance(program, step.weights, step.state, step.batch, program.rule.learning_rate)
        ended = {**weights, **state}
    assert len(losses) == STEPS
    np.testing.assert_array_equal(losses, trajectory.losses())
    if name != "everything":  # dropout at work keeps that one's loss from falling evenly
        assert np.mean(losses[-20:]) < np.mean(losses[:20])
