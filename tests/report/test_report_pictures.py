"""Pictures of a run: what is shown, from what, and what is said where a file cannot be."""

from __future__ import annotations

import base64
import io
from pathlib import Path
from typing import Any

import leftover
import numpy as np
import pytest
from made_up import Record
from page import read
from PIL import Image
from sample import Sample

from suite.layers import Flatten
from suite.parity.operations import softmax
from suite.parity.program import Program
from suite.parity.reference import evaluate
from suite.report import pictures, render, shown
from suite.report.document import Gallery, Predictions, Section, Text
from suite.report.material import Material
from suite.workload import PerImage
from suite.workloads import workload, workloads

LIMIT = 600_000


def trained(folder: Path, **changes: Any) -> tuple[Material, list[Record]]:
    """A run whose whole trainings left pictures, and those trainings."""
    analysis, raws, plan = Sample(workloads=("cifar10-cnn3x3",), blocks=1, trainings=((2, 2),)).write(folder)
    runs = leftover.leave(folder, raws, **changes)
    return Material(folder=folder, analysis=analysis, raws=raws, plan=plan), runs


def galleries(section: Section) -> dict[str, Gallery]:
    return {block.title.partition(": ")[2]: block for block in section.blocks if isinstance(block, Gallery)}


def sentences(section: Section) -> list[str]:
    return [block.text for block in section.blocks if isinstance(block, Text)]


def opened(png: bytes) -> np.ndarray:
    return np.asarray(Image.open(io.BytesIO(png)))


def test_sample_images_are_those_of_the_file_with_their_labels(tmp_path: Path) -> None:
    material, (first, *_) = trained(tmp_path)
    found = galleries(pictures.section(material))["test images with their labels"]
    kept = leftover.predictions(first)
    assert len(found.pictures) == 24
    assert found.synthetic
    for place, picture in enumerate(found.pictures):
        assert np.array_equal(opened(picture.png), kept["images"][place])
    assert [picture.caption for picture in found.pictures[:3]] == ["stripes-0", "stripes-30", "stripes-60"]
    assert found.pictures[0].description == "A synthetic test image, labelled stripes-0."


def test_filters_before_are_drawn_from_the_seed_and_those_after_are_the_files(tmp_path: Path) -> None:
    material, runs = trained(tmp_path)
    found = galleries(pictures.section(material))["filters of the first layer"]
    assert [picture.caption for picture in found.pictures] == [
        "Before training, in every framework",
        "After training: PyTorch (eager)",
        "After training: TensorFlow (function)",
        "After training: Keras (fit)",
    ]
    before = [leftover.weights(run, 0.0)["weights/conv1/weight"] for run in runs[:1]]
    after = [leftover.weights(run, 0.05 * (n + 1))["weights/conv1/weight"] for n, run in enumerate(runs)]
    most = max(np.abs(array).max() for array in [*before, *after])
    for picture, array in zip(found.pictures, [*before, *after], strict=True):
        pixels = opened(picture.png)
        assert pixels.shape == (4 * 4 - 1, 8 * 4 - 1, 3)
        for number in (0, 9, 31):
            top, left = number // 8 * 4, number % 8 * 4
            expected = np.rint((array[..., number] / (2 * most) + 0.5) * 255)
            assert np.abs(pixels[top : top + 3, left : left + 3] - expected).max() <= 1


def test_feature_maps_are_what_the_definition_gives(tmp_path: Path) -> None:
    material, (first, *_) = trained(tmp_path)
    found = galleries(pictures.section(material))["feature maps"]
    assert [picture.caption for picture in found.pictures] == ["the image", "after conv1", "after pool1", "after pool2"]
    task = workload("cifar10-cnn3x3")
    image = (leftover.predictions(first)["images"][:1] / np.float32(255) - 0.5) / 0.5
    weights = {name.removeprefix("weights/"): array for name, array in leftover.weights(first, 0.05).items()}
    program = Program.of(task)
    maps = evaluate(
        Program(input_shape=program.input_shape, layers=task.layers[:1], rule=program.rule), weights, image
    )[0]
    pixels = opened(found.pictures[1].png)
    assert pixels.shape == (4 * 31 - 1, 8 * 31 - 1)
    tile = maps[..., 10]
    expected = (tile - maps.min()) / (maps.max() - maps.min()) * 255
    assert np.abs(pixels[31:61, 62:92] - expected).max() <= 255 / 15 / 2 + 1


