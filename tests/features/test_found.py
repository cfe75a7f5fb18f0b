"""What probes are made of: a breakpoint, a count of statements, words for closeness; and what packages say."""

from __future__ import annotations

from importlib import metadata

import pytest

from suite.features import builds
from suite.features.probes import packages
from suite.features.probes.found import Breakpoint, MismatchError, closeness, require, statements


def doubled(value: int) -> int:
    twice = 2 * value
    return twice + 0


def test_a_breakpoint_notes_the_variable_where_it_stops_and_only_there() -> None:
    point = Breakpoint(doubled, "return twice", "twice")
    assert point.runcall(doubled, 21) == 42
    assert point.seen == [42]


def test_a_breakpoint_in_code_that_does_not_run_stops_nowhere() -> None:
    point = Breakpoint(doubled, "return twice", "twice")
    assert point.runcall(abs, -1) == 1
    assert point.seen == []


def test_statements_are_counted_without_the_def() -> None:
    assert statements(doubled) == 2


def test_closeness_in_words() -> None:
    assert closeness(0) == "equal to the last bit"
    assert closeness(3.2e-8) == "within 3e-08"


def test_what_does_not_hold_is_no_answer() -> None:
    require(True, "")
    with pytest.raises(MismatchError, match="off by 3"):
        require(False, "off by 3")


class Distribution(metadata.Distribution):
    """A distribution as the tests want it."""

    def __init__(self, text: str, files: tuple[str, ...]) -> None:
        self._text = text
        self._files = files

    def read_text(self, filename: str) -> str | None:
        if filename == "METADATA":
            return f"Metadata-Version: 2.4\nName: torch\nVersion: 1.0\n{self._text}\n"
        return "\n".join(f"{name},," for name in self._files) if filename == "RECORD" else None

    def locate_file(self, path: object) -> object:  # type: ignore[override]
        return path


@pytest.mark.parametrize(
    ("text", "files", "answer"),
    [
        ("License-Expression: BSD-3-Clause", ("torch/LICENSE",), "yes"),
        ("License: Apache 2.0", ("LICENSE.txt",), "yes"),
        ("License-Expression: MIT AND Apache-2.0", ("LICENCE",), "yes"),
        ("License-Expression: MIT AND LicenseRef-Secret", ("LICENSE",), "no"),
        ("License-Expression: BSD-3-Clause", ("torch/a.py",), "no"),
        ("License: all rights reserved", ("LICENSE",), "no"),
    ],
)
def test_a_licence_is_open_if_it_is_a_known_one_with_its_text(
    monkeypatch: pytest.MonkeyPatch, text: str, files: tuple[str, ...], answer: str
) -> None:
    monkeypatch.setattr(packages, "_distribution", lambda _framework: Distribution(text, files))
    assert packages.licence("pytorch").answer == answer


def test_a_package_without_a_licence_gives_no_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(packages, "_distribution", lambda _framework: Distribution("", ("LICENSE",)))
    with pytest.raises(MismatchError, match="names no licence"):
        packages.licence("pytorch")


def test_headers_are_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(packages, "_distribution", lambda _framework: Distribution("", ("a.h", "b.hpp", "c.py")))
    assert (packages.headers("pytorch").answer, "2 C and C++" in packages.headers("pytorch").says) == ("yes", True)
    monkeypatch.setattr(packages, "_distribution", lambda _framework: Distribution("", ("c.py",)))
    assert packages.headers("pytorch").answer == "no"


def test_locks_say_for_which_platforms_and_gpus_there_are_builds() -> None:
    found = builds.platforms("tensorflow")
    assert found.brief == "Linux, macOS, Windows"
    assert "tensorflow-cpu 2.21.0, Python 3.11" in found.says
    assert "ARM Linux" in found.says
    gpus = builds.gpus("tensorflow")
    assert gpus.brief == "NVIDIA GPUs, Metal"
    assert "nvidia-cudnn-cu12" in gpus.says
    assert "tensorflow-metal" in gpus.says
