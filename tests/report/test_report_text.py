from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from suite.report import text


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (None, "–"),
        (0, "0 µs"),
        (0.000_812, "812 µs"),
        (0.015_23, "15.2 ms"),
        (0.999_96, "1.00 s"),
        (0.000_999_9, "1.00 ms"),
        (24.08, "24.1 s"),
        (599.96, "10 min"),
        (3_599.9, "1 h 0 min"),
        (61_131, "16 h 59 min"),
    ],
)
def test_durations_come_in_the_unit_a_reader_would_choose(seconds: float | None, words: str) -> None:
    assert text.duration(seconds).replace(text.THIN, " ") == words


@pytest.mark.parametrize(
    ("seconds", "words"), [(None, "–"), (251.2, "00:04:11"), (61_131.4, "16:58:51"), (59.6, "00:01:00")]
)
def test_clock(seconds: float | None, words: str) -> None:
    assert text.clock(seconds) == words


@given(st.floats(1e-9, 1e12), st.integers(1, 6))
def test_significant_digits_are_kept_and_read_back(value: float, digits: int) -> None:
    read = float(text.significant(value, digits).replace(text.THIN, ""))
    assert read == pytest.approx(value, rel=0.51 * 10 ** (1 - digits), abs=0.51 if value >= 10 ** (digits - 1) else 0)
    assert "e" not in text.significant(value, digits)


@pytest.mark.parametrize(
    ("low", "high", "words"),
    [(0.461, 0.539, "0.46 to 0.54"), (0.46, 0.4601, "0.46"), (None, 0.5, "–"), (0.04, 0.2, "0.040 to 0.20")],
)
def test_ratio_range(low: float | None, high: float | None, words: str) -> None:
    assert text.ratio_range(low, high) == words


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (None, "–"),
        (True, "yes"),
        (False, "no"),
        (3, "3"),
        (0.5, "0.500"),
        (float("inf"), "inf"),
        ([], "–"),
        (["a", None], "a, –"),
        ({"a": 1, "b": {"c": 2.5}}, "a: 1, b: c: 2.50"),
    ],
)
def test_any_recorded_value_can_be_written(value: object, words: str) -> None:
    assert text.plain(value) == words


def test_small_ones() -> None:
    assert text.signed_percent(-4.97) == "−5.0"
    assert text.signed_percent(53.56) == "+53.6"
    assert text.share(0.96875) == "97\u202f%"
    assert text.size(431_000_000) == "431\u202fMB"
    assert text.count(122570) == "122\u202f570"
    assert text.shape([30, 30, 32]) == "30 × 30 × 32"
    assert text.listing([]) == ""
    assert text.listing(["a", "b", "c"]) == "a, b and c"
    assert text.plural(1, "run") == "1 run"
    assert text.plural(2, "thing") == "2 things"


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (None, "–"),
        (0, "0"),
        (3.21e-8, "3.2 × 10⁻⁸"),
        (0.034, "0.034"),
        (12.3, "12"),
        (2.5e7, "2.5 × 10⁷"),
        (float("inf"), "inf"),
    ],
)
def test_tiny_and_huge_numbers(value: float | None, words: str) -> None:
    assert text.size_of(value).replace(text.THIN, " ") == words


def test_long_sentences_end_at_a_word() -> None:
    assert text.shortened("one, two and three", 13) == "one, two …"
    assert text.shortened("one", 13) == "one"
