"""How far each profile was tried: the file, and what is wrong with it said in one sentence."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from suite import home, profiles, verified
from suite.errors import InputError


def written(folder: Path, text: str) -> Path:
    (folder / "facts").mkdir()
    (folder / "facts" / "verified.toml").write_text(text, encoding="utf-8")
    return folder


def test_a_level_and_a_day(tmp_path: Path) -> None:
    found = verified.load(written(tmp_path, '[cuda]\nlevel = "smoke-run"\ndate = "2026-11-21"\n'))
    assert (found["cuda"].run, found["cuda"].date) == (False, "2026-11-21")
    assert "without its accelerator" in found["cuda"].sentence


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[cuda]\nlevel = 'seen'\ndate = '2026-11-21'\n", "cuda has level 'seen'; the levels are run, smoke-run"),
        ("[cuda]\ndate = '2026-11-21'\n", "needs a table with level and date for each profile, which cuda is not."),
        ("cuda = 1\n", "needs a table with level and date"),
        ("[cuda\n", "verified.toml is no TOML: "),
    ],
)
def test_a_damaged_file_is_named(tmp_path: Path, text: str, message: str) -> None:
    with pytest.raises(InputError, match=r"verified\.toml") as caught:
        verified.load(written(tmp_path, text))
    assert message in str(caught.value)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="cannot be read"):
        verified.load(tmp_path)


def as_documented() -> str:
    lines = ["| profile | what it is for | tried |", "| --- | --- | --- |"]
    for name, each in verified.load().items():
        lines.append(f"| `{name}` | {profiles.load(name).title} | {each.sentence} ({each.date}) |")
    return "\n".join(lines)


def test_the_documentation_says_how_far_each_profile_was_tried() -> None:
    """EVENMATCH_GOLDEN=write pytest tests/test_verified.py writes the table anew."""
    page = home.ROOT / "docs" / "platforms.md"
    before, rest = page.read_text(encoding="utf-8").split("<!-- profiles -->\n")
    table, after = rest.split("<!-- end -->")
    made = f"\n{as_documented()}\n\n"
    if os.environ.get("EVENMATCH_GOLDEN") == "write":
        page.write_text(f"{before}<!-- profiles -->\n{made}<!-- end -->{after}", encoding="utf-8")
        return
    assert table == made
