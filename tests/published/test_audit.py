"""The audit finds exactly what does not follow: held against a recomputation that shares no line with it."""

from __future__ import annotations

import collections
import csv
import json
import os
import statistics
from decimal import ROUND_DOWN, ROUND_HALF_UP, Decimal
from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from suite import cli, home
from suite.published import audit, comp5511, slips

GOLDEN = Path(__file__).with_name("audit.json")
FOLDER = home.ROOT / "suite" / "published"
KEYS = ["study", "figure", "environment", "kernel", "epochs", "batch_size", "column", "published", "recomputed"]


def read(table: str) -> list[dict[str, str]]:
    with (FOLDER / f"comp5511_{table}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def brute() -> set[tuple[int, str | None, str, str, str, str]]:
    """Every printed number that is not what the runs give, worked out in floats and sums."""
    times, accuracies = collections.defaultdict(list), collections.defaultdict(list)
    for run in read("runs"):
        case = run["kernel"], run["epochs"], run["batch_size"], run["framework"]
        times[run["environment"], *case].append(int(run["time_s"]))
        accuracies[case].append(Decimal(run["accuracy"]))
    wrong = set()
    for row in read("mean_time"):
        case = row["environment"], row["kernel"], row["epochs"], row["batch_size"]
        means = {name: statistics.mean(times[(*case, name)]) for name in ("pytorch", "tensorflow")}
        found = {f"{name}_s": mean for name, mean in means.items()}
        found["tf_slower_pct"] = (means["tensorflow"] - means["pytorch"]) / means["tensorflow"] * 100
        for column, value in found.items():
            if abs(float(row[column]) - value) > 1e-6:
                wrong.add((int(row["figure"]), *case, column))
    for row in read("mean_accuracy"):
        case = row["kernel"], row["epochs"], row["batch_size"]
        for name in ("pytorch", "tensorflow"):
            if sum(accuracies[(*case, name)]) != 8 * Decimal(row[name]):
                wrong.add((int(row["figure"]), None, *case, name))
    return wrong


def printed(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> str:
    assert cli.main(arguments) == 0
    return capsys.readouterr().out


def test_the_list_is_what_brute_force_finds() -> None:
    found = audit.slipped()
    listed = {
        (
            claim.figure,
            None if claim.environment is None else str(claim.environment),
            str(claim.kernel),
            str(claim.epochs),
            str(claim.batch_size),
            claim.column,
        )
        for claim in found
    }
    assert listed == brute()
    assert len(found) == len(listed) == 17  # none twice


def test_every_printed_mean_and_percentage_is_looked_at() -> None:
    claims = audit.claims()
    kinds = collections.Counter(claim.column for claim in claims)
    assert kinds == {"pytorch_s": 64, "tensorflow_s": 64, "tf_slower_pct": 64, "pytorch": 16, "tensorflow": 16}
    for claim in claims:
        assert claim.follows == (claim.published == claim.recomputed), claim
        assert bool(claim.cause) == (not claim.follows)


def test_the_list_as_json(capsys: pytest.CaptureFixture[str]) -> None:
    """EVENMATCH_GOLDEN=write pytest tests/published writes the file anew; look at the difference."""
    words = printed(["published", "audit", "--json"], capsys)
    if os.environ.get("EVENMATCH_GOLDEN") == "write":
        GOLDEN.write_text(words, encoding="utf-8")
    assert words == GOLDEN.read_text(encoding="utf-8")
    rows = json.loads(words)
    assert all(list(row) == KEYS for row in rows)
    assert [row["environment"] for row in rows if row["figure"] == 24] == [None] * 3


def test_the_rows_known_to_be_wrong(capsys: pytest.CaptureFixture[str]) -> None:
    rows = json.loads(printed(["published", "audit", "--json"], capsys))
    second = [row for row in rows if (row["environment"], row["epochs"], row["column"]) == (2, 20, "pytorch_s")]
    assert [(row["batch_size"], row["published"], row["recomputed"]) for row in second] == [
        (4, 1428.5, 783.5),
        (8, 1110.5, 810.5),
        (16, 1034, 734),
        (32, 931.5, 631.5),
    ]
    assert [(row["column"], row["published"], row["recomputed"]) for row in rows[:3]] == [
        ("pytorch", 0.7177875, 0.7178125),
        ("tensorflow", 0.6834, 0.68335),
        ("tensorflow", 0.667675, 0.667525),
    ]


def test_the_table_says_what_is_seen_of_the_reasons(capsys: pytest.CaptureFixture[str]) -> None:
    words = " ".join(printed(["published", "audit"], capsys).split())
    assert "32 mean accuracies, 128 mean times, 64 percentages" in words
    assert words.count("a digit was lost") == 4
    assert "run 1 is printed 00:07:27, and 00:17:27 would do: a digit was lost" in words
    assert "17 of 224 do not follow" in words
    assert "256 runs against their seconds: all agree" in words
    assert "pytorch: 14 epochs and 1646.558 s; tensorflow: 14 epochs and 1649.123 s" in words
    assert "are 103.1 % and 57.6 % from the runs" in words


def test_the_documentation_shows_what_is_printed(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    documented = (home.ROOT / "docs" / "published.md").read_text(encoding="utf-8")
    monkeypatch.setenv("COLUMNS", "110")
    words = printed(["published", "audit"], capsys)
    assert "\n".join(line.rstrip() for line in words.splitlines()) in documented


def test_a_row_made_wrong_is_found_and_one_made_right_is_not(monkeypatch: pytest.MonkeyPatch) -> None:
    tables = {name: [dict(row) for row in comp5511.rows(name)] for name in ("runs", "mean_time", "mean_accuracy")}
    tables["mean_time"][0]["tensorflow_s"] = "547.5"
    tables["mean_accuracy"][0]["pytorch"] = "0.7178125"
    monkeypatch.setattr(comp5511, "rows", tables.__getitem__)
    found = {(claim.figure, claim.batch_size, claim.epochs, claim.column) for claim in audit.slipped()}
    assert (26, 4, 10, "tensorflow_s") in found
    assert (26, 4, 10, "tf_slower_pct") not in found  # that follows from the runs, whatever stands beside it
    assert (24, 4, 10, "pytorch") not in found
    assert len(found) == 17


def test_percentages_are_rounded_by_the_study_and_never_cut_off() -> None:
    seen = collections.Counter()
    for row in read("mean_time"):
        pytorch, tensorflow = (Fraction(row[f"{name}_s"]) for name in ("pytorch", "tensorflow"))
        value = (tensorflow - pytorch) / tensorflow * 100
        unit = Decimal(1).scaleb(-audit.percent_decimals(value))
        exact = Decimal(value.numerator) / Decimal(value.denominator)
        ways = {way: exact.quantize(unit, rounding=way) for way in (ROUND_HALF_UP, ROUND_DOWN)}
        if len(set(ways.values())) == 2:
            seen.update(way for way, number in ways.items() if number == Decimal(row["tf_slower_pct"]))
    assert seen == {ROUND_HALF_UP: 24}


NUMBERS = st.fractions(min_value=-500, max_value=2000, max_denominator=3000)
DECIMALS = st.integers(0, 9)


@given(NUMBERS, DECIMALS)
def test_what_is_rounded_follows(value: Fraction, decimals: int) -> None:
    number = audit.rounded(value, decimals)
    assert audit.follows(number, value, decimals)
    assert abs(Fraction(number) - value) <= Fraction(1, 2 * 10**decimals)
    assert Fraction(number) * 10**decimals % 1 == 0
    assert "E" not in str(number)


@given(NUMBERS, DECIMALS, st.sampled_from((-1, 1)))
def test_one_more_in_the_last_place_follows_only_at_an_exact_half(value: Fraction, decimals: int, sign: int) -> None:
    unit = Decimal(1).scaleb(-decimals)
    number = audit.rounded(value, decimals) + sign * unit
    half = abs(Fraction(number) - value) == Fraction(unit) / 2
    assert audit.follows(number, value, decimals) == half


@given(st.integers(0, 10**7), st.integers(0, 7))
def test_a_half_goes_as_it_was_printed(whole: int, decimals: int) -> None:
    value = Fraction(2 * whole + 1, 2 * 10**decimals)
    unit = Decimal(1).scaleb(-decimals)
    up, down = (whole + 1) * unit, whole * unit
    assert audit.rounded(value, decimals, up) == up
    even = down if whole % 2 == 0 else up
    assert audit.rounded(value, decimals, even) == even


@given(st.integers(60, 599), st.integers(60, 5000))
def test_ten_minutes_lost_in_print_are_seen(printed: int, other: int) -> None:
    meant = printed + 600
    words = slips.of_times([printed, other], Fraction(meant + other, 2))
    assert f"run 1 is printed {slips.clock(printed)}, and {slips.clock(meant)} would do: a digit was lost" in words


@pytest.mark.parametrize(
    ("runs", "mean", "words"),
    [
        ([413, 403], "418", "20 s too few in the sum of its 2 runs; no single digit explains it"),
        ([542, 863], "852.5", "run 2 is printed 00:14:23, and 00:19:23 would do: one digit is another"),
        ([10, 20], "15.25", "0.5 s too few in the sum of its 2 runs; no single digit explains it"),
        ([100, 200], "20", "260 s too many in the sum of its 2 runs; no single digit explains it"),
    ],
)
def test_reasons_by_hand(runs: list[int], mean: str, words: str) -> None:
    assert slips.of_times(runs, Fraction(mean)) == words


def test_bad_usage_is_one_sentence(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["published", "audits"]) == 2
    assert "invalid choice: 'audits' (choose from 'audit')" in capsys.readouterr().err
