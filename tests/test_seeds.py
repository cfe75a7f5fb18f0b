"""Seeds: the same on every machine, and one name never shifts another."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from suite import seeds


def test_golden_values() -> None:
    assert seeds.derive(0, "weights", "cifar10-cnn3x3", "conv1") == 6347697484678655689
    assert seeds.derive(0, "block", 0) == 5587057211936863747
    assert seeds.derive(1, "a", 2) == 7207999916064586904


@given(st.integers(-(10**9), 10**9), st.lists(st.one_of(st.text(max_size=9), st.integers()), max_size=4))
def test_seeds_have_63_bits_and_repeat(base: int, names: list[str | int]) -> None:
    seed = seeds.derive(base, *names)
    assert 0 <= seed < 2**63
    assert seed == seeds.derive(base, *names)


@given(st.integers(0, 1000), st.integers(0, 1000))
def test_another_block_has_another_seed(one: int, two: int) -> None:
    assert (seeds.derive(0, "block", one) == seeds.derive(0, "block", two)) is (one == two)
