"""Initial weights and the order of examples: the same bytes on every machine, and what they are said to be."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from suite import inputs, records
from suite.layers import BatchNorm, Dropout, Layer
from suite.workload import Matching, Workload
from suite.workloads import workload, workloads

GOLDEN_WEIGHTS = {
    "cifar10-cnn3x3": "e58ed081daf8f0a19b6d0b98354bd8b135de159b7cead35104636d5f567b02a8",
    "cifar10-cnn5x5": "aabb683507784dbbcd751600f72bdd03864bb95691dc6b4080da1c97d1ad9f49",
}
GOLDEN_MASKS = "8e2e6129d45063fe0d2d514cc80abdd26f3426f770a018e594f5ca6a48498f73"
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


def with_layer(layer: Layer, at: int, parameters: int = 0) -> Workload:
    """Return a workload with one more layer at a place."""
    task = workload("cifar10-cnn5x5")
    return replace(
        task,
        layers=(*task.layers[:at], layer, *task.layers[at:]),
        layer_parameters=(parameters, *task.layer_parameters) if parameters else task.layer_parameters,
        parameter_count=task.parameter_count + parameters,
    )


@given(seed=st.integers(0, 2**63 - 1))
@settings(max_examples=10, deadline=None)
def test_a_batch_norm_starts_as_the_identity_and_moves_no_other_weights(seed: int) -> None:
    normed = inputs.weights(with_layer(BatchNorm(name="norm", momentum=0.9, epsilon=1e-3), 0, parameters=6), seed)
    norm = {name.split("/")[1]: array for name, array in normed.items() if name.startswith("norm/")}
    assert norm.keys() == {"weight", "bias", "mean", "variance"}
    assert {(array.shape, array.dtype) for array in norm.values()} == {((3,), np.dtype(np.float32))}
    assert [float(norm[name].mean()) for name in ("weight", "bias", "mean", "variance")] == [1, 0, 0, 1]
    plain = inputs.weights(workload("cifar10-cnn5x5"), seed)
    assert all(np.array_equal(normed[name], array) for name, array in plain.items())


@given(
    rate=st.floats(0.05, 0.95),
    per_channel=st.booleans(),
    count=st.integers(1, 40),
    epoch=st.integers(0, 5),
    seed=st.integers(0, 2**63 - 1),
)
@settings(max_examples=20, deadline=None)
def test_masks_keep_their_share_of_values(rate: float, per_channel: bool, count: int, epoch: int, seed: int) -> None:
    task = with_layer(Dropout(name="drop", rate=rate, per_channel=per_channel), 6)
    (mask,) = inputs.masks(task, count, epoch, seed).values()
    assert (mask.shape, mask.dtype) == ((count, 1, 1, 16) if per_channel else (count, 5, 5, 16), np.uint8)
    assert set(np.unique(mask)) <= {0, 1}
    # a share of independent draws: six standard errors
    assert abs(mask.mean() - (1 - rate)) < 6 * np.sqrt(rate * (1 - rate) / mask.size) + 1e-9
    more = inputs.masks(task, count + 3, epoch, seed)["drop"]
    assert np.array_equal(more[:count], mask)


def test_masks_are_unlike_by_layer_epoch_and_seed_and_absent_without_dropout() -> None:
    task = with_layer(Dropout(name="drop", rate=0.5, per_channel=False), 6)
    other = with_layer(Dropout(name="other", rate=0.5, per_channel=False), 6)
    drawn = [inputs.masks(task, 20, epoch, seed)["drop"] for epoch, seed in ((0, 0), (1, 0), (0, 1))]
    drawn.append(inputs.masks(other, 20, 0, 0)["other"])
    assert len({mask.tobytes() for mask in drawn}) == 4
    assert inputs.masks(workload("cifar10-cnn5x5"), 20, 0, 0) == {}


def test_masks_come_in_network_order_with_the_golden_bytes() -> None:
    task = with_layer(Dropout(name="z", rate=0.25, per_channel=True), 6)
    task = replace(task, layers=(*task.layers[:-1], Dropout(name="a", rate=0.5, per_channel=False), task.layers[-1]))
    masks = inputs.masks(task, 4, 0, 0)
    assert list(masks) == ["z", "a"]
    assert records.sha256_of(b"".join(mask.tobytes() for mask in masks.values())) == GOLDEN_MASKS


def test_the_digest_is_of_the_arrays_not_of_their_file_or_order() -> None:
    arrays = {"b": np.arange(6, dtype=np.float32).reshape(2, 3), "a": np.zeros(2)}
    told = inputs.digest(arrays)
    assert told == inputs.digest({"a": np.zeros(2), "b": np.asfortranarray(arrays["b"])})
    unlike = [
        {**arrays, "b": arrays["b"].reshape(3, 2)},
        {**arrays, "b": arrays["b"].astype(np.float64)},
        {**arrays, "a": np.array([0.0, 1e-300])},
        {"c": arrays["b"], "a": arrays["a"]},
        {"b": arrays["b"]},
    ]
    assert told not in {inputs.digest(each) for each in unlike}
    assert len({inputs.digest(each) for each in unlike}) == len(unlike)


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


MATCHING = Matching(positive_within=1, negative_from=4, negative_to=10, disparities=228)


@given(st.lists(st.integers(11 * 256, 2000 * 256), min_size=1, max_size=50), st.integers(0, 20), st.integers(0, 2**32))
def test_candidates_lie_as_far_from_the_true_place_as_asked(places: list[int], epoch: int, seed: int) -> None:
    drawn = inputs.candidates(MATCHING, np.array(places), epoch, seed)
    assert drawn.positive.shape == drawn.negative.shape == drawn.labels.shape == (len(places),)
    assert {drawn.positive.dtype, drawn.negative.dtype, drawn.labels.dtype} == {np.dtype(np.int64)}
    assert set(drawn.labels.tolist()) <= {0, 1}
    assert (abs(drawn.positive * 256 - np.array(places)) <= 256).all()
    distance = abs(drawn.negative * 256 - np.array(places))
    assert ((distance >= 4 * 256) & (distance <= 10 * 256)).all()


def test_every_candidate_that_there_is_is_drawn_about_as_often() -> None:
    whole = inputs.candidates(MATCHING, np.full(42_000, 100 * 256), 0, 0)
    assert np.bincount(whole.positive)[99:102].tolist() == pytest.approx([14_000] * 3, rel=0.05)
    sides = [*range(90, 97), *range(104, 111)]
    assert np.bincount(whole.negative)[sides].tolist() == pytest.approx([3000] * 14, rel=0.1)
    assert np.bincount(whole.labels).tolist() == pytest.approx([21_000] * 2, rel=0.03)
    between = inputs.candidates(MATCHING, np.full(24_000, 100 * 256 + 77), 0, 0)
    assert np.bincount(between.positive)[[100, 101]].tolist() == pytest.approx([12_000] * 2, rel=0.05)
    sides = [*range(91, 97), *range(105, 111)]
    assert np.bincount(between.negative)[sides].tolist() == pytest.approx([2000] * 12, rel=0.1)


def test_label_side_and_candidates_are_drawn_independently() -> None:
    drawn = inputs.candidates(MATCHING, np.full(20_000, 100 * 256), 0, 0)
    above = drawn.negative > 100
    values = np.stack([drawn.labels, above, drawn.positive, np.where(above, 200 - drawn.negative, drawn.negative)])
    correlation = np.corrcoef(values.astype(float))
    assert abs(correlation[np.triu_indices(4, 1)]).max() < 0.03


def test_candidates_are_the_same_everywhere() -> None:
    drawn = inputs.candidates(MATCHING, np.arange(11, 19) * 256 + 5, "test", 0)
    assert drawn.labels.tolist() == [1, 0, 0, 1, 0, 1, 0, 0]
    assert drawn.positive.tolist() == [11, 13, 14, 15, 16, 16, 17, 18]
    assert drawn.negative.tolist() == [2, 20, 20, 10, 7, 11, 10, 25]
