"""The statistics against hand-worked values, brute force, symmetries, and simulated truth."""

from __future__ import annotations

import itertools
import math
import random
from dataclasses import astuple

import pytest
from hypothesis import given
from hypothesis import strategies as st

from suite import stats
from suite.stats import Comparison, Interval

seconds = st.floats(min_value=1e-6, max_value=1e5)
pair_lists = st.lists(st.tuples(seconds, seconds), min_size=1, max_size=14)
same = pytest.approx


def logs(*exponents: float) -> list[tuple[float, float]]:
    """Pairs whose log ratios are the given numbers."""
    return [(1.0, math.exp(d)) for d in exponents]


@pytest.mark.parametrize("n", range(1, 11))
def test_signed_rank_counts_agree_with_enumeration(n: int) -> None:
    sums = [sum(chosen) for size in range(n + 1) for chosen in itertools.combinations(range(1, n + 1), size)]
    assert list(stats.signed_rank_counts(n)) == [sums.count(total) for total in range(n * (n + 1) // 2 + 1)]


@pytest.mark.parametrize(
    ("n", "k", "confidence"),
    [
        (1, 0, 0.0),
        (4, 0, 1 - 2 / 16),
        (5, 0, 0.9375),
        (6, 0, 0.96875),
        (7, 2, 1 - 2 * 3 / 128),  # sums 0, 1, 2 have one pattern each
        (8, 3, 1 - 2 * 5 / 256),  # sum 3 has two: {3}, {1, 2}
        (10, 8, 1 - 2 * 25 / 1024),
    ],
)
def test_interval_rank(n: int, k: int, confidence: float) -> None:
    found_k, found_confidence = stats.interval_rank(n)
    assert found_k == k
    assert found_confidence == same(confidence)


@pytest.mark.parametrize(
    ("n", "critical"), [(6, 0), (7, 2), (8, 3), (9, 5), (10, 8), (12, 13), (15, 25), (20, 52), (25, 89), (30, 137)]
)
def test_interval_rank_is_the_critical_value_of_printed_tables(n: int, critical: int) -> None:
    assert stats.interval_rank(n)[0] == critical  # two-sided, 5 %


def test_interval_rank_is_the_narrowest_that_reaches_the_target() -> None:
    for n in range(6, 40):
        k, confidence = stats.interval_rank(n)
        wider = sum(stats.signed_rank_counts(n)[: k + 2])
        assert confidence >= stats.TARGET_CONFIDENCE > 1 - 2 * wider / 2**n


def test_walsh_averages_by_hand() -> None:
    assert stats.walsh_averages([4.0, 1.0, 2.0]) == [1.0, 1.5, 2.0, 2.5, 3.0, 4.0]


def test_ratio_by_hand() -> None:
    found = stats.compare(logs(0.1, 0.2, 0.6))  # Walsh averages .1 .15 .2 .35 .4 .6: median .275
    assert found.ratio == same(math.exp(0.275))
    assert found.interval is None
    assert found.runs == 3


def test_interval_by_hand() -> None:
    found = stats.compare(logs(0.05, 0.01, 0.02, 0.04, 0.03, 0.9))
    assert found.interval
    assert astuple(found.interval) == same((math.exp(0.01), math.exp(0.9), 0.96875))
    seven = stats.compare(logs(1, 2, 3, 4, 5, 6, 7)).interval  # k = 2: third of 1, 1.5, 2, ...
    assert seven
    assert astuple(seven) == same((math.exp(2), math.exp(6), 0.953125))


def test_one_wild_run_among_ten_moves_the_ratio_little() -> None:
    quiet = logs(*(0.5 + 0.001 * i for i in range(10)))
    wild = [*quiet[:9], (1.0, 29 * math.exp(0.5))]
    assert stats.compare(wild).ratio == same(stats.compare(quiet).ratio, rel=0.002)


@given(pair_lists)
def test_swapping_a_and_b_inverts_everything(pairs: list[tuple[float, float]]) -> None:
    forth, back = stats.compare(pairs), stats.compare([(b, a) for a, b in pairs])
    assert back.ratio == same(1 / forth.ratio)
    assert (back.interval is None) == (forth.interval is None)
    if forth.interval and back.interval:
        assert back.interval.low == same(1 / forth.interval.high)
        assert back.interval.high == same(1 / forth.interval.low)
        assert back.interval.confidence == forth.interval.confidence


@given(pair_lists, st.floats(min_value=0.01, max_value=100), st.floats(min_value=0.01, max_value=100))
def test_scaling_both_changes_nothing_and_scaling_b_scales_the_ratio(
    pairs: list[tuple[float, float]], unit: float, factor: float
) -> None:
    plain = stats.compare(pairs)
    scaled = stats.compare([(unit * a, unit * factor * b) for a, b in pairs])
    assert scaled.ratio == same(factor * plain.ratio)
    if plain.interval and scaled.interval:
        assert scaled.interval.low == same(factor * plain.interval.low)
        assert scaled.interval.high == same(factor * plain.interval.high)


@given(pair_lists, st.randoms(use_true_random=False))
def test_order_of_the_blocks_does_not_matter(pairs: list[tuple[float, float]], shuffler: random.Random) -> None:
    shuffled = list(pairs)
    shuffler.shuffle(shuffled)
    assert stats.compare(shuffled) == stats.compare(pairs)


@given(pair_lists)
def test_the_ratio_lies_in_its_interval_and_the_interval_among_the_pairs(pairs: list[tuple[float, float]]) -> None:
    found = stats.compare(pairs)
    ratios = [b / a for a, b in pairs]
    assert min(ratios) * (1 - 1e-9) <= found.ratio <= max(ratios) * (1 + 1e-9)
    if found.interval:
        assert min(ratios) * (1 - 1e-9) <= found.interval.low <= found.ratio
        assert found.ratio <= found.interval.high <= max(ratios) * (1 + 1e-9)


@pytest.mark.parametrize("n", [5, 6, 8])
def test_coverage_is_the_confidence_claimed(n: int) -> None:
    rng = random.Random(5511)
    truth, repeats, inside = 1.7, 6000, 0
    for _ in range(repeats):
        pairs = [(math.exp(rng.gauss(0, 0.1)), truth * math.exp(rng.gauss(0, 0.2))) for _ in range(n)]
        interval = stats.compare(pairs).interval
        assert interval is not None
        inside += interval.low <= truth <= interval.high
    _, claimed = stats.interval_rank(n)
    assert abs(inside / repeats - claimed) < 4 * math.sqrt(claimed * (1 - claimed) / repeats)


@pytest.mark.parametrize(
    ("low", "high", "verdict"),
    [
        (0.46, 0.54, "faster"),
        (0.90, 0.9708, "faster"),  # 1 / 1.03 = 0.97087...
        (0.90, 0.9709, "not resolved"),
        (1.0301, 1.2, "slower"),
        (1.03, 1.2, "not resolved"),
        (1 / 1.03, 1.03, "equal within 3 %"),
        (0.99, 1.02, "equal within 3 %"),
        (0.97, 1.02, "not resolved"),
        (0.5, 2.0, "not resolved"),
    ],
)
def test_verdict(low: float, high: float, verdict: str) -> None:
    assert Comparison(1.0, Interval(low, high, 0.95), 6).verdict == verdict


def test_fewer_than_five_pairs_give_no_verdict_however_clear() -> None:
    assert stats.compare(logs(2, 2, 2, 2)).verdict == "too few runs"
    assert stats.compare(logs(2, 2, 2, 2, 2)).verdict == "slower"


@pytest.mark.parametrize("pairs", [[], [(0.0, 1.0)], [(1.0, math.nan)], [(math.inf, 1.0)]])
def test_times_that_cannot_be_compared_are_refused(pairs: list[tuple[float, float]]) -> None:
    with pytest.raises(ValueError, match="to compare"):
        stats.compare(pairs)


def test_median_and_spread() -> None:
    assert stats.median([3.0, 1.0, 2.0]) == 2.0
    assert stats.median([]) is None
    assert stats.spread([2.0, 1.0, 3.0]) == 3.0
    assert stats.spread([2.0]) is None
    assert stats.spread([0.0, 2.0]) is None


@pytest.mark.parametrize(
    ("pairs", "verdict", "p_value"),
    [
        (logs(*[-0.5] * 6), "faster", 2 / 64),
        (logs(*[0.5] * 7), "slower", 2 / 128),
        (logs(*[0.001] * 5), "equal within 3 %", 2 / 32),
        # one of eight beyond the bound, and by little: it is the smallest signed rank, 1
        (logs(*[-0.5, -0.6, -0.7, -0.8, -0.9, -1.0, -1.1, -0.02]), "faster", 2 * 2 / 256),
        (logs(-0.5, 0.5, -0.4, 0.4, -0.3, 0.3), "not resolved", None),
        (logs(-0.5, -0.5), "too few runs", None),
    ],
)
def test_p_values_by_hand(pairs: list[tuple[float, float]], verdict: str, p_value: float | None) -> None:
    found = stats.compare(pairs)
    assert (found.verdict, found.p_value) == (verdict, p_value)


@given(pair_lists)
def test_a_verdict_has_a_p_value_that_its_interval_allows(pairs: list[tuple[float, float]]) -> None:
    found = stats.compare(pairs)
    if found.interval is None or found.verdict == "not resolved":
        assert found.p_value is None
    else:
        assert found.p_value is not None
        assert 0 < found.p_value <= 1 - found.interval.confidence + 1e-12


def test_holm_by_hand() -> None:
    assert stats.holm([]) == []
    assert stats.holm([0.05]) == [True]
    assert stats.holm([0.0501]) == [False]
    assert stats.holm([0.03, None]) == [False, None]  # looked at twice: 0.025 it would take
    assert stats.holm([0.04, 0.001, 0.02]) == [True, True, True]  # 0.05 / 3, / 2, / 1
    assert stats.holm([0.04, 0.001, 0.026]) == [False, True, False]  # 0.026 fails, and 0.04 with it
    assert stats.holm([None, None]) == [None, None]


def test_holm_keeps_its_promise() -> None:
    """Of true null hypotheses alone, hardly more than one family in twenty has any that is called untrue."""
    draw = random.Random(5)
    wrong = sum(any(stats.holm([draw.random() for _ in range(12)])) for _ in range(4000))
    assert wrong / 4000 < 0.06
