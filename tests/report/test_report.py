"""The whole report, as a reader gets it."""

from __future__ import annotations

import copy
import os
import re
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from made_up import UNFAIR
from page import Page, read
from sample import ALL_MODES, VARIANTS, Sample, both, full, paper, quick, small

from suite.report import render

GOLDEN = Path(__file__).parent / "golden.html"

UNLIKE = {"keras-fit": "unmatched", "tensorflow-xla": "error"}

SAMPLES = {
    "quick": quick(),
    "small": small(),
    "full": full(),
    "batches": Sample(
        preset="paper", batches=(4, 32), modes=ALL_MODES, steps=60, trainings=(), blocks=5, synthetic=False
    ),
    "all failed": Sample(all_fail=True, blocks=2),
    "one framework": Sample(modes=(("tensorflow", "function"),), blocks=2),
    "few runs": Sample(blocks=2, workloads=("cifar10-cnn5x5",)),
    "long training": Sample(workloads=("cifar10-cnn3x3",), blocks=1, trainings=((4, 3),)),
    "both lanes": both(),
    "as published alone": Sample(
        workloads=("cifar10-cnn3x3",), matched=False, variants=VARIANTS, steps=0, trainings=((2, 2),)
    ),
    "unmatched": Sample(batches=(8, 32), modes=ALL_MODES, steps=60, blocks=5, passports=UNLIKE),
    "no passports": Sample(workloads=("cifar10-cnn3x3",), blocks=5, steps=40, passports=None),
    "nothing": Sample(workloads=()),
}


def rendered(sample: Sample, folder: Path) -> tuple[str, Page]:
    analysis, raws, plan = sample.write(folder)
    html = render(folder, analysis, raws, plan).read_text(encoding="utf-8")
    return html, read(html)


