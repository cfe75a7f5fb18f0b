"""Rows against their bounds, and how windows become ratios."""

import io
import json
import os
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from rich.console import Console

from benchmarks import __main__ as program
from benchmarks import depthmaps, reading, setting, table, turns, whole
from benchmarks.alternate import Window, alternate, step_times
from suite.frameworks import frameworks


def row(value: float, *, low: float = 0.9, high: float = 1.1, **changed: Any) -> table.Row:
    facts: dict[str, Any] = {
        "benchmark": "harness",
        "subject": "pytorch/eager",
        "measure": "step",
        "value": value,
        "low": low,
        "high": high,
        "spread": "interval",
        "unit": "ratio",
        "bound": 1.02,
    }
    return table.Row(**facts | changed)


@pytest.mark.parametrize(
    ("made", "verdict", "broken"),
    [
        (row(1.0, high=1.01), "within", False),
        (row(1.02, low=1.01, high=1.02), "within", False),
        (row(1.0), "within?", False),
        (row(1.03, low=1.025), "ABOVE", True),
        (row(1.03), "ABOVE?", True),
        (row(1.03, low=1.025, unless="the report shows both"), "ABOVE, but the report shows both", False),
        (row(1.0, high=1.01, unless="the report shows both"), "within", False),
        (row(9.9, bound=None), "", False),
    ],
)
def test_verdict(made: table.Row, verdict: str, broken: bool) -> None:
    assert (made.verdict, made.broken) == (verdict, broken)


def test_table_shows_value_spread_bound_and_verdict() -> None:
    console = Console(width=200, record=True, file=io.StringIO())
    table.show(console, [row(1.0312, low=1.025), row(0.5, unit="s", bound=1.0, low=0.4, high=0.6)])
    text = console.export_text()
    for shown in ("1.031", "1.025", "1.100", "1.020", "ABOVE", "0.50 s", "1.00 s", "within"):
        assert shown in text


def test_steps_are_compared_by_their_medians() -> None:
    a = Window(1.0, np.array([0.5, 0.1, 0.2, 0.1]))
    b = Window(1.0, np.array([0.4, 0.2, 0.2, 0.3]))
    assert step_times(a, b, 4) == pytest.approx((0.15, 0.25))


def test_start_up_is_taken_from_both_where_one_has_no_steps() -> None:
    timed = Window(1.3, np.array([0.4, 0.1, 0.1, 0.1]))  # 0.3 s before the first step
    assert step_times(timed, Window(1.1, np.zeros(0)), 10) == pytest.approx((0.1, 0.08))
    assert step_times(Window(1.1, np.zeros(0)), timed, 10) == pytest.approx((0.08, 0.1))


class Recorded:
    """A way to train that only notes that it was its turn."""

    def __init__(self, name: str, turns: list[str], seconds: float) -> None:
        self.name, self.turns, self.seconds = name, turns, seconds

    def window(self) -> Window:
        self.turns.append(self.name)
        return Window(10 * self.seconds, np.full(10, self.seconds))


def test_ways_take_turns_and_pairs_keep_who_is_who() -> None:
    order: list[str] = []
    pairs = alternate({"a": Recorded("a", order, 0.2), "b": Recorded("b", order, 0.1)}, 4, 10)
    assert "".join(order) == "abbaabba"
    assert [pair["step"] for pair in pairs] == [[0.2, 0.1]] * 4
    assert [pair["total"] for pair in pairs] == [[2.0, 1.0]] * 4


def test_only_a_companion_mode_excuses_a_slower_default() -> None:
    shared = setting.Setting(
        frameworks=frameworks(), pythons={}, data_folder=Path(), threads=2, rounds=6, say=lambda line: None
    )
    reported = {(a, b): turns._reported(shared, b) for _, a, b in turns.CHOICES}
    assert reported == {
        ("pytorch/eager", "pytorch/eager-channels-last"): True,
        ("tensorflow/function", "keras/fit"): False,
    }


def test_ratio_is_of_rounds_and_shrugs_off_a_wild_pair() -> None:
    calm = [{"step": [1.01, 1.0]}] * 5
    wild = [{"step": [1.01, 1.0]}] * 4 + [{"step": [50.0, 1.0]}]
    compared = turns.ratio([calm, calm, wild, calm, calm, calm], "step")
    assert compared.ratio == pytest.approx(1.01)
    assert compared.runs == 6
    assert compared.interval is not None
    assert compared.interval.high == pytest.approx(1.01)


def write_raw(folder: Path, name: str, at: float, **facts: Any) -> None:
    phases = {
        "import": 1.0,
        "build": 0.3,
        "data": 0.1,
        "first_step": 0.1,
        "warmup": 0.1,
        "steady": 0.1,
        "evaluation": 0,
    }
    record = {"schema": 1, "framework": "keras", "params": {"epochs": None}, "wall_s": 2.0, "phases": phases} | facts
    (folder / f"{name}.json").write_text(json.dumps(record))
    os.utime(folder / f"{name}.json", (at, at))


def test_fixed_cost_is_all_time_between_runs_but_import_and_work(tmp_path: Path) -> None:
    write_raw(tmp_path, "z-first", 100.0)
    write_raw(tmp_path, "a-second", 102.5)
    write_raw(tmp_path, "b-training", 110.0, params={"epochs": 1})
    write_raw(tmp_path, "c-third", 112.2, framework="pytorch")
    found = whole.read(tmp_path, 123)
    assert found.fixed_s == {"keras": [pytest.approx(1.1)], "pytorch": [pytest.approx(0.8)]}
    assert found.process_s == {"keras": [pytest.approx(0.6)], "pytorch": [pytest.approx(0.6)]}
    assert found.peak_rss_bytes == 123


@pytest.mark.parametrize(("value", "code"), [(1.0, 0), (1.5, 1)])
def test_exit_code_and_kept_results(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, value: float, code: int) -> None:
    class Shared:
        threads = 2

    monkeypatch.setattr(program, "RESULTS", tmp_path)
    monkeypatch.setattr(program.setting, "prepare", lambda rounds, threads, say, source: Shared())
    monkeypatch.setitem(program.BENCHMARKS, "harness", lambda shared: [row(value, low=value, high=value)])
    assert program.main(["--only", "harness"]) == code
    (kept,) = tmp_path.glob("*.json")
    record = json.loads(kept.read_text())
    assert record["rows"][0]["value"] == value
    assert record["rows"][0]["broken"] == bool(code)
    assert record["machine"]["before"]


def test_too_few_rounds_are_refused() -> None:
    with pytest.raises(SystemExit) as caught:
        program.main(["--rounds", "3"])
    assert caught.value.code == 2


def test_the_notes_of_a_thousand_runs() -> None:
    shared = setting.Setting(frameworks={}, pythons={}, data_folder=Path(), threads=1, rounds=2, say=print)
    (found,) = reading.notes(shared)
    assert int(found.measure.split()[-2]) >= 1000
    assert 0 < found.low <= found.value <= found.high
    assert not found.broken


def test_a_depth_map_is_held_against_the_one_by_hand() -> None:
    slow, memory = depthmaps.rows_of("pytorch/eager", [(3.0, 1.5)] * 6, 1_600_000_000)
    assert slow.value == pytest.approx(2.0)
    assert slow.broken
    assert (memory.value, memory.broken) == (1600.0, True)
    quick, small = depthmaps.rows_of("pytorch/eager", [(1.0, 1.5)] * 6, 900_000_000)
    assert quick.value == pytest.approx(2 / 3)
    assert not quick.broken
    assert not small.broken
