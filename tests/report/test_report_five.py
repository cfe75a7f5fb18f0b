"""The report of five frameworks, two of which have hyphens in their names and begin like a third."""

from __future__ import annotations

import pytest
from sample import FIVE, five

from suite import report, tables
from suite.frameworks import frameworks
from suite.report import names
from suite.report.material import Material


@pytest.fixture(scope="module")
def material(tmp_path_factory: pytest.TempPathFactory) -> Material:
    folder = tmp_path_factory.mktemp("five")
    analysis, raws, plan = five().write(folder)
    return Material(folder=folder, analysis=analysis, raws=raws, plan=plan)


def test_each_framework_has_its_own_name_colour_and_shape() -> None:
    assert set(names.ORDER) == set(frameworks())
    assert len({names.colour(each) for each in names.ORDER}) == len(names.ORDER)
    assert len({names.marker(each) for each in names.ORDER}) == len(names.ORDER)


def test_names_are_those_of_their_own_frameworks(material: Material) -> None:
    assert [(name.framework, name.mode) for name in material.names] == list(FIVE)
    for framework, mode in FIVE:
        found = material.arm(f"{framework}-{mode}")
        assert (found.framework, found.mode) == (framework, mode)
    gone = Material(folder=material.folder, analysis={}, raws=[], plan={}).arm("keras-torch-fit")
    assert gone.text == "Keras on PyTorch (fit)"


def test_the_page_names_and_colours_all_five(material: Material) -> None:
    page = report.render(material.folder, material.analysis, material.raws, material.plan).read_text()
    for framework, _ in FIVE:
        assert names.title(framework) in page
        assert names.colour(framework) in page


def test_the_terminal_shows_every_pair_of_frameworks(material: Material) -> None:
    rows = material.analysis["comparisons"]
    assert tables._foremost(rows) == rows
    assert {frozenset((row["a"], row["b"])) for row in rows} >= {
        frozenset(("keras-fit", "keras-torch-fit")),
        frozenset(("keras-torch-fit", "keras-jax-fit")),
    }


def test_whole_trainings_of_all_five_stand_side_by_side(material: Material) -> None:
    html = report.render(material.folder, material.analysis, material.raws, material.plan).read_text()
    tables_of = [part.split("</table>")[0] for part in html.split("<table")[1:]]
    for caption in ("time of a whole training", "test accuracy"):
        found = [table for table in tables_of if caption in table.split("</caption>")[0]]
        assert found
        for framework, _ in FIVE:
            assert all(names.title(framework) in table for table in found), (caption, framework)