def test_predictions_are_the_softmax_of_the_logits_right_and_wrong(tmp_path: Path) -> None:
    material, (first, *_) = trained(tmp_path)
    section = pictures.section(material)
    right, wrong = (block for block in section.blocks if isinstance(block, Predictions))
    assert right.title.endswith("a prediction that PyTorch (eager) gets right")
    assert wrong.title.endswith("a prediction that PyTorch (eager) gets wrong")
    assert [each.framework for each in right.answers] == ["pytorch", "tensorflow", "keras"]
    logits = leftover.predictions(first)["logits"].astype(float)
    for block, place, rank in ((right, 0, 0), (wrong, 26, 2)):
        shares = softmax(logits)[place]
        guesses = block.answers[0].guesses
        assert [guess.share for guess in guesses] == pytest.approx(sorted(shares, reverse=True)[:3])
        assert [guess.right for guess in guesses].index(True) == rank
    found = galleries(section)["what PyTorch (eager) takes for something else"]
    assert [picture.caption.partition(" (")[0] for picture in found.pictures][:2] == [
        "rings, taken for saddle",
        "saddle, taken for saddle-45",
    ]
    assert "among the first 2\u202f000 test images" in found.caption


def test_an_image_that_another_framework_did_not_keep_is_shown_without_it(tmp_path: Path) -> None:
    material, runs = trained(tmp_path)
    kept = leftover.predictions(runs[1])
    leftover.save(tmp_path, runs[1], {**leftover.weights(runs[1], 0.1), **kept, "index": kept["index"] + 100})
    _, wrong = (block for block in pictures.section(material).blocks if isinstance(block, Predictions))
    assert [each.framework for each in wrong.answers] == ["pytorch", "keras"]


@pytest.mark.parametrize(
    ("damage", "sentence"),
    [
        (lambda path: path.unlink(), "is missing"),
        (lambda path: path.write_bytes(b"no array"), "was altered or damaged since its result was written"),
        (lambda path: path.write_bytes(path.read_bytes()[:-9]), "was altered or damaged since its result was written"),
    ],
)
def test_a_file_that_cannot_be_used_is_told_and_the_rest_is_shown(tmp_path: Path, damage: Any, sentence: str) -> None:
    material, runs = trained(tmp_path)
    damage(tmp_path / runs[0]["pictures"]["file"])
    section = pictures.section(material)
    (told,) = sentences(section)
    assert told == f"The pictures of {runs[0]['cell']}, block 0 are left out: {runs[0]['pictures']['file']} {sentence}."
    filters = galleries(section)["filters of the first layer"]
    assert [picture.caption for picture in filters.pictures][1:] == [
        "After training: TensorFlow (function)",
        "After training: Keras (fit)",
    ]


@pytest.mark.parametrize(
    "changes",
    [
        {"labels": np.zeros(3, np.int64)},
        {"logits": np.full((30, 10), np.nan, np.float32)},
        {"weights/conv1/weight": np.zeros((1, 3, 3, 32), np.float32)},
        {"images": np.zeros((30, 8, 8, 3), np.uint8)},
        {"pool": np.int64(0)},
    ],
)
def test_a_file_of_other_contents_is_told(tmp_path: Path, changes: dict[str, Any]) -> None:
    material, runs = trained(tmp_path, **changes)
    section = pictures.section(material)
    assert len(sentences(section)) == len(runs) == 3
    assert all(told.endswith("does not hold what it should.") for told in sentences(section))
    assert galleries(section) == {}


