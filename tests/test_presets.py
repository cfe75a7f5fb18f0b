"""Presets: what the design promises of each."""

from __future__ import annotations

import pytest

from suite.errors import InputError
from suite.presets import PRESETS, preset
from suite.workloads import workloads


def test_there_are_the_four_of_the_design() -> None:
    assert [each.name for each in PRESETS] == ["smoke", "quick", "paper", "full"]
    assert all(preset(each.name) is each for each in PRESETS)


def test_quick_takes_both_workloads_at_batch_32_in_at_least_5_blocks_and_one_real_epoch() -> None:
    quick = preset("quick")
    assert quick.workloads is None
    assert quick.batches == (32,)
    assert quick.sampled_blocks >= 5
    assert quick.trainings == ((1, 1),)
    assert quick.train_examples is None


def test_paper_samples_the_whole_grid() -> None:
    paper = preset("paper")
    assert paper.workloads is paper.batches is paper.train_examples is None
    assert paper.sampled_blocks >= 5


def test_full_trains_every_cell_of_the_study_whole_and_twice() -> None:
    full = preset("full")
    assert full.sampled_blocks == 0
    assert full.trainings == ((None, 2),)
    assert full.batches is full.workloads is full.train_examples is None


def test_only_smoke_trains_on_part_of_the_data() -> None:
    assert [each.name for each in PRESETS if each.train_examples] == ["smoke"]


def test_presets_name_only_workloads_that_exist() -> None:
    for each in PRESETS:
        assert set(each.workloads or ()) <= set(workloads())


def test_an_unknown_preset_names_the_near_one() -> None:
    with pytest.raises(InputError, match=r"^unknown preset 'papre': did you mean paper\?$"):
        preset("papre")
