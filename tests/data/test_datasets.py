"""Which data set fits which workload, and what has to be accepted before a download."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest

from suite import data
from suite.data import kitti, mnist
from suite.errors import InputError
from suite.workloads import workloads


def test_every_workload_fits_its_own_data_set_and_its_stand_in() -> None:
    sets = data.datasets().values()
    for task in workloads().values():
        data.by_name(task.dataset).refuse_unlike(task)
        twins = [each for each in sets if each.twin_of == task.dataset]
        assert twins
        for twin in twins:
            twin.refuse_unlike(task)


@pytest.mark.parametrize(
    ("workload", "dataset", "words"),
    [
        ("mc-cnn-fast", "mnist", r"mc-cnn-fast needs stereo pairs, and mnist \(MNIST\) has labelled images"),
        ("mnist-cnn-pl2021", "kitti-twin", "needs labelled images, and .* has stereo pairs"),
        ("mnist-cnn-pl2021", "cifar10", r"needs images \(28, 28, 1\) of 10 classes, and those of .* are \(32, 32, 3\)"),
    ],
)
def test_what_does_not_fit_is_refused(workload: str, dataset: str, words: str) -> None:
    with pytest.raises(InputError, match=rf"{words}.*choose another --dataset\.$"):
        data.by_name(dataset).refuse_unlike(workloads()[workload])


def test_another_number_of_classes_does_not_fit() -> None:
    fewer = dataclasses.replace(mnist.DATASET, classes=("0", "1"))
    with pytest.raises(InputError, match=r"are \(28, 28, 1\) of 2: choose"):
        fewer.refuse_unlike(workloads()["mnist-cnn-pl2021"])


def test_a_licence_is_shown_and_has_to_be_accepted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(InputError, match=r"CC BY-NC-SA 3\.0.*https://creativecommons.*add --accept-licence"):
        data.download(kitti.DATASET, tmp_path / "new")
    assert not (tmp_path / "new").exists()
    monkeypatch.setenv("EVENMATCH_MIRROR", "https://127.0.0.1:1/")
    nowhere = dataclasses.replace(kitti.DATASET, archives=(dataclasses.replace(kitti.DATASET.archives[0], urls=()),))
    with pytest.raises(InputError, match=r"data_scene_flow\.zip could not be downloaded"):
        data.download(nowhere, tmp_path / "new", accept_licence=True)


def test_the_licence_goes_with_the_data() -> None:
    assert kitti.DATASET.licence is not None
    assert kitti.DATASET.licence.name in kitti.DATASET.citation
    assert "under the same licence" in kitti.DATASET.licence.sentence
