"""The study's figures are all there, as printed."""

from __future__ import annotations

import itertools
import statistics

import pytest

from suite.published import comp5511

GRID = list(itertools.product(("cifar10-cnn3x3", "cifar10-cnn5x5"), (10, 20), (4, 8, 16, 32)))


@pytest.mark.parametrize(("workload", "epochs", "batch"), GRID)
def test_every_case_of_the_grid_has_its_figures(workload: str, epochs: int, batch: int) -> None:
    accuracy = comp5511.published_accuracy(workload, epochs, batch)
    assert accuracy
    assert 0.5 < accuracy.tensorflow < accuracy.pytorch < 0.75
    for environment in comp5511.ENVIRONMENTS:
        time = comp5511.published_time(workload, epochs, batch, environment)
        assert time
        assert time.environment == environment
        assert time.tf_slower_pct == pytest.approx((time.tensorflow_s - time.pytorch_s) / time.tensorflow_s * 100)


def test_figures_by_hand() -> None:
    time = comp5511.published_time("3x3", 10, 4, 1)
    assert time == comp5511.PublishedTime(26, 1, 254, 547, 53.56489945)
    assert comp5511.published_accuracy("5x5", 20, 32) == comp5511.PublishedAccuracy(25, 0.645975, 0.6050625)


def test_cases_the_study_does_not_have_are_none() -> None:
    assert comp5511.published_time("cifar10-cnn3x3", 1, 32, 1) is None
    assert comp5511.published_time("mnist-cnn", 10, 32, 1) is None
    assert comp5511.published_accuracy("cifar10-cnn3x3", 10, 128) is None


def test_runs_are_two_for_each_case_machine_and_framework() -> None:
    runs = comp5511.published_runs()
    cases = {(r.environment, r.kernel, r.epochs, r.batch, r.framework, r.run) for r in runs}
    assert len(runs) == len(cases) == 256
    first = [r.seconds for r in runs if (r.figure, r.epochs, r.batch, r.framework) == (16, 10, 4, "pytorch")]
    assert statistics.mean(first) == 254  # the mean of Fig. 26