def test_files_outside_the_run_are_not_read(tmp_path: Path) -> None:
    material, runs = trained(tmp_path / "run")
    runs[0]["pictures"]["file"] = "../secret.npz"
    assert "../secret.npz lies outside the run's folder" in " ".join(sentences(pictures.section(material)))


def test_of_a_workload_that_is_gone_nothing_is_shown(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    material, _ = trained(tmp_path)
    monkeypatch.setattr(shown, "workloads", dict)
    told = sentences(pictures.section(material))
    assert all("of a workload that this version of evenmatch does not have" in sentence for sentence in told)


def test_runs_without_pictures_are_told_of_once(tmp_path: Path) -> None:
    analysis, raws, plan = Sample(workloads=("cifar10-cnn3x3",), blocks=1).write(tmp_path)
    section = pictures.section(Material(folder=tmp_path, analysis=analysis, raws=raws, plan=plan))
    assert sentences(section) == [pictures.NOTHING]


def test_the_longest_training_is_shown(tmp_path: Path) -> None:
    analysis, raws, plan = Sample(workloads=("cifar10-cnn5x5",), blocks=1, trainings=((1, 1), (3, 1))).write(tmp_path)
    leftover.leave(tmp_path, raws)
    material = Material(folder=tmp_path, analysis=analysis, raws=raws, plan=plan)
    (found, missing) = pictures.trained(material.lanes[0], "cifar10-cnn5x5")
    assert [each.raw["params"]["epochs"] for each in found] == [3, 3, 3]
    assert missing == []


def test_the_page_holds_them_whole_each_described_and_small(tmp_path: Path) -> None:
    material, _ = trained(tmp_path)
    html = render(tmp_path, material.analysis, material.raws, material.plan).read_text(encoding="utf-8")
    page = read(html)
    assert page.faults == []
    section = html[html.index('<section id="pictures">') :].partition("</section>")[0]
    assert len(section) < LIMIT
    shown_here = read(section)
    for element in shown_here.all("img"):
        source = element.attributes["src"] or ""
        assert source.startswith("data:image/png;base64,")
        assert Image.open(io.BytesIO(base64.b64decode(source.partition(",")[2]))).format == "PNG"
        assert element.attributes["alt"]
    assert len(shown_here.all("img")) > 24
    assert "http" not in html
    assert all("Synthetic data" in element.text for element in shown_here.all("h3"))


def test_the_same_files_give_the_same_bytes(tmp_path: Path) -> None:
    material, _ = trained(tmp_path)
    first = render(tmp_path, material.analysis, material.raws, material.plan).read_bytes()
    assert render(tmp_path, material.analysis, list(reversed(material.raws)), material.plan).read_bytes() == first


def test_real_images_carry_no_mark_and_their_terms(tmp_path: Path) -> None:
    analysis, raws, plan = Sample(workloads=("cifar10-cnn3x3",), blocks=1, trainings=((2, 1),), synthetic=False).write(
        tmp_path
    )
    leftover.leave(tmp_path, raws)
    plan["data"]["licence"] = {"name": "X 1.0", "sentence": "These are under X 1.0"}
    section = pictures.section(Material(folder=tmp_path, analysis=analysis, raws=raws, plan=plan))
    for title, gallery in galleries(section).items():
        assert not gallery.synthetic
        assert gallery.caption.endswith("These are under X 1.0.") == (title != "filters of the first layer")
    assert galleries(section)["test images with their labels"].pictures[0].caption == "airplane"


def test_every_network_of_labelled_images_has_feature_maps() -> None:
    """What :func:`suite.report.pictures._maps` takes for granted of workloads."""
    for task in workloads().values():
        if not isinstance(task.input_scaling, PerImage):
            assert any(isinstance(layer, Flatten) for layer in task.layers)
