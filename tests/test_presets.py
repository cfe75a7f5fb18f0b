"""Presets: what the design promises of each."""

from __future__ import annotations

import pytest

from suite.errors import InputError
from suite.presets import PRESETS, preset
from suite.workloads import workloads


def test_there_are_the_four_of_the_design() -> None:
    assert [each.name for each in PRESETS] == ["smoke", "quick", "paper", "full"]
    assert all(preset(each.name) is each for each in PRESETS)


def test_quick_takes_every_workload_at_its_largest_batch_in_at_least_5_blocks_and_one_real_epoch() -> None:
    quick = preset("quick")
    assert (quick.smallest_workload, quick.largest_batch) == (False, True)
    assert quick.sampled_blocks >= 5
    assert quick.trainings == ((1, 1),)


def test_quick_trains_on_all_examples_of_the_data_sets_of_labelled_images() -> None:
    most = preset("quick").most_examples
    assert most is not None
    assert [each.name for each in workloads().values() if each.examples > most] == ["mc-cnn-fast"]


def test_paper_samples_the_whole_grid() -> None:
    paper = preset("paper")
    assert (paper.smallest_workload, paper.largest_batch, paper.most_examples) == (False, False, None)
    assert paper.sampled_blocks >= 5


def test_full_trains_every_cell_of_the_study_whole_and_twice() -> None:
    full = preset("full")
    assert full.sampled_blocks == 0
    assert full.trainings == ((None, 2),)
    assert (full.smallest_workload, full.largest_batch, full.most_examples) == (False, False, None)


def test_an_unknown_preset_names_the_near_one() -> None:
    with pytest.raises(InputError, match=r"^unknown preset 'papre': did you mean paper\?$"):
        preset("papre")