@pytest.fixture(params=SAMPLES, scope="module")
def any_report(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> tuple[str, Page]:
    return rendered(SAMPLES[request.param], tmp_path_factory.mktemp("any"))


def test_tags_are_balanced_and_ids_unique(any_report: tuple[str, Page]) -> None:
    _, page = any_report
    assert page.faults == []
    assert page.doctype == "doctype html"
    ids = [element.attributes["id"] for element in page.elements if "id" in element.attributes]
    assert len(ids) == len(set(ids))


def test_links_and_references_lead_somewhere(any_report: tuple[str, Page]) -> None:
    html, page = any_report
    ids = {element.attributes.get("id") for element in page.elements}
    targets = {element.attributes["href"] for element in page.elements if "href" in element.attributes} - {"data:,"}
    assert all(target and target.startswith("#") and target[1:] in ids for target in targets)
    assert set(re.findall(r"url\(#([^)]*)\)", html)) <= ids
    labels = [words for element in page.all("svg") for words in (element.attributes["aria-labelledby"] or "").split()]
    assert set(labels) <= ids


def test_nothing_is_loaded(any_report: tuple[str, Page]) -> None:
    html, page = any_report
    assert not [
        element
        for element in page.elements
        if {"src", "srcset", "xlink:href", "action", "poster"} & set(element.attributes)
    ]
    assert not {element.tag for element in page.elements} & {"script", "iframe", "object", "embed", "image", "base"}
    assert "http" not in html
    assert "@import" not in html


def test_a_reader_who_does_not_see_finds_the_way(any_report: tuple[str, Page]) -> None:
    _, page = any_report
    assert page.all("html")[0].attributes["lang"] == "en"
    levels = [int(element.tag[1]) for element in page.elements if re.fullmatch(r"h[1-6]", element.tag)]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(after <= before + 1 for before, after in pairwise(levels))
    assert len(page.all("caption")) == len(page.all("table"))
    assert all(element.attributes.get("scope") for element in page.all("th"))
    for kind in ("title", "desc"):
        inside = page.all(kind, inside="svg")
        assert len(inside) == len(page.all("svg"))
        assert all(element.text.strip() for element in inside)


def test_synthetic_data_is_labelled_wherever_accuracy_shows(any_report: tuple[str, Page]) -> None:
    _, page = any_report
    badges = page.having("badge")
    marked = [
        element for element in [*page.all("caption"), *page.all("h3", inside="figure")] if "accuracy" in element.text
    ]
    if page.all("title")[0].text.startswith("SYNTHETIC DATA"):
        assert any("header" in badge.path for badge in badges)
        assert all("Synthetic data" in element.text for element in marked)
    else:
        assert badges == []


def test_the_same_records_give_the_same_bytes(tmp_path: Path) -> None:
    analysis, raws, plan = small().write(tmp_path)
    first = render(tmp_path, analysis, raws, plan).read_bytes()
    assert render(tmp_path, copy.deepcopy(analysis), list(reversed(raws)), plan).read_bytes() == first
    assert sorted(path.name for path in tmp_path.iterdir()) == ["raw", "report.html"]


def test_golden(tmp_path: Path) -> None:
    """EVENMATCH_GOLDEN=write pytest tests/report writes the file anew; look at it as a picture before committing it."""
    folder = tmp_path / "golden"
    html, _ = rendered(small(), folder)
    if os.environ.get("EVENMATCH_GOLDEN") == "write":
        GOLDEN.write_text(html, encoding="utf-8")
    assert html == GOLDEN.read_text(encoding="utf-8")


def test_verdict_comes_first_and_says_what_the_numbers_say(tmp_path: Path) -> None:
    _, page = rendered(quick(), tmp_path)
    heads = [element.text for element in page.all("h2")]
    assert heads[:3] == ["TensorFlow is fastest", "TensorFlow is fastest", "Comparison"]
    assert re.fullmatch(
        r"TensorFlow \(function\) needs 0\.4\d to 0\.5\d of PyTorch \(eager\)'s time per step: faster\.",
        page.having("sentence")[0].text,
    )
    assert [bar.text for bar in page.having("who")][:3] == ["PyTorch (eager)", "TensorFlow (function)", "Keras (fit)"]


def test_without_good_runs_there_is_no_verdict(tmp_path: Path) -> None:
    html, page = rendered(SAMPLES["all failed"], tmp_path)
    assert [element.text for element in page.all("h2")][:2] == ["No verdict", "No verdict"]
    assert "0 of 18 runs ended well, 18 failed" in page.text
    assert "killed by signal 9" in page.text
    measured = read(html.split('<section id="installation">')[0])  # recipes are graded apart from any run
    assert not [svg for svg in measured.all("svg") if "margins" not in svg.text and "run freely" not in svg.text]


def test_failures_show_status_exit_code_and_log_as_it_is(tmp_path: Path) -> None:
    html, page = rendered(small(), tmp_path)
    (failure,) = page.having("failure")
    assert "linux-cpu/matched/cifar10-cnn3x3/keras-fit/b32" in failure.text
    assert "failed · block 4 · exit code -9" in " ".join(failure.text.split())
    assert "MemoryError: <unable> & unwilling" in failure.text
    assert "<unable>" not in html


def test_blocks_that_failed_alike_are_one_entry(tmp_path: Path) -> None:
    _, page = rendered(
        Sample(workloads=("cifar10-cnn3x3",), trainings=(), failing=("keras-fit/0", "keras-fit/3")), tmp_path
    )
    (failure,) = page.having("failure")
    assert "blocks 0 and 3" in failure.text


def test_unfair_is_said_at_the_top(tmp_path: Path) -> None:
    _, page = rendered(full(), tmp_path)
    (reasons,) = page.having("reasons")
    assert UNFAIR["sentence"] in reasons.text
    assert "Not a fair comparison" in page.having("grade")[0].text
    assert [element.text.strip() for element in page.having("severity")] == ["Unfair", "Caution"]


def test_names_cannot_break_the_page(tmp_path: Path) -> None:
    analysis, raws, plan = Sample(workloads=("cifar10-cnn3x3",), blocks=5).write(tmp_path)
    nasty = "<script>$x_1$&\"'"
    for record in [*analysis["cells"], *analysis["comparisons"], *raws]:
        record["workload"] = nasty
    plan["runs"] = []
    page = read(render(tmp_path, analysis, raws, plan).read_text(encoding="utf-8"))
    assert page.faults == []
    assert page.all("script") == []
    assert nasty in page.all("svg")[0].text
    assert nasty in page.having("eyebrow")[0].text


@pytest.mark.parametrize(
    ("damage", "sentence"),
    [
        (lambda path: path.unlink(), "is missing"),
        (lambda path: path.write_bytes(b"no array"), "cannot be read"),
        (lambda path: path.write_bytes(path.read_bytes()[:200]), "cannot be read"),
        (lambda path: np.save(path, np.array([{}])), "cannot be read"),
        (lambda path: np.save(path, np.full(60, np.nan)), "holds no usable times"),
        (lambda path: np.save(path, np.zeros(3)), "holds no usable times"),
    ],
)
def test_step_times_that_cannot_be_used_are_left_out_with_a_sentence(
    tmp_path: Path, damage: object, sentence: str
) -> None:
    analysis, raws, plan = Sample(workloads=("cifar10-cnn3x3",), blocks=2, trainings=()).write(tmp_path)
    assert callable(damage)
    damage(tmp_path / raws[0]["steps"]["file"])
    page = read(render(tmp_path, analysis, raws, plan).read_text(encoding="utf-8"))
    assert (
        f"The step times of {raws[0]['cell']}, block 0 are left out: {raws[0]['steps']['file']} {sentence}" in page.text
    )


def test_step_files_outside_the_run_are_not_read(tmp_path: Path) -> None:
    folder = tmp_path / "run"
    analysis, raws, plan = Sample(workloads=("cifar10-cnn3x3",), blocks=2, trainings=()).write(folder)
    np.save(tmp_path / "other.npy", np.ones(60))
    raws[0]["steps"]["file"] = "../other.npy"
    page = read(render(folder, analysis, raws, plan).read_text(encoding="utf-8"))
    assert "../other.npy lies outside the run's folder" in page.text


def test_without_a_plan(tmp_path: Path) -> None:
    analysis, raws, _ = small().write(tmp_path)
    page = read(render(tmp_path, analysis, raws, None).read_text(encoding="utf-8"))
    assert "nox -s bench-linux-cpu -- --preset quick" in page.text


def test_size(tmp_path: Path) -> None:
    """A quick report stays under 1.5 MB, the paper's whole grid under 4 MB."""
    assert len(rendered(quick(), tmp_path / "quick")[0]) < 1_500_000
    assert len(rendered(paper(), tmp_path / "paper")[0]) < 4_000_000
