from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from suite.features import evidence
from suite.recipes import grading, loading

sys.path.insert(0, str(Path(__file__).parent))  # sample.py and page.py, shared by the tests of the report

import made_up_features
import recipes


@pytest.fixture(scope="module", autouse=True)
def made_up_recipes(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Recipes that do not change, in place of the project's own; for the tests of this folder alone."""
    folder = tmp_path_factory.mktemp("recipes")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(loading, "folder", lambda: folder)
        patch.setattr(grading, "locked", lambda recipe: recipes.LOCKED.get(recipe.name, {}))
        recipes.write(folder)
        yield folder


@pytest.fixture(scope="module", autouse=True)
def made_up_evidence(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Evidence of features that does not change, in place of the project's own."""
    folder = tmp_path_factory.mktemp("features")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(evidence, "folder", lambda: folder)
        made_up_features.write()
        yield folder
