"""Cells: their names, selecting them, and the order in which they run."""

from __future__ import annotations

import itertools
from collections import Counter
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from suite.cells import Cell, counterbalanced, select
from suite.errors import InputError

NAME = st.text("abcdefgh-0123456789", min_size=1, max_size=8)
CELLS = st.builds(
    Cell,
    profile=NAME,
    lane=st.just("matched"),
    workload=NAME,
    framework=NAME,
    mode=NAME,
    batch=st.integers(1, 4096),
    epochs=st.none() | st.integers(1, 20),
    examples=st.none() | st.integers(1, 50_000),
)


def cell(framework: str = "pytorch", mode: str = "eager", batch: int = 32, epochs: int | None = None) -> Cell:
    return Cell(
        profile="linux-cpu",
        lane="matched",
        workload="cifar10-cnn3x3",
        framework=framework,
        mode=mode,
        batch=batch,
        epochs=epochs,
        examples=None,
    )


def test_a_cells_name_is_that_of_the_design() -> None:
    assert cell().name == "linux-cpu/matched/cifar10-cnn3x3/pytorch-eager/b32"
    assert cell(epochs=10).name == "linux-cpu/matched/cifar10-cnn3x3/pytorch-eager/b32-e10"


def test_a_training_on_part_of_the_data_says_so_everywhere() -> None:
    part = Cell(profile="p", lane="matched", workload="w", framework="f", mode="m", batch=4, epochs=1, examples=2048)
    assert part.parameters == "b4-e1-n2048"
    assert part.params() == {"batch": 4, "epochs": 1, "examples": 2048}
    assert cell(epochs=1).params() == {"batch": 32, "epochs": 1}


def test_compared_cells_share_all_but_framework_and_mode() -> None:
    assert cell("pytorch", "eager").group == cell("keras", "fit").group
    assert cell(batch=4).group != cell(batch=8).group
    assert cell(epochs=1).group != cell(epochs=None).group


def test_a_probe_ends_the_name_and_is_compared_with_nothing_else() -> None:
    plain, one, other = cell(), replace(cell(), probe="onednn-off"), replace(cell("keras", "fit"), probe="onednn-off")
    assert one.name == "linux-cpu/matched/cifar10-cnn3x3/pytorch-eager/b32+onednn-off"
    assert len({plain.group, one.group, other.group}) == 3
    assert one.params() == plain.params()
    assert select([plain, one], "*/b32") == [plain]
    assert select([plain, one], "*/b32*") == [plain, one]


@given(CELLS)
def test_a_cells_own_name_selects_it(one: Cell) -> None:
    assert select([one], one.name) == [one]


@given(st.lists(CELLS, min_size=1, max_size=6, unique=True))
def test_a_star_selects_all_in_their_order(cells: list[Cell]) -> None:
    assert select(cells, "*") == cells


@given(st.lists(CELLS, min_size=1, max_size=6, unique=True), st.data())
def test_what_is_selected_matches_by_batch(cells: list[Cell], data: st.DataObject) -> None:
    wanted = data.draw(st.sampled_from(cells))
    chosen = select(cells, f"*/{wanted.parameters}")
    assert chosen == [each for each in cells if each.parameters == wanted.parameters]


def test_a_star_crosses_slashes() -> None:
    cells = [cell("pytorch"), cell("keras", "fit"), cell("keras", "fit-xla")]
    assert select(cells, "*keras*") == cells[1:]
    assert select(cells, "linux-cpu/*/keras-fit/b32") == cells[1:2]
    assert select(cells, "*/keras-fit*/b[13]2") == cells[1:]


@given(st.lists(CELLS, min_size=1, max_size=6, unique=True), st.text(min_size=1, max_size=20))
def test_any_pattern_selects_or_names_what_there_is(cells: list[Cell], pattern: str) -> None:
    try:
        chosen = select(cells, pattern)
    except InputError as error:
        chosen = [each for each in cells if each.name in str(error)]
    assert chosen
    assert set(chosen) <= set(cells)


def test_a_glob_that_matches_nothing_names_the_near_ones() -> None:
    cells = [cell(), cell("keras", "fit"), cell(batch=4)]
    with pytest.raises(InputError) as caught:
        select([*cells, *cells], "linux-cpu/matched/cifar10-cnn3x3/keras-fit/b33")
    told = str(caught.value)
    assert "matches none of the 3 cells" in told
    assert told.index("keras-fit/b32") < told.index("pytorch-eager/b32")


def arms(count: int) -> list[Cell]:
    return [cell(framework=f"f{number}") for number in range(count)]


@pytest.mark.parametrize("count", range(2, 10))
def test_over_a_cycle_each_arm_stands_in_each_place_equally_often(count: int) -> None:
    cycle = count * (1 + count % 2)
    places = Counter(
        (arm.framework, place)
        for block in range(cycle)
        for place, arm in enumerate(counterbalanced(arms(count), block))
    )
    assert len(places) == count * count
    assert set(places.values()) == {cycle // count}


@pytest.mark.parametrize("count", range(2, 10))
def test_over_a_cycle_each_arm_follows_each_other_one_equally_often(count: int) -> None:
    cycle = count * (1 + count % 2)
    followers = Counter(
        (one.framework, two.framework)
        for block in range(cycle)
        for one, two in itertools.pairwise(counterbalanced(arms(count), block))
    )
    assert len(followers) == count * (count - 1)
    assert set(followers.values()) == {cycle // count}


@given(st.integers(1, 12), st.integers(0, 200))
def test_every_block_runs_every_arm_once(count: int, block: int) -> None:
    ordered = counterbalanced(arms(count), block)
    assert sorted(arm.framework for arm in ordered) == sorted(arm.framework for arm in arms(count))
    assert ordered == counterbalanced(arms(count), block + count * (1 + count % 2))


def test_nothing_to_order() -> None:
    assert counterbalanced(arms(1), 7) == arms(1)
