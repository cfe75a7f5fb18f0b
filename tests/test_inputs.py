"""Initial weights and the order of examples: the same bytes on every machine, and what they are said to be."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from suite import inputs, records
from suite.workloads import workload, workloads

GOLDEN_WEIGHTS = {
    "cifar10-cnn3x3": "e58ed081daf8f0a19b6d0b98354bd8b135de159b7cead35104636d5f567b02a8",
    "cifar10-cnn5x5": "aabb683507784dbbcd751600f72bdd03864bb95691dc6b4080da1c97d1ad9f49",
}
GOLDEN_ORDER = "02a553f41de79d5022756fc01a46b1d036ee0130fc73234cd3510676dcdd97a2"


def digest(arrays: dict[str, np.ndarray]) -> str:
    return records.sha256_of(b"".join(name.encode() + array.astype("<f4").tobytes() for name, array in arrays.items()))


@pytest.mark.parametrize("name", GOLDEN_WEIGHTS)
def test_weights_of_seed_0_have_the_golden_bytes(name: str) -> None:
    assert digest(inputs.weights(workload(name), 0)) == GOLDEN_WEIGHTS[name]


def test_the_order_of_seed_0_has_the_golden_bytes() -> None:
    order = inputs.order(50_000, 50_000, 2, 0)
    assert (order.dtype, order.shape) == (np.uint32, (2, 50_000))
    assert records.sha256_of(order.astype("<u4").tobytes()) == GOLDEN_ORDER
    assert inputs.order(10, 10, 2, 0).tolist() == [[8, 2, 1, 6, 4, 9, 0, 7, 3, 5], [1, 7, 0, 6, 9, 4, 3, 5, 8, 2]]


@pytest.mark.parametrize("name", workloads())
@settings(max_examples=10, deadline=None)
@given(seed=st.integers(0, 2**63 - 1))
def test_weights_are_glorot_uniform_and_biases_zero(name: str, seed: int) -> None:
    task = workload(name)
    drawn = inputs.weights(task, seed)
    assert sum(array.size for array in drawn.values()) == task.parameter_count
    for shape in task.shapes():
        if shape.weight_shape is None:
            continue
        weight, bias = drawn[f"{shape.layer.name}/weight"], drawn[f"{shape.layer.name}/bias"]
        assert (weight.shape, bias.shape) == (shape.weight_shape, shape.bias_shape)
        assert weight.dtype == bias.dtype == np.float32
        bound = inputs.glorot_bound(shape.weight_shape)
        assert np.abs(weight).max() <= np.float32(bound)
        assert not bias.any()
        # a uniform on [-a, a] has mean 0 and standard deviation a / sqrt(3); five standard errors of each
        error = 5 / np.sqrt(weight.size)
        assert abs(weight.mean()) < bound / np.sqrt(3) * error
        assert abs(weight.std() / (bound / np.sqrt(3)) - 1) < error


@pytest.mark.parametrize(("shape", "bound"), [((3, 3, 32, 64), np.sqrt(6 / (9 * 96))), ((1024, 64), np.sqrt(6 / 1088))])
def test_the_bound_counts_every_tap(shape: tuple[int, ...], bound: float) -> None:
    assert inputs.glorot_bound(shape) == pytest.approx(bound, rel=1e-15)


def test_other_seeds_layers_and_workloads_are_unlike() -> None:
    one, two = inputs.weights(workload("cifar10-cnn3x3"), 0), inputs.weights(workload("cifar10-cnn3x3"), 1)
    assert not np.array_equal(one["conv1/weight"], two["conv1/weight"])
    other = inputs.weights(workload("cifar10-cnn5x5"), 0)
    assert not np.array_equal(one["dense2/weight"].ravel()[:50], other["dense2/weight"].ravel()[:50])


@given(st.integers(1, 300), st.integers(1, 4), st.integers(0, 2**63 - 1))
def test_each_epoch_is_a_permutation(examples: int, epochs: int, seed: int) -> None:
    order = inputs.order(examples, examples, epochs, seed)
    assert order.shape == (epochs, examples)
    for row in order:
        assert sorted(row.tolist()) == list(range(examples))


@given(st.integers(2, 300), st.integers(0, 2**63 - 1), st.data())
def test_part_of_the_examples_is_the_start_of_the_whole_order(examples: int, seed: int, data: st.DataObject) -> None:
    count = data.draw(st.integers(1, examples))
    part, whole = inputs.order(examples, count, 2, seed), inputs.order(examples, examples, 2, seed)
    assert np.array_equal(part, whole[:, :count])


def test_epochs_and_seeds_have_orders_of_their_own() -> None:
    order = inputs.order(1000, 1000, 3, 0)
    assert len({row.tobytes() for row in order}) == 3
    assert not np.array_equal(order, inputs.order(1000, 1000, 3, 1))


def test_more_epochs_begin_like_fewer() -> None:
    assert np.array_equal(inputs.order(100, 100, 5, 0)[:2], inputs.order(100, 100, 2, 0))


def test_stored_inputs_come_back_and_are_kept(tmp_path: Path) -> None:
    task = workload("cifar10-cnn5x5")
    weights, order = tmp_path / "weights.npz", tmp_path / "order.npy"
    inputs.store_weights(weights, task, 7)
    inputs.store_order(order, 100, 60, 2, 7)
    with np.load(weights, allow_pickle=False) as stored:
        assert digest({name: stored[name] for name in stored.files}) == digest(inputs.weights(task, 7))
    assert np.array_equal(np.load(order, allow_pickle=False), inputs.order(100, 60, 2, 7))
    before = weights.stat().st_mtime_ns, order.stat().st_mtime_ns
    inputs.store_weights(weights, task, 7)
    inputs.store_order(order, 100, 60, 2, 7)
    assert before == (weights.stat().st_mtime_ns, order.stat().st_mtime_ns)
    assert {path.name for path in tmp_path.iterdir()} == {"weights.npz", "order.npy"}


def test_the_same_seed_stores_the_same_bytes(tmp_path: Path) -> None:
    for name in ("one", "two"):
        inputs.store_weights(tmp_path / f"{name}.npz", workload("cifar10-cnn5x5"), 0)
    assert (tmp_path / "one.npz").read_bytes() == (tmp_path / "two.npz").read_bytes()
